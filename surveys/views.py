"""The customer's pages, and the seller's view of what became of a survey.

Whoever has the link is the customer; a GET never stores anything.
"""

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.vary import vary_on_headers

from queries.models import CustomerQuery
from sellers.access import ShopRequest, shop_page
from sellers.events import Actor
from sellers.links import PrivatePages
from surveys import answers
from surveys.deciding import survey_rules
from surveys.enums import InvitationState
from surveys.forms import SurveyForm
from surveys.models import Invitation, SurveyOptOut, SurveyResponse
from surveys.progress import earlier_contacts, survey_steps

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
        return render(request, "surveys/already_answered.html", {"invitation": invitation})
    if invitation.is_expired(now=now):
        return _expired(request, invitation)
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
        return _expired(request, invitation)
    return redirect("surveys:thanks", token)


@survey_pages.page
def thanks(request: HttpRequest, invitation: Invitation, token: str) -> HttpResponse:
    """Thank the customer who has answered; others still have to."""
    if invitation.state != InvitationState.ANSWERED:
        return redirect("surveys:answer", token)
    return render(request, "surveys/thanks.html", {"invitation": invitation})


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


def _expired(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    return render(request, "surveys/expired.html", {"invitation": invitation}, status=410)


@vary_on_headers("HX-Request")
@shop_page()
def query_survey(request: ShopRequest, query_id: int) -> HttpResponse:
    """Show the seller what became of the survey after the last closing of a query."""
    query = get_object_or_404(CustomerQuery.objects.for_seller(request.seller), pk=query_id)
    closing = query.closings.select_related("invitation").order_by("-closed_at", "-pk").first()
    answered = SurveyResponse.objects.for_seller(request.seller).filter(query=query)
    rules = survey_rules(now=timezone.now())
    context = {
        "query": query,
        "steps": survey_steps(closing, delay=rules.delay) if closing else [],
        "response": answered.prefetch_related("exclusions").latest_first().first(),
        "earlier": earlier_contacts(query),
    }
    fragment = "surveys/_query_survey.html" if request.htmx else "surveys/query_survey.html"
    return render(request, fragment, context)
