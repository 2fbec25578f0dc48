"""A shop hands a query over: staff have it in hand, and the shop reads along until it is back."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection

from queries import actions
from queries.customers import erase_customer
from queries.enums import ActorType, Author, HandOverOutcome, QueryEvent, QueryState
from queries.models import Closing, CustomerQuery, HandOver, Message
from queries.privacy import erase_texts
from sellers.enums import Role
from sellers.events import Actor
from sellers.models import Event, Membership, User
from tests.conftest import NOON, Market, at_once, refused_by
from tests.queries.conftest import HOUR

MINUTE = timedelta(minutes=1)
REASON = "The carrier lost it."


def kinds(query: CustomerQuery) -> list[str]:
    """Return what was written of a query."""
    return list(Event.objects.about([query]).order_by("pk").values_list("kind", flat=True))


@pytest.fixture
def staff(market: Market) -> Actor:
    """One of the marketplace staff."""
    return market.closer(ActorType.MARKETPLACE)


@pytest.fixture
def query(market: Market) -> CustomerQuery:
    """A query that Bob handed over an hour after it was asked at noon."""
    query = market.query(asked_at=NOON)
    actions.hand_over(query, reason=REASON, by=market.actor, now=NOON + HOUR)
    return query


def handover_of(query: CustomerQuery) -> HandOver:
    """Return the only hand-over of a query."""
    return HandOver.objects.get(query=query)


# Handing over


def test_hand_over_gives_the_query_to_the_marketplace(query: CustomerQuery, market: Market) -> None:
    query.refresh_from_db()
    assert (query.state, query.turn_since) == (QueryState.WITH_MARKETPLACE, NOON + HOUR)
    assert query.first_replied_at is None
    handover = handover_of(query)
    assert (handover.seller, handover.by, handover.reason) == (market.shop, market.agent, REASON)
    assert (handover.handed_over_at, handover.unanswered_since) == (NOON + HOUR, NOON + HOUR)
    assert (handover.answered_at, handover.handed_back_at, handover.outcome) == (None, None, "")
    event = Event.objects.get(kind=QueryEvent.HANDED_OVER)
    assert (event.user, event.seller, event.at) == (market.agent, market.shop, NOON + HOUR)
    assert event.details == {"handover": handover.pk}


def test_what_waits_for_the_customer_can_be_handed_over(market: Market) -> None:
    query = market.query(asked_at=NOON)
    actions.reply(query, body="Which colour?", by=market.actor, now=NOON + MINUTE)

    actions.hand_over(query, reason=REASON, by=market.actor, now=NOON + HOUR)

    assert query.state == QueryState.WITH_MARKETPLACE


def test_closed_query_is_not_handed_over(market: Market) -> None:
    query = market.closing().query

    with pytest.raises(actions.QueryIsClosed):
        actions.hand_over(query, reason=REASON, by=market.actor, now=NOON + HOUR)

    assert not HandOver.objects.exists()


def test_query_is_handed_over_once(query: CustomerQuery, market: Market) -> None:
    with pytest.raises(actions.WithMarketplace):
        actions.hand_over(query, reason="Again.", by=market.actor, now=NOON + 2 * HOUR)

    assert handover_of(query).reason == REASON


@pytest.mark.parametrize("who", ["cora", "dirk", "staff", "system", "customer"])
def test_only_who_answers_for_the_shop_hands_over(
    request: pytest.FixtureRequest, market: Market, who: str
) -> None:
    others = {"system": Actor.SYSTEM, "customer": Actor.CUSTOMER}
    found = others.get(who) or request.getfixturevalue(who)
    query = market.query(asked_at=NOON)

    with pytest.raises(actions.NotOfTheShop):
        actions.hand_over(
            query,
            reason=REASON,
            by=found if isinstance(found, Actor) else Actor.user(found),
            now=NOON + HOUR,
        )

    query.refresh_from_db()
    assert query.state == QueryState.YOUR_TURN


# While it is with the marketplace


@pytest.mark.parametrize(
    "write",
    [
        pytest.param(partial(actions.reply, body="!"), id="reply"),
        pytest.param(partial(actions.reply, body="!", closes=True), id="reply and close"),
        pytest.param(actions.close, id="close"),
        pytest.param(actions.reopen, id="reopen"),
        pytest.param(actions.hand_back, id="take back"),
        pytest.param(partial(actions.settle, body="!", closes=True), id="settle"),
    ],
)
def test_shop_only_reads(
    query: CustomerQuery, market: Market, write: Callable[..., object]
) -> None:
    before = kinds(query)

    with pytest.raises(actions.WithMarketplace):
        write(query, by=market.actor, now=NOON + 2 * HOUR)

    query.refresh_from_db()
    assert query.state == QueryState.WITH_MARKETPLACE
    assert kinds(query) == before
    assert query.messages.count() == 1
    assert not Closing.objects.exists()


def test_staff_who_belong_to_the_shop_only_read_too(
    query: CustomerQuery, staff: Actor, market: Market
) -> None:
    Membership.objects.create(user=staff.account, seller=market.shop, role=Role.ANALYST)

    with pytest.raises(actions.WithMarketplace):
        actions.settle(query, body="!", closes=False, by=staff, now=NOON + 2 * HOUR)


def test_answer_of_staff_keeps_the_query_with_the_marketplace(
    query: CustomerQuery, staff: Actor
) -> None:
    actions.settle(query, body="Refunded.", closes=False, by=staff, now=NOON + 2 * HOUR)

    query.refresh_from_db()
    assert (query.state, query.turn_since) == (QueryState.WITH_MARKETPLACE, NOON + HOUR)
    assert query.first_replied_at == NOON + 2 * HOUR
    message = query.messages.get(author=Author.MARKETPLACE)
    assert (message.agent, message.body) == (staff.account, "Refunded.")
    handover = handover_of(query)
    assert (handover.unanswered_since, handover.answered_at) == (None, NOON + 2 * HOUR)


def test_reaction_of_the_customer_is_the_marketplaces(query: CustomerQuery, staff: Actor) -> None:
    actions.receive_reaction(query, body="Hello?", by=Actor.CUSTOMER, now=NOON + 2 * HOUR)
    first = handover_of(query)
    actions.settle(query, body="Refunded.", closes=False, by=staff, now=NOON + 3 * HOUR)

    actions.receive_reaction(query, body="Thanks!", by=Actor.CUSTOMER, now=NOON + 4 * HOUR)

    query.refresh_from_db()
    assert (query.state, query.turn_since) == (QueryState.WITH_MARKETPLACE, NOON + HOUR)
    assert first.unanswered_since == NOON + HOUR  # the customer waited already
    handover = handover_of(query)
    assert (handover.unanswered_since, handover.answered_at) == (NOON + 4 * HOUR, None)


def test_second_click_of_staff_is_stored_once(query: CustomerQuery, staff: Actor) -> None:
    for _ in range(2):
        actions.settle(query, body="Refunded.", closes=False, by=staff, now=NOON + 2 * HOUR)

    assert query.messages.filter(author=Author.MARKETPLACE).count() == 1


def test_what_staff_close_is_closed_by_the_marketplace(
    query: CustomerQuery, staff: Actor, market: Market
) -> None:
    actions.settle(query, body="Refunded.", closes=True, by=staff, now=NOON + 2 * HOUR)

    closing = Closing.objects.get()
    assert (closing.closed_by, closing.agent) == (ActorType.MARKETPLACE, staff.account)
    handover = handover_of(query)
    assert (handover.handed_back_at, handover.handed_back_by) == (NOON + 2 * HOUR, staff.account)
    assert handover.outcome == HandOverOutcome.CLOSED
    assert kinds(query) == ["query.asked", "query.handed_over", "query.replied", "query.closed"]


def test_what_staff_closed_comes_to_the_shop_when_the_customer_reacts(
    query: CustomerQuery, staff: Actor, market: Market
) -> None:
    actions.settle(query, body="", closes=True, by=staff, now=NOON + 2 * HOUR)

    actions.receive_reaction(query, body="No!", by=Actor.CUSTOMER, now=NOON + 3 * HOUR)
    actions.hand_over(query, reason="Once more.", by=market.actor, now=NOON + 4 * HOUR)

    assert query.state == QueryState.WITH_MARKETPLACE
    assert HandOver.objects.count() == 2


# Back again


def test_hand_back_gives_the_shop_the_turn(query: CustomerQuery, staff: Actor) -> None:
    due_at = query.due_at

    actions.hand_back(query, by=staff, now=NOON + 5 * HOUR)

    query.refresh_from_db()
    assert (query.state, query.turn_since) == (QueryState.YOUR_TURN, NOON + 5 * HOUR)
    assert query.due_at == due_at
    assert query.is_overdue(now=due_at)  # nobody answered, so handing over wins no time
    handover = handover_of(query)
    assert (handover.handed_back_at, handover.handed_back_by) == (NOON + 5 * HOUR, staff.account)
    assert handover.outcome == HandOverOutcome.HANDED_BACK
    assert kinds(query) == ["query.asked", "query.handed_over", "query.handed_back"]


def test_after_an_answer_of_staff_no_first_reply_is_owed(
    query: CustomerQuery, staff: Actor
) -> None:
    actions.settle(query, body="Ask the shop.", closes=False, by=staff, now=NOON + 2 * HOUR)
    actions.hand_back(query, by=staff, now=NOON + 3 * HOUR)

    assert not query.is_overdue(now=query.due_at)


def test_shop_writes_again_when_it_is_back(
    query: CustomerQuery, staff: Actor, market: Market
) -> None:
    actions.hand_back(query, by=staff, now=NOON + 2 * HOUR)

    actions.reply(query, body="Sent.", by=market.actor, closes=True, now=NOON + 3 * HOUR)

    assert Closing.objects.get().closed_by == ActorType.SELLER


def test_clock_that_is_behind_ends_no_hand_over_before_it_began(
    query: CustomerQuery, staff: Actor
) -> None:
    actions.hand_back(query, by=staff, now=NOON)

    assert handover_of(query).handed_back_at == NOON + HOUR


@pytest.mark.parametrize(
    "late",
    [
        pytest.param(actions.hand_back, id="hand back"),
        pytest.param(partial(actions.settle, body="Late.", closes=False), id="answer"),
        pytest.param(partial(actions.settle, body="", closes=True), id="close"),
    ],
)
def test_what_is_not_with_the_marketplace_is_not_staff_s_to_settle(
    query: CustomerQuery, staff: Actor, late: Callable[..., object]
) -> None:
    actions.hand_back(query, by=staff, now=NOON + 2 * HOUR)
    before = kinds(query)

    with pytest.raises(actions.NotWithMarketplace):
        late(query, by=staff, now=NOON + 3 * HOUR)

    assert kinds(query) == before


def test_customer_hands_nothing_back(query: CustomerQuery) -> None:
    with pytest.raises(ValueError, match="is not a valid"):
        actions.hand_back(query, by=Actor.CUSTOMER, now=NOON + 2 * HOUR)


# Side by side


def test_handing_over_beside_replying_ends_in_one_order_or_the_other(
    committed_db: None, market: Market, alice: User
) -> None:
    for number in range(10):
        pk = market.query(asked_at=NOON).pk

        def reply(pk: int = pk) -> bool:
            try:
                mine = CustomerQuery.objects.get(pk=pk)
                actions.reply(mine, body="Oil them.", by=market.actor, now=NOON + MINUTE)
            except actions.WithMarketplace:
                return False
            return True

        def hand_over(pk: int = pk) -> bool:
            mine = CustomerQuery.objects.get(pk=pk)
            actions.hand_over(mine, reason=REASON, by=Actor.user(alice), now=NOON + MINUTE)
            return True

        replied, _handed_over = at_once(reply, hand_over)

        query = CustomerQuery.objects.get(pk=pk)
        assert query.state == QueryState.WITH_MARKETPLACE, number
        assert query.messages.count() == 1 + replied
        assert query.first_replied_at == (NOON + MINUTE if replied else None)


def test_two_people_handing_over_at_once_make_one_hand_over(
    committed_db: None, market: Market, alice: User
) -> None:
    pk = market.query(asked_at=NOON).pk

    def hand_over(by: Actor) -> bool:
        try:
            mine = CustomerQuery.objects.get(pk=pk)
            actions.hand_over(mine, reason=REASON, by=by, now=NOON + MINUTE)
        except actions.WithMarketplace:
            return False
        return True

    done = at_once(partial(hand_over, market.actor), partial(hand_over, Actor.user(alice)))

    assert sorted(done) == [False, True]
    assert HandOver.objects.count() == 1


# Erasing


def test_erasing_a_person_ends_an_open_hand_over(query: CustomerQuery) -> None:
    erase_customer(query.customer, by=Actor.SYSTEM, now=NOON + 2 * HOUR)

    query.refresh_from_db()
    assert (query.state, query.erased_at) == (QueryState.CLOSED, NOON + 2 * HOUR)
    handover = handover_of(query)
    assert (handover.reason, handover.outcome) == ("", HandOverOutcome.CLOSED)
    assert (handover.handed_back_by, str(handover)) == (None, "Erased query")
    assert not Message.objects.exists()


# What the database refuses


def test_query_is_not_handed_over_twice_at_once(query: CustomerQuery, market: Market) -> None:
    with refused_by("handover_one_open_per_query"):
        HandOver.objects.create(
            query=query,
            seller=market.shop,
            reason="Again.",
            handed_over_at=NOON,
            by=market.agent,
            unanswered_since=NOON,
        )


def test_hand_over_begins_with_a_reason(market: Market) -> None:
    with refused_by("handover_reason_given"):
        HandOver.objects.create(
            query=market.query(),
            seller=market.shop,
            handed_over_at=NOON,
            by=market.agent,
            unanswered_since=NOON,
        )


def test_hand_over_is_by_somebody(market: Market) -> None:
    with refused_by("handover_by_somebody"):
        HandOver.objects.create(
            query=market.query(),
            seller=market.shop,
            reason="Nobody knows.",
            handed_over_at=NOON,
            unanswered_since=NOON,
        )


@pytest.mark.usefixtures("owner_db")
@pytest.mark.parametrize(
    ("guard", "change"),
    [
        ("handover_one_side_waits", {"unanswered_since": None}),
        ("handover_one_side_waits", {"answered_at": NOON}),
        ("handover_ends_with_an_outcome", {"handed_back_at": NOON + 2 * HOUR}),
        ("handover_ends_with_an_outcome", {"outcome": "closed"}),
        ("handover_ends_with_an_outcome", {"handed_back_at": NOON + 2 * HOUR, "outcome": "lost"}),
        ("handover_ends_later", {"handed_back_at": NOON, "outcome": "closed"}),
        ("handover_reason_only_emptied", {"reason": "Something else."}),
        ("handover_never_changes", {"handed_over_at": NOON}),
    ],
)
def test_hand_over_refuses(query: CustomerQuery, guard: str, change: dict[str, Any]) -> None:
    with refused_by(guard):
        HandOver.objects.update(**change)


@pytest.mark.usefixtures("owner_db")
@pytest.mark.parametrize("field", ["query", "seller", "by"])
def test_hand_over_never_changes(query: CustomerQuery, other_market: Market, field: str) -> None:
    other = other_market.query()
    changes = {"query": other, "seller": other.seller, "by": other_market.agent}

    with refused_by("handover_never_changes"):
        HandOver.objects.update(**{field: changes[field]})


@pytest.mark.parametrize(
    "change",
    [
        {"handed_back_at": None, "handed_back_by": None, "outcome": ""},
        {"handed_back_at": NOON + 9 * HOUR},
        {"handed_back_by": None},
        {"outcome": HandOverOutcome.CLOSED},
        {"unanswered_since": NOON + 9 * HOUR},
        {"unanswered_since": None, "answered_at": NOON + 9 * HOUR},
    ],
    ids=", ".join,
)
def test_hand_over_ends_once(query: CustomerQuery, staff: Actor, change: dict[str, Any]) -> None:
    actions.hand_back(query, by=staff, now=NOON + 2 * HOUR)

    with refused_by("handover_ends_once"):
        HandOver.objects.update(**change)


def test_hand_over_is_of_the_shop_of_its_query(market: Market, other_market: Market) -> None:
    query = market.query(asked_at=NOON)

    with refused_by("handover_of_the_shop"):
        HandOver.objects.create(
            query=query,
            seller=other_market.shop,
            reason=REASON,
            handed_over_at=NOON,
            by=market.agent,
            unanswered_since=NOON,
        )


@pytest.mark.usefixtures("owner_db")
def test_hand_over_stays(query: CustomerQuery, staff: Actor) -> None:
    actions.settle(query, body="", closes=True, by=staff, now=NOON + 2 * HOUR)
    erase_texts(CustomerQuery.objects.all(), by=Actor.SYSTEM, now=NOON + 3 * HOUR)

    with refused_by("handover_stays"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM queries_handover")

    with refused_by("handover_reason_only_emptied"):
        HandOver.objects.update(reason=REASON)
