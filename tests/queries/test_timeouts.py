"""What queries do by themselves: back to the shop after two days, closed after fourteen."""

import logging
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction
from time_machine import travel

from queries import actions, tasks
from queries.enums import ActorType, HandOverOutcome, QueryState
from queries.models import HAND_BACK_AFTER, Closing, CustomerMail, CustomerQuery, HandOver
from queries.timeouts import CLOSE_AFTER, close_unanswered, hand_back_due
from sellers.events import Actor
from sellers.models import Event, Notice
from surveys.deciding import decide_due
from surveys.models import Invitation
from tests.conftest import NOON, RULES, Market, at_once
from tests.queries.conftest import HOUR

SECOND = timedelta(seconds=1)
REASON = "The carrier lost it."


def handed_over(market: Market) -> CustomerQuery:
    """Return a query that was asked and handed over at noon."""
    query = market.query(asked_at=NOON)
    actions.hand_over(query, reason=REASON, by=market.actor, now=NOON)
    return query


def replied(market: Market) -> CustomerQuery:
    """Return a query that was asked and answered at noon."""
    query = market.query(asked_at=NOON)
    actions.reply(query, body="Which colour?", by=market.actor, now=NOON)
    return query


def state(query: CustomerQuery) -> str:
    """Return whose turn it is by now."""
    query.refresh_from_db()
    return query.state


@pytest.fixture
def staff(market: Market) -> Actor:
    """One of the marketplace staff."""
    return market.closer(ActorType.MARKETPLACE)


# Back by itself


def test_durations_are_those_of_the_product() -> None:
    assert timedelta(hours=48) == HAND_BACK_AFTER
    assert timedelta(days=14) == CLOSE_AFTER


def test_query_is_back_by_itself_after_two_days(market: Market) -> None:
    query = handed_over(market)

    early = hand_back_due(now=NOON + HAND_BACK_AFTER - SECOND)
    assert (early, state(query)) == (0, QueryState.WITH_MARKETPLACE)
    on_time = hand_back_due(now=NOON + HAND_BACK_AFTER)

    assert (on_time, state(query)) == (1, QueryState.YOUR_TURN)
    assert query.turn_since == NOON + HAND_BACK_AFTER
    handover = HandOver.objects.get()
    assert (handover.handed_back_at, handover.handed_back_by) == (NOON + HAND_BACK_AFTER, None)
    assert handover.outcome == HandOverOutcome.HANDED_BACK
    event = Event.objects.about([query]).latest("pk")
    assert (event.kind, event.actor, event.user) == ("query.handed_back", "system", None)


def test_what_staff_answered_stays_until_the_customer_has_waited_again(
    market: Market, staff: Actor
) -> None:
    query = handed_over(market)
    actions.settle(query, body="Refunded.", closes=False, by=staff, now=NOON + HOUR)
    assert hand_back_due(now=NOON + 5 * HAND_BACK_AFTER) == 0
    reacted_at = NOON + 100 * HOUR
    actions.receive_reaction(query, body="Where?", by=Actor.CUSTOMER, now=reacted_at)

    early = hand_back_due(now=reacted_at + HAND_BACK_AFTER - SECOND)
    on_time = hand_back_due(now=reacted_at + HAND_BACK_AFTER)

    assert (early, on_time, state(query)) == (0, 1, QueryState.YOUR_TURN)


def test_second_message_of_the_customer_does_not_put_it_off(market: Market) -> None:
    query = handed_over(market)
    actions.receive_reaction(query, body="Hello?", by=Actor.CUSTOMER, now=NOON + 47 * HOUR)

    assert hand_back_due(now=NOON + HAND_BACK_AFTER) == 1


def test_what_staff_closed_or_handed_back_is_left_alone(market: Market, staff: Actor) -> None:
    closed, back = handed_over(market), handed_over(market)
    actions.settle(closed, body="", closes=True, by=staff, now=NOON + HOUR)
    actions.hand_back(back, by=staff, now=NOON + HOUR)

    assert hand_back_due(now=NOON + 5 * HAND_BACK_AFTER) == 0


# Closed by itself


def test_query_is_closed_by_itself_after_fourteen_days(market: Market) -> None:
    query = replied(market)

    early = close_unanswered(now=NOON + CLOSE_AFTER - SECOND)
    assert (early, state(query)) == (0, QueryState.WAITING)
    on_time = close_unanswered(now=NOON + CLOSE_AFTER)

    assert (on_time, state(query)) == (1, QueryState.CLOSED)
    closing = Closing.objects.get()
    assert (closing.closed_by, closing.agent) == (ActorType.SYSTEM, None)
    assert closing.closed_at == NOON + CLOSE_AFTER
    event = Event.objects.about([query]).latest("pk")
    assert (event.kind, event.actor) == ("query.closed", "system")
    assert event.details["closed_by"] == "system"


def test_nobody_is_mailed_when_a_query_closes_by_itself(market: Market) -> None:
    queries = [replied(market) for _ in range(3)]
    mails = CustomerMail.objects.count()

    assert close_unanswered(now=NOON + CLOSE_AFTER) == len(queries)

    decide_due(now=NOON + CLOSE_AFTER + RULES.delay, rules=RULES)
    assert CustomerMail.objects.count() == mails == 3  # the replies
    assert not Notice.objects.exists()
    assert set(Invitation.objects.values_list("state", flat=True)) == {"suppressed"}


def test_what_is_closed_by_itself_gets_no_survey(market: Market) -> None:
    replied(market)
    close_unanswered(now=NOON + CLOSE_AFTER)

    decided = decide_due(now=NOON + CLOSE_AFTER + RULES.delay, rules=RULES)

    assert decided == {"system_closed": 1}
    assert Invitation.objects.get().reason == "system_closed"


def test_customer_has_all_the_time_since_the_last_reply(market: Market) -> None:
    query = replied(market)
    again_at = NOON + timedelta(days=13)
    actions.reply(query, body="Still there?", by=market.actor, now=again_at)

    early = close_unanswered(now=again_at + CLOSE_AFTER - SECOND)
    on_time = close_unanswered(now=again_at + CLOSE_AFTER)

    assert (early, on_time) == (0, 1)


def test_what_staff_answered_is_closed_by_itself_too(market: Market, staff: Actor) -> None:
    query = handed_over(market)
    actions.settle(query, body="Refunded.", closes=False, by=staff, now=NOON + HOUR)

    early = close_unanswered(now=NOON + HOUR + CLOSE_AFTER - SECOND)
    on_time = close_unanswered(now=NOON + HOUR + CLOSE_AFTER)

    assert (early, on_time, state(query)) == (0, 1, QueryState.CLOSED)
    assert Closing.objects.get().closed_by == ActorType.SYSTEM
    assert HandOver.objects.get().outcome == HandOverOutcome.CLOSED


def test_only_what_waits_for_the_customer_is_closed(market: Market) -> None:
    reacted = replied(market)
    actions.receive_reaction(reacted, body="Red.", by=Actor.CUSTOMER, now=NOON + HOUR)
    open_query, with_marketplace = market.query(asked_at=NOON), handed_over(market)

    assert close_unanswered(now=NOON + 9 * CLOSE_AFTER) == 0
    assert [state(each) for each in (reacted, open_query, with_marketplace)] == [
        QueryState.YOUR_TURN,
        QueryState.YOUR_TURN,
        QueryState.WITH_MARKETPLACE,
    ]


# Both


WORKS = [
    pytest.param(handed_over, hand_back_due, tasks.hand_back_due, HAND_BACK_AFTER, id="back"),
    pytest.param(replied, close_unanswered, tasks.close_unanswered, CLOSE_AFTER, id="closed"),
]


@pytest.mark.parametrize(("make", "act", "_task", "after"), WORKS)
def test_longest_come_first_and_at_most_so_many(
    market: Market,
    make: Callable[[Market], CustomerQuery],
    act: Callable[..., int],
    _task: Callable[[], None],
    after: timedelta,
) -> None:
    queries = [make(market) for _ in range(3)]
    before = {state(query) for query in queries}

    counts = [act(now=NOON + after, limit=2)]
    first = [state(query) in before for query in queries]
    counts += [act(now=NOON + after, limit=2), act(now=NOON + after, limit=2)]

    assert counts == [2, 1, 0]
    assert first == [False, False, True]


@pytest.mark.parametrize(("make", "act", "_task", "after"), WORKS)
def test_twice_at_once_is_once(
    committed_db: None,
    market: Market,
    make: Callable[[Market], CustomerQuery],
    act: Callable[..., int],
    _task: Callable[[], None],
    after: timedelta,
) -> None:
    queries = [make(market) for _ in range(12)]
    now = NOON + after

    def work() -> int:
        total = 0
        while count := act(now=now, limit=2):
            total += count
        return total

    done = at_once(work, work, work)

    assert sum(done) + work() == len(queries)
    for query in queries:
        kinds = Event.objects.about([query]).values_list("kind", flat=True)
        assert sum(kind in {"query.handed_back", "query.closed"} for kind in kinds) == 1


@pytest.mark.parametrize(("make", "act", "_task", "after"), WORKS)
def test_what_somebody_works_on_is_left_for_the_next_time(
    committed_db: None,
    market: Market,
    make: Callable[[Market], CustomerQuery],
    act: Callable[..., int],
    _task: Callable[[], None],
    after: timedelta,
) -> None:
    query, other = make(market), make(market)
    now = NOON + after

    def impatient() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '5s'")  # who waits for the lock fails
        return act(now=now)

    with transaction.atomic():
        CustomerQuery.objects.select_for_update(no_key=True).get(pk=query.pk)
        (while_locked,) = at_once(impatient)
    after_that = act(now=now)

    assert (while_locked, after_that) == (1, 1)
    assert state(query) == state(other)


def test_answer_of_staff_in_the_last_moment_keeps_it(
    committed_db: None, market: Market, staff: Actor
) -> None:
    """Whichever comes first: what was answered is never handed back, and nothing is lost."""
    for _ in range(15):
        query = handed_over(market)

        def answer(pk: int = query.pk) -> bool:
            try:
                mine = CustomerQuery.objects.get(pk=pk)
                actions.settle(mine, body="Refunded.", closes=False, by=staff, now=NOON + 47 * HOUR)
            except actions.NotWithMarketplace:
                return False
            return True

        answered, given_back = at_once(answer, lambda: hand_back_due(now=NOON + HAND_BACK_AFTER))

        assert (bool(answered), state(query)) in {
            (True, QueryState.WITH_MARKETPLACE),
            (False, QueryState.YOUR_TURN),
        }
        assert bool(given_back) is not bool(answered)


@pytest.mark.parametrize(("make", "_act", "task", "after"), WORKS)
def test_task_does_all_that_is_due_and_says_how_much(
    market: Market,
    caplog: pytest.LogCaptureFixture,
    make: Callable[[Market], CustomerQuery],
    _act: Callable[..., int],
    task: Callable[[], None],
    after: timedelta,
) -> None:
    queries = [make(market) for _ in range(3)]
    before = {state(query) for query in queries}
    caplog.set_level(logging.INFO, "queries.tasks")

    with travel(NOON + after, tick=False):
        task()
        task()

    assert before.isdisjoint(state(query) for query in queries)
    assert [record.getMessage().partition(": ")[2] for record in caplog.records] == ["3 queries"]


def test_what_is_due_is_found_by_indexes(market: Market) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")

    waiting = CustomerQuery.objects.in_state(QueryState.WAITING).filter(turn_since__lte=NOON)
    handovers = HandOver.objects.open().filter(unanswered_since__lte=NOON)

    assert "query_open" in waiting.longest_waiting_first().explain()
    assert "handover_one_open_per_query" in handovers.explain()
