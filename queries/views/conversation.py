"""What all pages about one query share: who may act, what was typed, and the page itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from queries import timeouts
from queries.advice import advise
from queries.drafts import key_of, save_draft, sent_already
from queries.enums import DraftKind
from queries.forms import (
    COMPOSER,
    DRAFT_MAX_LENGTH,
    NOTE_COMPOSER,
    DraftForm,
    DuplicateForm,
    FormKey,
    HandOverForm,
    NoReplyNeededForm,
    NoteForm,
    ReplyForm,
)
from queries.models import HAND_BACK_AFTER, CustomerQuery, Draft, Message, Order
from queries.recalls import recall_of
from queries.saved_replies import saved_replies_for
from queries.seen import Seen
from queries.timeline import Timeline, timeline
from queries.views.pane import desk, list_pane
from queries.worklist import first_to_answer
from sellers.access import ShopRequest, ask_to_log_in, shop_page
from sellers.enums import Right
from sellers.models import HolidayChange, Seller

# Session key: what somebody typed who was logged out meanwhile, until they store it.
TYPED: Final = "typed"
FILES_NOT_KEPT: Final = gettext_lazy("Your files are not kept: choose them again.")

QueryAction = Callable[[ShopRequest, CustomerQuery], HttpResponse]


@dataclass(kw_only=True)
class Shown:
    """What a page about a query shows beside the query: forms that come back, what is new."""

    reply: Form | None = None
    note: Form | None = None
    hand_over: Form | None = None
    duplicate: Form | None = None
    no_reply: Form | None = None
    writes_note: bool = False
    seen: Seen | None = None
    email: str = ""
    status: int = HTTPStatus.OK


def query_action(act: QueryAction, *, needs: Right = Right.ANSWER) -> Callable[..., Any]:
    """Allow what is done to a query only by POST, and by who may answer.

    Whoever only looks goes to the thread: so does a browser that had to log in on the way. What
    was typed by somebody who was logged out meanwhile waits there.
    """

    @shop_page(needs=needs)
    def of_shop(request: ShopRequest, query_id: int) -> HttpResponse:
        query = mine(request, query_id)
        return act(request, query) if request.method == "POST" else back_to(request, query)

    @never_cache
    @wraps(act)
    def post_only(request: HttpRequest, query_id: int) -> HttpResponseBase:
        if request.method == "POST" and not request.user.is_authenticated:
            kept = ("body",) if _keep_in_session(request, query_id) else ()
            return ask_to_log_in(request, kept=kept)
        return of_shop(request, query_id)

    return post_only


def mine(request: ShopRequest, query_id: int) -> CustomerQuery:
    """Return a query of the reader's shop; another's is not found."""
    queries = CustomerQuery.objects.for_seller(request.seller).select_related(
        "customer", "seller", "duplicate_of"
    )
    return get_object_or_404(queries, pk=query_id)


def back_to(request: ShopRequest, query: CustomerQuery, *, mode: str = "") -> HttpResponse:
    """Return to a query, beside the list it was opened from."""
    beside = request.GET.copy()
    if mode:
        beside["mode"] = mode
    path = query.get_absolute_url()
    return redirect(f"{path}?{beside.urlencode()}" if beside else path)


def keep_typed(request: ShopRequest, query: CustomerQuery) -> Draft | None:
    """Store what is in the box as a draft, whatever else the form does; files cannot be kept.

    A form without a box leaves the draft as it is.
    """
    if "body" not in request.POST:
        return None
    if request.FILES:
        messages.info(request, FILES_NOT_KEPT)
    return store_draft(request, query)


def store_draft(request: ShopRequest, query: CustomerQuery) -> Draft | None:
    """Store what is in the box as a draft, or forget the draft when nothing is in it.

    A form without the box says nothing about it.
    """
    if "body" not in request.POST:
        return None
    form = DraftForm(request.POST)
    form.is_valid()  # a draft may say anything
    found = FormKey.read(request.POST)
    kind = DraftKind(form.cleaned_data.get("kind", DraftKind.REPLY))
    draft = save_draft(
        query,
        kind=kind,
        body=form.cleaned_data.get("body", ""),
        predicted_score=form.cleaned_data.get("predicted_score"),
        send_key=found.key if found else None,
        user=request.user,
        now=timezone.now(),
    )
    forget_typed(request, query, kind=kind)
    return draft


def forget_typed(request: ShopRequest, query: CustomerQuery, *, kind: DraftKind) -> None:
    """Forget what was typed of this kind about a query by who was logged out: it is stored."""
    typed = request.session.get(TYPED)
    if typed and (typed["query_id"], _kind_of(typed)) == (query.pk, kind):
        del request.session[TYPED]


def conversation(
    request: ShopRequest, query: CustomerQuery, shown: Shown | None = None
) -> HttpResponse:
    """Show a query: the list, the conversation with the box to write in, and what belongs to it."""
    shown = shown or Shown()
    told = timeline(query, zone=settings.MARKETPLACE_ZONE, user=request.user, seen=shown.seen)
    others = CustomerQuery.objects.for_seller(request.seller).exclude(pk=query.pk)
    now = timezone.now()
    pane = list_pane(request, current=query)
    orders = Order.objects.for_seller(request.seller).named_by(query).with_items()
    closings = query.closings.select_related("agent", "client").order_by("-closed_at", "-pk")
    context = {
        "query": query,
        "order": orders.first(),
        "pane": pane,
        "desk": desk(query, colleagues=pane.colleagues, now=pane.now),
        "told": told,
        "recall": recall_of(query),
        "closing": closings.first(),
        "hand_back_after": HAND_BACK_AFTER,
        "close_after": timeouts.CLOSE_AFTER,
        "next_query": first_to_answer(others, pane.view, user=request.user, now=now),
        "email": shown.email,
        "country_without_holidays": _country_without_holidays(request.seller),
        "now": now,
        **_composer(request, query, told, shown),
        **_hand_overs(query),
    }
    return render(request, "queries/detail.html", context, status=shown.status)


def _country_without_holidays(seller: Seller) -> str:
    """Return the country of a shop when its holidays are not known, else nothing."""
    return "" if HolidayChange.objects.are_known_of(seller) else seller.country


def _composer(
    request: ShopRequest, query: CustomerQuery, told: Timeline, shown: Shown
) -> dict[str, Any]:
    """Return what is written with: nothing for who only reads, less where nothing can be sent."""
    if not request.membership.may_answer or query.erased_at:
        return {"composes": False, "writable": False, "has_box": False}
    typed = _of_session(request, query)
    if typed.get("files"):
        messages.info(request, FILES_NOT_KEPT)
    return {
        "composes": True,
        "writable": query.may_be_closed,
        "undoable": _undoable(request, told),
        "saved_replies": saved_replies_for(query),
        "no_reply": shown.no_reply or NoReplyNeededForm(initial=_typed(request, "why")),
        "duplicate": shown.duplicate or DuplicateForm(query=query),
        "hand_over": shown.hand_over or HandOverForm(initial=_typed(request, "reason")),
        **_boxes(request, query, typed, shown),
    }


def _boxes(
    request: ShopRequest, query: CustomerQuery, typed: Mapping[str, Any], shown: Shown
) -> dict[str, Any]:
    """Return the forms of a reply and a note with what was typed in each, and which is open."""
    drafts = {each.kind: each for each in query.drafts.filter(user=request.user)}
    initial = {kind: typed.get(kind) or _as_initial(drafts.get(kind)) for kind in DraftKind.values}
    form = shown.reply or ReplyForm(initial=initial[DraftKind.REPLY])
    is_kept = bool(initial[DraftKind.REPLY])
    has_box = query.may_be_closed or is_kept or bool(form.errors)
    modes = (request.GET.get("mode"), typed.get("kind"))
    writes_note = shown.writes_note or DraftKind.NOTE in modes
    found = FormKey.read(request.POST) if shown.reply else None
    key = found.key if found else typed.get("key") or key_of(drafts.get(DraftKind.REPLY))
    return {
        "form": form,
        "note": shown.note or NoteForm(initial=initial[DraftKind.NOTE]),
        "form_key": FormKey.of(key, query=query, user=request.user),
        "has_box": has_box,
        "is_kept": is_kept,
        "unsaved": typed.get("kind", ""),
        "writes_note": writes_note,
        # The form whose words go along, whatever else is pressed.
        "box": COMPOSER if has_box and not writes_note else NOTE_COMPOSER,
        "remarks": advise(form["body"].value() or "", language=query.language),
    }


def _typed(request: ShopRequest, name: str) -> dict[str, str]:
    """Return what was typed in a box of a form that does something else."""
    return {name: request.POST.get(name, "")}


def _as_initial(draft: Draft | None) -> dict[str, Any]:
    return {"body": draft.body, "predicted_score": draft.predicted_score} if draft else {}


def _undoable(request: ShopRequest, told: Timeline) -> Message | None:
    """Return the reader's own reply that did not leave yet."""
    now = timezone.now()
    own = [each for each in told.messages if each.agent_id == request.user.pk]
    waiting = [each for each in own if each.may_be_taken_back(now=now)]
    return waiting[-1] if waiting else None


def _keep_in_session(request: HttpRequest, query_id: int) -> bool:
    """Keep what was typed until this person logs in again in this browser; say whether it is.

    Only of a page that was made for somebody: its key says for whom. So a stranger stores nothing.
    """
    found = FormKey.read(request.POST)
    body = request.POST.get("body", "").replace("\0", "")[:DRAFT_MAX_LENGTH]
    if found is None or found.query_id != query_id or not body.strip():
        return False
    request.session[TYPED] = {
        "query_id": query_id,
        "user_id": found.user_id,
        "key": found.key.hex,
        "kind": DraftKind.NOTE if request.POST.get("kind") == DraftKind.NOTE else DraftKind.REPLY,
        "body": body,
        "predicted_score": request.POST.get("predicted_score", "")[:2],
        "files": bool(request.FILES),
    }
    return True


def _of_session(request: ShopRequest, query: CustomerQuery) -> dict[str, Any]:
    """Return what the reader typed about this query before logging in, unless it was sent."""
    typed = request.session.get(TYPED)
    if not typed or (typed["query_id"], typed["user_id"]) != (query.pk, request.user.pk):
        return {}
    key = UUID(typed["key"])
    body = typed["body"].replace("\r\n", "\n").strip()
    if sent_already(query, key, body=body, user=request.user):
        return {}
    kind = _kind_of(typed)
    words = {name: typed[name] for name in ("body", "predicted_score")}
    return {kind: words, "key": key, "kind": kind, "files": typed["files"]}


def _kind_of(typed: Mapping[str, Any]) -> DraftKind:
    return DraftKind.NOTE if typed["kind"] == DraftKind.NOTE else DraftKind.REPLY


def _hand_overs(query: CustomerQuery) -> dict[str, Any]:
    """Return the hand-over that is not over, and those before it."""
    latest_first = query.handovers.select_related("by", "client").order_by("-handed_over_at", "-pk")
    earlier = list(latest_first)
    in_hand = earlier.pop(0) if query.is_with_marketplace and earlier else None
    return {"in_hand": in_hand, "handovers": earlier}
