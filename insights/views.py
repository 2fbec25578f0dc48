"""The tab "NPS after customer contact"."""

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.vary import vary_on_headers

from insights import reports
from insights.charts.distribution import band_bar, histogram
from insights.charts.funnel import funnel_steps
from insights.charts.history import history_chart
from insights.charts.scale import scale
from insights.filters import MeasurementFilter
from sellers.access import ShopRequest, shop_page
from sellers.models import Seller
from surveys.enums import Band
from surveys.models import SurveyResponse
from surveys.nps import Tally, displayed
from surveys.periods import last_days_start

RECENT_DAYS = 28
ROWS_PER_PAGE = 25


@dataclass(frozen=True, slots=True)
class BandPill:
    """One choice of the filter above the list; an empty value is all bands."""

    value: str
    label: str
    count: int
    current: bool


@vary_on_headers("HX-Request")
@shop_page()
def nps(request: ShopRequest) -> HttpResponse:
    """Show the month, the history, the distribution, and the latest measurements."""
    now = timezone.now()
    today = timezone.localdate(now, settings.MARKETPLACE_ZONE)
    measured = SurveyResponse.objects.for_seller(request.seller).submitted_from(
        last_days_start(today, RECENT_DAYS, settings.MARKETPLACE_ZONE)
    )
    narrowed = MeasurementFilter(request.GET, measured.with_contact().latest_first())
    parameters = request.GET.copy()
    parameters.pop("page", None)
    context = {
        "pills": _pills(measured.tally(), request.GET.get("band", "")),
        "filter": narrowed,
        "page": Paginator(narrowed.qs, ROWS_PER_PAGE).get_page(request.GET.get("page")),
        "page_query": parameters.urlencode(),
        "recent_days": RECENT_DAYS,
        "now": now,
    }
    if request.htmx:
        return render(request, "insights/_measurements.html", context)
    history = reports.history(request.seller, today=today)
    chosen = history.find(_wanted_month(request)) or history.running
    context |= _month(request.seller, history, chosen)
    return render(request, "insights/nps.html", context)


def _month(
    seller: Seller, history: reports.History, chosen: reports.MonthScore
) -> dict[str, object]:
    """Return what the page shows of one month and of all."""
    before = history.before(chosen)
    pooled = history.pooled(chosen)
    funnel = reports.funnel(seller, month=chosen.month)
    standard = chosen.standard.value if chosen.standard else None
    return {
        "history": history,
        "chosen": chosen,
        "before": before,
        "change": chosen.change_from(before) if before else None,
        "pooled": pooled,
        "pooled_shown": None if pooled.nps is None else displayed(pooled.nps, standard),
        "chart": history_chart(history, chosen=chosen),
        "bands": band_bar(chosen),
        "histogram": histogram(chosen),
        "scale": scale(chosen),
        "funnel": funnel,
        "funnel_steps": funnel_steps(funnel),
        "zone": settings.TIME_ZONE,
        "learning_url": settings.LEARNING_URL,
    }


def _pills(tally: Tally, wanted: str) -> list[BandPill]:
    """Return the choices of the band filter with their counts."""
    names = {
        Band.PROMOTER: _("Promoters"),
        Band.PASSIVE: _("Passives"),
        Band.DETRACTOR: _("Detractors"),
    }
    pills = [
        BandPill(band, name, tally.count(band), band == wanted) for band, name in names.items()
    ]
    return [BandPill("", _("All"), tally.total, wanted not in Band.values), *pills]


def _wanted_month(request: ShopRequest) -> date:
    """Return the month in the address (`?month=2026-08`), or a date that is no month at all."""
    try:
        return date.fromisoformat(f"{request.GET.get('month', '')}-01")
    except ValueError:
        return date.min
