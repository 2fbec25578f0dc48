"""Which tasks a list shows, how many there are, and what came of them."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from insights.recovered import Returned
from insights.reports import followups as report
from insights.reports import tallies
from insights.reports.followup_steps import all_playbooks, in_one_order
from insights.reports.followups import (
    Part,
    count_followups,
    cursor_of,
    followup_figures,
    followup_page,
)
from insights.reports.handling import Share
from insights.reports.returned import came_back
from queries import identity
from queries.worklist import Tally
from sellers.events import Actor
from sellers.models import User
from surveys import exclusions
from surveys.enums import CallOutcome, FollowUpState
from surveys.followups import working
from surveys.models import FollowUp
from tests.conftest import Market
from tests.insights.followups.conftest import ANSWERED, NOW, NewTask

DAY = timedelta(days=1)


def call(task: FollowUp, bob: User, *, at: datetime = NOW) -> None:
    working.log_call(task, outcome=CallOutcome.SPOKEN, note="", by=Actor.user(bob), now=at)


def finish(task: FollowUp, bob: User, *, at: datetime = NOW, lost: bool = False) -> None:
    working.finish(
        task,
        state=FollowUpState.NOT_RECOVERABLE if lost else FollowUpState.RESOLVED,
        note="Sent a new one.",
        lesson="Call sooner." if lost else "",
        by=Actor.user(bob),
        now=at,
    )


def listed(part: Part, market: Market, *, user: User, now: datetime = NOW) -> list[FollowUp]:
    mine = FollowUp.objects.for_seller(market.shop)
    return list(followup_page(part.of(mine, user=user, now=now), keys=part.keys).rows)


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        (Part.OPEN, ["late", "today", "week", "contacted", "alice's"]),
        (Part.MINE, ["today", "week", "contacted"]),
        (Part.UNASSIGNED, ["late"]),
        (Part.LATE, ["late"]),
        (Part.TODAY, ["today", "alice's"]),
        (Part.WEEK, ["week"]),
        (Part.FINISHED, ["finished"]),
        (Part.ALL, ["late", "today", "week", "contacted", "alice's", "finished"]),
    ],
)
def test_part_lists_what_it_counts(
    part: Part, expected: list[str], new_task: NewTask, market: Market, alice: User, bob: User
) -> None:
    by = Actor.user(bob)
    tasks = {
        "late": new_task(4, submitted_at=NOW - timedelta(hours=48)),
        "today": new_task(4, submitted_at=NOW - timedelta(hours=47)),
        "week": new_task(4, submitted_at=NOW),
        "contacted": new_task(3, submitted_at=NOW - timedelta(hours=50)),
        "finished": new_task(3, submitted_at=NOW - timedelta(hours=60)),
        "alice's": new_task(4, submitted_at=NOW - timedelta(hours=40)),
        "lapsed": new_task(4, submitted_at=NOW - timedelta(hours=41)),
    }
    working.assign(tasks["late"], assignee=None, by=by, now=NOW)
    working.assign(tasks["alice's"], assignee=alice, by=by, now=NOW)
    call(tasks["contacted"], bob, at=NOW - DAY)
    finish(tasks["finished"], bob)
    exclusions.exclude(tasks["lapsed"].response, reason="A strike of the post.", by=by, now=NOW)

    found = listed(part, market, user=bob)

    names = {task: name for name, task in tasks.items()}
    assert {names[task] for task in found} == set(expected)
    if part is not Part.ALL:
        counted = count_followups(market.shop, user=bob, now=NOW, parts=[part])
        assert counted == {part: Tally(len(expected))}


def test_most_pressing_comes_first(new_task: NewTask, market: Market, bob: User) -> None:
    later, worst = new_task(4), new_task(1)
    sooner = new_task(4, submitted_at=ANSWERED - timedelta(hours=1))

    assert listed(Part.OPEN, market, user=bob) == [worst, sooner, later]


def test_who_was_contacted_comes_behind_who_was_not(
    new_task: NewTask, market: Market, bob: User
) -> None:
    contacted, to_do = new_task(1, submitted_at=NOW - DAY), new_task(4)
    call(contacted, bob, at=NOW)

    assert listed(Part.OPEN, market, user=bob) == [to_do, contacted]


def test_late_begins_with_the_moment_it_is_due(task: FollowUp, market: Market, bob: User) -> None:
    before = task.due_at - timedelta(microseconds=1)

    assert listed(Part.LATE, market, user=bob, now=before) == []
    assert listed(Part.LATE, market, user=bob, now=task.due_at) == [task]
    assert listed(Part.TODAY, market, user=bob, now=before) == [task]
    assert listed(Part.TODAY, market, user=bob, now=task.due_at) == []


def test_finished_counts_28_days(task: FollowUp, market: Market, bob: User) -> None:
    finish(task, bob)

    assert listed(Part.FINISHED, market, user=bob, now=NOW + 27 * DAY) == [task]
    assert listed(Part.FINISHED, market, user=bob, now=NOW + 28 * DAY) == []


def test_counting_stops_at_a_limit(
    new_task: NewTask, market: Market, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tallies, "COUNTED_UP_TO", 1)
    new_task()
    new_task()

    counted = count_followups(market.shop, user=bob, now=NOW, parts=[Part.OPEN])

    assert counted == {Part.OPEN: Tally(1, more=True)}


@pytest.mark.parametrize("count", [1, 3])
def test_counts_are_one_statement(
    new_task: NewTask,
    market: Market,
    bob: User,
    django_assert_num_queries: DjangoAssertNumQueries,
    count: int,
) -> None:
    for _ in range(count):
        new_task()

    with django_assert_num_queries(1):
        counted = count_followups(market.shop, user=bob, now=NOW)
    with django_assert_num_queries(2):
        followup_figures(market.shop, now=NOW)

    assert counted[Part.OPEN] == Tally(count)


def test_pages_lead_to_each_other(
    new_task: NewTask, market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "ROWS_PER_PAGE", 2)
    tasks = [new_task(4, submitted_at=ANSWERED + timedelta(minutes=hour)) for hour in range(5)]
    rows = FollowUp.objects.for_seller(market.shop)

    keys = Part.OPEN.keys
    first = followup_page(rows, keys=keys)
    second = followup_page(rows, keys=keys, after=cursor_of(first.rows[-1], keys))
    third = followup_page(rows, keys=keys, after=cursor_of(second.rows[-1], keys))
    back = followup_page(rows, keys=keys, before=cursor_of(third.rows[0], keys))

    assert [*first.rows, *second.rows, *third.rows] == tasks
    assert back.rows == second.rows
    assert (first.has_previous, first.has_next) == (False, True)
    assert (second.has_previous, second.has_next) == (True, True)
    assert (third.has_previous, third.has_next) == (True, False)


@pytest.mark.parametrize("act", [call, finish], ids=["contacted", "finished"])
def test_page_begins_where_the_reader_was(
    act: Callable[[FollowUp, User], None],
    new_task: NewTask,
    market: Market,
    bob: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(report, "ROWS_PER_PAGE", 2)
    tasks = [new_task(4, submitted_at=ANSWERED + timedelta(minutes=minute)) for minute in range(4)]
    rows, keys = FollowUp.objects.for_seller(market.shop).open(), Part.OPEN.keys
    cursor = cursor_of(followup_page(rows, keys=keys).rows[-1], keys)
    act(FollowUp.objects.get(pk=tasks[1].pk), bob)

    page = followup_page(rows, keys=keys, after=cursor)

    assert list(page.rows) == tasks[2:]


@pytest.mark.parametrize("part", [Part.FINISHED, Part.ALL])
def test_latest_come_in_pages_too(
    part: Part, new_task: NewTask, market: Market, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "ROWS_PER_PAGE", 1)
    tasks = [new_task(4, submitted_at=ANSWERED + timedelta(minutes=minute)) for minute in range(2)]
    for minute, task in enumerate(tasks):
        finish(task, bob, at=NOW + timedelta(minutes=minute))
    rows = part.of(FollowUp.objects.for_seller(market.shop), user=bob, now=NOW)

    first = followup_page(rows, keys=part.keys)
    second = followup_page(rows, keys=part.keys, after=cursor_of(first.rows[0], part.keys))

    assert [*first.rows, *second.rows] == tasks[::-1]


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "12",
        "to_do~",
        "lost~20260312T110000.000000-1",
        "to_do~20261332T110000.000000-1",
        "to_do~20260312T110000.000000-1234567890123456789",
        "to_do~20260312T110000.000000-1 ",
        "20260312T110000.000000-1",
    ],
)
def test_cursor_that_is_none_is_the_first_page(cursor: str, task: FollowUp, market: Market) -> None:
    rows = FollowUp.objects.for_seller(market.shop)

    page = followup_page(rows, keys=Part.OPEN.keys, after=cursor)

    assert (page.rows, page.has_previous) == ((task,), False)


def test_figures(new_task: NewTask, market: Market, bob: User) -> None:
    soon, late, refuses, waits, lost = (
        new_task(4),
        new_task(4, submitted_at=NOW - 4 * DAY),
        new_task(4, may_contact=False, submitted_at=NOW - 4 * DAY),
        new_task(4),
        new_task(4, submitted_at=NOW - 3 * DAY),
    )
    call(soon, bob, at=soon.opened_at + timedelta(hours=2))
    call(late, bob, at=late.opened_at + timedelta(hours=50))
    for each in (soon, refuses):
        finish(each, bob)
    finish(lost, bob, lost=True)

    figures = followup_figures(market.shop, now=NOW)

    assert waits.is_open
    assert figures.in_time == Share(1, 3)  # `lost` was due, and nobody called
    assert figures.median == timedelta(hours=26)
    assert (figures.resolved, figures.lost) == (Share(2, 3), 1)


def test_figures_of_nothing(market: Market) -> None:
    figures = followup_figures(market.shop, now=NOW)

    assert (figures.in_time, figures.median, figures.resolved) == (Share(), None, Share())


LATER = ANSWERED + 40 * DAY


@pytest.fixture
def scored(market: Market) -> Callable[..., FollowUp]:
    """Let a customer give a low score and another one 40 days later; return the first's task."""

    def twice(first: int, then: int) -> FollowUp:
        customer = market.new_customer()
        low = market.response(first, customer=customer, may_contact=True, submitted_at=ANSWERED)
        market.response(then, customer=customer, submitted_at=LATER)
        return FollowUp.objects.get(response=low)

    return twice


def test_better_is_a_higher_band(
    scored: Callable[..., FollowUp], market: Market, bob: User
) -> None:
    call(scored(2, 9), bob, at=NOW)
    call(scored(0, 6), bob, at=NOW)
    scored(6, 7)

    found = came_back(market.shop, now=LATER + DAY)

    assert found.contacted == Returned(1, 2)
    assert found.others == Returned(1, 1)


def test_contact_after_the_next_score_changed_nothing(
    scored: Callable[..., FollowUp], market: Market, bob: User
) -> None:
    call(scored(2, 9), bob, at=LATER + DAY)

    assert came_back(market.shop, now=LATER + DAY).others == Returned(1, 1)


def test_who_did_not_come_back_is_in_no_share(task: FollowUp, market: Market) -> None:
    found = came_back(market.shop, now=LATER)

    assert (found.contacted, found.others, found.difference) == (Returned(), Returned(), None)


def test_what_was_excluded_is_not_the_next_score(
    scored: Callable[..., FollowUp], market: Market, bob: User
) -> None:
    task = scored(2, 9)
    customer = task.response.query.customer  # type: ignore[union-attr]
    excluded = market.shop.responses.get(score=9)
    exclusions.exclude(excluded, reason="A strike of the post.", by=market.actor, now=LATER)
    market.response(5, customer=customer, submitted_at=LATER + 40 * DAY)

    assert came_back(market.shop, now=LATER + 41 * DAY).others == Returned(0, 1)


def test_history_moves_along_when_customers_are_merged(market: Market, bob: User) -> None:
    low = market.response(2, submitted_at=ANSWERED)
    high = market.response(9, submitted_at=LATER)
    assert low.query
    assert high.query
    known, same = low.query.customer, high.query.customer
    identity.merge_customers(same, into=known, by=market.actor, now=LATER)

    assert came_back(market.shop, now=LATER + DAY).others == Returned(1, 1)


def test_another_shop_s_scores_say_nothing(market: Market, other_market: Market) -> None:
    customer = market.new_customer()
    market.response(2, customer=customer, submitted_at=ANSWERED)
    other_market.response(9, customer=customer, submitted_at=LATER)

    assert came_back(market.shop, now=LATER + DAY).others == Returned()


@pytest.mark.parametrize(
    ("lists", "merged"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param([["a", "b"], ["a", "b"]], ["a", "b"], id="alike"),
        pytest.param([["a", "c"], ["a", "b", "c"]], ["a", "b", "c"], id="one more between"),
        pytest.param([["a"], ["b", "a"]], ["b", "a"], id="one more before"),
        pytest.param([["a", "b"], ["b", "c"]], ["a", "b", "c"], id="one more behind"),
    ],
)
def test_lists_in_one_order(lists: list[list[str]], merged: list[str]) -> None:
    assert in_one_order(lists) == merged


def test_all_playbooks_say_what_follows_each_score(db: None) -> None:
    rows = {row.label: row.holds for row in all_playbooks()}

    assert rows["Within 24 hours"] == (True, True, True, False, False, False, False)
    assert rows["Within 48 hours"] == (False, False, False, True, True, True, True)
    assert rows["Find out what went wrong"] == (True,) * 7
