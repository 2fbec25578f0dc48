"""Passives and promoters, and who came in by them: a list of each, as far as a tile asks."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from insights.reports.appreciations import (
    Shown,
    count_waiting,
    happy_page,
    referral_page,
    referrals_by_month,
    shown,
    topics_named,
)
from insights.views.parameters import today
from queries.choices import Choice, changed_url
from sellers.access import ShopRequest, shop_page
from sellers.keyset import Page
from sellers.models import Seller
from surveys.enums import Band
from surveys.models import Referral, ReferralTotal
from surveys.periods import next_month

TOPICS_NAMED: Final = 2
YEARS_OFFERED: Final = 3
TILES: Final[dict[Band, dict[Shown, str | Promise]]] = {
    Band.PASSIVE: {
        Shown.WAITING: gettext_lazy("still to ask"),
        Shown.ASKED: gettext_lazy("asked what would have made it a 9 or 10"),
        Shown.DONE: gettext_lazy("answered, 28 days"),
    },
    Band.PROMOTER: {
        Shown.WAITING: gettext_lazy("still to thank"),
        Shown.DONE: gettext_lazy("thanked, 28 days"),
        Shown.QUOTABLE: gettext_lazy("you may quote"),
    },
}
PERIODS: Final[dict[Shown, str | Promise]] = {
    Shown.RECENT: gettext_lazy("Last 28 days"),
    Shown.YEAR: gettext_lazy("Last twelve months"),
}
FILTERS: Final[dict[Band, dict[Shown, str | Promise]]] = {
    Band.PASSIVE: PERIODS,
    Band.PROMOTER: {**PERIODS, Shown.REFERRING: gettext_lazy("Brought somebody in")},
}


@shop_page()
def passives(request: ShopRequest) -> HttpResponse:
    """List who gave a 7 or 8, with what would have made it more."""
    day = today(timezone.now())
    context = _listed(request, Band.PASSIVE, day=day)
    context["topics"] = topics_named(request.seller, Band.PASSIVE, today=day, most=TOPICS_NAMED)
    return render(request, "insights/followups/passives.html", context)


@shop_page()
def promoters(request: ShopRequest) -> HttpResponse:
    """List who gave a 9 or 10, with what they praised and what the shop did with it."""
    day = today(timezone.now())
    context = _listed(request, Band.PROMOTER, day=day)
    by_month = referrals_by_month(request.seller, year=day.year)
    context["total"] = sum(by_month.values(), start=ReferralTotal())
    return render(request, "insights/followups/promoters.html", context)


@shop_page()
def referrals(request: ShopRequest) -> HttpResponse:
    """List who came in by whom in a year or a month, with the totals."""
    day = today(timezone.now())
    year, month = _asked_period(request, day=day)
    by_month = referrals_by_month(request.seller, year=year)
    standing = Referral.objects.standing().for_seller(request.seller)
    first, until = (month, next_month(month)) if month else (date(year, 1, 1), date(year + 1, 1, 1))
    chosen = standing.came_between(first, until)
    page = referral_page(
        chosen, after=_row(standing, request, "after"), before=_row(standing, request, "before")
    )
    context = {
        "tab": "promoters",
        "counts": count_waiting(request.seller, today=day),
        "year": year,
        "month": month,
        "years": _years(year, day=day),
        "months": sorted(by_month.items(), reverse=True),
        "total": sum(by_month.values(), start=ReferralTotal()),
        "page": page,
        **_pages(request, page),
    }
    return render(request, "insights/followups/referrals.html", context)


def _listed(request: ShopRequest, band: Band, *, day: date) -> dict[str, Any]:
    """Return what both lists show: the tiles, and the customers of the one that is chosen."""
    which = _asked_for(request)
    chosen = shown(request.seller, band, which, today=day)
    page = happy_page(
        chosen, after=_row(chosen, request, "after"), before=_row(chosen, request, "before")
    )
    counts = count_waiting(request.seller, today=day)
    waits = counts.passives if band == Band.PASSIVE else counts.promoters
    return {
        "tab": f"{band}s",
        "counts": counts,
        "tiles": list(_tiles(request.seller, band, which, waits=waits, day=day)),
        "filters": [
            Choice(one.name.lower(), str(label), _url(one), one == which)
            for one, label in FILTERS[band].items()
        ],
        "which": which,
        "page": page,
        "now": timezone.now(),
        **_pages(request, page),
    }


def _tiles(seller: Seller, band: Band, which: Shown, *, waits: int, day: date) -> Iterator[Choice]:
    """Yield each tile with the number of customers that it leads to, in one statement each."""
    for each, label in TILES[band].items():
        count = waits if each == Shown.WAITING else shown(seller, band, each, today=day).count()
        undo = Shown.RECENT if each == which else each
        yield Choice(each.value, str(label), _url(undo), each == which, count)


def _url(which: Shown) -> str:
    return changed_url({"show": which.value} if which.value else {})


def _asked_for(request: ShopRequest) -> Shown:
    """Return which customers are asked for; those of the last 28 days when it is none of these."""
    asked = request.GET.get("show", "")
    return Shown(asked) if asked in list(Shown) else Shown.RECENT


def _asked_period(request: ShopRequest, *, day: date) -> tuple[int, date | None]:
    """Return the year that is asked for, and its month if one is (2026, 2026-11); or this year."""
    found = re.fullmatch(r"(\d{4})(?:-(\d\d))?", request.GET.get("period", ""))
    year = int(found[1]) if found else day.year
    if not found or not 1990 <= year <= day.year:
        return day.year, None
    month = int(found[2] or 0)
    return year, date(year, month, 1) if 1 <= month <= 12 else None


def _years(year: int, *, day: date) -> list[Choice]:
    """Return the years to choose from, latest first."""
    years = sorted({year, *range(day.year - YEARS_OFFERED + 1, day.year + 1)}, reverse=True)
    return [Choice(str(one), str(one), changed_url({"period": one}), one == year) for one in years]


def _row(rows: Any, request: ShopRequest, cursor: str) -> Any:
    """Return the row that a page begins or ends at, if there is such a one."""
    pk = request.GET.get(cursor, "")
    return rows.filter(pk=pk).first() if re.fullmatch(r"[0-9]{1,18}", pk) else None


def _pages(request: ShopRequest, page: Page[Any]) -> dict[str, str]:
    """Return where the pages before and after this one are; empty where there is none."""
    here = {name: str(value) for name, value in request.GET.items()}
    here = {name: value for name, value in here.items() if name not in ("after", "before")}
    return {
        "previous": changed_url(here, before=page.rows[0].pk) if page.has_previous else "",
        "next": changed_url(here, after=page.rows[-1].pk) if page.has_next else "",
    }
