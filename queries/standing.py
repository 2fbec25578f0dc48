"""In which order things happened in a conversation, and when it was closed and opened again.

Of what is told late and in any order comes the same as if it had been told in order.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from queries.enums import QueryEvent

# Of what happened at the same moment, the customer's words come first and a closing last.
ORDER: Final = (QueryEvent.ASKED, QueryEvent.REACTED, QueryEvent.REPLIED, QueryEvent.CLOSED)
# What changes neither whose turn it is nor what is due.
ASIDE: Final = frozenset(
    {
        QueryEvent.ASSIGNED,
        QueryEvent.EMAIL_SHOWN,
        QueryEvent.LINK_RENEWED,
        QueryEvent.LINK_REVOKED,
        QueryEvent.NOTE_WRITTEN,
        QueryEvent.OTHER_WROTE,
        QueryEvent.SNOOZED,
        QueryEvent.WOKEN,
    }
)


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened in a conversation; `number` tells those apart that are new."""

    at: datetime
    kind: QueryEvent
    number: int | None = None  # None for what was known already

    @property
    def place(self) -> tuple[datetime, int]:
        """Return where it comes among others."""
        return self.at, ORDER.index(self.kind)


def plain(events: Iterable[tuple[str, datetime]]) -> list[Happening] | None:
    """Return what happened in order; None when it was more than words and closings.

    An opening counts as following from the customer's words when it is of the same moment.
    """
    happened, opened, reacted = [], set(), set()
    for name, at in events:
        if name not in QueryEvent.values:
            continue  # of another app: nothing of the conversation
        kind = QueryEvent(name)
        if kind in ORDER:
            happened.append(Happening(at, kind))
        if kind == QueryEvent.REACTED:
            reacted.add(at)
        elif kind == QueryEvent.REOPENED:
            opened.add(at)
        elif kind not in ORDER and kind not in ASIDE:
            return None
    return sorted(happened, key=lambda each: each.place) if opened <= reacted else None


def comes_last(told: Happening, happened: Sequence[Happening]) -> bool:
    """Return whether nothing that is known came after it."""
    return all(each.place <= told.place for each in happened)


def merged(
    happened: Iterable[Happening], told: Iterable[Happening], *, closed: bool = False
) -> tuple[list[Happening], set[int]]:
    """Return all in order, and the numbers of the closings that find nothing open.

    `closed` is whether it is at the start. Between two closings somebody has to open it again: of
    two without that the one that was known stays, else the first.
    """
    found: list[Happening] = []
    refused: set[int] = set()
    last: Happening | None = None  # the closing that stands
    for each in sorted((*happened, *told), key=lambda each: each.place):
        if each.kind == QueryEvent.REACTED:
            closed, last = False, None
        elif each.kind == QueryEvent.CLOSED:
            if closed and each.number is not None:
                refused.add(each.number)
                continue
            if closed and last is not None and last.number is not None:
                found.remove(last)
                refused.add(last.number)
            closed, last = True, each
        found.append(each)
    return found, refused
