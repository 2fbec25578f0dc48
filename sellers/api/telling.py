"""Of which events programs are told: each app registers which scope its own need."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from sellers.enums import EventKind, Scope
from sellers.models import Event, Seller

Choose = Callable[[Seller, Sequence[Event]], Iterable[Event]]


def all_of_them(seller: Seller, events: Sequence[Event]) -> Iterable[Event]:
    """Return the events as they are."""
    return events


@dataclass(frozen=True, slots=True)
class Telling:
    """Who may read of some kinds of events: who may read what they are about.

    `choose` leaves out what the shop itself does not see; it is asked for many at once.
    """

    kinds: type[EventKind]
    scope: Scope
    choose: Choose = all_of_them


_tellings: dict[type[EventKind], Telling] = {}


def register(*tellings: Telling) -> None:
    """Let programs be told of more kinds; each app does this when it is ready."""
    _tellings.update({telling.kinds: telling for telling in tellings})


def told(events: Sequence[Event], *, seller: Seller, scopes: Collection[str]) -> list[Event]:
    """Return what a program of a shop with these scopes is told of, in their order.

    Of kinds that nobody registered, as of a version that is gone, it is told nothing.
    """
    found: set[int] = set()
    for telling in _tellings.values():
        about = [event for event in events if event.kind in telling.kinds.values]
        if about and telling.scope in scopes:
            found |= {event.pk for event in telling.choose(seller, about)}
    return [event for event in events if event.pk in found]
