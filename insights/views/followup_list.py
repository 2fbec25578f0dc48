"""The follow-up tasks of a shop: the list beside each task, and what is done to many of them."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.contrib import messages
from django.db.models import QuerySet
from django.forms import BoundField
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.vary import vary_on_headers

from insights.filters import FollowUpFilter
from insights.reports.appreciations import Waiting, count_waiting
from insights.reports.followups import (
    COUNTED,
    Figures,
    Part,
    count_followups,
    cursor_of,
    followup_figures,
    followup_page,
)
from insights.reports.lessons import LATEST, lesson_page
from insights.reports.returned import came_back
from insights.views.parameters import today
from insights.views.refusals import REFUSED
from insights.wording import period_name
from queries.choices import Choice, changed_url
from queries.forms import AssignForm
from sellers.access import ShopRequest, shop_page
from sellers.enums import Right
from sellers.events import Actor
from sellers.keyset import Page
from sellers.models import User
from surveys.filters import PERIOD
from surveys.followups import working
from surveys.models import FollowUp

CURSORS: Final = ("after", "before")
TILES: Final = (Part.LATE, Part.TODAY, Part.WEEK, Part.FINISHED)
PILLS: Final = (Part.OPEN, Part.MINE, Part.UNASSIGNED)
CHOSEN_MAX: Final = 100  # tasks at once
UNDO: Final = "undo_followups"  # session key: what was assigned a moment ago
UNDO_WITHIN: Final = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class FollowUpList:
    """What every page of the tasks shows: figures, the list, and every choice that can be made.

    `same` is the query string to come back to the list as it is; `previous` and `next` may be
    empty. `undo` says what was assigned a moment ago and can be undone, or nothing.
    """

    now: datetime
    part: Part
    page: Page[FollowUp]
    tiles: tuple[Choice, ...]
    pills: tuple[Choice, ...]
    chosen: tuple[Choice, ...]
    fields: tuple[BoundField, ...]
    is_wrong: bool
    figures: Figures
    waiting: Waiting
    same: str
    everything: str
    previous: str
    next: str
    colleagues: tuple[User, ...]
    undo: str

    @property
    def first(self) -> FollowUp | None:
        """Return the task that is listed first."""
        return self.page.rows[0] if self.page.rows else None


@shop_page()
def followups(request: ShopRequest) -> HttpResponse:
    """Show the tasks of the shop."""
    listed = followup_list(request, now=timezone.now())
    return render(request, "insights/followups/list.html", {"listed": listed})


def followup_list(request: ShopRequest, *, now: datetime) -> FollowUpList:
    """Return the list that the query string asks for."""
    mine = FollowUp.objects.for_seller(request.seller)
    chosen = FollowUpFilter(request.GET, mine, request=request)
    keys = chosen.part_shown.keys
    at = {name: request.GET[name] for name in CURSORS if request.GET.get(name)}
    page = followup_page(chosen.of(user=request.user, now=now), keys=keys, **at)
    here = {
        name: str(said) for name, said in request.GET.items() if said and name in chosen.filters
    }
    choices = {
        each.name: each for each in _parts(request, chosen.part_shown, chosen.narrowing, now=now)
    }
    previous, following = _further(page, keys, here)
    may_answer = request.membership.may_answer
    return FollowUpList(
        now=now,
        part=chosen.part_shown,
        page=page,
        tiles=tuple(choices[part] for part in TILES),
        pills=tuple(choices[part] for part in PILLS),
        chosen=tuple(_chosen(chosen, here)),
        fields=tuple(chosen.form[name] for name in chosen.filters),
        is_wrong=chosen.is_wrong,
        figures=followup_figures(request.seller, now=now),
        waiting=count_waiting(request.seller, today=today(now)),
        same=changed_url(here | at) if here or at else "",
        everything=changed_url({"part": chosen.part_shown.value}),
        previous=previous,
        next=following,
        colleagues=tuple(User.objects.answering_for(request.seller)) if may_answer else (),
        undo=_undoable(request, now=now),
    )


def _further(page: Page[FollowUp], keys: tuple[str, ...], here: dict[str, str]) -> tuple[str, str]:
    """Return the query strings of the pages before and after this one, or nothing."""
    return (
        changed_url(here, before=cursor_of(page.rows[0], keys)) if page.has_previous else "",
        changed_url(here, after=cursor_of(page.rows[-1], keys)) if page.has_next else "",
    )


def _parts(
    request: ShopRequest, shown: Part, narrowing: tuple[str, ...], *, now: datetime
) -> Iterator[Choice]:
    """Yield each part that is counted: what its link opens is as many."""
    counted = count_followups(request.seller, user=request.user, now=now)
    for part in COUNTED:
        count = counted[part]
        url = changed_url({} if part is Part.OPEN else {"part": part.value})
        current = part is shown and not narrowing
        yield Choice(part.value, str(part.label), url, current, count.number, count.more)


def _chosen(chosen: FollowUpFilter, here: dict[str, str]) -> Iterator[Choice]:
    """Yield what narrows the list and can be undone."""
    if chosen.period:
        without = changed_url(here, since=None, until=None)
        yield Choice("period", capfirst(period_name(chosen.period)), without)
    for name in chosen.narrowing:
        if name in PERIOD:
            continue
        field, wanted = chosen.form.fields[name], str(chosen.chosen[name])
        names = {str(value): str(label) for value, label in getattr(field, "choices", ())}
        said = names.get(str(getattr(chosen.chosen[name], "pk", wanted)), wanted)
        label = _("%(filter)s: %(choice)s") % {"filter": field.label, "choice": said}
        yield Choice(name, label, changed_url(here, **{name: None}))


@shop_page(needs=Right.ANSWER)
def bulk(request: ShopRequest) -> HttpResponse:
    """Give the tasks that were ticked in the list to somebody, or take that back."""
    if then := BULK.get(request.POST.get("then", "")):
        then(request)
    return redirect(f"{reverse('insights:followups')}?{request.GET.urlencode()}")


def _assign(request: ShopRequest) -> None:
    """Give what was ticked to somebody or to nobody; for a while that can be undone."""
    chosen, form = _ticked(request), AssignForm(request.POST, seller=request.seller)
    if not chosen:
        messages.info(request, _("Tick one or more tasks in the list first."))
    elif not form.is_valid():
        messages.error(request, str(REFUSED[working.CannotAnswer]))
    else:
        _give(request, chosen, form.cleaned_data["assignee"])


def _give(request: ShopRequest, chosen: QuerySet[FollowUp], assignee: User | None) -> None:
    by, now = Actor.user(request.user), timezone.now()
    try:
        were = working.assign_all(dict.fromkeys(chosen, assignee), by=by, now=now)
    except working.CannotAnswer:  # who was chosen left meanwhile
        messages.error(request, str(REFUSED[working.CannotAnswer]))
        return
    if not were:
        messages.info(request, str(REFUSED[working.AlreadyAssigned]))
        return
    request.session[UNDO] = {
        "seller": request.seller.pk,
        "said": assigned_in_words(len(were), assignee),
        "assignee": assignee.pk if assignee else None,
        "were": {each.pk: was.pk if was else None for each, was in were.items()},
        "until": (now + UNDO_WITHIN).isoformat(),
    }


def _undo(request: ShopRequest) -> None:
    """Give back what was assigned a moment ago, but for what somebody else assigned since."""
    undo = request.session.pop(UNDO, {"were": {}, "assignee": None})
    mine = FollowUp.objects.for_seller(request.seller).select_related("seller")
    still = mine.filter(pk__in=undo["were"], assignee=undo["assignee"])
    people = {user.pk: user for user in User.objects.answering_for(request.seller)}
    back = {each: people.get(undo["were"][str(each.pk)]) for each in still}
    try:
        changed = working.assign_all(back, by=Actor.user(request.user), now=timezone.now())
    except working.CannotAnswer:  # one of them left meanwhile
        request.session[UNDO] = undo
        messages.error(request, str(REFUSED[working.CannotAnswer]))
        return
    said = ngettext(
        "Undone: %(count)d task is whose it was.",
        "Undone: %(count)d tasks are whose they were.",
        len(changed),
    )
    messages.success(request, said % {"count": len(changed)})


BULK: Final[dict[str, Callable[[ShopRequest], None]]] = {"assign": _assign, "undo": _undo}


def _ticked(request: ShopRequest) -> QuerySet[FollowUp]:
    """Return the tasks of this shop that were ticked; what is no number is none."""
    pks = [pk for pk in request.POST.getlist("followup") if re.fullmatch(r"[0-9]{1,18}", pk)]
    mine = FollowUp.objects.for_seller(request.seller).select_related("seller", "assignee")
    return mine.filter(pk__in=pks[:CHOSEN_MAX]).order_by("pk")


def _undoable(request: ShopRequest, *, now: datetime) -> str:
    """Return what was assigned a moment ago and can be undone, in words."""
    undo = request.session.get(UNDO)
    if not undo or undo["seller"] != request.seller.pk:
        return ""
    return str(undo["said"]) if now < datetime.fromisoformat(undo["until"]) else ""


def assigned_in_words(count: int, assignee: User | None) -> str:
    """Return what is said of tasks that changed hands."""
    if assignee is None:
        said = ngettext(
            "%(count)d task is nobody’s now.", "%(count)d tasks are nobody’s now.", count
        )
    else:
        said = ngettext(
            "%(count)d task is assigned to %(name)s.",
            "%(count)d tasks are assigned to %(name)s.",
            count,
        )
    return said % {"count": count, "name": assignee}


@shop_page()
def lessons(request: ShopRequest) -> HttpResponse:
    """Show what the shop learned, the latest first."""
    mine = FollowUp.objects.for_seller(request.seller)
    at = {name: request.GET[name] for name in CURSORS if request.GET.get(name)}
    page = lesson_page(mine, **at)
    previous, following = _further(page, LATEST, {})
    context = {"page": page, "previous": previous, "next": following}
    return render(request, "insights/followups/lessons.html", context)


@vary_on_headers("HX-Request")
@shop_page()
def returned(request: ShopRequest) -> HttpResponse:
    """Show how many came back better, of who was contacted and of who was not."""
    context = {"returned": came_back(request.seller, now=timezone.now())}
    fragment, page = "insights/followups/_returned.html", "insights/followups/returned.html"
    return render(request, fragment if request.htmx else page, context)
