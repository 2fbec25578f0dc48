"""Who is happier than whom: a page of its own, and a section of the tab."""

from datetime import date

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.vary import vary_on_headers

from insights import reports
from insights.charts.segments import segment_chart
from insights.views.parameters import chosen_month, today, with_renamed_parameters
from queries.choices import Choice, changed
from sellers.access import ShopRequest, shop_page
from surveys.periods import Period

FIRST_YEAR, LAST_YEAR = 1900, 2999  # whose days have a beginning in every zone


@vary_on_headers("HX-Request")
@shop_page()
@with_renamed_parameters
def segments(request: ShopRequest) -> HttpResponse:
    """Show the score of a month, or of the days `since` up to `until`, apart for each segment."""
    month = chosen_month(request, today=today(timezone.now()))
    by = _chosen_by(request)
    report = reports.segment_report(request.seller, by=by, period=_period(request, month))
    context = {
        "month": month,
        "segments": report,
        "chart": segment_chart(report),
        "pills": [
            Choice(one.value, str(one.label), changed(request.GET, by=one.value), one is by)
            for one in reports.Dimension
        ],
    }
    template = "insights/_segments.html" if request.htmx else "insights/segments.html"
    return render(request, template, context)


def _chosen_by(request: ShopRequest) -> reports.Dimension:
    """Return what the address tells measurements apart by; the channel when it says nothing."""
    wanted = request.GET.get("by", "")
    return (
        reports.Dimension(wanted)
        if wanted in reports.Dimension.values
        else reports.Dimension.CHANNEL
    )


def _period(request: ShopRequest, month: date) -> Period:
    """Return the days in the address, or the whole month when they are no period."""
    first, last = _day(request, "since"), _day(request, "until")
    if first is None or last is None or last < first:
        return Period.of_months(month, month)
    return Period(first, last)


def _day(request: ShopRequest, name: str) -> date | None:
    try:
        day = date.fromisoformat(request.GET.get(name, ""))
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None
