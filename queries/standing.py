"""In which order things happened in a conversation: who had it in hand, when it was closed.

Of what is told late and in any order comes the same as if it had been told in order.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from queries.enums import QueryEvent, QueryState

# Of what happened at the same moment, the customer's words come first and a closing last.
ORDER: Final = (
    QueryEvent.ASKED,
    QueryEvent.REACTED,
    QueryEvent.REPLIED,
    QueryEvent.HANDED_OVER,
    QueryEvent.HANDED_BACK,
    QueryEvent.CLOSED,
)
# Who has a query in hand: the shop, the marketplace, or nobody once it is closed.
SHOP, MARKETPLACE, NOBODY = QueryState.YOUR_TURN, QueryState.WITH_MARKETPLACE, QueryState.CLOSED
# From which hands something can happen, and into which it leads.
LEADS: Final = {
    QueryEvent.REACTED: {SHOP: SHOP, MARKETPLACE: MARKETPLACE, NOBODY: SHOP},
    QueryEvent.HANDED_OVER: {SHOP: MARKETPLACE},
    QueryEvent.HANDED_BACK: {MARKETPLACE: SHOP},
    QueryEvent.CLOSED: {SHOP: NOBODY, MARKETPLACE: NOBODY},
}
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
    """Return what happened in order; None when it was more than words, hand-overs and closings.

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


def in_hand(state: QueryState) -> QueryState:
    """Return who has a query in this state in hand."""
    return SHOP if state == QueryState.WAITING else state


def merged(
    happened: Iterable[Happening], told: Iterable[Happening], *, begins: QueryState = SHOP
) -> tuple[list[Happening], set[int]]:
    """Return all in order, and the numbers of what has no place in it.

    `begins` is who has the query in hand at the start. Between two closings somebody has to open it
    again, and between two hand-overs to hand it back: of two without that the one that was known
    stays, else the first. What is refused may have a place once what is between is told, too.
    """
    found = sorted((*happened, *told), key=lambda each: each.place)
    refused: set[int] = set()
    while (misplaced := _misplaced(found, begins)) is not None:
        assert misplaced.number is not None
        found.remove(misplaced)
        refused.add(misplaced.number)
    return found, refused


def _misplaced(found: Iterable[Happening], begins: QueryState) -> Happening | None:
    """Return the first new thing that cannot have been so, or lets what is known not be so."""
    hands = begins
    passed_on: Happening | None = None  # what is new and passed it on, since that was last known
    for each in found:
        leads = LEADS.get(each.kind)
        if leads is None:
            continue
        if hands not in leads:
            misplaced = passed_on if each.number is None else each
            if misplaced is not None:
                return misplaced
        hands = leads.get(hands, hands)
        if each.kind != QueryEvent.REACTED:  # words have a place anywhere
            passed_on = None if each.number is None else each
    return None
