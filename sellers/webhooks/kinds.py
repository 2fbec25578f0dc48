"""Of which events webhooks tell: each app registers how its own are found."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sellers.enums import EventKind, WebhookKind
from sellers.models import Event


@dataclass(frozen=True, slots=True)
class News:
    """What a webhook is told: which event, about which row."""

    event: Event
    object_pk: int
    is_for_shop: bool = True  # else for the marketplace alone


Find = Callable[[Sequence[Event]], Iterable[News]]


def about_the_row(events: Sequence[Event]) -> Iterable[News]:
    """Return each event as news about the row that it is about."""
    return [News(event, event.object_pk) for event in events]


@dataclass(frozen=True, slots=True)
class Source:
    """How one kind of webhook comes about, and where the API shows what it is about."""

    kind: WebhookKind
    events: frozenset[EventKind]
    noun: str  # what the row is called, such as "query"
    path: str  # in which {} is the id
    find: Find = about_the_row  # asked for many events at once


_sources: dict[WebhookKind, Source] = {}


def register(*sources: Source) -> None:
    """Let webhooks tell of more kinds; each app does this when it is ready."""
    _sources.update({source.kind: source for source in sources})


def source_of(kind: str) -> Source:
    """Return what is registered for a kind."""
    return _sources[WebhookKind(kind)]


def event_kinds(kinds: Iterable[str]) -> set[EventKind]:
    """Return of which events these kinds are told."""
    return {event for kind in kinds for event in source_of(kind).events}


def news_of(events: Sequence[Event]) -> list[tuple[WebhookKind, News]]:
    """Return what of these events is told, and as what; one statement per kind at most."""
    news: list[tuple[WebhookKind, News]] = []
    for kind, source in _sources.items():
        about = [event for event in events if event.kind in source.events]
        if about:
            news += [(kind, one) for one in source.find(about)]
    return sorted(news, key=lambda one: one[1].event.position)
