"""The list of the workplace as it stands beside every conversation."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.conf import settings
from django.forms import BoundField
from django.utils import timezone

from queries.choices import Choice, changed_url
from queries.filters import QueryFilter, inbox_filter
from queries.models import CustomerQuery
from queries.snoozes import Snooze, wakes_at
from queries.worklist import Counts, Group, Page, Tally, View, counts, page
from sellers.access import ShopRequest
from sellers.models import User

CURSORS: Final = ("after", "before")
UNDO: Final = "undo_assign"  # session key: what was assigned a moment ago
OF_BEFORE: Final = ("state", "page")  # what links of before may say


@dataclass(frozen=True, slots=True)
class Pane:
    """What the list shows: a page of a view, and every choice that can be made.

    `same` is the query string to come back to it, `everything` undoes the search. `before` and
    `after` may be empty. `open_pk` is the query beside it, if there is one. `undo` says what was
    assigned a moment ago, as long as that can be undone.
    """

    view: View
    views: tuple[Choice, ...]
    page: Page
    counts: Counts
    fields: tuple[BoundField, ...]
    is_narrowed: bool
    is_wrong: bool
    same: str
    everything: str
    before: str
    after: str
    open_pk: int | None
    colleagues: tuple[User, ...]
    undo: str
    now: datetime

    @property
    def current(self) -> Choice:
        """Return the view that is shown."""
        return next(view for view in self.views if view.current)

    @property
    def waiting(self) -> Choice:
        """Return what is at turn, whatever is shown."""
        return self.views[0]

    @property
    def parts(self) -> tuple[Choice, ...]:
        """Return what is at turn by whose it is, when that is shown."""
        if not self.view.is_at_turn:
            return ()
        return tuple(view for view in self.views if View(view.name).is_at_turn)

    @property
    def groups(self) -> Iterator[tuple[Group, Tally | None]]:
        """Yield the items with the heading above them, and how many there are below it."""
        for group in self.page.groups:
            yield group, self.counts.pressing.get(group.urgency) if group.urgency else None


def list_pane(request: ShopRequest, *, current: CustomerQuery | None = None) -> Pane:
    """Return the list that the query string asks for, beside an open query or none.

    A page that shows it extends queries/bench.html and has it in its context as `pane`.
    """
    now, zone = timezone.now(), settings.MARKETPLACE_ZONE
    view = asked_view(request)
    chosen = inbox_queries(request)
    everywhere = chosen.everywhere()
    rows = chosen.qs if view is View.CLOSED else everywhere
    shown = page(
        rows,
        view,
        user=request.user,
        now=now,
        zone=zone,
        **{name: request.GET.get(name, "") for name in CURSORS},
    )
    numbers = counts(
        everywhere,
        rows,
        view,
        seller=request.seller,
        user=request.user,
        now=now,
        zone=zone,
        is_narrowed=chosen.is_narrowing,
        all_found=chosen.all_found,
    )
    here = _kept(request, view)
    first = {name: value for name, value in here.items() if name not in CURSORS}
    return Pane(
        view=view,
        views=tuple(_views(numbers, first, view, of_closed=chosen.of_closed)),
        page=shown,
        counts=numbers,
        fields=tuple(_fields(chosen, view)),
        is_narrowed=chosen.is_narrowing,
        is_wrong=bool(chosen.errors),
        same=changed_url(here),
        everything=changed_url({"view": view.value}),
        before=changed_url(first, before=shown.before) if shown.before else "",
        after=changed_url(first, after=shown.after) if shown.after else "",
        open_pk=current.pk if current else None,
        colleagues=colleagues(request),
        undo=_undo(request, now=now),
        now=now,
    )


@dataclass(frozen=True, slots=True)
class Desk:
    """What queries/_desk.html offers of an open query.

    Until when it can sleep by one click; `again` is what a reaction of the customer cut short.
    """

    colleagues: tuple[User, ...]
    snoozes: tuple[tuple[Snooze, datetime], ...]
    again: datetime | None
    is_asleep: bool


def desk(query: CustomerQuery, *, colleagues: tuple[User, ...], now: datetime) -> Desk:
    """Return to whom a query can be assigned and until when it can be snoozed."""
    zone, cut_short = settings.MARKETPLACE_ZONE, query.snooze_cut_short
    return Desk(
        colleagues=colleagues,
        snoozes=tuple((each, wakes_at(each, now=now, zone=zone)) for each in Snooze),
        again=cut_short if cut_short and cut_short > now else None,
        is_asleep=query.is_asleep(now=now),
    )


def colleagues(request: ShopRequest) -> tuple[User, ...]:
    """Return to whom somebody who answers can assign a query."""
    may = request.membership.may_answer
    return tuple(User.objects.answering_for(request.seller)) if may else ()


def _undo(request: ShopRequest, *, now: datetime) -> str:
    """Return what was assigned a moment ago and can be undone, in words."""
    undo = request.session.get(UNDO)
    return undo["said"] if undo and now < datetime.fromisoformat(undo["until"]) else ""


def asked_view(request: ShopRequest) -> View:
    """Return the view that is asked for; links of before say `state`."""
    try:
        return View(request.GET.get("view") or request.GET.get("state", ""))
    except ValueError:
        return View.YOUR_TURN


def inbox_queries(request: ShopRequest) -> QueryFilter:
    """Return the queries of the shop as the query string narrows them, whatever the view."""
    mine = CustomerQuery.objects.for_seller(request.seller)
    return inbox_filter()(request.GET, mine, request=request)


def _kept(request: ShopRequest, view: View) -> dict[str, str]:
    """Return what the query string says and a link from here says too."""
    parameters = request.GET.dict().items()
    said = {name: str(value) for name, value in parameters if value and name not in OF_BEFORE}
    return {**said, "view": view.value}


def _views(
    numbers: Counts, here: dict[str, str], current: View, *, of_closed: tuple[str, ...]
) -> Iterator[Choice]:
    """Yield every view with the same search; what narrows closed ones stays behind there."""
    searched = {name: value for name, value in here.items() if name not in of_closed}
    for view, count in numbers.views.items():
        url = changed_url(here if view is View.CLOSED else searched, view=view.value)
        label = str(view.label)
        yield Choice(view.value, label, url, view is current, count.number, count.more)


def _fields(chosen: QueryFilter, view: View) -> Iterator[BoundField]:
    """Yield what can be filled in to narrow a view."""
    for name in chosen.filters:
        if view is View.CLOSED or name not in chosen.of_closed:
            yield chosen.form[name]
