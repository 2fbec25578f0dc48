"""The customer's page of a conversation: whoever has its link reads along and answers.

That proves possession of the link and not who somebody is, so what is written here is marked so.
A GET stores nothing, and nothing here needs a session.
"""

from datetime import datetime
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from queries import actions, customer_mail
from queries.downloads import attachment_response
from queries.enums import MessageVia, QueryState
from queries.files import FilesCannotBeStored
from queries.forms import NO_FILES_NOW, TOO_FAST, CustomerReplyForm
from queries.models import LEAVES_AFTER, Attachment, CustomerQuery, ThreadLink
from sellers.events import Actor
from sellers.links import PrivatePages, sends_too_often


def _find(digest: str) -> ThreadLink | None:
    rows = ThreadLink.objects.with_last_message()
    rows = rows.select_related("query__seller", "query__customer")
    return rows.filter(token_digest=digest).first()


thread_pages = PrivatePages(
    path="/thread/",
    find=_find,
    unknown="queries/thread/unknown.html",
    too_many="queries/too_many.html",
)


@thread_pages.page
def page(request: HttpRequest, link: ThreadLink, token: str) -> HttpResponse:
    """Show the conversation, and store what the customer writes."""
    now = timezone.now()
    if link.query.erased_at:
        return render(request, "queries/thread/erased.html", {"query": link.query}, status=410)
    if link.is_over(now=now):
        return _expired(request, link, token)
    if request.method != "POST":
        return _thread(request, link, token, CustomerReplyForm())
    form = CustomerReplyForm(request.POST, request.FILES)
    if not form.is_valid():
        return _thread(request, link, token, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    if sends_too_often(request, thread_pages.path, secret=token):
        form.add_error("body", TOO_FAST)
        return _thread(request, link, token, form, status=HTTPStatus.TOO_MANY_REQUESTS)
    try:
        actions.receive_reaction(
            link.query,
            **form.cleaned_data,
            via=MessageVia.LINK,
            by=Actor.CUSTOMER,
            now=now,
        )
    except actions.QueryIsErased:
        return redirect("thread:page", token)
    except FilesCannotBeStored:
        form.add_error("attachments", NO_FILES_NOW)
        return _thread(request, link, token, form, status=HTTPStatus.SERVICE_UNAVAILABLE)
    return redirect(f"{request.path}?sent#last")


@require_safe
def attachment(request: HttpRequest, token: str, attachment_id: int) -> HttpResponse:
    """Give a file of the conversation."""

    def of_thread(request: HttpRequest, link: ThreadLink, token: str) -> HttpResponse:
        if link.is_over(now=timezone.now()):
            return _expired(request, link, token)
        read = link.query.messages.for_customer(now=timezone.now())
        shown = Attachment.objects.filter(message__in=read)
        return attachment_response(get_object_or_404(shown, pk=attachment_id))

    return thread_pages.page(of_thread)(request, token)


@thread_pages.page
def new_link(request: HttpRequest, link: ThreadLink, token: str) -> HttpResponse:
    """Mail a link that works to the e-mail that we know; whoever only looks goes to the page."""
    if request.method != "POST":
        return redirect("thread:page", token)
    try:
        customer_mail.mail_new_link(link, by=Actor.CUSTOMER, now=timezone.now())
    except customer_mail.NoAddress:
        return _expired(request, link, token)
    except customer_mail.AskedTooOften:
        pass  # it is on its way already, which is what the page says
    return render(request, "queries/thread/new_link.html", {"query": link.query})


def _thread(
    request: HttpRequest,
    link: ThreadLink,
    token: str,
    form: CustomerReplyForm,
    *,
    status: int = 200,
) -> HttpResponse:
    query = link.query
    shown = query.messages.for_customer(now=timezone.now())
    context = {
        "query": query,
        "state": _state_for_customer(query, now=timezone.now()),
        "token": token,
        "form": form,
        "thread": shown.as_thread(),
        "thread_url": reverse("thread:page", args=[token]),
        "is_sent": "sent" in request.GET
        and query.state in (QueryState.YOUR_TURN, QueryState.WITH_MARKETPLACE),
        "survey_stands": query.closings.reopened_after_decision().exists(),
    }
    return render(request, "queries/thread/page.html", context, status=status)


def _state_for_customer(query: CustomerQuery, *, now: datetime) -> str:
    """Return whose turn it is as far as the customer knows: a reply may not have left yet."""
    is_out = query.turn_since <= now - LEAVES_AFTER
    return query.state if is_out or query.is_with_marketplace else QueryState.YOUR_TURN


def _expired(request: HttpRequest, link: ThreadLink, token: str) -> HttpResponse:
    context = {"query": link.query, "token": token, "has_address": bool(link.query.reply_to_email)}
    return render(request, "queries/thread/expired.html", context, status=HTTPStatus.GONE)
