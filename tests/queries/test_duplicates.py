"""A query is closed as a duplicate of another one."""

from datetime import timedelta
from functools import partial

import pytest
from django.test import Client

from queries import actions
from queries.enums import QueryState
from queries.models import (
    Customer,
    CustomerQuery,
)
from tests.conftest import NOON, Market, text
from tests.queries.conftest import NOW, url

pytestmark = pytest.mark.usefixtures("_one_o_clock")
SECOND = timedelta(seconds=1)


def test_duplicate_is_closed_and_can_be_undone(
    bob_s: Client, market: Market, customer: Customer, query: CustomerQuery
) -> None:
    kept = market.query(customer, subject="The kept one")

    page = bob_s.post(url("duplicate", query), {"kept": kept.pk}, follow=True)

    query.refresh_from_db()
    assert (query.state, query.duplicate_of) == (QueryState.CLOSED, kept)
    assert "Closed as a duplicate. Reopen it to undo that." in text(page)
    assert "The kept one" in text(page)
    bob_s.post(url("reopen", query))
    query.refresh_from_db()
    assert (query.state, query.duplicate_of) == (QueryState.YOUR_TURN, None)


@pytest.mark.parametrize("of_whom", ["another customer", "another shop", "itself", "nothing"])
def test_duplicate_is_of_the_same_customer_and_shop(
    bob_s: Client,
    market: Market,
    other_market: Market,
    customer: Customer,
    query: CustomerQuery,
    of_whom: str,
) -> None:
    kept = {
        "another customer": lambda: market.query().pk,
        "another shop": lambda: other_market.query(customer).pk,
        "itself": lambda: query.pk,
        "nothing": lambda: "",
    }[of_whom]()

    assert bob_s.post(url("duplicate", query), {"kept": kept}).status_code == 422
    query.refresh_from_db()
    assert query.state == QueryState.YOUR_TURN


def test_duplicate_is_of_one_of_the_latest(
    bob_s: Client, market: Market, query: CustomerQuery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("queries.models.queries.MOST_ORIGINALS", 2)
    first, *latest = (
        market.query(query.customer, asked_at=NOON + number * SECOND) for number in range(3)
    )

    assert list(query.possible_originals()) == latest[::-1]
    assert bob_s.post(url("duplicate", query), {"kept": first.pk}).status_code == 422
    bob_s.post(url("duplicate", query), {"kept": latest[0].pk})
    query.refresh_from_db()
    assert query.duplicate_of == latest[0]


def test_what_is_kept_for_another_is_no_duplicate(
    market: Market, customer: Customer, query: CustomerQuery
) -> None:
    second, third = market.query(customer), market.query(customer)
    actions.close_as_duplicate(second, of=query, by=market.actor, now=NOW)

    for impossible in (
        partial(actions.close_as_duplicate, query, of=third),
        partial(actions.close_as_duplicate, third, of=second),
    ):
        with pytest.raises(actions.NoDuplicate):
            impossible(by=market.actor, now=NOW)


def test_what_a_customer_asked_is_no_duplicate_of_what_the_shop_logged(
    market: Market, query: CustomerQuery
) -> None:
    """Or a shop would choose about what a survey goes out."""
    first, second = (
        actions.log_phone_contact(
            market.shop,
            name="K",
            subject=subject,
            note="Oil.",
            earlier=query,
            by=market.actor,
            now=NOW,
        )
        for subject in ("Squeak", "Squeak again")
    )

    assert list(query.possible_originals()) == []
    assert list(second.possible_originals()) == [first, query]
    with pytest.raises(actions.NoDuplicate):
        actions.close_as_duplicate(query, of=first, by=market.actor, now=NOW)
