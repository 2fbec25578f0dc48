"""What staff read when they begin: who waits, which shops need help, and whether mail leaves."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django import forms
from django.apps import apps
from django.conf import settings
from django.contrib.admin import AdminSite
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from insights.looking import looks_at_shops
from insights.models import holding_standards
from insights.reports.shops import shop_scores, with_months_below
from insights.standards import standard_on
from insights.watching import behind
from queries.models import HandOver
from queries.office_hours import LONG_OPEN_FROM
from sellers.models import Installation
from surveys.backlog import backlog
from surveys.periods import Period, previous_month

MOST_LISTED: Final = 5
LATE_AFTER: Final = timedelta(hours=24)  # what a shop has for its first reply
SEARCHED: Final = ("sellers.Seller", "queries.Customer", "queries.Order", "queries.CustomerQuery")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A customer who waits for staff; `urgency` is the fill of its chip."""

    handover: HandOver
    waited: timedelta

    @property
    def urgency(self) -> str:
        """Return late, today or nothing."""
        if self.waited >= LATE_AFTER:
            return "late"
        return "today" if self.waited >= LONG_OPEN_FROM else ""


@dataclass(frozen=True, slots=True)
class Found:
    """The rows of one kind that were found, each with its URL, and where all of them are."""

    kind: str
    rows: list[tuple[str, Model]]
    all_url: str


def start_page(site: AdminSite, request: HttpRequest, *, now: datetime) -> dict[str, Any]:
    """Return what the page shows to somebody, each part only to who may look at its list."""
    may = request.user.has_perm
    page: dict[str, Any] = {"now": now, "search": SearchForm()}
    page["is_held"] = Installation.objects.held().exists()
    queries: Any = site.get_model_admin(apps.get_model("queries.CustomerQuery"))
    waiting = queries.waiting_for_staff(request)
    if waiting is not None:
        page["waiting"] = waiting.count()
        page["waiting_longest"] = [
            Waiting(each, now - each.unanswered_since) for each in waiting[:MOST_LISTED]
        ]
    if may("insights.view_shopscore"):
        page |= _scores(now)
        page["looks_at_shops"] = looks_at_shops(request.user)
    if may("surveys.view_invitation"):
        page["backlog"] = backlog(now=now)
        page["behind"] = behind(now=now)
    return page


def _scores(now: datetime) -> dict[str, Any]:
    """Return the shops below the standard in the last finished month, and the standards."""
    day = now.astimezone(settings.MARKETPLACE_ZONE).date()
    month = previous_month(day)
    scores = shop_scores(Period.of_months(month, month), today=day)
    standards = holding_standards()
    coming = [
        (standard, (standard.valid_from - day).days, scores.would_not_meet(standard))
        for standard in standards
        if standard.valid_from > day
    ]
    return {
        "month": month,
        "scores": scores,
        "below": scores.clearly_below,
        "below_most": with_months_below(scores.clearly_below[:MOST_LISTED], month, today=day),
        "standard": standard_on(standards, day),
        "coming": coming,
    }


class SearchForm(forms.Form):
    """What is looked for: a shop, a customer, an order or a query."""

    q = forms.CharField(
        max_length=120,
        label=_("Search"),
        widget=forms.TextInput(
            attrs={"type": "search", "placeholder": _("Shop, customer or order")}
        ),
    )


def search(site: AdminSite, request: HttpRequest, words: str) -> list[Found]:
    """Find the words as each list finds them, among what somebody may look at."""
    kinds = []
    for label in SEARCHED:
        model = apps.get_model(label)
        page = site.get_model_admin(model)
        if not page.has_view_permission(request):
            continue
        found, repeats = page.get_search_results(request, page.get_queryset(request), words)
        rows = (found.distinct() if repeats else found).order_by("-pk")[:MOST_LISTED]
        url = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        listed = [(reverse(f"{url}_change", args=[row.pk]), row) for row in rows]
        if listed:
            all_url = f"{reverse(f'{url}_changelist')}?{urlencode({'q': words})}"
            kinds.append(Found(str(model._meta.verbose_name_plural), listed, all_url))
    return kinds
