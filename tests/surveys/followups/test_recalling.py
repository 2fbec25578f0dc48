"""The next contact of a customer who was unhappy begins with what was promised."""

from collections.abc import Callable
from datetime import timedelta

from django.test import Client

from queries.models import Customer
from sellers.events import Actor
from sellers.models import User
from surveys.enums import FollowUpState
from surveys.exclusions import exclude
from surveys.followups import working
from surveys.followups.recalling import latest_low_score
from tests.conftest import NOON, Market, text

LATER = NOON + timedelta(days=40)


def test_next_query_shows_score_note_and_promise(
    market: Market, customer: Customer, by_bob: Actor, bob: User, log_in: Callable[[User], Client]
) -> None:
    followup = market.response(3, customer=customer, reason="Twice at home for nothing.").followup
    working.finish(
        followup,
        state=FollowUpState.RESOLVED,
        note="Delivered on Saturday.",
        promised="Next time Bob calls himself",
        by=by_bob,
        now=LATER,
    )
    query = market.query(customer, asked_at=LATER, subject="My lamp is broken")

    page = text(log_in(bob).get(query.get_absolute_url()))

    assert "This customer gave a 3 on 12 March 2026:" in page
    for said in ("Twice at home for nothing.", "Next time Bob calls himself", "Delivered on"):
        assert said in page


def test_only_other_queries_of_this_customer_at_this_shop_count(
    market: Market, other_market: Market, customer: Customer
) -> None:
    elsewhere = other_market.response(2, customer=customer)
    somebody_s = market.response(2)
    happy = market.response(9, customer=customer, submitted_at=NOON + timedelta(days=60))
    assert elsewhere.query
    assert somebody_s.query
    assert happy.query

    assert latest_low_score(market.query(customer, asked_at=LATER)) is None
    assert latest_low_score(somebody_s.query) is None


def test_last_low_score_is_told(market: Market, customer: Customer) -> None:
    for score, days in ((2, 2), (5, 50)):
        market.response(score, customer=customer, submitted_at=NOON + timedelta(days=days))

    recall = latest_low_score(market.query(customer, asked_at=NOON + timedelta(days=60)))

    assert recall
    assert recall.score == 5


def test_what_does_not_count_is_not_come_back_to(
    market: Market, customer: Customer, by_staff: Actor
) -> None:
    low = market.response(2, customer=customer)
    query = market.query(customer, asked_at=LATER)
    assert latest_low_score(query)

    exclude(low, reason="Storm", by=by_staff, now=LATER)

    assert latest_low_score(query) is None


def test_better_score_ends_it(market: Market, customer: Customer) -> None:
    market.response(2, customer=customer)
    market.response(9, customer=customer, submitted_at=NOON + timedelta(days=50))

    assert latest_low_score(market.query(customer, asked_at=NOON + timedelta(days=60))) is None


def test_what_was_asked_before_the_score_does_not_begin_with_it(
    market: Market, customer: Customer
) -> None:
    query = market.query(customer, asked_at=NOON)
    market.response(2, customer=customer)

    assert latest_low_score(query) is None
