"""A message about a query that is over: it is mailed, and the query stays as it is."""

from datetime import timedelta
from uuid import uuid4

import pytest

from queries import actions
from queries.customers import erase_customer
from queries.drafts import save_draft
from queries.enums import DraftKind, QueryEvent, QueryState
from queries.models import CustomerMail, CustomerQuery
from sellers.events import Actor
from sellers.models import Event, Membership, User
from tests.conftest import NOON, Market

LATER = NOON + timedelta(days=3)


@pytest.fixture
def closed(market: Market) -> CustomerQuery:
    """A closed query of Fietsenzo."""
    return market.closing().query


def test_message_is_mailed_and_leaves_the_query_closed(
    closed: CustomerQuery, market: Market, alice: User
) -> None:
    since = closed.turn_since

    message = actions.write_after_closing(
        closed, body="Sorry.", assignee=alice, by=market.actor, now=LATER
    )

    closed.refresh_from_db()
    assert (closed.state, closed.turn_since) == (QueryState.CLOSED, since)
    assert closed.closings.not_reopened().count() == 1
    assert closed.assignee == alice
    mail = CustomerMail.objects.get(message=message)
    assert mail.next_try_at == message.leaves_at


def test_reaction_opens_it_for_the_assignee(
    closed: CustomerQuery, market: Market, alice: User
) -> None:
    actions.write_after_closing(closed, body="Sorry.", assignee=alice, by=market.actor, now=LATER)

    actions.receive_reaction(closed, body="Thank you.", by=Actor.CUSTOMER, now=LATER)

    closed.refresh_from_db()
    assert (closed.state, closed.assignee) == (QueryState.YOUR_TURN, alice)


def test_same_form_writes_once_and_a_restored_one_with_other_words_again(
    closed: CustomerQuery, market: Market
) -> None:
    key = uuid4()

    def write(body: str) -> int:
        return actions.write_after_closing(
            closed, body=body, send_key=key, by=market.actor, now=LATER
        ).pk

    assert write("Sorry.") == write("Sorry.")
    assert write("And thank you.") != write("Sorry.")
    assert CustomerMail.objects.filter(query=closed, message__isnull=False).count() == 2


def test_there_is_nothing_to_take_back(closed: CustomerQuery, market: Market) -> None:
    message = actions.write_after_closing(closed, body="Sorry.", by=market.actor, now=LATER)

    with pytest.raises(actions.TooLate):
        actions.take_back(message, by=market.actor, now=LATER)


def test_erased_query_is_written_to_no_more(closed: CustomerQuery, market: Market) -> None:
    erase_customer(closed.customer, by=Actor.SYSTEM, now=LATER)

    with pytest.raises(actions.QueryIsErased):
        actions.write_after_closing(closed, body="Sorry.", by=market.actor, now=LATER)


def test_what_is_with_the_marketplace_is_not_written_to(market: Market) -> None:
    query = market.query()
    actions.hand_over(query, reason="Angry", by=market.actor, now=NOON)

    with pytest.raises(actions.WithMarketplace):
        actions.write_after_closing(query, body="Sorry.", by=market.actor, now=LATER)


def test_query_that_is_open_waits_for_the_assignee_and_nothing_is_taken_back(
    market: Market, alice: User
) -> None:
    query = market.query()
    save_draft(query, kind=DraftKind.REPLY, body="Half a reply", user=market.agent, now=NOON)

    message = actions.write_after_closing(
        query, body="Sorry.", assignee=alice, by=market.actor, now=LATER
    )

    query.refresh_from_db()
    assert (query.state, query.assignee) == (QueryState.WAITING, alice)
    assert query.first_replied_at == LATER
    assert query.drafts.get().body == "Half a reply"
    with pytest.raises(actions.TooLate):
        actions.take_back(message, by=market.actor, now=LATER)


def test_reaction_can_be_for_somebody_else(
    closed: CustomerQuery, market: Market, alice: User
) -> None:
    actions.write_after_closing(
        closed, body="Sorry.", assignee=market.agent, by=market.actor, now=LATER
    )

    actions.hand_on_reaction(closed, assignee=alice, by=market.actor, now=LATER)
    actions.hand_on_reaction(closed, assignee=alice, by=market.actor, now=LATER)  # twice is once

    actions.receive_reaction(closed, body="Thank you.", by=Actor.CUSTOMER, now=LATER)
    closed.refresh_from_db()
    assert closed.assignee == alice
    told = Event.objects.about([closed]).filter(kind=QueryEvent.ASSIGNED)
    assert told.get().details == {"assignee": alice.pk, "was": market.agent.pk}


def test_reaction_for_who_left_is_for_whoever_picks_it_up(
    closed: CustomerQuery, market: Market
) -> None:
    actions.write_after_closing(
        closed, body="Sorry.", assignee=market.agent, by=market.actor, now=LATER
    )
    Membership.objects.filter(user=market.agent).update(ended_at=LATER)

    actions.receive_reaction(closed, body="Thank you.", by=Actor.CUSTOMER, now=LATER)

    closed.refresh_from_db()
    assert (closed.state, closed.assignee) == (QueryState.YOUR_TURN, None)
