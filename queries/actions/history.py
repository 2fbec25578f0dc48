"""What was asked, said, handed over and closed elsewhere, many at once and in any order.

The bulk form of `ask`, `reply`, `write_after_closing`, `receive_reaction`, `hand_over`, `hand_back`
and `close`: the same checks, rows and events. What is told late takes its place, and the query
stands as if it had been told in time (docs/feeding.md).
"""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache, partial
from typing import Any, Final

from django.db import transaction

from queries.actions.endings import close
from queries.actions.handovers import NotWithMarketplace, hand_back, hand_over
from queries.actions.questions import new_query
from queries.actions.reactions import receive_reaction
from queries.actions.replies import reply, write_after_closing
from queries.actions.told import Ending, Escalation, Question, Return, Told, Words
from queries.actions.turns import (
    FIRST_REPLY,
    TURN,
    DaysOff,
    PredictionMissing,
    QueryIsClosed,
    QueryIsErased,
    WithMarketplace,
    actor_type,
    days_off_of,
    lock,
    move,
    note_first_reply,
    refuse_unpredicted,
)
from queries.enums import Author, HandOverOutcome, QueryEvent, QueryState
from queries.models import Closing, CustomerQuery, HandOver, Message, ThreadLink
from queries.standing import Happening, comes_last, in_hand, merged, plain
from sellers.addresses import normalised_email
from sellers.events import Actor, event, record_all
from sellers.models import Event, Seller
from sellers.tokens import mask

ROWS_AT_ONCE: Final = 500
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


class WorkedOnSince(Exception):
    """The shop did more with the query since then than answer it: a closing has no place there."""


class BeforeItWasAsked(Exception):
    """Nothing is said or closed in a query before it is asked."""


# It has no place in what is known; once what is between is told, it may have one.
MISPLACED: Final[Mapping[QueryEvent, type[Exception]]] = {
    QueryEvent.CLOSED: QueryIsClosed,
    QueryEvent.HANDED_OVER: WithMarketplace,
    QueryEvent.HANDED_BACK: NotWithMarketplace,
}
REFUSED: Final[tuple[type[Exception], ...]] = (
    BeforeItWasAsked,
    PredictionMissing,
    QueryIsErased,
    WorkedOnSince,
    *MISPLACED.values(),
)


Row = Message | Closing | HandOver | CustomerQuery
# What became of each: the row that was stored, of a return the query, or why not.
Fates = dict[Told, Row | Exception]


def known_days_off() -> DaysOff:
    """Return `days_off_of` that asks the database once for each place and year."""

    @cache
    def known(country: str, region: str, year: int) -> Container[date]:
        place = Seller(country=country, region=region)
        return days_off_of(place, since=datetime(year, 1, 1, tzinfo=UTC))

    def days_off(seller: Seller, *, since: datetime) -> Container[date]:
        return known(seller.country, seller.region, since.year)

    return days_off


@transaction.atomic
def ask_all(questions: Sequence[Question], *, by: Actor) -> list[Message]:
    """Store many questions as `ask` does; return the first message of each, with its query."""
    days_off = known_days_off()
    queries = CustomerQuery.objects.bulk_create(
        [
            new_query(
                each.seller,
                asked_at=each.asked_at,
                days_off=days_off,
                customer=each.customer,
                subject=mask(each.subject),
                channel=each.channel,
                contact_email=normalised_email(each.contact_email),
                order_reference=each.order_reference,
                language=each.language or each.customer.language,
            )
            for each in questions
        ]
    )
    messages = Message.objects.bulk_create(
        Message(query=query, author=Author.CUSTOMER, body=mask(each.body), sent_at=each.asked_at)
        for query, each in zip(queries, questions, strict=True)
    )
    record_all(
        _about(QueryEvent.ASKED, message.query, by=by, at=message.sent_at, message=message.pk)
        for message in messages
    )
    return messages


@transaction.atomic
def tell(told: Told) -> Row:
    """Store what was said, handed over or closed elsewhere.

    By the same action as a page when nothing came after it, else in its place. Raises what the
    actions raise, BeforeItWasAsked and WorkedOnSince.
    """
    query = told.query
    lock(query)
    happened = _histories([query])[query.pk]
    if told.at < query.asked_at:
        raise BeforeItWasAsked
    if query.erased_at:
        raise QueryIsErased
    if happened is None:
        if Event.objects.about([query]).filter(at__gt=told.at).exists():
            return _kept_in_its_place(told)
        return _as_a_page_does(told)
    if comes_last(_happening(told), happened):
        return _as_a_page_does(told)
    row = _told_in_order({query: [told]}, {query.pk: happened})[told]
    if isinstance(row, Exception):
        raise row
    return row


@transaction.atomic
def tell_all(told: Iterable[Told]) -> Fates:
    """Store what was said and done elsewhere, in many queries; say what became of each.

    The queries are locked in the order in which all lock them.
    """
    of_query: dict[int, list[Told]] = {}
    for each in sorted(told, key=lambda each: _happening(each).place):
        of_query.setdefault(each.query.pk, []).append(each)
    locked = CustomerQuery.objects.select_for_update(of=("self",), no_key=True)
    queries = locked.select_related("seller").order_by("pk").in_bulk(of_query)
    histories = _histories(queries.values())
    together: dict[CustomerQuery, list[Told]] = {}
    fates: Fates = {}
    for pk, query in sorted(queries.items()):
        happened = histories[pk]
        is_simple = not (query.snoozed_until or query.assignee_id)
        is_late = happened and not all(
            comes_last(_happening(each), happened) for each in of_query[pk]
        )
        if happened and (is_simple or is_late) and not query.erased_at:
            together[query] = of_query[pk]
        else:
            fates |= _one_by_one(of_query[pk])
    return fates | _told_in_order(together, histories)


def _one_by_one(told: Iterable[Told]) -> Fates:
    fates: Fates = {}
    for each in told:
        try:
            with transaction.atomic():
                fates[each] = tell(each)
        except REFUSED as refused:
            fates[each] = refused
    return fates


def _as_a_page_does(told: Told) -> Row:
    """Let a locked query go on with the action that a page takes for this."""
    query, by, at = told.query, told.by, told.at
    if isinstance(told, Ending):
        return close(query, predicted_score=told.predicted_score, by=by, now=at)
    if isinstance(told, Escalation):
        return hand_over(query, reason=told.reason, by=by, now=at)
    if isinstance(told, Return):
        hand_back(query, by=by, now=at)
        return query
    if told.author == Author.CUSTOMER:
        return receive_reaction(query, body=told.body, by=by, now=at)
    if query.is_closed:
        return write_after_closing(
            query, body=told.body, assignee=query.assignee, delivered=True, by=by, now=at
        )
    return reply(query, body=told.body, delivered=True, by=by, now=at)


def _kept_in_its_place(told: Told) -> Message:
    """Put words where they belong in a locked query, and let nothing follow from them."""
    if not isinstance(told, Words):
        raise WorkedOnSince
    message = _message(told, known=_secrets([told.query.pk]).get(told.query.pk, []))
    message.save()
    record_all([_about(told.kind, told.query, by=told.by, at=told.at, message=message.pk)])
    return message


def _histories(queries: Iterable[CustomerQuery]) -> dict[int, list[Happening] | None]:
    """Return what happened in each query in order; None where it was more than words and closings.

    Of a query that begins otherwise than by a question, as one of before events were kept, nobody
    knows.
    """
    events: dict[int, list[tuple[str, datetime]]] = {query.pk: [] for query in queries}
    rows = Event.objects.filter(
        object_label=CustomerQuery._meta.label, object_pk__in=list(events)
    ).order_by("pk")
    for pk, kind, at in rows.values_list("object_pk", "kind", "at"):
        events[pk].append((kind, at))
    histories = {pk: plain(each) for pk, each in events.items()}
    return {
        pk: happened if happened and happened[0].kind == QueryEvent.ASKED else None
        for pk, happened in histories.items()
    }


@dataclass(slots=True)
class _Course:
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


def _told_in_order(
    told: Mapping[CustomerQuery, Sequence[Told]],
    histories: Mapping[int, list[Happening] | None],
) -> Fates:
    """Let locked queries stand as if all had been told in order, and store what is new."""
    days_off = known_days_off()
    pks = [query.pk for query in told]
    known: dict[int, tuple[list[Closing], list[HandOver]]] = {pk: ([], []) for pk in pks}
    for closing in Closing.objects.filter(query__in=pks).order_by("closed_at", "pk"):
        known[closing.query_id][0].append(closing)
    for handover in HandOver.objects.filter(query__in=pks).order_by("handed_over_at", "pk"):
        known[handover.query_id][1].append(handover)
    fates: Fates = {}
    courses = []
    for query, each in told.items():
        happened = histories[query.pk]
        assert happened, "Its history is one of words, hand-overs and closings."
        taken = {}
        for number, one in enumerate(each):
            if refused := _refused(query, one):
                fates[one] = refused
            else:
                taken[number] = one
        course, misplaced = _course(query, happened, taken, *known[query.pk], days_off)
        fates |= {taken[number]: MISPLACED[taken[number].kind]() for number in misplaced}
        courses.append(course)
    return fates | _stored(courses)


def _refused(query: CustomerQuery, told: Told) -> Exception | None:
    """Return why this is not taken, whatever happened when; None when it is."""
    if told.at < query.asked_at:
        return BeforeItWasAsked()
    if isinstance(told, Ending):
        try:
            refuse_unpredicted(query, told.predicted_score, by=told.by)
        except PredictionMissing as refused:
            return refused
    return None


def _course(
    query: CustomerQuery,
    happened: list[Happening],
    told: Mapping[int, Told],
    closings: Sequence[Closing],
    handovers: Sequence[HandOver],
    days_off: DaysOff,
) -> tuple[_Course, set[int]]:
    """Let a query go its course in memory; return it, and the numbers of what has no place."""
    new = [_happening(each, number) for number, each in told.items()]
    before = {name: getattr(query, name) for name in TURN}
    ends = {each.pk: _end(each) for each in handovers}
    came_back = {each.handed_back_at: _who_ended(each) for each in handovers}
    course = _Course(query, told, before, ends, came_back)
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
    course: _Course,
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


def _go_on_there(course: _Course, handover: HandOver, each: Happening) -> None:
    """Let one more thing happen in a query that the marketplace has in hand."""
    if each.kind == QueryEvent.REACTED:
        handover.unanswered_since = handover.unanswered_since or each.at
        handover.answered_at = None
    elif each.kind == QueryEvent.REPLIED:
        handover.unanswered_since, handover.answered_at = None, each.at
    elif not course.query.is_with_marketplace:
        _end_handover(course, handover, each)


def _handover(course: _Course, each: Happening, known: Iterator[HandOver]) -> HandOver:
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


def _end_handover(course: _Course, handover: HandOver, each: Happening) -> None:
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


def _end(handover: HandOver) -> tuple[Any, ...]:
    return tuple(getattr(handover, name) for name in ENDS)


def _closing(course: _Course, each: Happening) -> Closing:
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


def _stored(courses: Sequence[_Course]) -> Fates:
    """Store how queries stand now, and all that is new in them, with its events."""
    _store_turns(courses)
    _store_ends(courses)
    newly_opened = _store_openings(courses)
    secrets = _secrets([course.query.pk for course in courses])
    rows: Fates = {}
    for course in courses:
        for number, row in course.new:
            told = course.told[number]
            if isinstance(told, Words):
                rows[told] = _message(told, known=secrets.get(course.query.pk, []))
            else:
                assert row
                rows[told] = row
    Message.objects.bulk_create([row for row in rows.values() if isinstance(row, Message)])
    HandOver.objects.bulk_create([row for row in rows.values() if isinstance(row, HandOver)])
    Closing.objects.bulk_create([row for row in rows.values() if isinstance(row, Closing)])
    events = []
    for course in courses:
        opened = {at: closing for closing, at in course.opened if id(closing) in newly_opened}
        for number, _row in course.new:
            told = course.told[number]
            events += _events_of(told, rows[told], opened)
        events += [
            _about(QueryEvent.REOPENED, course.query, by=_who_reacted(course, at), at=at)
            for at in opened
        ]
    record_all(events)
    return rows


def _store_turns(courses: Iterable[_Course]) -> None:
    changed = [
        course.query
        for course in courses
        if any(getattr(course.query, name) != course.before[name] for name in TURN)
    ]
    for course in courses:
        _unjudge(course)
    CustomerQuery.objects.store_columns(changed, TURN)


def _unjudge(course: _Course) -> None:
    """Empty what was judged of a first reply when it turns out to have been another, or none.

    The database lets that happen only as when a reply is taken back, so first there is one.
    """
    query, before = course.query, course.before
    judged = before["first_reply_result"]
    if not judged or all(getattr(query, name) == before[name] for name in FIRST_REPLY):
        return
    mine = CustomerQuery.objects.filter(pk=query.pk)
    if before["first_replied_at"] is None:
        mine.update(first_replied_at=query.asked_at)
    mine.update(first_replied_at=None, first_reply_took=None, first_reply_result="")


def _store_ends(courses: Iterable[_Course]) -> None:
    """Store of hand-overs that were known whether they were answered, and how they ended."""
    changed = [
        each
        for course in courses
        for each in course.handovers
        if each.pk and _end(each) != course.ends[each.pk]
    ]
    names = [name.removesuffix("_id") for name in ENDS]
    HandOver.objects.bulk_update(changed, names, batch_size=ROWS_AT_ONCE)


def _store_openings(courses: Iterable[_Course]) -> set[int]:
    """Note when closings were undone; return which are undone only now, by `id`.

    It may turn out to have been earlier than was known, unless a survey was decided by that.
    """
    newly, changed = set(), []
    for course in courses:
        for closing, at in course.opened:
            was, decided = closing.reopened_at, closing.survey_decided_at
            moment = max(filter(None, (at, closing.closed_at, decided)))
            if was is None:
                newly.add(id(closing))
            elif decided or moment >= was:
                continue
            closing.reopened_at = moment
            changed.append(closing)
    stored = [closing for closing in changed if closing.pk]
    Closing.objects.bulk_update(stored, ["reopened_at"], batch_size=ROWS_AT_ONCE)
    return newly


def _events_of(told: Told, row: Row | Exception, opened: Mapping[datetime, Closing]) -> list[Event]:
    ids: dict[str, object] = {}
    if isinstance(row, Closing):
        ids = {"closing": row.pk, "closed_by": row.closed_by}
    elif isinstance(row, HandOver):
        ids = {"handover": row.pk}
    elif isinstance(row, Message):
        ids = {"message": row.pk}
        if told.kind == QueryEvent.REACTED:
            ids["via"] = row.via
    return [_about(told.kind, told.query, by=told.by, at=told.at, **ids)]


def _who_reacted(course: _Course, at: datetime) -> Actor:
    """Return who told of the words that opened a query again."""
    by = [each.by for each in course.told.values() if each.at == at]
    return by[0] if by else next(iter(course.told.values())).by


def _message(told: Words, *, known: Sequence[str]) -> Message:
    is_customer_s = told.author == Author.CUSTOMER
    return Message(
        query=told.query,
        author=told.author,
        agent=None if is_customer_s else told.by.account,
        client=None if is_customer_s else told.by.client,
        body=mask(told.body, known=known) if is_customer_s else told.body,
        sent_at=told.at,
    )


def _secrets(query_pks: Iterable[int]) -> dict[int, list[str]]:
    """Return the tokens of the links to conversations, which may be in what is answered."""
    found: dict[int, list[str]] = {}
    links = ThreadLink.objects.filter(query__in=list(query_pks))
    for link in links:
        found.setdefault(link.query_id, []).extend((link.token, link.reply_token))
    return found


def _happening(told: Told, number: int | None = None) -> Happening:
    return Happening(told.at, told.kind, number)


def _about(
    kind: QueryEvent, query: CustomerQuery, *, by: Actor, at: datetime, **details: object
) -> Event:
    return event(kind, query, seller_id=query.seller_id, by=by, now=at, **details)
