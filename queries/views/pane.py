"""The list of the workplace as it stands beside every conversation."""

from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone

from queries.choices import Choice, changed_url
from queries.filters import QueryFilter
from queries.models import CustomerQuery
from queries.worklist import Page, View, counts, page
from sellers.access import ShopRequest

NOT_KEPT = ("after", "before", "state", "page")  # pages, and what links of before may say


@dataclass(frozen=True, slots=True)
class Pane:
    """What the list shows: a page of a view, and every choice that can be made.

    `same` is the query string to come back to it, `open_pk` the query beside it if there is one.
    """

    view: View
    views: tuple[Choice, ...]
    parts: tuple[Choice, ...]
    page: Page
    filter: QueryFilter
    same: str
    everything: str
    before: str
    after: str
    open_pk: int | None

    @property
    def current(self) -> Choice:
        """Return the view that is shown."""
        return next(view for view in self.views if view.current)


def list_pane(request: ShopRequest, *, current: CustomerQuery | None = None) -> Pane:
    """Return the list that the query string asks for, beside an open query or none."""
    now = timezone.now()
    mine = CustomerQuery.objects.for_seller(request.seller)
    narrowed = QueryFilter(request.GET, mine, request=request)
    view = asked_view(request)
    shown = page(
        narrowed.qs,
        view,
        user=request.user,
        now=now,
        zone=settings.MARKETPLACE_ZONE,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    is_narrowed = any(narrowed.form.cleaned_data.values())
    numbers = counts(
        narrowed.qs, seller=request.seller, user=request.user, now=now, capped=is_narrowed
    )
    here = {name: value for name, value in request.GET.items() if name not in NOT_KEPT}
    here["view"] = view.value
    choices = tuple(
        Choice(each, str(each.label), changed_url(here, view=each.value), each == view, number)
        for each, number in numbers.items()
    )
    return Pane(
        view=view,
        views=choices,
        parts=tuple(each for each in choices if View(each.name).is_at_turn and view.is_at_turn),
        page=shown,
        filter=narrowed,
        same=changed_url(request.GET.dict() | {"view": view.value}, state=None, page=None),
        everything=changed_url({"view": view.value}),
        before=changed_url(here, before=shown.before) if shown.before else "",
        after=changed_url(here, after=shown.after) if shown.after else "",
        open_pk=current.pk if current else None,
    )


def asked_view(request: ShopRequest) -> View:
    """Return the view that is asked for; links of before say `state`."""
    try:
        return View(request.GET.get("view") or request.GET.get("state", ""))
    except ValueError:
        return View.YOUR_TURN
