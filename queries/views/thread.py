"""One query: its thread, and what can be done with it."""

import re
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from queries import actions, timeouts
from queries.downloads import attachment_response
from queries.enums import Author, QueryState
from queries.files import FilesCannotBeStored
from queries.forms import (
    NO_FILES_NOW,
    REPLY_MAX_LENGTH,
    CloseForm,
    HandOverForm,
    ReplyForm,
)
from queries.models import Attachment, CustomerQuery
from queries.views.pane import desk, list_pane
from sellers.access import ShopRequest, shop_page
from sellers.enums import Right
from sellers.events import Actor

ROWS_PER_PAGE = 25
DRAFT = "draft"  # session key: what was typed about which query, until it is shown again
DRAFT_MAX_LENGTH = 2 * REPLY_MAX_LENGTH  # a line end counts twice on its way here

# Where, in which words and with which status a reply that was not stored comes back.
REPLY_REFUSED: dict[type[Exception], tuple[str | None, ValidationError, HTTPStatus]] = {
    actions.QueryIsClosed: (
        None,
        ValidationError(
            gettext_lazy("This query was closed meanwhile. Reopen it to send your reply.")
        ),
        HTTPStatus.CONFLICT,
    ),
    actions.WithMarketplace: (
        None,
        ValidationError(
            gettext_lazy("This query was handed over meanwhile. Keep your reply until it is back.")
        ),
        HTTPStatus.CONFLICT,
    ),
    FilesCannotBeStored: (
        "attachments",
        ValidationError(NO_FILES_NOW),
        HTTPStatus.SERVICE_UNAVAILABLE,
    ),
}

QueryAction = Callable[[ShopRequest, CustomerQuery], HttpResponse]


@shop_page()
def detail(request: ShopRequest, query_id: int) -> HttpResponse:
    """Show a query with its thread and what can be done with it."""
    query = _mine(request, query_id)
    draft = _take_draft(request, query)
    if draft:
        messages.info(request, _("What you typed is still in the box. It was not sent yet."))
        if draft.pop("attachments"):
            messages.info(request, _("Your files are not kept: choose them again."))
    return _thread(request, query, ReplyForm(initial=draft))


def query_action(act: QueryAction) -> Callable[..., HttpResponseBase]:
    """Allow what is done to a query only by POST, and by who may answer.

    Whoever only looks goes to the thread: so does a browser that had to log in on the way. What
    was typed by somebody who was logged out meanwhile waits there.
    """

    @shop_page(needs=Right.ANSWER)
    def of_shop(request: ShopRequest, query_id: int) -> HttpResponse:
        query = _mine(request, query_id)
        return act(request, query) if request.method == "POST" else redirect(query)

    @wraps(act)
    def post_only(request: HttpRequest, query_id: int) -> HttpResponseBase:
        if not request.user.is_authenticated:
            _keep_draft(request, query_id)
        return of_shop(request, query_id)

    return post_only


@query_action
def reply(request: ShopRequest, query: CustomerQuery) -> HttpResponse:
    """Answer the customer; the button "close" closes the query too."""
    form = ReplyForm(request.POST, request.FILES)
    if not form.is_valid():
        return _thread(request, query, form, status=422)
    by, now = Actor.user(request.user), timezone.now()
    said = {name: form.cleaned_data[name] for name in ("body", "attachments")}
    try:
        if "close" in request.POST:
            prediction = form.cleaned_data["predicted_score"]
            actions.reply_and_close(query, **said, predicted_score=prediction, by=by, now=now)
            done = _("Your reply is in the conversation, and the query is closed.")
        else:
            actions.reply(query, **said, by=by, now=now)
            done = _("Your reply is in the conversation; it is now the customer’s turn.")
    except tuple(REPLY_REFUSED) as refused:
        field, sentence, status = REPLY_REFUSED[type(refused)]
        form.add_error(field, sentence)
        return _thread(request, query, form, status=status)
    messages.success(request, done)
    return redirect(query)


@query_action
def close(request: ShopRequest, query: CustomerQuery) -> HttpResponse:
    """Close a query without a reply, with the score the agent expects if any."""
    form = CloseForm(request.POST, request.FILES)
    if not form.is_valid():
        return _thread(request, query, form, status=422)
    try:
        actions.close(
            query,
            predicted_score=form.cleaned_data["predicted_score"],
            by=Actor.user(request.user),
            now=timezone.now(),
        )
    except actions.QueryIsClosed:
        messages.info(request, _("This query was closed already."))
    except actions.WithMarketplace:
        messages.info(request, _with_marketplace())
    else:
        messages.success(request, _("The query is closed."))
    return redirect(query)


@query_action
def reopen(request: ShopRequest, query: CustomerQuery) -> HttpResponse:
    """Open a closed query again; a reply that came too late waits in its box."""
    _keep_draft(request, query.pk)
    try:
        actions.reopen(query, by=Actor.user(request.user), now=timezone.now())
    except actions.QueryIsOpen:
        messages.info(request, _("This query was open already."))
    except actions.WithMarketplace:
        messages.info(request, _with_marketplace())
    except actions.QueryIsErased:
        messages.info(request, _("This query was erased, so it stays closed."))
    else:
        messages.success(request, _("The query is open again."))
    return redirect(query)


@query_action
def accept(request: ShopRequest, query: CustomerQuery) -> HttpResponse:
    """Let what somebody else wrote count as the customer's reaction."""
    pk = request.POST.get("message", "")
    if not re.fullmatch(r"[0-9]{1,18}", pk):
        return redirect(query)
    message = get_object_or_404(query.messages.filter(author=Author.OTHER), pk=pk)
    try:
        actions.accept_message(message, by=Actor.user(request.user), now=timezone.now())
    except actions.AlreadyAccepted:
        messages.info(request, _("This message was accepted already."))
    except actions.WithMarketplace:
        messages.info(request, _with_marketplace())
    except actions.QueryIsErased:
        messages.info(request, _("This query was erased, so it stays closed."))
    else:
        messages.success(request, _("Accepted. It is your turn to answer."))
    return redirect(query)


@require_safe
@shop_page()
def attachment(request: ShopRequest, query_id: int, attachment_id: int) -> HttpResponse:
    """Give a file from the thread of a query."""
    mine = Attachment.objects.for_seller(request.seller)
    return attachment_response(get_object_or_404(mine, pk=attachment_id, message__query=query_id))


@query_action
def hand_over(request: ShopRequest, query: CustomerQuery) -> HttpResponse:
    """Give a query to the marketplace, with the reason."""
    form = HandOverForm(request.POST, request.FILES)
    if not form.is_valid():
        return _thread(request, query, form, status=422)
    by, now = Actor.user(request.user), timezone.now()
    try:
        actions.hand_over(query, reason=form.cleaned_data["reason"], by=by, now=now)
    except actions.QueryIsClosed:
        messages.info(request, _("This query was closed already."))
    except actions.WithMarketplace:
        messages.info(request, _with_marketplace())
    except actions.NotOfTheShop:
        messages.info(request, _("You do not answer for this shop any more."))
    else:
        messages.success(request, _("The query is handed over. You can read along."))
    return redirect(query)


def _with_marketplace() -> str:
    return _("This query is with the marketplace: you can write again once it is back.")


def _mine(request: ShopRequest, query_id: int) -> CustomerQuery:
    queries = CustomerQuery.objects.for_seller(request.seller).with_people()
    return get_object_or_404(queries, pk=query_id)


def _keep_draft(request: HttpRequest, query_id: int) -> None:
    """Keep what was typed until this browser shows the query, perhaps after logging in."""
    typed = {name: request.POST.get(name, "")[:DRAFT_MAX_LENGTH] for name in ReplyForm.base_fields}
    typed["attachments"] = "chosen" if request.FILES else ""
    if typed["body"].strip():
        request.session[DRAFT] = {"query_id": query_id, **typed}


def _take_draft(request: ShopRequest, query: CustomerQuery) -> dict[str, str] | None:
    """Return what was typed about this query, once."""
    if request.session.get(DRAFT, {}).get("query_id") != query.pk:
        return None
    draft: dict[str, str] = request.session.pop(DRAFT)
    return draft


def _thread(
    request: ShopRequest, query: CustomerQuery, form: ReplyForm, *, status: int = 200
) -> HttpResponse:
    """Show a query; a form that comes back has the cursor in its box.

    The box is there too when the query was closed, or handed over, while somebody typed.
    """
    wrong = next((box for box in ("attachments", "reason") if box in form.errors), "body")
    form.fields[wrong].widget.attrs["autofocus"] = bool(form.errors or form.initial)
    writable = not (query.is_closed or query.is_with_marketplace)
    composes = writable or bool(form["body"].value())
    waiting = CustomerQuery.objects.for_seller(request.seller).in_state(QueryState.YOUR_TURN)
    pane = list_pane(request, current=query)
    context = {
        "pane": pane,
        "desk": desk(query, colleagues=pane.colleagues, now=pane.now),
        "query": query,
        "thread": query.messages.as_thread(),
        "closings": query.closings.select_related("agent").order_by("-closed_at", "-pk"),
        "form": form,
        "composes": composes and request.membership.may_answer,
        "writable": writable and request.membership.may_answer,
        "hand_back_after": timeouts.HAND_BACK_AFTER,
        "close_after": timeouts.CLOSE_AFTER,
        **_hand_overs(query),
        "next_query": waiting.longest_waiting_first().first() if query.is_closed else None,
        "now": timezone.now(),
    }
    return render(request, "queries/detail.html", context, status=status)


def _hand_overs(query: CustomerQuery) -> dict[str, Any]:
    """Return the hand-over that is not over, when it comes back by itself, and those before it."""
    latest_first = query.handovers.select_related("by").order_by("-handed_over_at", "-pk")
    earlier = list(latest_first)
    in_hand = earlier.pop(0) if query.is_with_marketplace and earlier else None
    since = in_hand.unanswered_since if in_hand else None
    back_at = since + timeouts.HAND_BACK_AFTER if since else None
    return {"in_hand": in_hand, "back_at": back_at, "handovers": earlier}
