"""The inbox: all queries of a shop, by whose turn it is."""

from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.vary import vary_on_headers

from queries.choices import Choice, changed_url
from queries.enums import QueryState
from queries.filters import QueryFilter
from queries.models import CustomerQuery
from sellers.access import ShopRequest, shop_page

ROWS_PER_PAGE = 25


@vary_on_headers("HX-Request")
@shop_page()
def inbox(request: ShopRequest) -> HttpResponse:
    """Show whose turn it is, what waits longest first."""
    mine = CustomerQuery.objects.for_seller(request.seller)
    narrowed = QueryFilter(request.GET, mine.with_people())
    state = _wanted_state(request)
    rows = narrowed.qs.in_state(state)
    rows = rows.latest_first() if state == QueryState.CLOSED else rows.longest_waiting_first()
    counts = dict(narrowed.qs.values_list("state").annotate(Count("pk")).order_by())
    here = request.GET.dict() | {"page": None}
    context = {
        "states": [
            Choice(
                each.value,
                str(each.label),
                changed_url(here, state=each.value),
                current=each == state,
                count=counts.get(each.value, 0),
            )
            for each in QueryState
        ],
        "state": state,
        "filter": narrowed,
        "page": Paginator(rows, ROWS_PER_PAGE).get_page(request.GET.get("page")),
        "now": timezone.now(),
    }
    return render(request, "queries/_rows.html" if request.htmx else "queries/list.html", context)


def _wanted_state(request: ShopRequest) -> QueryState:
    try:
        return QueryState(request.GET.get("state", ""))
    except ValueError:
        return QueryState.YOUR_TURN
