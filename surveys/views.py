"""The customer's pages, and the seller's view of what became of a survey.

Whoever has the link is the customer; a GET never stores anything.
"""

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.vary import vary_on_headers

from queries import customer_mail
from queries.models import CustomerQuery
from sellers.access import ShopRequest, shop_page
from sellers.events import Actor
from sellers.links import PrivatePages
from surveys import answers
from surveys.deciding import survey_rules
from surveys.enums import InvitationState
from surveys.followup_rules import contact_wish
from surveys.forms import SurveyForm
from surveys.models import Invitation, SurveyOptOut, SurveyResponse
from surveys.progress import earlier_contacts, fate_of

# Of four tables: all of their columns take as long as the rest of the search together.
READ_BY_THE_PAGES = (
    "customer",
    "language",
    "state",
    "expires_at",
    "seller__name",
    "query__subject",
    "closing__agent",
    "closing__closed_by",
)


NOT_STORED = _("Your answer could not be stored just now. Send it once more in a few minutes.")


def _read_by_the_pages() -> QuerySet[Invitation]:
    rows = Invitation.objects.select_related("seller", "query", "closing")
    return rows.only(*READ_BY_THE_PAGES)


survey_pages = PrivatePages(
    path="/survey/",
    rows=_read_by_the_pages,
    unknown="surveys/unknown.html",
    too_many="surveys/too_many.html",
)


@survey_pages.page
def answer(request: HttpRequest, invitation: Invitation, token: str) -> HttpResponse:
    """Show the survey, and store the answer once."""
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
    try:
        answers.submit(
            invitation,
            score=form.cleaned_data["score"],
            reason=form.cleaned_data["reason"],
            topics=form.cleaned_data["topics"],
            may_contact=form.cleaned_data["may_contact"],
            opened_at=form.opened_at(),
            by=Actor.CUSTOMER,
            now=now,
        )
    except answers.AlreadyAnswered:
        return redirect("surveys:answer", token)
    except answers.AnswerTooLate:
        return _expired(request, invitation, token)
    except answers.AnswerNotStored:
        form.add_error(None, NOT_STORED)
        return _form(request, invitation, token, form, status=503)
    return redirect("surveys:thanks", token)


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
