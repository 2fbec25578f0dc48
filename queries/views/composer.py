"""Writing: replies, notes and their drafts; and taking a reply back before it leaves."""

import re
from http import HTTPStatus
from typing import Final

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from queries import actions
from queries.advice import advise, without
from queries.drafts import save_draft
from queries.enums import DraftKind
from queries.files import FilesCannotBeStored
from queries.forms import (
    DRAFT_MAX_LENGTH,
    NO_FILES_NOW,
    ClosingForm,
    FormKey,
    NoteForm,
    ReplyForm,
)
from queries.models import CustomerQuery, SavedReply
from queries.saved_replies import text_for
from queries.seen import Seen
from queries.views.conversation import (
    FILES_NOT_KEPT,
    Shown,
    back_to,
    conversation,
    forget_typed,
    keep_typed,
    query_action,
    store_draft,
)
from queries.wording import NOT_CLOSED, NOT_REPLIED, NOTHING_TO_NOTE
from sellers.access import ShopRequest
from sellers.events import Actor

# Where, in which words and with which status a reply that was not stored comes back.
REPLY_REFUSED: dict[type[Exception], tuple[str | None, ValidationError, HTTPStatus]] = {
    actions.QueryIsClosed: (
        None,
        ValidationError(NOT_REPLIED[actions.QueryIsClosed]),
        HTTPStatus.CONFLICT,
    ),
    actions.WithMarketplace: (
        None,
        ValidationError(NOT_REPLIED[actions.WithMarketplace]),
        HTTPStatus.CONFLICT,
    ),
    actions.MovedOn: (
        None,
        ValidationError(
            gettext_lazy(
                "Not sent yet: the conversation went on while you wrote. Read what is new, then "
                "send your reply if it still fits."
            )
        ),
        HTTPStatus.CONFLICT,
    ),
    actions.PredictionMissing: (
        "predicted_score",
        ValidationError(NOT_REPLIED[actions.PredictionMissing]),
        HTTPStatus.UNPROCESSABLE_ENTITY,
    ),
    FilesCannotBeStored: (
        "attachments",
        ValidationError(NO_FILES_NOW),
        HTTPStatus.SERVICE_UNAVAILABLE,
    ),
}

# The same for a closing without a word.
CLOSING_REFUSED: Final = {
    actions.MovedOn: (
        None,
        ValidationError(
            gettext_lazy(
                "Not closed yet: the conversation went on meanwhile. Read what is new, then close "
                "the query if that still fits."
            )
        ),
        HTTPStatus.CONFLICT,
    ),
    actions.PredictionMissing: REPLY_REFUSED[actions.PredictionMissing],
}


@query_action
def reply(request: ShopRequest, query: CustomerQuery) -> HttpResponse:
    """Answer the customer, and wait for what they say."""
    return _send(request, query, ReplyForm(request.POST, request.FILES), closes=False)


@query_action
def close(request: ShopRequest, query: CustomerQuery) -> HttpResponse:
    """Answer the customer for the last time and close the query; without words only close it."""
    form = ClosingForm(request.POST, request.FILES)
    if not form.is_valid() or form.cleaned_data["body"]:
        return _send(request, query, form, closes=True)
    by, now, seen = Actor.user(request.user), timezone.now(), _seen(request)
    try:
        predicted_score = form.cleaned_data["predicted_score"]
        actions.close(query, predicted_score=predicted_score, seen=seen, by=by, now=now)
    except tuple(CLOSING_REFUSED) as refused:
        field, sentence, status = CLOSING_REFUSED[type(refused)]
        form.add_error(field, sentence)
        return conversation(request, query, Shown(reply=form, seen=seen, status=status))
    except (actions.QueryIsClosed, actions.WithMarketplace) as refused:
        messages.info(request, NOT_CLOSED[type(refused)])
    else:
        store_draft(request, query)  # there is nothing in the box
        messages.success(request, _("The query is closed."))
    return back_to(request, query)


def _send(
    request: ShopRequest, query: CustomerQuery, form: ReplyForm, *, closes: bool
) -> HttpResponse:
    """Store a reply; what cannot be stored comes back with the reason, and is a draft."""
    seen, found = _seen(request), FormKey.read(request.POST)
    shown = Shown(reply=form, seen=seen, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    if form.is_valid():
        try:
            actions.reply(
                query,
                body=form.cleaned_data["body"],
                attachments=form.cleaned_data["attachments"],
                closes=closes,
                predicted_score=form.cleaned_data["predicted_score"],
                send_key=found.key if found else None,
                seen=seen,
                by=Actor.user(request.user),
                now=timezone.now(),
            )
        except tuple(REPLY_REFUSED) as refused:
            field, sentence, shown.status = REPLY_REFUSED[type(refused)]
            form.add_error(field, sentence)
        else:
            forget_typed(request, query, kind=DraftKind.REPLY)
            return back_to(request, query)
    store_draft(request, query)
    return conversation(request, query, shown)


def _seen(request: ShopRequest) -> Seen | None:
    return Seen.read(request.POST.get("seen", ""))


@query_action
def note(request: ShopRequest, query: CustomerQuery) -> HttpResponse:
    """Keep an internal note."""
    form = NoteForm(request.POST)
    if not form.is_valid():
        keep_typed(request, query)
        return conversation(request, query, Shown(note=form, writes_note=True, status=422))
    by, now = Actor.user(request.user), timezone.now()
    try:
        actions.write_note(query, body=form.cleaned_data["body"], by=by, now=now)
    except actions.QueryIsErased:
        messages.info(request, NOTHING_TO_NOTE)
    forget_typed(request, query, kind=DraftKind.NOTE)
    return back_to(request, query)


@query_action
def draft(request: ShopRequest, query: CustomerQuery) -> HttpResponse:
    """Keep what is being written; the first button of the form, and a browser all the time."""
    kept = keep_typed(request, query)
    if request.htmx:
        return render(request, "queries/_kept.html", {"draft": kept})
    if request.POST.get("mode") == DraftKind.NOTE:
        return back_to(request, query, mode=DraftKind.NOTE)
    if kept and "mode" not in request.POST:
        messages.success(request, _("Your draft is saved. Nobody else sees it."))
    return back_to(request, query)


@query_action
def advice(request: ShopRequest, query: CustomerQuery) -> HttpResponse:
    """Say what may be better in what is being written, or take a sentence out of it."""
    if request.htmx:
        body = request.POST.get("body", "").replace("\r\n", "\n")[:DRAFT_MAX_LENGTH]
        remarks = advise(body, language=query.language)
        context = {"remarks": remarks, "query": query, "url": request.get_full_path()}
        return render(request, "queries/_advice.html", context)
    if kept := keep_typed(request, query):
        sentence = request.POST.get("sentence", "").replace("\r\n", "\n")
        _rewrite(request, query, without(kept.body, sentence), kept.predicted_score)
    return back_to(request, query)


@query_action
def insert(request: ShopRequest, query: CustomerQuery) -> HttpResponse:
    """Put a saved reply behind what is in the box; a browser with scripts at the cursor."""
    pk = request.POST.get("saved_reply", "")
    if not re.fullmatch(r"[0-9]{1,18}", pk):
        return back_to(request, query)
    saved = get_object_or_404(SavedReply, pk=pk, seller=request.seller)
    text = text_for(saved, query=query, agent=request.user)
    if request.htmx:
        return HttpResponse(text, content_type="text/plain; charset=utf-8")
    kept = keep_typed(request, query)
    before = [kept.body.rstrip()] if kept else []
    _rewrite(request, query, "\n\n".join([*before, text]), kept.predicted_score if kept else None)
    return back_to(request, query)


def _rewrite(
    request: ShopRequest, query: CustomerQuery, body: str, predicted_score: int | None
) -> None:
    """Let the reader's reply that is not sent yet say something else."""
    save_draft(
        query,
        kind=DraftKind.REPLY,
        body=body,
        predicted_score=predicted_score,
        user=request.user,
        now=timezone.now(),
    )


@query_action
def undo(request: ShopRequest, query: CustomerQuery) -> HttpResponse:
    """Take back one's own reply before it leaves, and the closing that came with it."""
    keep_typed(request, query)
    pk = request.POST.get("message", "")
    if not re.fullmatch(r"[0-9]{1,18}", pk):
        return back_to(request, query)
    sent = get_object_or_404(query.messages.filter(agent=request.user), pk=pk)
    try:
        actions.take_back(sent, by=Actor.user(request.user), now=timezone.now())
    except actions.TooLate:
        messages.info(request, _("Too late: your reply is on its way to the customer already."))
    except actions.QueryIsErased:
        messages.info(request, _("This query was erased, so nothing is left to take back."))
    else:
        messages.success(request, _("Taken back. The customer gets nothing; your words are here."))
        if sent.attachments.exists():
            messages.info(request, FILES_NOT_KEPT)
    return back_to(request, query)
