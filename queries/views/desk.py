"""Who works on a query and when, of one or of many; and the list to take home."""

import re
from collections.abc import Callable, Iterable
from datetime import timedelta
from http import HTTPStatus
from typing import Final

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from queries import actions
from queries.downloads import csv_response, saved_as
from queries.exports.inbox import queries_table
from queries.forms import AssignForm, CloseManyForm, SnoozeForm
from queries.models import CustomerQueries, CustomerQuery
from queries.templatetags.queries import in_words
from queries.views.conversation import back_to, keep_typed, query_action
from queries.views.pane import UNDO, asked_view, inbox_queries, list_pane
from queries.wording import (
    CLOSED_ALREADY,
    NOBODY_SUCH,
    NOT_ASSIGNED,
    NOTHING_CHANGED,
    PREDICTION_MISSING,
)
from queries.worklist import View
from sellers.access import ShopRequest, shop_page
from sellers.enums import Right
from sellers.events import Actor
from sellers.models import User

CHOSEN_MAX: Final = 100  # queries at once
UNDO_WITHIN: Final = timedelta(minutes=2)


@query_action
def assign(request: ShopRequest, query: CustomerQuery) -> HttpResponse:
    """Give a query to a colleague, to oneself or to nobody."""
    keep_typed(request, query)
    form = AssignForm(request.POST, seller=request.seller)
    if not form.is_valid():
        messages.error(request, NOBODY_SUCH)
        return back_to(request, query)
    assignee = form.cleaned_data["assignee"]
    try:
        actions.assign(query, assignee=assignee, by=Actor.user(request.user), now=timezone.now())
    except actions.CannotAnswer:
        messages.error(request, NOBODY_SUCH)
    except (actions.QueryIsClosed, actions.AlreadyAssigned) as refused:
        messages.info(request, NOT_ASSIGNED[type(refused)])
    else:
        messages.success(request, _assigned(1, assignee))
    return back_to(request, query)


@query_action
def snooze(request: ShopRequest, query: CustomerQuery) -> HttpResponse:
    """Take a query out of the list until a moment."""
    keep_typed(request, query)
    now = timezone.now()
    form = SnoozeForm(request.POST, query=query, now=now)
    if not form.is_valid():
        for wrong in form.errors.values():
            messages.error(request, str(wrong[0]))
        return back_to(request, query)
    until = form.cleaned_data["until"]
    try:
        actions.snooze(query, until=until, by=Actor.user(request.user), now=now)
    except actions.QueryIsClosed:
        messages.info(request, CLOSED_ALREADY)
    except actions.NotYourTurn:
        messages.info(request, _("Only a query that waits for your answer can be snoozed."))
    else:
        said = {"query": query, "moment": in_words(until)}
        messages.success(request, _("“%(query)s” is snoozed until %(moment)s.") % said)
        return _back_to_list(request)
    return back_to(request, query)


@query_action
def wake(request: ShopRequest, query: CustomerQuery) -> HttpResponse:
    """Put a query back in the list."""
    keep_typed(request, query)
    try:
        actions.wake(query, by=Actor.user(request.user), now=timezone.now())
    except actions.NotSnoozed:
        messages.info(request, _("This query was awake already."))
    else:
        messages.success(request, _("The query waits for you again."))
    return back_to(request, query)


@shop_page(needs=Right.ANSWER)
def bulk(request: ShopRequest) -> HttpResponse:
    """Do something to the queries that were chosen in the list, of this shop alone."""
    then = BULK.get(request.POST.get("then", ""))
    if then is None:
        return _back_to_list(request)
    chosen = list(_chosen(request, request.POST.getlist("query")))
    if not chosen and then is not _undo:
        messages.info(request, _("Tick one or more queries in the list first."))
        return _back_to_list(request)
    return then(request, chosen)


@require_safe
@shop_page()
def export(request: ShopRequest) -> HttpResponseBase:
    """Give the list as CSV, of all its pages; or only what was chosen in it."""
    now, view, filtered = timezone.now(), asked_view(request), inbox_queries(request)
    if filtered.errors:
        wrong = filtered.errors.items()
        said = "\n".join(f"{name}: {each}" for name, some in wrong for each in some)
        return HttpResponse(f"{said}\n", status=400, content_type="text/plain; charset=utf-8")
    queries = filtered.qs if view is View.CLOSED else filtered.everywhere()
    rows = queries.filter(view.condition(user=request.user, now=now))
    if "query" in request.GET:
        rows = _chosen(request, request.GET.getlist("query"))
    table = queries_table(rows.order_by(*view.keys))
    response = csv_response(table, dialect=request.GET.get("dialect", ""))
    day = f"{timezone.localdate(now)}"
    return saved_as(response, "queries", request.seller, day, extension="csv")


def _export(request: ShopRequest, chosen: list[CustomerQuery]) -> HttpResponse:
    """Give the chosen queries as CSV."""
    said = request.GET.copy()
    said.setlist("query", [str(query.pk) for query in chosen])
    return redirect(f"{reverse('queries:export')}?{said.urlencode()}")


def _assign(request: ShopRequest, chosen: list[CustomerQuery]) -> HttpResponse:
    """Give the chosen queries to somebody or to nobody; for a while that can be undone."""
    form = AssignForm(request.POST, seller=request.seller)
    if not form.is_valid():
        messages.error(request, NOBODY_SUCH)
        return _back_to_list(request)
    assignee, by, now = form.cleaned_data["assignee"], Actor.user(request.user), timezone.now()
    try:
        were = actions.assign_all(dict.fromkeys(chosen, assignee), by=by, now=now)
    except actions.CannotAnswer:  # who was chosen left meanwhile
        messages.error(request, NOBODY_SUCH)
        return _back_to_list(request)
    if were:
        request.session[UNDO] = {
            "seller": request.seller.pk,
            "said": _assigned(len(were), assignee),
            "assignee": assignee.pk if assignee else None,
            "were": {query.pk: was.pk if was else None for query, was in were.items()},
            "until": (now + UNDO_WITHIN).isoformat(),
        }
    else:
        messages.info(request, NOTHING_CHANGED)
    return _back_to_list(request)


def _undo(request: ShopRequest, chosen: list[CustomerQuery]) -> HttpResponse:
    """Give back what was assigned a moment ago, but for what somebody else assigned since."""
    undo = request.session.pop(UNDO, {"were": {}, "assignee": None})
    mine = CustomerQuery.objects.for_seller(request.seller)
    still = mine.filter(pk__in=undo["were"], assignee=undo["assignee"])
    people = {user.pk: user for user in User.objects.answering_for(request.seller)}
    back = {query: people.get(undo["were"][str(query.pk)]) for query in still}
    try:
        changed = actions.assign_all(back, by=Actor.user(request.user), now=timezone.now())
    except actions.CannotAnswer:  # one of them left meanwhile; what they had is nobody's by now
        request.session[UNDO] = undo
        messages.error(request, NOBODY_SUCH)
        return _back_to_list(request)
    said = ngettext(
        "Undone: %(count)d query is whose it was.",
        "Undone: %(count)d queries are whose they were.",
        len(changed),
    )
    messages.success(request, said % {"count": len(changed)})
    return _back_to_list(request)


def _ask_to_close(
    request: ShopRequest, chosen: list[CustomerQuery], form: CloseManyForm | None = None
) -> HttpResponse:
    """Ask whether the chosen queries are to be closed, and say which of them wait for an answer.

    A form in which something is wrong comes back.
    """
    closable = [query for query in chosen if query.may_be_closed]
    if not closable:
        messages.info(
            request, _("Nothing to close: it is closed already, or with the marketplace.")
        )
        return _back_to_list(request)
    context = {
        "pane": list_pane(request),
        "chosen": closable,
        "left_out": len(chosen) - len(closable),
        "unanswered": [query for query in closable if query.awaits_shop],
        "form": form or CloseManyForm(),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form else HTTPStatus.OK
    return render(request, "queries/close_many.html", context, status=status)


def _close(request: ShopRequest, chosen: list[CustomerQuery]) -> HttpResponse:
    """Close the chosen queries, with one prediction for all or none."""
    form, by, now = CloseManyForm(request.POST), Actor.user(request.user), timezone.now()
    if not form.is_valid():
        return _ask_to_close(request, chosen, form)
    try:
        closed = actions.close_all(chosen, **form.cleaned_data, by=by, now=now)
    except actions.PredictionMissing:
        form.add_error("predicted_score", PREDICTION_MISSING)
        return _ask_to_close(request, chosen, form)
    said = ngettext("%(count)d query is closed.", "%(count)d queries are closed.", closed)
    messages.success(request, said % {"count": closed})
    return _back_to_list(request)


BULK: Final[dict[str, Callable[[ShopRequest, list[CustomerQuery]], HttpResponse]]] = {
    "assign": _assign,
    "undo": _undo,
    "close": _ask_to_close,
    "close_now": _close,
    "export": _export,
}


def _chosen(request: ShopRequest, pks: Iterable[str]) -> CustomerQueries:
    """Return the queries of this shop that were ticked, as the list has them.

    What is no number is none.
    """
    numbers = [pk for pk in pks if re.fullmatch(r"[0-9]{1,18}", pk)][:CHOSEN_MAX]
    ours = CustomerQuery.objects.for_seller(request.seller).with_people()
    return ours.filter(pk__in=numbers).order_by(*asked_view(request).keys)


def _assigned(count: int, assignee: User | None) -> str:
    """Return what is said of queries that changed hands."""
    if assignee is None:
        said = ngettext(
            "%(count)d query is nobody’s now.", "%(count)d queries are nobody’s now.", count
        )
    else:
        said = ngettext(
            "%(count)d query is assigned to %(name)s.",
            "%(count)d queries are assigned to %(name)s.",
            count,
        )
    return said % {"count": count, "name": assignee}


def _back_to_list(request: ShopRequest) -> HttpResponse:
    """Return to the list as it was."""
    return redirect(f"{reverse('queries:list')}?{request.GET.urlencode()}")
