"""A shop's rank among the others: a page of its own, and a section of the tab."""

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.vary import vary_on_headers

from insights.charts.peers import strip
from insights.reports import peers as report
from insights.standards import GUIDELINE
from insights.views.parameters import chosen_month, today
from sellers.access import ShopRequest, shop_page


@vary_on_headers("HX-Request")
@shop_page()
def peers(request: ShopRequest) -> HttpResponse:
    """Show the rank of the shop; raise Http404 where the marketplace wants no such thing."""
    if not settings.PEER_BENCHMARK:
        raise Http404
    day = today(timezone.now())
    compared = report.peers(request.seller, today=day)
    context = {
        "month": chosen_month(request, today=day),
        "peers": compared,
        "cells": strip(compared.rank) if compared.rank else (),
        "least_measurements": GUIDELINE,
        "least_shops": report.LEAST_SHOPS,
    }
    template = "insights/_peers.html" if request.htmx else "insights/peers.html"
    return render(request, template, context)
