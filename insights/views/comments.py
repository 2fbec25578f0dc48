"""What customers say of one topic: a page of its own, and fetched when its bar is opened."""

import re

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.vary import vary_on_headers

from insights import reports
from insights.views.parameters import chosen_month, today
from sellers.access import ShopRequest, shop_page


@vary_on_headers("HX-Request")
@shop_page()
def comments(request: ShopRequest) -> HttpResponse:
    """Show a few comments on a topic in a month."""
    month = chosen_month(request, today=today(timezone.now()))
    said = reports.topic_comments(request.seller, month=month)
    topic = request.GET.get("topic", "")
    found = said.get(int(topic), ()) if re.fullmatch(r"[0-9]{1,18}", topic) else ()
    template = "insights/_topic_comments.html" if request.htmx else "insights/comments.html"
    return render(request, template, {"month": month, "comments": found})
