"""Where a customer asks, whom the marketplace sends."""

import logging

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from queries.asking import StatementUsed, ask_with_statement, is_used
from queries.enums import StatementProblem
from queries.files import FilesCannotBeStored
from queries.forms import NO_FILES_NOW, AskForm, kept, read_kept
from queries.statements import Statement, StatementRefused, read_statement
from sellers.events import Actor
from sellers.links import asks_too_often, customer_page, speak, too_many
from sellers.models import Seller

logger = logging.getLogger(__name__)


@customer_page
def ask(request: HttpRequest) -> HttpResponse:
    """Let a customer ask whom the marketplace sends with a signed statement; docs/ask.md.

    The first POST comes from the marketplace's page and brings the statement; the second is our
    form, which keeps it. Whoever posts one is who it is about: there is no session to ride on.
    """
    if not settings.ASK_KEYS:
        raise Http404
    if request.method != "POST":
        return render(request, "queries/ask_how.html")
    try:
        statement, is_first = _statement(request)
        seller = Seller.objects.filter(pk=statement.shop).first()
        if seller is None:
            raise StatementRefused(StatementProblem.UNKNOWN_SHOP)
    except StatementRefused as refusal:
        if asks_too_often(request, request.path):
            return too_many(request, "queries/too_many.html")
        return _refused(request, refusal.problem)
    speak(request, statement.language or settings.LANGUAGE_CODE)
    context = {"statement": statement, "seller": seller}
    if is_used(statement):
        return render(request, "queries/ask_sent.html", context | {"already": True})
    form = AskForm() if is_first else AskForm(request.POST, request.FILES)
    if not form.is_valid():
        context |= {"form": form, "kept": kept(statement) if is_first else request.POST["kept"]}
        return render(request, "queries/ask.html", context, status=200 if is_first else 422)
    try:
        ask_with_statement(
            statement, seller=seller, **form.cleaned_data, by=Actor.CUSTOMER, now=timezone.now()
        )
    except StatementUsed:
        context["already"] = True
    except FilesCannotBeStored:
        form.add_error("attachments", NO_FILES_NOW)
        return render(
            request,
            "queries/ask.html",
            {**context, "form": form, "kept": request.POST["kept"]},
            status=503,
        )
    return render(request, "queries/ask_sent.html", context)


def _statement(request: HttpRequest) -> tuple[Statement, bool]:
    """Return what the marketplace said, and whether it is only now that it says so."""
    if "kept" in request.POST:
        return read_kept(request.POST), False
    signed = request.POST.get("statement", "")
    now = timezone.now()
    return read_statement(signed, keys=settings.ASK_KEYS, audience=settings.SITE_URL, now=now), True


def _refused(request: HttpRequest, problem: StatementProblem) -> HttpResponse:
    """Say what is wrong to who asks and to who made the button; what was typed is not lost."""
    logger.warning("Statement refused: %s", problem.value)
    context = {"problem": problem, "typed": request.POST.get("body", "")}
    return render(request, "queries/ask_refused.html", context, status=400)
