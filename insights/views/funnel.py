"""From customer query to measurement: a page of its own, and a section of the tab.

Counting it takes longer than the rest of the tab, so the tab asks for it when it is there.
"""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.vary import vary_on_headers

from insights import reports
from insights.charts.funnel import funnel_steps
from insights.views.parameters import chosen_month, today
from sellers.access import ShopRequest, shop_page


@vary_on_headers("HX-Request")
@shop_page()
def funnel(request: ShopRequest) -> HttpResponse:
    """Show what became of the closings of a month."""
    month = chosen_month(request, today=today(timezone.now()))
    counted = reports.funnel(request.seller, month=month)
    context = {"month": month, "funnel": counted, "funnel_steps": funnel_steps(counted)}
    template = "insights/_funnel.html" if request.htmx else "insights/funnel.html"
    return render(request, template, context)
