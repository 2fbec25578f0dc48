"""The closings behind a count of the funnel."""

import re
from typing import Final

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.text import capfirst

from insights.charts.funnel import outcome_names
from insights.looking import LOOKS_AT_SHOPS
from insights.reports.funnel import closings_counted
from insights.views.parameters import asked_month, chosen_month, today
from queries.choices import changed_url
from queries.models import Closing, Closings
from sellers.access import ShopRequest, shop_page
from sellers.keyset import page_of

ROWS: Final = 25
LATEST: Final = ("-closed_at", "-pk")


@shop_page(staff_with=LOOKS_AT_SHOPS)
def closings(request: ShopRequest) -> HttpResponse:
    """Show the closings that a funnel counts; raise Http404 for a count that there is not."""
    day = today(timezone.now())
    month, outcome = chosen_month(request, today=day), request.GET.get("outcome", "closed")
    try:
        counted = closings_counted(request.seller, month=month, outcome=outcome)
    except KeyError as error:
        raise Http404 from error
    after, before = (_cursor(counted, request.GET.get(end, "")) for end in ("after", "before"))
    page = page_of(counted, LATEST, size=ROWS, fetch=_fetched, after=after, before=before)
    here = {"month": f"{month:%Y-%m}", "outcome": outcome}
    context = {
        "name": capfirst(outcome_names()[outcome]),
        "fragment": "insights/_closings.html",
        "tab": "funnel",
        "asked_month": asked_month(request, today=day),
        "month": month,
        "number": counted.count(),
        "closings": page.rows,
        "previous": changed_url(here, before=page.rows[0].pk) if page.has_previous else "",
        "next": changed_url(here, after=page.rows[-1].pk) if page.has_next else "",
    }
    return render(request, "insights/section.html", context)


def _fetched(few: Closings) -> Closings:
    return Closing.objects.filter(pk__in=few.values("pk")).select_related("query", "agent")


def _cursor(counted: Closings, pk: str) -> Closing | None:
    """Return the closing that a page begins or ends at, if there is such a one."""
    return counted.filter(pk=pk).first() if re.fullmatch(r"[0-9]{1,18}", pk) else None
