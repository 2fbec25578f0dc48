"""What was asked, said, handed over and closed elsewhere, many at once and in any order.

The bulk form of `ask`, `reply`, `write_after_closing`, `receive_reaction`, `hand_over`, `hand_back`
and `close`: the same checks, rows and events. What is told late takes its place, and the query
stands as if it had been told in time (docs/feeding.md).
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache
from typing import Final

from django.db import transaction

from queries.actions.courses import ENDS, Course, Row, course_of, end_of, happening
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
    days_off_of,
    lock,
    refuse_unpredicted,
)
from queries.enums import Author, QueryEvent
from queries.models import Closing, CustomerQuery, HandOver, Message, ThreadLink
from queries.standing import Happening, comes_last, plain
from sellers.addresses import normalised_email
from sellers.events import Actor, event, record_all
from sellers.models import Event, Seller
from sellers.tokens import mask

ROWS_AT_ONCE: Final = 500


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
    if comes_last(happening(told), happened):
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
    for each in sorted(told, key=lambda each: happening(each).place):
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
            comes_last(happening(each), happened) for each in of_query[pk]
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
        course, misplaced = course_of(query, happened, taken, *known[query.pk], days_off)
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


def _stored(courses: Sequence[Course]) -> Fates:
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


def _store_turns(courses: Iterable[Course]) -> None:
    changed = [
        course.query
        for course in courses
        if any(getattr(course.query, name) != course.before[name] for name in TURN)
    ]
    for course in courses:
        _unjudge(course)
    CustomerQuery.objects.store_columns(changed, TURN)


def _unjudge(course: Course) -> None:
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


def _store_ends(courses: Iterable[Course]) -> None:
    """Store of hand-overs that were known whether they were answered, and how they ended."""
    changed = [
        each
        for course in courses
        for each in course.handovers
        if each.pk and end_of(each) != course.ends[each.pk]
    ]
    names = [name.removesuffix("_id") for name in ENDS]
    HandOver.objects.bulk_update(changed, names, batch_size=ROWS_AT_ONCE)


def _store_openings(courses: Iterable[Course]) -> set[int]:
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


def _who_reacted(course: Course, at: datetime) -> Actor:
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


def _about(
    kind: QueryEvent, query: CustomerQuery, *, by: Actor, at: datetime, **details: object
) -> Event:
    return event(kind, query, seller_id=query.seller_id, by=by, now=at, **details)
