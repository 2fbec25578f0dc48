"""The list of the workplace: which queries wait for whom, in which order, and how many."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from itertools import groupby
from typing import Final
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, IntegerField, Q, Subquery, TextChoices, Value
from django.utils.translation import gettext_lazy

from queries.enums import Author, QueryState
from queries.models import CustomerQueries, CustomerQuery, Message, Visit, asleep, at_turn
from queries.search import Found
from sellers.keyset import following, reversed_order
from sellers.models import Event, Seller, User

ROWS_PER_PAGE: Final = 25
COUNTED_UP_TO: Final = 1_000  # of what only grows, and of what a search finds
EVENTS_MARKED: Final = 20
CURSOR_FORMAT: Final = "%Y%m%dT%H%M%S.%f"
CURSOR: Final = re.compile(r"([0-9]{8}T[0-9]{6}\.[0-9]{6})-([0-9]{1,18})")


class View(TextChoices):
    """A part of a shop's queries that somebody works from."""

    YOUR_TURN = "your_turn", gettext_lazy("Your turn")
    MINE = "mine", gettext_lazy("Mine")
    UNASSIGNED = "unassigned", gettext_lazy("Unassigned")
    SNOOZED = "snoozed", gettext_lazy("Snoozed")
    WAITING = "waiting_for_customer", gettext_lazy("Waiting for customer")
    WITH_MARKETPLACE = "with_marketplace", gettext_lazy("With marketplace")
    CLOSED = "closed", gettext_lazy("Closed")
    ALL = "all", gettext_lazy("All")

    @property
    def is_at_turn(self) -> bool:
        """Return whether it is what the shop is to answer now, or a part of that."""
        return self in AT_TURN

    @property
    def only_grows(self) -> bool:
        """Return whether what is in it is never worked away."""
        return self in (View.CLOSED, View.ALL)

    @property
    def keys(self) -> tuple[str, ...]:
        """Return what to order by: an index each."""
        if self.is_at_turn:
            return ("due_at", "pk")
        match self:
            case View.SNOOZED:
                return ("snoozed_until", "pk")
            case View.CLOSED:
                return ("-turn_since", "-pk")
            case View.ALL:
                return ("-asked_at", "-pk")
            case _:
                return ("turn_since", "pk")

    def condition(self, *, user: User, now: datetime) -> Q:
        """Return the condition that a query is in this view."""
        match self:
            case View.YOUR_TURN:
                return at_turn(now=now)
            case View.MINE:
                return at_turn(now=now) & Q(assignee=user)
            case View.UNASSIGNED:
                return at_turn(now=now) & Q(assignee=None)
            case View.SNOOZED:
                return asleep(now=now)
            case View.ALL:
                return Q()
            case _:
                return Q(state=self.value)


AT_TURN: Final = (View.YOUR_TURN, View.MINE, View.UNASSIGNED)
ELSEWHERE: Final = (View.WAITING, View.WITH_MARKETPLACE, View.CLOSED, View.ALL)


class Urgency(StrEnum):
    """How much it presses that the shop answers; a heading each."""

    LATE = "late"
    TODAY = "today"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Item:
    """One query as the list shows it: `excerpt` is the beginning of its last message."""

    query: CustomerQuery
    excerpt: str
    is_unread: bool
    urgency: Urgency | None


@dataclass(frozen=True, slots=True)
class Group:
    """Some items below a heading, where one is needed."""

    urgency: Urgency | None
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """Some queries of a view, in its order; cursors lead to what is before and after them."""

    groups: tuple[Group, ...]
    before: str
    after: str

    @property
    def items(self) -> Iterator[Item]:
        """Yield all items."""
        return (item for group in self.groups for item in group.items)


class Number(Subquery):
    """How many rows a query finds, as a part of a statement."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()


def page(
    queries: CustomerQueries,
    view: View,
    *,
    user: User,
    now: datetime,
    zone: ZoneInfo,
    after: str = "",
    before: str = "",
) -> Page:
    """Return a page of a view that comes before or after a cursor; else the first one."""
    keys = view.keys
    cursor = _read_cursor(before or after, keys[0])
    backwards = bool(before and cursor)
    if backwards:
        keys = reversed_order(keys)
    rows = queries.filter(view.condition(user=user, now=now))
    ordered = following(rows, keys, row=cursor) if cursor else rows.order_by(*keys)
    found = list(ordered.with_people()[: ROWS_PER_PAGE + 1])
    if cursor and not found:
        return page(queries, view, user=user, now=now, zone=zone)
    shown, more = found[:ROWS_PER_PAGE], len(found) > ROWS_PER_PAGE
    if backwards:
        shown.reverse()
    has_before, has_after = (more, True) if backwards else (cursor is not None, more)
    return Page(
        groups=tuple(_groups(_items(shown, user=user, now=now, zone=zone), view)),
        before=_cursor(shown[0], view) if has_before else "",
        after=_cursor(shown[-1], view) if has_after else "",
    )


@dataclass(frozen=True, slots=True)
class Tally:
    """How many there are; `more` when counting stopped there."""

    number: int
    more: bool = False


@dataclass(frozen=True, slots=True)
class Counts:
    """How many queries each view has, and how many press of the view that is shown."""

    views: dict[View, Tally]
    pressing: dict[Urgency, Tally]


def counts(
    queries: CustomerQueries,
    closed: CustomerQueries,
    view: View,
    *,
    seller: Seller,
    user: User,
    now: datetime,
    zone: ZoneInfo,
    is_narrowed: bool,
    all_found: Found | None = None,
) -> Counts:
    """Count every view in two statements: the shop's turn, and what somebody else has.

    What only grows is counted up to a limit; so is all that others have when it was narrowed,
    since a search may look at a row for each. What narrows the closed ones alone is in `closed`.
    When nothing but words narrows them, `all_found` says how many queries have those.
    """
    here = queries.in_state(QueryState.YOUR_TURN).order_by()
    numbers = here.aggregate(
        **{
            each.value: Count("pk", filter=each.condition(user=user, now=now))
            for each in (*AT_TURN, View.SNOOZED)
        },
        **_pressing(view, user=user, now=now, zone=zone),
    )
    found = {each: Tally(number) for each, number in numbers.items()}
    elsewhere = {
        each: Value(all_found.number(closed_alone=each is View.CLOSED))
        if all_found and each.only_grows
        else Number(rows.values("pk"))
        for each, rows in _elsewhere(queries, closed, user=user, now=now, is_narrowed=is_narrowed)
    }
    row = Seller.objects.filter(pk=seller.pk).values_list(*elsewhere.values()).get()
    for each, number in zip(elsewhere, row, strict=True):
        is_more = number > COUNTED_UP_TO and _is_capped(each, is_narrowed=is_narrowed)
        found[each.value] = Tally(COUNTED_UP_TO, more=True) if is_more else Tally(number)
    return Counts(
        views={each: found[each.value] for each in View},
        pressing={each: found[each.value] for each in Urgency if each.value in found},
    )


def _elsewhere(
    queries: CustomerQueries,
    closed: CustomerQueries,
    *,
    user: User,
    now: datetime,
    is_narrowed: bool,
) -> Iterator[tuple[View, CustomerQueries]]:
    """Yield what is counted of every view that is not the shop's turn."""
    for each in ELSEWHERE:
        rows = (closed if each is View.CLOSED else queries).order_by()
        rows = rows.filter(each.condition(user=user, now=now))
        is_capped = _is_capped(each, is_narrowed=is_narrowed)
        yield each, rows[: COUNTED_UP_TO + 1] if is_capped else rows


def _is_capped(view: View, *, is_narrowed: bool) -> bool:
    """Return whether counting a view stops at a limit."""
    return is_narrowed or view.only_grows


def _pressing(view: View, *, user: User, now: datetime, zone: ZoneInfo) -> dict[str, Count]:
    """Return how to count what is at turn by how much it presses, where that is shown."""
    if not view.is_at_turn:
        return {}
    midnight = end_of_day(now, zone=zone)
    shown = view.condition(user=user, now=now)
    return {
        urgency.value: Count("pk", filter=shown & due)
        for urgency, due in (
            (Urgency.LATE, Q(due_at__lte=now)),
            (Urgency.TODAY, Q(due_at__gt=now, due_at__lt=midnight)),
            (Urgency.LATER, Q(due_at__gte=midnight)),
        )
    }


def first_to_answer(
    queries: CustomerQueries, view: View, *, user: User, now: datetime
) -> CustomerQuery | None:
    """Return what comes first of what is at turn: in the view, when that is a part of it."""
    shown = view if view.is_at_turn else View.YOUR_TURN
    return queries.filter(shown.condition(user=user, now=now)).order_by(*shown.keys).first()


def mark(seller: Seller, *, now: datetime) -> str:
    """Return what is another one as soon as the list of a shop may be another one.

    Of the latest events, not of the last alone: one that was written earlier may be committed
    later. What is due or wakes next changes as that moment passes; once an hour, the words do.
    """
    here = CustomerQuery.objects.for_seller(seller).in_state(QueryState.YOUR_TURN)
    due, wakes = (
        here.filter(**{f"{name}__gt": now}).order_by(name).values(name)[:1]
        for name in ("due_at", "snoozed_until")
    )
    events = Event.objects.filter(seller=seller).order_by("-pk").values("pk")[:EVENTS_MARKED]
    found = (
        Seller.objects.filter(pk=seller.pk)
        .values_list(ArraySubquery(events), Subquery(due), Subquery(wakes))
        .get()
    )
    return hashlib.sha256(f"{now:%Y%m%d%H}{found}".encode()).hexdigest()[:32]


def _items(
    queries: Sequence[CustomerQuery], *, user: User, now: datetime, zone: ZoneInfo
) -> Iterator[Item]:
    """Yield queries with what was last said in them, in two statements for all."""
    said = {message.query_id: message for message in Message.objects.latest_of(queries)}
    visits = Visit.objects.filter(user=user, query__in=queries)
    read = dict(visits.values_list("query", "read_until"))
    for query in queries:
        message = said.get(query.pk)
        yield Item(
            query=query,
            excerpt=getattr(message, "excerpt", ""),
            is_unread=message is not None
            and not query.is_closed
            and message.author == Author.CUSTOMER
            and (query.pk not in read or message.sent_at > read[query.pk]),
            urgency=urgency(query, now=now, zone=zone),
        )


def _groups(items: Iterable[Item], view: View) -> Iterator[Group]:
    """Yield the items below headings; what is at turn has one for each urgency."""
    for pressing, some in groupby(items, key=lambda item: item.urgency):
        yield Group(pressing if view.is_at_turn else None, tuple(some))


def urgency(query: CustomerQuery, *, now: datetime, zone: ZoneInfo) -> Urgency | None:
    """Return how much an answer to a query presses; None when it is not the shop's turn."""
    if query.state != QueryState.YOUR_TURN:
        return None
    if query.due_at <= now:
        return Urgency.LATE
    return Urgency.TODAY if query.due_at < end_of_day(now, zone=zone) else Urgency.LATER


def end_of_day(now: datetime, *, zone: ZoneInfo) -> datetime:
    """Return the next midnight in a zone, in UTC."""
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time.min, zone).astimezone(UTC)


def _cursor(query: CustomerQuery, view: View) -> str:
    """Return where a query is in its view.

    With the moment it is sorted by: when somebody answers it meanwhile the place stays.
    """
    name = view.keys[0].removeprefix("-")
    moment: datetime = getattr(query, name)
    return f"{moment.astimezone(UTC):{CURSOR_FORMAT}}-{query.pk}"


def _read_cursor(cursor: str, key: str) -> CustomerQuery | None:
    """Return a row that was at this place, as far as its order is concerned."""
    found = CURSOR.fullmatch(cursor)
    if not found:
        return None
    try:
        moment = datetime.strptime(found[1], CURSOR_FORMAT).replace(tzinfo=UTC)
    except ValueError:
        return None
    return CustomerQuery(pk=int(found[2]), **{key.removeprefix("-"): moment})
