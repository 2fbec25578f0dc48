"""What somebody else writes to the address of a conversation, and who accepts it."""

from collections.abc import Callable

import pytest
from django.test import Client

from queries.actions import AlreadyAccepted, QueryIsErased, accept_message
from queries.enums import Author
from queries.enums import QueryState as State
from queries.incoming import receive
from queries.models import CustomerQuery, Message
from sellers.models import User
from tests.conftest import NOON, Market, refused_by, text
from tests.queries.conftest import mark_erased
from tests.queries.incoming.conftest import HOUR, LATER, mail, state_of


@pytest.fixture
def other(query: CustomerQuery, address: str) -> Message:
    """What a stranger wrote to Klaas's address."""
    receive(mail(address, sender="piet@other.example"), now=LATER)
    return query.messages.latest("pk")


def test_somebody_else_is_shown_and_decides_nothing(query: CustomerQuery, other: Message) -> None:
    assert (other.author, other.from_email) == (Author.OTHER, "piet@other.example")
    assert other.is_unaccepted
    assert state_of(query) == State.CLOSED
    assert query.closings.get().reopened_at is None


def test_accepted_message_counts_as_the_customer_s(
    query: CustomerQuery, other: Message, market: Market
) -> None:
    accept_message(other, by=market.actor, now=LATER + HOUR)

    assert state_of(query) == State.YOUR_TURN
    with pytest.raises(AlreadyAccepted):
        accept_message(other, by=market.actor, now=LATER + HOUR)


def test_message_is_accepted_on_the_page(
    query: CustomerQuery, other: Message, log_in: Callable[[User], Client], bob: User
) -> None:
    browser = log_in(bob)
    page = text(browser.get(query.get_absolute_url()))
    assert "piet@other.example" in page
    assert "Accept as the customer’s answer" in page

    url = f"{query.get_absolute_url()}accept/"
    assert browser.post(url, {"message": other.pk}).status_code == 302
    again = browser.post(url, {"message": other.pk}, follow=True)
    assert "This message was accepted already." in text(again)
    assert browser.post(url, {"message": "x"}).status_code == 302
    assert browser.post(url, {"message": "9" * 30}).status_code == 302
    assert browser.post(url, {"message": "9" * 18}).status_code == 404

    other.refresh_from_db()
    assert other.accepted_by == bob


@pytest.mark.parametrize("person", ["cora", "dirk"])
def test_others_accept_nothing(
    request: pytest.FixtureRequest,
    query: CustomerQuery,
    other: Message,
    log_in: Callable[[User], Client],
    person: str,
) -> None:
    browser = log_in(request.getfixturevalue(person))

    page = browser.post(f"{query.get_absolute_url()}accept/", {"message": other.pk})

    assert page.status_code in {403, 404}
    other.refresh_from_db()
    assert other.is_unaccepted


def test_message_of_an_erased_query_is_not_accepted(
    query: CustomerQuery, other: Message, market: Market
) -> None:
    mark_erased(now=LATER)

    with pytest.raises(QueryIsErased):
        accept_message(other, by=market.actor, now=LATER)


@pytest.mark.parametrize(
    ("guard", "columns"),
    [
        ("message_via_known", {"via": "pigeon"}),
        ("message_of_other_names_sender", {"from_email": ""}),
        ("message_accepted_by_somebody", {"accepted_at": NOON}),
    ],
)
def test_message_of_somebody_else_is_complete(
    query: CustomerQuery, guard: str, columns: dict[str, object]
) -> None:
    of_other = {"author": Author.OTHER, "from_email": "piet@other.example", "body": "Hm"}

    with refused_by(guard):
        Message.objects.create(query=query, sent_at=NOON, **of_other | columns)


def test_message_is_accepted_once(other: Message, market: Market) -> None:
    accept_message(other, by=market.actor, now=LATER)

    with refused_by("message_accepted_once"):
        Message.objects.filter(pk=other.pk).update(accepted_at=LATER + HOUR)
