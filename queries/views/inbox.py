"""The workplace: what waits for whom, beside the conversation that is open."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.vary import vary_on_headers

from queries.views.pane import list_pane
from sellers.access import ShopRequest, shop_page


@vary_on_headers("HX-Request")
@shop_page()
def inbox(request: ShopRequest) -> HttpResponse:
    """Show the list, and beside it that a query can be chosen."""
    template = "queries/_list_pane.html" if request.htmx else "queries/list.html"
    return render(request, template, {"pane": list_pane(request)})
