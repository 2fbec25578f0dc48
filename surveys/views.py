"""The customer's pages, and the seller's view of what became of a survey.

Whoever has the link is the customer; a GET never stores anything.
"""

from datetime import datetime
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.vary import vary_on_headers

from queries import customer_mail
from queries.models import CustomerQuery
from sellers.access import ShopRequest, shop_page
from sellers.events import Actor
from sellers.links import PrivatePages, customer_page
from sellers.made_once import FoundOnce
from sellers.tokens import digest
from surveys import answers
from surveys.deciding import survey_rules
from surveys.enums import InvitationState
from surveys.followup_rules import contact_wish
from surveys.forms import SurveyForm
from surveys.models import Invitation, SurveyOptOut, SurveyResponse
from surveys.progress import earlier_contacts, fate_of

NOT_STORED = _("Your answer could not be stored just now. Send it once more in a few minutes.")


# What the pages read: all columns of these tables take as long as the rest of the search.
FOR_PAGES: Final = FoundOnce(
    {"digest": str},
    lambda digest: Invitation.objects.filter(token_digest=digest),
    along=("seller", "query", "closing"),
    only={
        "": (
            *("id", "seller_id", "query_id", "closing_id", "customer_id"),
            *("language", "state", "expires_at"),
        ),
        "seller": ("id", "name"),
        "query": ("id", "subject"),
        "closing": ("id", "agent_id", "closed_by"),
    },
)

survey_pages = PrivatePages(
    path="/survey/",
    find=lambda digest: FOR_PAGES.first(digest=digest),
    unknown="surveys/unknown.html",
    too_many="surveys/too_many.html",
)


@customer_page
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """Show the survey, and store the answer once.

    An answer is not looked up first: the database stores it or not, and only then is it asked why.
    """
    if request.method == "POST":
        now = timezone.now()
        form = SurveyForm(request.POST, now=now)
        if form.is_valid() and _is_stored(form, token, now=now):
            return redirect("surveys:thanks", token)
    return survey(request, token)


def _is_stored(form: SurveyForm, token: str, *, now: datetime) -> bool:
    try:
        answers.submit(
            digest(token),
            score=form.cleaned_data["score"],
            reason=form.cleaned_data["reason"],
            topics=form.cleaned_data["topics"],
            may_contact=form.cleaned_data["may_contact"],
            opened_at=form.opened_at(),
            by=Actor.CUSTOMER,
            now=now,
        )
    except (
        answers.UnknownLink,
        answers.AlreadyAnswered,
        answers.AnswerTooLate,
        answers.AnswerNotStored,
    ):
        return False
    return True


@survey_pages.page
def survey(request: HttpRequest, invitation: Invitation, token: str) -> HttpResponse:
    """Show the survey, or why what was sent could not be stored."""
    now = timezone.now()
    if invitation.state == InvitationState.ANSWERED:
        return _final(request, invitation, token, "surveys/already_answered.html")
    if invitation.is_expired(now=now):
        return _expired(request, invitation, token)
    if request.method != "POST":
        form = SurveyForm(initial={"score": request.GET.get("score")}, now=now)
        return _form(request, invitation, token, form)
    form = SurveyForm(request.POST, now=now)
    if not form.is_valid():
        return _form(request, invitation, token, form, status=422)
    form.add_error(None, NOT_STORED)
    return _form(request, invitation, token, form, status=503)


@survey_pages.page
def thanks(request: HttpRequest, invitation: Invitation, token: str) -> HttpResponse:
    """Thank the customer who has answered, and say what comes of it; others still have to."""
    if invitation.state != InvitationState.ANSWERED:
        return redirect("surveys:answer", token)
    response = SurveyResponse.objects.only("score", "may_contact").get(invitation=invitation)
    wish = contact_wish(may_contact=response.may_contact)
    template = "surveys/thanks.html"
    return _final(request, invitation, token, template, band=response.band, wish=wish)


@survey_pages.page
def conversation(request: HttpRequest, invitation: Invitation, token: str) -> HttpResponse:
    """Mail the customer the link to the conversation; whoever only looks goes to the survey.

    Who has this link may have got it forwarded: the other one is shown to nobody, and goes to the
    e-mail that we know.
    """
    if request.method != "POST":
        return redirect("surveys:answer", token)
    query = CustomerQuery.objects.select_related("seller").get(pk=invitation.query_id)
    try:
        customer_mail.mail_link_again(query, by=Actor.CUSTOMER, now=timezone.now())
    except customer_mail.NoAddress:
        return render(request, "surveys/no_address.html", {"invitation": invitation})
    except customer_mail.AskedTooOften:
        pass  # it is on its way already, which is what the page says
    return render(request, "queries/thread/new_link.html", {"query": query})


@survey_pages.page
def opt_out(request: HttpRequest, invitation: Invitation, token: str) -> HttpResponse:
    """Ask, or with a POST store, that this customer wants no surveys; also undo that.

    A mail program's one-click POST (RFC 8058) carries `List-Unsubscribe=One-Click`.
    """
    if request.method == "POST":
        act = answers.undo_opt_out if "undo" in request.POST else answers.opt_out
        act(invitation.customer, by=Actor.CUSTOMER, now=timezone.now())
        if "List-Unsubscribe" not in request.POST:  # mail programs do not follow redirects
            return redirect("surveys:opt_out", token)
    opted_out = SurveyOptOut.objects.of_person(invitation.customer).exists()
    return render(
        request, "surveys/opt_out.html", {"invitation": invitation, "opted_out": opted_out}
    )


def _form(
    request: HttpRequest,
    invitation: Invitation,
    token: str,
    form: SurveyForm,
    *,
    status: int = 200,
) -> HttpResponse:
    context = {"invitation": invitation, "token": token, "form": form}
    return render(request, "surveys/answer.html", context, status=status)


def _expired(request: HttpRequest, invitation: Invitation, token: str) -> HttpResponse:
    return _final(request, invitation, token, "surveys/expired.html", status=410)


def _final(
    request: HttpRequest,
    invitation: Invitation,
    token: str,
    template: str,
    *,
    status: int = 200,
    **context: object,
) -> HttpResponse:
    """Show a page on which nothing is left to answer, and that one can still write."""
    query = CustomerQuery.objects.select_related("customer").get(pk=invitation.query_id)
    can_write = query.erased_at is None and bool(query.reply_to_email)
    context |= {"invitation": invitation, "token": token, "can_write": can_write}
    return render(request, template, context, status=status)


@vary_on_headers("HX-Request")
@shop_page()
def query_survey(request: ShopRequest, query_id: int) -> HttpResponse:
    """Show the seller what became of the survey after the last closing of a query."""
    query = get_object_or_404(CustomerQuery.objects.for_seller(request.seller), pk=query_id)
    answered = SurveyResponse.objects.for_seller(request.seller).filter(query=query)
    rules = survey_rules(now=timezone.now())
    context = {
        "query": query,
        "steps": fate_of(query, delay=rules.delay),
        "response": answered.prefetch_related("exclusions").latest_first().first(),
        "earlier": earlier_contacts(query),
    }
    fragment = "surveys/_query_survey.html" if request.htmx else "surveys/query_survey.html"
    return render(request, fragment, context)
