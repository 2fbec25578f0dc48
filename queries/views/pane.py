"""The list of the workplace as it stands beside every conversation."""

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final

from django.conf import settings
from django.forms import BoundField
from django.utils import timezone

from queries.choices import Choice, changed_url
from queries.filters import QueryFilter, inbox_filter
from queries.models import CustomerQueries, CustomerQuery
from queries.snoozes import Snooze, wakes_at
from queries.worklist import Counts, Group, Page, Tally, View, counts, page
from sellers.access import ShopRequest
from sellers.models import User

BESIDE: Final = "panes"  # what a link of the list swaps: queries/bench.html
CURSORS: Final = ("after", "before")
UNDO: Final = "undo_assign"  # session key: what was assigned a moment ago
NOT_OF_LIST: Final = ("state", "page", "mode", "seen")  # links of before; a conversation


class Pane:
    """What the list shows: a page of a view, and every choice that can be made.

    Looked up when it is shown: whoever opens a query beside the list gets no other list.
    """

    def __init__(self, request: ShopRequest, *, current: CustomerQuery | None) -> None:
        self._request = request
        self.now = timezone.now()
        self.view = asked_view(request)
        self.open_pk = current.pk if current else None
        self._here = _kept(request, self.view)
        self._first = {name: said for name, said in self._here.items() if name not in CURSORS}

    @property
    def is_shown(self) -> bool:
        """Return whether the list is a part of the answer."""
        return self._request.htmx.target != BESIDE

    @property
    def same(self) -> str:
        """Return the query string to come back to this list."""
        return changed_url(self._here)

    @property
    def everything(self) -> str:
        """Return the query string of the view without the search."""
        return changed_url({"view": self.view.value})

    @property
    def before(self) -> str:
        """Return the query string of the page before this one, or nothing."""
        return changed_url(self._first, before=self.page.before) if self.page.before else ""

    @property
    def after(self) -> str:
        """Return the query string of the page after this one, or nothing."""
        return changed_url(self._first, after=self.page.after) if self.page.after else ""

    @cached_property
    def colleagues(self) -> tuple[User, ...]:
        """Return to whom the reader can assign a query."""
        may = self._request.membership.may_answer
        return tuple(User.objects.answering_for(self._request.seller)) if may else ()

    @property
    def undo(self) -> str:
        """Return what was assigned a moment ago and can be undone, in words."""
        undo = self._request.session.get(UNDO)
        if not undo or undo["seller"] != self._request.seller.pk:
            return ""
        return undo["said"] if self.now < datetime.fromisoformat(undo["until"]) else ""

    @cached_property
    def page(self) -> Page:
        """Return the queries that are shown."""
        return page(
            self._rows,
            self.view,
            user=self._request.user,
            now=self.now,
            zone=settings.MARKETPLACE_ZONE,
            **{name: self._request.GET.get(name, "") for name in CURSORS},
        )

    @property
    def groups(self) -> Iterator[tuple[Group, Tally | None]]:
        """Yield the items with the heading above them, and how many there are below it."""
        for group in self.page.groups:
            yield group, self._counts.pressing.get(group.urgency) if group.urgency else None

    @cached_property
    def views(self) -> tuple[Choice, ...]:
        """Return every view, with the same search."""
        numbers, of_closed = self._counts.views, self._chosen.of_closed
        return tuple(_views(numbers, self._first, self.view, of_closed=of_closed))

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
    def fields(self) -> Iterator[BoundField]:
        """Yield what can be filled in to narrow the view."""
        for name in self._chosen.filters:
            if self.view is View.CLOSED or name not in self._chosen.of_closed:
                yield self._chosen.form[name]

    @property
    def is_narrowed(self) -> bool:
        """Return whether something was searched for."""
        return self._chosen.is_narrowing

    @property
    def is_wrong(self) -> bool:
        """Return whether something was chosen that cannot be, which the fields explain."""
        return bool(self._chosen.errors)

    @cached_property
    def _chosen(self) -> QueryFilter:
        return inbox_queries(self._request)

    @cached_property
    def _rows(self) -> CustomerQueries:
        return self._chosen.qs if self.view is View.CLOSED else self._chosen.everywhere()

    @cached_property
    def _counts(self) -> Counts:
        return counts(
            self._chosen.everywhere(),
            self._rows,
            self.view,
            seller=self._request.seller,
            user=self._request.user,
            now=self.now,
            zone=settings.MARKETPLACE_ZONE,
            is_narrowed=self.is_narrowed,
            all_found=self._chosen.all_found,
        )


def list_pane(request: ShopRequest, *, current: CustomerQuery | None = None) -> Pane:
    """Return the list that the query string asks for, beside an open query or none.

    A page that shows it extends queries/bench.html and has it in its context as `pane`.
    """
    return Pane(request, current=current)


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
    said = {name: str(value) for name, value in parameters if value and name not in NOT_OF_LIST}
    return {**said, "view": view.value}


def _views(
    numbers: Mapping[View, Tally],
    here: Mapping[str, str],
    current: View,
    *,
    of_closed: Container[str],
) -> Iterator[Choice]:
    """Yield every view with the same search; what narrows closed ones stays behind there."""
    searched = {name: value for name, value in here.items() if name not in of_closed}
    for view, count in numbers.items():
        url = changed_url(here if view is View.CLOSED else searched, view=view.value)
        label = str(view.label)
        yield Choice(view.value, label, url, view is current, count.number, count.more)
