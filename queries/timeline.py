"""All that happened in a conversation, in order: what was said, noted, closed, handed over."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.db.models import Model

from queries.enums import QueryEvent
from queries.models import Closing, CustomerQuery, HandOver, Message, Note
from queries.seen import Seen
from sellers.events import by_whom
from sellers.models import ApiClient, Event, User

TOLD: Final = (QueryEvent.REOPENED, QueryEvent.ASSIGNED)  # what no row of its own tells


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a conversation: of which kind, when, on which day, and the row it tells of."""

    kind: str
    at: datetime
    day: date
    row: Model | None
    by: User | None = None
    client: ApiClient | None = None
    to: User | None = None
    is_new: bool = False

    @property
    def who(self) -> str:
        """Return who did it, in words; "" when it happened by itself or the customer did it."""
        return by_whom(self.by, self.client)


@dataclass(frozen=True, slots=True)
class Timeline:
    """A conversation, how far it goes, and how many of its lines are new to who looks."""

    entries: tuple[Entry, ...]
    seen: Seen
    messages: tuple[Message, ...]

    @property
    def new(self) -> int:
        """Return how many lines others wrote that the reader's page did not show."""
        return sum(entry.is_new for entry in self.entries)


def timeline(
    query: CustomerQuery, *, zone: ZoneInfo, user: User, seen: Seen | None = None
) -> Timeline:
    """Return a conversation, with what others wrote since `seen` marked as new."""
    messages = tuple(query.messages.as_thread())
    notes = tuple(query.notes.select_related("author").order_by("written_at", "pk"))
    closings = query.closings.select_related("agent", "client")
    handovers = query.handovers.select_related(
        "by", "client", "handed_back_by", "handed_back_client"
    )
    events = Event.objects.about([query]).filter(kind__in=TOLD).select_related("user", "client")
    lines = [
        *_said(messages, zone=zone, user=user, after=seen.message if seen else None),
        *_noted(notes, zone=zone, user=user, after=seen.note if seen else None),
        *_happened(closings, handovers, tuple(events), zone=zone),
    ]
    return Timeline(
        entries=tuple(sorted(lines, key=lambda line: line.at)),
        seen=Seen(
            max((each.pk for each in messages), default=0),
            max((each.pk for each in notes), default=0),
        ),
        messages=messages,
    )


def _said(
    messages: Iterable[Message], *, zone: ZoneInfo, user: User, after: int | None
) -> Iterator[Entry]:
    for each in messages:
        is_own = each.agent_id == user.pk and not each.client_id
        is_new = after is not None and each.pk > after and not is_own
        yield _entry("message", each.sent_at, each, zone=zone, is_new=is_new)


def _noted(
    notes: Iterable[Note], *, zone: ZoneInfo, user: User, after: int | None
) -> Iterator[Entry]:
    for each in notes:
        is_new = after is not None and each.pk > after and each.author_id != user.pk
        yield _entry(each.kind, each.written_at, each, zone=zone, by=each.author, is_new=is_new)


def _happened(
    closings: Iterable[Closing],
    handovers: Iterable[HandOver],
    events: Iterable[Event],
    *,
    zone: ZoneInfo,
) -> Iterator[Entry]:
    reopened = {each.at: each for each in events if each.kind == QueryEvent.REOPENED}
    for closing in closings:
        by, client = closing.agent, closing.client
        yield _entry("closed", closing.closed_at, closing, zone=zone, by=by, client=client)
        if at := closing.reopened_at:
            again = reopened.get(at)
            by, client = (again.user, again.client) if again else (None, None)
            yield _entry("reopened", at, again, zone=zone, by=by, client=client)
    for handover in handovers:
        by, client, at = handover.by, handover.client, handover.handed_over_at
        yield _entry("handed_over", at, handover, zone=zone, by=by, client=client)
        if handover.handed_back_at:
            by, client, at = (
                handover.handed_back_by,
                handover.handed_back_client,
                handover.handed_back_at,
            )
            yield _entry("back", at, handover, zone=zone, by=by, client=client)
    assigned = [each for each in events if each.kind == QueryEvent.ASSIGNED]
    people = User.objects.in_bulk({each.details["assignee"] for each in assigned} - {None})
    for event in assigned:
        to = people.get(event.details["assignee"])
        by, client = event.user, event.client
        yield _entry("assigned", event.at, event, zone=zone, by=by, client=client, to=to)


def _entry(
    kind: str,
    at: datetime,
    row: Model | None,
    *,
    zone: ZoneInfo,
    by: User | None = None,
    client: ApiClient | None = None,
    to: User | None = None,
    is_new: bool = False,
) -> Entry:
    return Entry(kind, at, at.astimezone(zone).date(), row, by, client, to, is_new)
