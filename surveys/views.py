"""The customer's pages, and the seller's view of what became of a survey.

Whoever has the link is the customer; a GET never stores anything. The customer's pages have no
session and no cookie. The token in the address is the secret that a CSRF token would be elsewhere,
and because of the referrer policy a browser sends `Origin: null`, which Django's CSRF check
refuses: hence csrf_exempt (docs/decisions/0003-a-get-stores-nothing.md).
"""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus

from allauth.account.adapter import get_adapter
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers
from django_ratelimit.core import is_ratelimited

from queries.models import CustomerQuery
from sellers.access import ShopRequest, shop_page
from surveys import answers
from surveys.deciding import survey_rules
from surveys.enums import InvitationState
from surveys.forms import SurveyForm
from surveys.models import Invitation, SurveyOptOut, SurveyResponse
from surveys.progress import survey_steps

# Far above what an office with its mail scanners needs, far below a search for links.
PER_ADDRESS = "120/m"
PER_LINK = "30/m"

# Of four tables: all of their columns take as long as the rest of the search together.
READ_BY_THE_PAGES = (
    "customer",
    "language",
    "state",
    "expires_at",
    "seller__name",
    "query__subject",
    "closing__closed_by",
)

CustomerPage = Callable[[HttpRequest, Invitation, str], HttpResponse]


def customer_page(page: CustomerPage) -> Callable[[HttpRequest, str], HttpResponse]:
    """Find the invitation of a link and answer in the customer's language.

    An unknown and a malformed token are looked up alike and get the same page.
    """

    @csrf_exempt
    @never_cache
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(page)
    def found(request: HttpRequest, token: str) -> HttpResponse:
        if _asks_too_often(request, token):
            return _too_many(request)
        invitation = (
            Invitation.objects.by_token(token)
            .select_related("seller", "query", "closing")
            .only(*READ_BY_THE_PAGES)
            .first()
        )
        if invitation is None:
            response = render(request, "surveys/unknown.html", status=404)
        else:
            translation.activate(invitation.language)
            request.LANGUAGE_CODE = invitation.language
            response = page(request, invitation, token)
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return found


@customer_page
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
            now=now,
        )
    except answers.AlreadyAnswered:
        return redirect("surveys:answer", token)
    except answers.AnswerTooLate:
        return _expired(request, invitation)
    return redirect("surveys:thanks", token)


@customer_page
def thanks(request: HttpRequest, invitation: Invitation, token: str) -> HttpResponse:
    """Thank the customer who has answered; others still have to."""
    if invitation.state != InvitationState.ANSWERED:
        return redirect("surveys:answer", token)
    return render(request, "surveys/thanks.html", {"invitation": invitation})


@customer_page
def opt_out(request: HttpRequest, invitation: Invitation, token: str) -> HttpResponse:
    """Ask, or with a POST store, that this customer wants no surveys; also undo that.

    A mail program's one-click POST (RFC 8058) carries `List-Unsubscribe=One-Click`.
    """
    if request.method == "POST":
        if "undo" in request.POST:
            answers.undo_opt_out(invitation)
        else:
            answers.opt_out(invitation, now=timezone.now())
        if "List-Unsubscribe" not in request.POST:  # mail programs do not follow redirects
            return redirect("surveys:opt_out", token)
    opted_out = SurveyOptOut.objects.filter(customer=invitation.customer_id).exists()
    return render(
        request, "surveys/opt_out.html", {"invitation": invitation, "opted_out": opted_out}
    )


def _asks_too_often(request: HttpRequest, token: str) -> bool:
    """Count a request for its address and for its link; return whether either is over its rate."""
    address = get_adapter().get_client_ip(request)
    counts = {"survey address": (address, PER_ADDRESS), "survey link": (token, PER_LINK)}
    over = [
        is_ratelimited(request, group, key=lambda *_, of=of: of, rate=rate, increment=True)
        for group, (of, rate) in counts.items()
    ]
    return any(over)


def _too_many(request: HttpRequest) -> HttpResponse:
    response = render(request, "surveys/too_many.html", status=HTTPStatus.TOO_MANY_REQUESTS)
    response["Retry-After"] = "60"
    response["Referrer-Policy"] = "no-referrer"
    return response


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
    """Tell the seller what became of the survey after the last closing of a query."""
    query = get_object_or_404(CustomerQuery.objects.for_seller(request.seller), pk=query_id)
    closing = query.closings.select_related("invitation").order_by("-closed_at", "-pk").first()
    answered = SurveyResponse.objects.for_seller(request.seller).filter(query=query)
    rules = survey_rules(now=timezone.now())
    context = {
        "query": query,
        "steps": survey_steps(closing, delay=rules.delay) if closing else [],
        "response": answered.prefetch_related("exclusions").latest_first().first(),
    }
    fragment = "surveys/_query_survey.html" if request.htmx else "surveys/query_survey.html"
    return render(request, fragment, context)
