"""How a query goes, worked through in memory with what is told of it in its place."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Final

from queries.actions.questions import new_query
from queries.actions.told import Ending, Escalation, Told
from queries.actions.turns import TURN, DaysOff, actor_type, move, note_first_reply
from queries.enums import HandOverOutcome, QueryEvent, QueryState
from queries.models import Closing, CustomerQuery, HandOver, Message
from queries.standing import Happening, comes_last, in_hand, merged

# What changes of a hand-over until it is over, and after that by what is told late.
ENDS: Final = (
    "unanswered_since",
    "answered_at",
    "handed_back_at",
    "handed_back_by_id",
    "handed_back_client_id",
    "outcome",
)
SNOOZE: Final = ("snoozed_until", "snooze_cut_short")  # what is told late wakes nobody

Row = Message | Closing | HandOver | CustomerQuery


@dataclass(slots=True)
class Course:
    """How a query went: how it stood before, what is told, and what comes of it.

    Of hand-overs `before` has how each ended, and `came_back` who ended one at a moment.
    """

    query: CustomerQuery
    told: Mapping[int, Told]
    before: dict[str, Any]
    ends: dict[int, tuple[Any, ...]]
    came_back: dict[datetime | None, tuple[int | None, int | None]]
    handovers: list[HandOver] = field(default_factory=list)  # in order, those that are new too
    closings: list[Closing] = field(default_factory=list)  # in order, those that are new too
    opened: list[tuple[Closing, datetime]] = field(default_factory=list)
    new: list[tuple[int, Row | None]] = field(default_factory=list)


def course_of(
    query: CustomerQuery,
    happened: list[Happening],
    told: Mapping[int, Told],
    closings: Sequence[Closing],
    handovers: Sequence[HandOver],
    days_off: DaysOff,
) -> tuple[Course, set[int]]:
    """Let a query go its course in memory; return it, and the numbers of what has no place."""
    new = [happening(each, number) for number, each in told.items()]
    before = {name: getattr(query, name) for name in TURN}
    ends = {each.pk: end_of(each) for each in handovers}
    came_back = {each.handed_back_at: _who_ended(each) for each in handovers}
    course = Course(query, told, before, ends, came_back)
    if all(comes_last(each, happened) for each in new):
        found, refused = merged((), new, begins=in_hand(QueryState(query.state)))
        course.closings, course.handovers = list(closings), list(handovers)
    else:
        found, refused = merged(happened, new)
        _begin_again(query, days_off)
    unseen = iter(closings), iter(handovers)
    for each in found:
        _go_on(course, each, *unseen, days_off)
    if not query.is_closed:
        query.snoozed_until, query.snooze_cut_short = (before[name] for name in SNOOZE)
    return course, refused


def _begin_again(query: CustomerQuery, days_off: DaysOff) -> None:
    """Let a query stand as when it was asked."""
    begun = new_query(query.seller, asked_at=query.asked_at, days_off=days_off)
    for name in TURN:
        setattr(query, name, getattr(begun, name))


def _go_on(
    course: Course,
    each: Happening,
    closings: Iterator[Closing],
    handovers: Iterator[HandOver],
    days_off: DaysOff,
) -> None:
    """Let one more thing happen to a query, in memory."""
    query, at = course.query, each.at
    turn = partial(move, query, after=each.kind, now=at, days_off=days_off)
    in_their_hands = course.handovers[-1] if query.is_with_marketplace else None
    row: Row | None = None
    if each.kind == QueryEvent.REACTED:
        if query.is_closed:
            course.opened.append((course.closings[-1], at))
        turn(QueryState.WITH_MARKETPLACE if in_their_hands else QueryState.YOUR_TURN)
    elif each.kind == QueryEvent.REPLIED and not query.is_closed:
        note_first_reply(query, now=at, days_off=days_off)
        turn(QueryState.WITH_MARKETPLACE if in_their_hands else QueryState.WAITING)
    elif each.kind == QueryEvent.HANDED_OVER:
        turn(QueryState.WITH_MARKETPLACE)
        row = _handover(course, each, handovers)
        course.handovers.append(row)
    elif each.kind == QueryEvent.HANDED_BACK:
        turn(QueryState.YOUR_TURN)
        row = query
    elif each.kind == QueryEvent.CLOSED:
        turn(QueryState.CLOSED)
        row = _closing(course, each) if each.number is not None else next(closings)
        course.closings.append(row)
    if in_their_hands:
        _go_on_there(course, in_their_hands, each)
    if each.number is not None:
        course.new.append((each.number, row))


def _go_on_there(course: Course, handover: HandOver, each: Happening) -> None:
    """Let one more thing happen in a query that the marketplace has in hand."""
    if each.kind == QueryEvent.REACTED:
        handover.unanswered_since = handover.unanswered_since or each.at
        handover.answered_at = None
    elif each.kind == QueryEvent.REPLIED:
        handover.unanswered_since, handover.answered_at = None, each.at
    elif not course.query.is_with_marketplace:
        _end_handover(course, handover, each)


def _handover(course: Course, each: Happening, known: Iterator[HandOver]) -> HandOver:
    """Return a hand-over, known or new, as when it begins."""
    if each.number is None:
        row = next(known)
    else:
        told, query = course.told[each.number], course.query
        assert isinstance(told, Escalation)
        row = HandOver(
            query=query,
            seller_id=query.seller_id,
            reason=told.reason,
            handed_over_at=told.at,
            by=told.by.account,
            client=told.by.client,
        )
    row.unanswered_since, row.answered_at = each.at, None
    row.handed_back_at, row.outcome = None, ""
    row.handed_back_by_id = row.handed_back_client_id = None
    return row


def _end_handover(course: Course, handover: HandOver, each: Happening) -> None:
    """Let a hand-over end by what is told now, or by what ended it, or another, before."""
    if each.kind == QueryEvent.CLOSED:
        closing = course.closings[-1]
        outcome, who = HandOverOutcome.CLOSED, (closing.agent_id, closing.client_id)
    elif each.number is None:
        outcome, who = HandOverOutcome.HANDED_BACK, course.came_back.get(each.at, (None, None))
    else:
        by = course.told[each.number].by
        outcome = HandOverOutcome.HANDED_BACK
        who = (by.account.pk if by.account else None, by.client.pk if by.client else None)
    handover.handed_back_at, handover.outcome = each.at, outcome
    handover.handed_back_by_id, handover.handed_back_client_id = who


def _who_ended(handover: HandOver) -> tuple[int | None, int | None]:
    return handover.handed_back_by_id, handover.handed_back_client_id


def end_of(handover: HandOver) -> tuple[Any, ...]:
    """Return how a hand-over ended, or that it has not."""
    return tuple(getattr(handover, name) for name in ENDS)


def _closing(course: Course, each: Happening) -> Closing:
    assert each.number is not None
    told, query = course.told[each.number], course.query
    assert isinstance(told, Ending)
    return Closing(
        query=query,
        seller_id=query.seller_id,
        customer_id=query.customer_id,
        closed_by=actor_type(told.by, query),
        agent=told.by.account,
        client=told.by.client,
        channel=query.channel,
        subject=query.subject,
        closed_at=told.at,
        predicted_score=told.predicted_score,
    )


def happening(told: Told, number: int | None = None) -> Happening:
    """Return what is told as a happening, with its number among what is told."""
    return Happening(told.at, told.kind, number)
