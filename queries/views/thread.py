"""One query: its page, and what can be done with it without writing to the customer."""

import re
from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from queries import actions
from queries.choices import changed_url
from queries.downloads import attachment_response
from queries.enums import Author, QueryEvent
from queries.forms import DuplicateForm, HandOverForm, NoReplyNeededForm
from queries.models import Attachment, CustomerQuery
from queries.seen import Seen
from queries.views.conversation import (
    Shown,
    back_to,
    conversation,
    keep_typed,
    mine,
    query_action,
)
from queries.visits import newer_of_others, note_visit
from queries.wording import (
    CLOSED_ALREADY,
    NOT_REOPENED,
    NOT_SPARED,
    STAYS_CLOSED,
    WITH_MARKETPLACE,
)
from sellers.access import ShopRequest, shop_page
from sellers.enums import Right
from sellers.events import Actor, record

readers_action = partial(query_action, needs=Right.READ)


@shop_page()
def detail(request: ShopRequest, query_id: int) -> HttpResponse:
    """Show a query with its thread and what can be done with it."""
    query = mine(request, query_id)
    seen = Seen.read(request.GET.get("seen", ""))
    return conversation(request, query, Shown(seen=seen))


@query_action
def reopen(request: ShopRequest, query: CustomerQuery) -> HttpResponse:
    """Open a closed query again; a reply that came too late waits in its box."""
    keep_typed(request, query)
    try:
        actions.reopen(query, by=Actor.user(request.user), now=timezone.now())
    except tuple(NOT_REOPENED) as refused:
        messages.info(request, NOT_REOPENED[type(refused)])
    else:
        messages.success(request, _("The query is open again."))
    return back_to(request, query)


@query_action
def accept(request: ShopRequest, query: CustomerQuery) -> HttpResponse:
    """Let what somebody else wrote count as the customer's reaction."""
    keep_typed(request, query)
    pk = request.POST.get("message", "")
    if not re.fullmatch(r"[0-9]{1,18}", pk):
        return back_to(request, query)
    message = get_object_or_404(query.messages.filter(author=Author.OTHER), pk=pk)
    try:
        actions.accept_message(message, by=Actor.user(request.user), now=timezone.now())
    except actions.AlreadyAccepted:
        messages.info(request, _("This message was accepted already."))
    except actions.WithMarketplace:
        messages.info(request, WITH_MARKETPLACE)
    except actions.QueryIsErased:
        messages.info(request, STAYS_CLOSED)
    else:
        messages.success(request, _("Accepted. It is your turn to answer."))
    return back_to(request, query)


@require_safe
@shop_page()
def attachment(request: ShopRequest, query_id: int, attachment_id: int) -> HttpResponse:
    """Give a file from the thread of a query."""
    of_shop = Attachment.objects.for_seller(request.seller)
    found = get_object_or_404(of_shop, pk=attachment_id, message__query=query_id)
    return attachment_response(found)


@query_action
def hand_over(request: ShopRequest, query: CustomerQuery) -> HttpResponse:
    """Give a query to the marketplace, with the reason; a reply that was begun is kept."""
    keep_typed(request, query)
    form = HandOverForm(request.POST)
    if not form.is_valid():
        return conversation(request, query, Shown(hand_over=form, status=422))
    by, now = Actor.user(request.user), timezone.now()
    try:
        actions.hand_over(query, reason=form.cleaned_data["reason"], by=by, now=now)
    except actions.QueryIsClosed:
        messages.info(request, CLOSED_ALREADY)
    except actions.WithMarketplace:
        messages.info(request, WITH_MARKETPLACE)
    except actions.NotOfTheShop:
        messages.info(request, _("You do not answer for this shop any more."))
    else:
        messages.success(request, _("The query is handed over. You can read along."))
    return back_to(request, query)


@query_action
def no_reply_needed(request: ShopRequest, query: CustomerQuery) -> HttpResponse:
    """Say that what the customer wrote last needs no reply."""
    keep_typed(request, query)
    form = NoReplyNeededForm(request.POST)
    if not form.is_valid():
        return conversation(request, query, Shown(no_reply=form, status=422))
    by, why = Actor.user(request.user), form.cleaned_data["why"]
    try:
        actions.need_no_reply(query, body=why, by=by, now=timezone.now())
    except tuple(NOT_SPARED) as refused:
        messages.info(request, NOT_SPARED[type(refused)])
    else:
        messages.success(request, _("Noted. The query stays open; it is the customer’s turn."))
    return back_to(request, query)


@query_action
def duplicate(request: ShopRequest, query: CustomerQuery) -> HttpResponse:
    """Close a query as a duplicate of another of the same customer."""
    keep_typed(request, query)
    form = DuplicateForm(request.POST, query=query)
    if not form.is_valid():
        return conversation(request, query, Shown(duplicate=form, status=422))
    by, now = Actor.user(request.user), timezone.now()
    try:
        actions.close_as_duplicate(query, of=form.cleaned_data["kept"], by=by, now=now)
    except actions.NoDuplicate:
        messages.info(request, _("This query is kept for another one, so it is no duplicate."))
    except actions.QueryIsClosed:
        messages.info(request, CLOSED_ALREADY)
    except actions.WithMarketplace:
        messages.info(request, WITH_MARKETPLACE)
    else:
        messages.success(request, _("Closed as a duplicate. Reopen it to undo that."))
    return back_to(request, query)


@readers_action
def show_email(request: ShopRequest, query: CustomerQuery) -> HttpResponse:
    """Show the customer's address, and note who looked at it; what is typed is kept."""
    keep_typed(request, query)
    by, now = Actor.user(request.user), timezone.now()
    record(QueryEvent.EMAIL_SHOWN, query, seller_id=query.seller_id, by=by, now=now)
    if request.htmx:
        return render(request, "queries/_email.html", {"email": query.reply_to_email})
    return conversation(request, query, Shown(email=query.reply_to_email))


@readers_action
def visit(request: ShopRequest, query: CustomerQuery) -> HttpResponse:
    """Note that somebody has a query open; tell who else has, and whether there is more to see."""
    now, seen = timezone.now(), Seen.read(request.POST.get("seen", "")) or Seen()
    typing = request.POST.get("typing") == "1"
    others = note_visit(query, seen=seen, is_typing=typing, user=request.user, now=now)
    context = {
        "query": query,
        "shows_new": changed_url({**request.GET.dict(), "seen": seen}),
        "typing": [each.user for each in others if each.is_typing(now=now)],
        "looking": [each.user for each in others if not each.is_typing(now=now)],
        "newer": newer_of_others(query, seen=seen, user=request.user),
    }
    return render(request, "queries/_presence.html", context)
