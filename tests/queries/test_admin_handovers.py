"""Staff answer, close and hand back what shops handed over, in the admin."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.http import HttpResponse
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from time_machine import travel

from queries import actions
from queries.enums import ActorType, Author, QueryState
from queries.models import Closing, CustomerQuery, HandOver, Message
from sellers.enums import Role
from sellers.events import Actor
from sellers.models import Event, Membership, User
from tests.conftest import NOON, Market, admin_url
from tests.conftest import text as raw_text

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
REASON = "The carrier lost it."
HANDLES = ("view_customerquery", "change_handover")
ACTS = ["answer", "answer_and_close", "close", "hand_back"]


@pytest.fixture(autouse=True)
def _one_o_clock() -> Iterator[None]:
    """Stop the clock an hour after noon."""
    with travel(NOON + HOUR, tick=False):
        yield


@pytest.fixture
def query(market: Market) -> CustomerQuery:
    """A query that Bob handed over at noon."""
    query = market.query(subject="Squeaking brakes", asked_at=NOON - HOUR)
    actions.hand_over(query, reason=REASON, by=market.actor, now=NOON)
    return query


def page_of(query: CustomerQuery) -> str:
    """Return where staff look at a query."""
    return admin_url(CustomerQuery, "change", query.pk)


def settle(browser: Client, query: CustomerQuery, act: str, body: str = "") -> HttpResponse:
    """Press a button below a query."""
    url = admin_url(CustomerQuery, "settle", query.pk)
    return browser.post(url, {"act": act, "body": body}, follow=True)


def text(page: HttpResponse) -> str:
    """Return a page as people read it, in one line."""
    return " ".join(raw_text(page).split())


def said(page: HttpResponse) -> list[tuple[str, str]]:
    """Return the messages above a page: how serious, and what."""
    return [(each.level_tag, str(each.message)) for each in page.context["messages"]]


# What is shown


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["The shop handed this query over", "Answer and close", "Hand back to the shop"]),
        ("nl", ["De winkel heeft deze klantvraag overgedragen", "Teruggeven aan de winkel"]),
    ],
)
def test_page_has_what_can_be_done(
    browser: Callable[..., Client],
    staff: User,
    query: CustomerQuery,
    language: str,
    words: list[str],
) -> None:
    User.objects.filter(pk=staff.pk).update(language=language)

    page = text(browser(*HANDLES).get(page_of(query)))

    assert REASON in page
    assert all(each in page for each in words)
    assert page.count(f'formaction="{admin_url(CustomerQuery, "settle", query.pk)}"') == 4
    assert page.count("<form") == page.count("</form>")


@pytest.mark.parametrize("state", [QueryState.YOUR_TURN, QueryState.WAITING, QueryState.CLOSED])
def test_page_of_what_is_not_handed_over_has_none_of_it(
    browser: Callable[..., Client], market: Market, state: QueryState
) -> None:
    query = market.query(asked_at=NOON)
    if state == QueryState.WAITING:
        actions.reply(query, body="Soon.", by=market.actor, now=NOON)
    if state == QueryState.CLOSED:
        actions.close(query, by=market.actor, now=NOON)

    page = browser(*HANDLES).get(page_of(query))

    assert page.status_code == 200
    assert "formaction" not in text(page)


def test_list_of_what_is_handed_over_begins_with_what_waits_longest(
    staff_s: Client, market: Market
) -> None:
    waited = {"third": 1, "first": 9, "second": 5}
    for subject, hours in waited.items():
        query = market.query(subject=subject, asked_at=NOON - 10 * HOUR)
        actions.hand_over(query, reason=REASON, by=market.actor, now=NOON - hours * HOUR)
    market.query(subject="not handed over")

    handed_over = staff_s.get(
        admin_url(CustomerQuery, "changelist"), {"state__exact": "with_marketplace"}
    )
    everything = staff_s.get(admin_url(CustomerQuery, "changelist"))

    listed = [query.subject for query in handed_over.context["cl"].result_list]
    assert listed == ["first", "second", "third"]
    assert "In this state since" in text(handed_over)
    assert everything.context["cl"].result_list[0].subject == "not handed over"


@pytest.mark.parametrize("count", [1, 3])
def test_list_asks_as_often_for_many_as_for_one(
    staff_s: Client,
    market: Market,
    django_assert_num_queries: DjangoAssertNumQueries,
    count: int,
) -> None:
    for _ in range(count):
        query = market.query(asked_at=NOON)
        actions.hand_over(query, reason=REASON, by=market.actor, now=NOON)

    with django_assert_num_queries(4):
        staff_s.get(admin_url(CustomerQuery, "changelist"), {"state__exact": "with_marketplace"})


def test_list_says_what_staff_answered(staff_s: Client, market: Market) -> None:
    staff = market.closer(ActorType.MARKETPLACE)
    query = market.query(asked_at=NOON)
    actions.hand_over(query, reason=REASON, by=market.actor, now=NOON)
    actions.settle(query, body="Refunded.", closes=False, by=staff, now=NOON + HOUR)

    page = staff_s.get(admin_url(CustomerQuery, "changelist"))

    assert page.context["cl"].result_list[0].answered_at == NOON + HOUR
    assert "Answered by staff" in text(page)


# What is done


def test_answer_is_sent_and_the_query_stays(
    browser: Callable[..., Client], query: CustomerQuery, staff: User
) -> None:
    page = settle(browser(*HANDLES), query, "answer", "Refunded.")

    assert page.redirect_chain == [(page_of(query), 302)]
    assert said(page) == [
        ("success", "The answer is in the conversation; it is now the customer’s turn.")
    ]
    message = Message.objects.get(author=Author.MARKETPLACE)
    assert (message.agent, message.body, message.sent_at) == (staff, "Refunded.", NOON + HOUR)
    query.refresh_from_db()
    assert query.state == QueryState.WITH_MARKETPLACE


@pytest.mark.parametrize(
    ("act", "body", "words"),
    [
        (
            "answer_and_close",
            "Refunded.",
            "The answer is in the conversation, and the query is closed.",
        ),
        ("close", "", "The query is closed."),
    ],
)
def test_query_is_closed_by_the_marketplace(
    browser: Callable[..., Client],
    query: CustomerQuery,
    staff: User,
    act: str,
    body: str,
    words: str,
) -> None:
    page = settle(browser(*HANDLES), query, act, body)

    assert said(page) == [("success", words)]
    closing = Closing.objects.get()
    assert (closing.closed_by, closing.agent) == (ActorType.MARKETPLACE, staff)
    answers = Message.objects.filter(author=Author.MARKETPLACE).values_list("body", flat=True)
    assert list(answers) == ([body] if body else [])


def test_query_is_handed_back(
    browser: Callable[..., Client], query: CustomerQuery, staff: User
) -> None:
    page = settle(browser(*HANDLES), query, "hand_back")

    assert said(page) == [("success", "The query is back with the shop.")]
    query.refresh_from_db()
    assert query.state == QueryState.YOUR_TURN
    assert HandOver.objects.get().handed_back_by == staff


@pytest.mark.parametrize(
    ("act", "body", "complaint"),
    [
        pytest.param("answer", "", "Write the answer first.", id="no answer"),
        pytest.param("answer", " \n", "Write the answer first.", id="a blank answer"),
        pytest.param("answer_and_close", "", "Write the answer first.", id="no last answer"),
        pytest.param("close", "Refunded.", "This answer was not sent yet.", id="unsent"),
        pytest.param("hand_back", "Refunded.", "This answer was not sent yet.", id="unsent, back"),
        pytest.param("answer", "x" * 10_001, "at most 10000 characters", id="too long"),
        pytest.param("answer", "a\x00", "Null characters", id="null byte"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    browser: Callable[..., Client], query: CustomerQuery, act: str, body: str, complaint: str
) -> None:
    before = Event.objects.count()

    page = settle(browser(*HANDLES), query, act, body)

    assert page.status_code == 422
    assert complaint in text(page)
    assert page.context["settling"]["body"].value() == body
    assert Event.objects.count() == before


@pytest.mark.parametrize("act", ["", "delete", "reply"])
def test_act_that_is_none_does_nothing(
    browser: Callable[..., Client], query: CustomerQuery, act: str
) -> None:
    before = Event.objects.count()

    page = settle(browser(*HANDLES), query, act)

    assert page.status_code == 422
    assert Event.objects.count() == before


@pytest.mark.parametrize(
    ("act", "body"),
    [("answer", "Refunded."), ("answer_and_close", "Refunded."), ("close", ""), ("hand_back", "")],
)
def test_what_came_too_late_is_said_and_stays(
    browser: Callable[..., Client], query: CustomerQuery, act: str, body: str
) -> None:
    actions.hand_back(query, by=Actor.SYSTEM, now=NOON)

    page = settle(browser(*HANDLES), query, act, body)

    assert page.status_code == 409
    assert "meanwhile the query went back to the shop or was closed." in text(page)
    assert page.context["settling"]["body"].value() == body
    assert "formaction" not in text(page)
    query.refresh_from_db()
    assert query.state == QueryState.YOUR_TURN
    assert Message.objects.count() == 1


def test_who_belongs_to_the_shop_leaves_it_to_a_colleague(
    browser: Callable[..., Client], query: CustomerQuery, staff: User, market: Market
) -> None:
    Membership.objects.create(user=staff, seller=market.shop, role=Role.OWNER)

    pages = [
        settle(browser(*HANDLES), query, act, "Refunded." if act.startswith("answer") else "")
        for act in ACTS
    ]

    assert {page.status_code for page in pages} == {409}
    assert all("you belong to this shop" in text(page) for page in pages)
    query.refresh_from_db()
    assert query.state == QueryState.WITH_MARKETPLACE


# What somebody else wrote


@pytest.fixture
def other(query: CustomerQuery) -> Message:
    """What Piet wrote to the address of Klaas's conversation, which staff answered before."""
    colleague = User.objects.create_user("colleague@markt.example", name="Colleague", is_staff=True)
    by = Actor.user(colleague)
    actions.settle(query, body="Which colour?", closes=False, by=by, now=NOON + MINUTE)
    return actions.receive_from_other(
        query,
        from_email="piet@other.example",
        body="<Red> please",
        by=Actor.CUSTOMER,
        now=NOON + 2 * MINUTE,
    )


def accept(browser: Client, message: Message, body: str = "", **query: int) -> HttpResponse:
    """Press the button beside what somebody else wrote."""
    url = admin_url(CustomerQuery, "settle", query.get("of", message.query_id), message.pk)
    return browser.post(url, {"act": "accept", "body": body}, follow=True)


def test_staff_accept_what_somebody_else_wrote(
    browser: Callable[..., Client], query: CustomerQuery, other: Message, staff: User
) -> None:
    client = browser(*HANDLES)
    looked = text(client.get(page_of(query)))
    assert "came a mail from piet@other.example, which is not an address of this customer" in looked
    assert "Somebody else, piet@other.example, not accepted" in looked
    assert "Which colour?" in looked

    page = accept(client, other)

    assert said(page) == [("success", "Accepted: the message counts as the customer’s.")]
    other.refresh_from_db()
    assert (other.accepted_by, other.accepted_at) == (staff, NOON + HOUR)
    assert "Accept as" not in text(page)
    assert "Somebody else, piet@other.example, accepted" in text(page)
    query.refresh_from_db()
    assert query.state == QueryState.WITH_MARKETPLACE
    handover = HandOver.objects.get()
    assert (handover.unanswered_since, handover.answered_at) == (NOON + HOUR, None)


def test_typed_answer_stays_when_a_message_is_accepted(
    browser: Callable[..., Client], other: Message
) -> None:
    page = accept(browser(*HANDLES), other, "Refunded.")

    assert page.status_code == 422
    assert page.context["settling"]["body"].value() == "Refunded."
    assert "Accept as" in text(page)
    other.refresh_from_db()
    assert other.is_unaccepted


def test_message_is_accepted_once(browser: Callable[..., Client], other: Message) -> None:
    client = browser(*HANDLES)

    pages = [accept(client, other), accept(client, other)]

    assert [page.status_code for page in pages] == [200, 409]
    assert "this message was accepted already" in text(pages[1])


def test_message_is_accepted_where_it_is(
    browser: Callable[..., Client], market: Market, query: CustomerQuery, other: Message
) -> None:
    elsewhere = market.query(asked_at=NOON)
    client, own = browser(*HANDLES), query.messages.earliest("pk")

    assert accept(client, other, of=elsewhere.pk).status_code == 404
    assert accept(client, own).status_code == 404
    assert settle(client, query, "accept").status_code == 404
    other.refresh_from_db()
    assert other.is_unaccepted


def test_accepting_needs_both_rights_and_another_shop(
    browser: Callable[..., Client], market: Market, other: Message, staff: User
) -> None:
    refused = accept(browser("view_customerquery", "change_customerquery"), other)
    Membership.objects.create(user=staff, seller=market.shop, role=Role.OWNER)
    of_the_shop = accept(browser(*HANDLES), other)

    assert (refused.status_code, of_the_shop.status_code) == (403, 409)
    assert "you belong to this shop" in text(of_the_shop)
    other.refresh_from_db()
    assert other.is_unaccepted


# Who may


@pytest.mark.parametrize(
    ("permissions", "sees"),
    [
        pytest.param((), 403, id="nothing"),
        pytest.param(("view_customerquery",), 200, id="only look"),
        pytest.param(("view_customerquery", "change_customerquery"), 200, id="another right"),
        pytest.param(("change_handover",), 403, id="handle but not look"),
    ],
)
@pytest.mark.parametrize("act", ACTS)
def test_settling_needs_both_rights(
    browser: Callable[..., Client],
    query: CustomerQuery,
    permissions: tuple[str, ...],
    sees: int,
    act: str,
) -> None:
    before = Event.objects.count()
    client = browser(*permissions)

    looked = client.get(page_of(query))
    refused = settle(client, query, act, "Refunded." if act.startswith("answer") else "")

    assert (looked.status_code, refused.status_code) == (sees, 403)
    assert "formaction" not in text(looked)
    assert Event.objects.count() == before


@pytest.mark.parametrize("person", ["alice", "bob", "cora", "dirk"])
def test_sellers_settle_nothing(
    request: pytest.FixtureRequest, client: Client, query: CustomerQuery, person: str
) -> None:
    client.force_login(request.getfixturevalue(person))

    page = client.post(admin_url(CustomerQuery, "settle", query.pk), {"act": "hand_back"})

    assert page.status_code == 302
    assert "login" in page["Location"]
    query.refresh_from_db()
    assert query.state == QueryState.WITH_MARKETPLACE


def test_settling_is_posted(browser: Callable[..., Client], query: CustomerQuery) -> None:
    url = admin_url(CustomerQuery, "settle", query.pk)

    assert browser(*HANDLES).get(url).status_code == 405


def test_another_site_cannot_settle(staff: User, query: CustomerQuery) -> None:
    staff.user_permissions.set(Permission.objects.filter(codename__in=HANDLES))
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(staff)

    page = browser.post(admin_url(CustomerQuery, "settle", query.pk), {"act": "hand_back"})

    assert page.status_code == 403


@pytest.mark.parametrize("pk", ["0", "99999999", "x", "1/2"])
def test_query_that_is_none_is_not_found(browser: Callable[..., Client], pk: str) -> None:
    page = browser(*HANDLES).post(admin_url(CustomerQuery, "settle", pk), {"act": "hand_back"})

    assert page.status_code == 404
