"""How soon the first reply to a query came, as its page says it."""

from datetime import timedelta

import pytest
from django.test import Client
from time_machine import travel

from queries import actions
from queries.enums import QueryState
from queries.models import CustomerQuery
from sellers.events import Actor
from sellers.models import Seller
from tests.conftest import NOON, Market, text

pytestmark = pytest.mark.usefixtures("_one_o_clock")


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (5, "in 1 working hour, within the 24"),
        (5 * 60, "in 5 working hours, within the 24"),
        (5 * 60 + 1, "in 6 working hours, within the 24"),
        (24 * 60 - 1, "in 24 working hours, within the 24"),
        (24 * 60, "late: after more than 24 working hours, 24 is the limit"),
        (30 * 60 + 59, "late: after more than 30 working hours, 24 is the limit"),
    ],
)
def test_page_says_how_soon_the_first_reply_came(
    bob_s: Client, market: Market, minutes: int, said: str
) -> None:
    query = market.query(asked_at=NOON)
    actions.reply(query, body="So.", by=market.actor, now=NOON + timedelta(minutes=minutes))

    assert f"<small>{said}</small>" in text(bob_s.get(query.get_absolute_url()))


def test_page_says_that_a_reply_of_before_came_in_time(bob_s: Client, market: Market) -> None:
    query = market.query(asked_at=NOON)
    CustomerQuery.objects.update(
        first_replied_at=NOON,
        first_reply_result="in_time",
        state=QueryState.CLOSED,
        reply_needed_since=None,
    )

    assert "within the 24 working hours" in text(bob_s.get(query.get_absolute_url()))


def test_page_says_what_does_not_count(bob_s: Client, market: Market) -> None:
    query = actions.log_phone_contact(
        market.shop, name="K", subject="Hm", note="So.", by=market.actor, now=NOON
    )

    page = text(bob_s.get(query.get_absolute_url()))

    assert "does not count for your response time" in page


def test_page_says_what_was_closed_late_without_a_word(bob_s: Client, market: Market) -> None:
    query = market.query(asked_at=NOON)
    actions.close(query, by=market.actor, now=NOON + timedelta(hours=25))

    assert "late: after more than 24 working hours" in text(bob_s.get(query.get_absolute_url()))


def test_page_and_inbox_say_when_an_answer_to_a_reaction_is_due(
    bob_s: Client, market: Market
) -> None:
    query = market.query(asked_at=NOON)
    actions.reply(query, body="So.", by=market.actor, now=NOON)
    actions.receive_reaction(query, body="And?", by=Actor.CUSTOMER, now=NOON)

    with travel(NOON + timedelta(hours=25), tick=False):
        bob_s.force_login(market.agent)
        page, inbox = text(bob_s.get(query.get_absolute_url())), text(bob_s.get("/queries/"))

    assert "<dt>Reply due</dt>" in page
    assert "Overdue" in page
    assert "Overdue" in inbox


@pytest.mark.parametrize(("country", "is_said"), [("NL", False), ("XX", True)])
def test_page_says_when_holidays_are_not_known(
    bob_s: Client, market: Market, country: str, is_said: bool
) -> None:
    Seller.objects.update(country=country)

    page = text(bob_s.get(market.query().get_absolute_url()))

    said = f"The public holidays of {country} are not known: only weekends count as days off."
    assert (said in page) is is_said
