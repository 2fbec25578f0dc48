"""The inbox and the thread."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django.views.decorators.vary import vary_on_headers

from queries import actions
from queries.enums import ActorType, Author, QueryState
from queries.filters import QueryFilter
from queries.forms import CloseForm, PhoneContactForm, ReplyForm
from queries.models import CustomerQuery
from sellers.access import ShopRequest, shop_page
from sellers.enums import Right

ROWS_PER_PAGE = 25


@dataclass(frozen=True, slots=True)
class StateTab:
    """One pill above the inbox."""

    value: str
    label: str
    count: int
    url: str
    current: bool


@vary_on_headers("HX-Request")
@shop_page()
def inbox(request: ShopRequest) -> HttpResponse:
    """Show whose turn it is, what waits longest first."""
    mine = CustomerQuery.objects.for_seller(request.seller)
    state = _wanted_state(request)
    in_state = mine.in_state(state)
    narrowed = QueryFilter(request.GET, in_state.with_people())
    rows = (
        narrowed.qs.latest_first() if state == QueryState.CLOSED else narrowed.qs.in_order_of_work()
    )
    counts = dict(mine.values_list("state").annotate(Count("pk")).order_by())
    parameters = request.GET.copy()
    parameters.pop("page", None)
    context = {
        "states": [
            StateTab(one.value, str(one.label), counts.get(one, 0), f"?state={one}", one == state)
            for one in QueryState
        ],
        "state": state,
        "filter": narrowed,
        "page": Paginator(rows, ROWS_PER_PAGE).get_page(request.GET.get("page")),
        "page_query": parameters.urlencode(),
        "now": timezone.now(),
    }
    return render(request, "queries/_rows.html" if request.htmx else "queries/list.html", context)


@shop_page()
def detail(request: ShopRequest, query_id: int) -> HttpResponse:
    """Show a query with its thread and what can be done with it."""
    return _thread(request, _mine(request, query_id))


@require_POST
@shop_page(needs=Right.ANSWER)
def reply(request: ShopRequest, query_id: int) -> HttpResponse:
    """Answer the customer."""
    query = _mine(request, query_id)
    form = ReplyForm(request.POST)
    if not form.is_valid():
        return _thread(request, query, reply_form=form, status=422)
    body = form.cleaned_data["body"]
    try:
        actions.reply(
            query, author=Author.SELLER, agent=request.user, body=body, now=timezone.now()
        )
    except actions.QueryIsClosed:
        form.add_error(None, _("This query was closed meanwhile. Reopen it to send your reply."))
        return _thread(request, query, reply_form=form, status=409)
    messages.success(request, _("Your reply was sent."))
    return redirect(query)


@require_POST
@shop_page(needs=Right.ANSWER)
def close(request: ShopRequest, query_id: int) -> HttpResponse:
    """Close a query, with the score the agent expects if any."""
    query = _mine(request, query_id)
    form = CloseForm(request.POST)
    if not form.is_valid():
        return _thread(request, query, close_form=form, status=422)
    try:
        actions.close(
            query,
            closed_by=ActorType.SELLER,
            agent=request.user,
            predicted_score=form.cleaned_data["predicted_score"],
            now=timezone.now(),
        )
    except actions.QueryIsClosed:
        messages.info(request, _("This query was closed already."))
    else:
        messages.success(request, _("The query is closed."))
    return redirect(query)


@require_POST
@shop_page(needs=Right.ANSWER)
def reopen(request: ShopRequest, query_id: int) -> HttpResponse:
    """Open a closed query again."""
    query = _mine(request, query_id)
    try:
        actions.reopen(query, now=timezone.now())
    except actions.QueryIsOpen:
        messages.info(request, _("This query was open already."))
    else:
        messages.success(request, _("The query is open again."))
    return redirect(query)


@shop_page(needs=Right.ANSWER)
def log_phone(request: ShopRequest) -> HttpResponse:
    """Store a contact by phone as a closed query."""
    form = PhoneContactForm(request.POST or None)
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        return render(request, "queries/log_phone.html", {"form": form}, status=status)
    try:
        query = actions.log_phone_contact(
            request.seller, **form.cleaned_data, agent=request.user, now=timezone.now()
        )
    except actions.UnknownCustomer:
        form.add_error(
            "email",
            _("No customer of your shop has this address. Without one there is no survey."),
        )
        return render(request, "queries/log_phone.html", {"form": form}, status=422)
    messages.success(request, _("The phone contact is logged."))
    return redirect(query)


def _wanted_state(request: ShopRequest) -> QueryState:
    try:
        return QueryState(request.GET.get("state", ""))
    except ValueError:
        return QueryState.YOUR_TURN


def _mine(request: ShopRequest, query_id: int) -> CustomerQuery:
    queries = CustomerQuery.objects.for_seller(request.seller).with_people()
    return get_object_or_404(queries, pk=query_id)


def _thread(
    request: ShopRequest,
    query: CustomerQuery,
    *,
    reply_form: ReplyForm | None = None,
    close_form: CloseForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "query": query,
        "thread": query.messages.select_related("agent").order_by("sent_at", "pk"),
        "closings": query.closings.select_related("agent").order_by("-closed_at", "-pk"),
        "reply_form": reply_form or ReplyForm(),
        "close_form": close_form or CloseForm(),
        "now": timezone.now(),
    }
    return render(request, "queries/detail.html", context, status=status)
