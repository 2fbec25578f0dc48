"""The workplace: what waits for whom, beside the conversation that is open."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import condition, require_safe
from django.views.decorators.vary import vary_on_headers

from queries.views.pane import list_pane
from queries.worklist import mark
from sellers.access import ShopRequest, shop_page


@vary_on_headers("HX-Request")
@shop_page()
def inbox(request: ShopRequest) -> HttpResponse:
    """Show the list, and beside it that a query can be chosen."""
    template = "queries/_list_pane.html" if request.htmx else "queries/list.html"
    return render(request, template, {"pane": list_pane(request)})


@require_safe
@shop_page()
def poll(request: ShopRequest) -> HttpResponse:
    """Give the list again, or say in one statement that nothing in it changed."""
    return _list_again(request)


@condition(etag_func=lambda request: f'"{mark(request.seller, now=timezone.now())}"')
def _list_again(request: ShopRequest) -> HttpResponse:
    return render(request, "queries/_list_pane.html", {"pane": list_pane(request)})
