"""One passive or promoter: what they said, and what the shop can do with it."""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from insights.forms.appreciations import (
    CallForm,
    ImprovementForm,
    LetterForm,
    QuoteForm,
    ReferralForm,
)
from insights.reports.appreciations import count_waiting, customers_in, happy_customer
from insights.views.parameters import today
from queries.actions import QueryIsErased, WithMarketplace
from queries.advice import advise
from queries.forms import FormKey
from sellers.access import ShopRequest, shop_page
from sellers.enums import Right
from sellers.events import Actor
from surveys.enums import Band
from surveys.followup_rules import contact_wish, may_be_called, may_be_written
from surveys.followups import appreciations
from surveys.models import QuoteConsent, Referral, SurveyResponse

PAGES: Final = {
    Band.PASSIVE: "insights/followups/passive.html",
    Band.PROMOTER: "insights/followups/promoter.html",
}
DOES: Final[dict[str, Callable[..., object]]] = {
    "write": appreciations.write,
    "call": appreciations.note_call,
    "improvement": appreciations.note_improvement,
    "quote": appreciations.allow_quote,
    "referral": appreciations.record_referral,
}
SAID: Final = {
    "write": _("Your message is on its way to the customer."),
    "call": _("The call is noted."),
    "improvement": _("What would have made it a 9 or 10 is noted."),
    "quote": _("The permission to quote is recorded."),
    "referral": _("The referral is recorded."),
}
REFUSALS: Final[dict[type[Exception], str | Promise]] = {
    appreciations.NoContactWanted: _("This customer does not want to be contacted in this way."),
    appreciations.AlreadyApproached: _("Somebody did so just before you. Nothing was sent."),
    appreciations.AlreadyNoted: _("Somebody noted it just before you."),
    appreciations.NoWords: _("There are no words to quote."),
    appreciations.AlreadyAllowed: _("A permission to quote is recorded already."),
    appreciations.UnknownOrder: _(
        "Your shop has no order with this number. Leave it empty, and say in words who came in."
    ),
    appreciations.OwnOrder: _("This is an order of the very customer who recommended you."),
    appreciations.OrderAlreadyRecorded: _("This order counts for a referral already."),
    QueryIsErased: _("The texts of this query were erased: nothing can be added any more."),
    WithMarketplace: _("The query is with the marketplace. You can write once it is back."),
}


@shop_page()
def passive(request: ShopRequest, passive_id: int) -> HttpResponse:
    """Show who gave a 7 or 8; ask what would have made it more, or note what they said."""
    return _customer(request, Band.PASSIVE, passive_id)


@shop_page()
def promoter(request: ShopRequest, promoter_id: int) -> HttpResponse:
    """Show who gave a 9 or 10; thank them, or record that they may be quoted or brought in."""
    return _customer(request, Band.PROMOTER, promoter_id)


@require_POST
@shop_page(needs=Right.ANSWER)
def withdraw_quote(request: ShopRequest, consent_id: int) -> HttpResponse:
    """Record that a customer may not be quoted any more."""
    consent = get_object_or_404(QuoteConsent, pk=consent_id, seller=request.seller)
    return _withdraw(request, appreciations.withdraw_quote, consent)


@require_POST
@shop_page(needs=Right.ANSWER)
def withdraw_referral(request: ShopRequest, referral_id: int) -> HttpResponse:
    """Take back a referral that was recorded by mistake."""
    referral = get_object_or_404(Referral, pk=referral_id, seller=request.seller)
    return _withdraw(request, appreciations.withdraw_referral, referral)


def _customer(request: ShopRequest, band: Band, pk: int) -> HttpResponse:
    """Show a customer, and do what the form says that was sent."""
    mine = customers_in(request.seller, band).select_related("query")
    response, now = get_object_or_404(mine, pk=pk), timezone.now()
    if request.method != "POST":
        return _page(request, response, _forms(band, now=now), now=now)
    if not request.membership.may(Right.ANSWER):
        raise PermissionDenied
    then, offered = request.POST.get("then", ""), _forms(band, now=now, posted=request)
    if then not in offered:
        return redirect(request.path)
    form = offered[then]
    if form.is_valid() and _is_done(request, response, then, form, now=now):
        return redirect(request.path)
    offered = _forms(band, now=now) | {then: form}
    return _page(request, response, offered, now=now, status=HTTPStatus.UNPROCESSABLE_ENTITY)


def _is_done(
    request: ShopRequest, response: SurveyResponse, then: str, form: forms.Form, *, now: datetime
) -> bool:
    """Do what a form says; say so, or why not."""
    said = dict(form.cleaned_data)
    if then == "write":
        key = FormKey.read(request.POST)
        said["send_key"] = key.key if key else None
    try:
        DOES[then](response, **said, by=Actor.user(request.user), now=now)
    except tuple(REFUSALS) as refusal:
        messages.error(request, str(REFUSALS[type(refusal)]))
        return False
    messages.success(request, str(SAID[then]))
    return True


def _forms(
    band: Band, *, now: datetime, posted: ShopRequest | None = None
) -> dict[str, forms.Form]:
    """Return what there is to fill in, by what is done with it; each with its own names in HTML."""
    filled = posted.POST if posted else None
    day = today(now)
    offered: dict[str, forms.Form] = {
        "write": LetterForm(filled, auto_id="write_%s"),
        "call": CallForm(filled, auto_id="call_%s"),
    }
    if band == Band.PASSIVE:
        return offered | {"improvement": ImprovementForm(filled, auto_id="improvement_%s")}
    return offered | {
        "quote": QuoteForm(filled, auto_id="quote_%s"),
        "referral": ReferralForm(
            filled, auto_id="referral_%s", initial={"came_on": day}, today=day
        ),
    }


def _page(
    request: ShopRequest,
    response: SurveyResponse,
    offered: dict[str, forms.Form],
    *,
    now: datetime,
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    band, day = response.band, today(now)
    context = {
        "tab": f"{band}s",
        "counts": count_waiting(request.seller, today=day),
        "customer": happy_customer(response),
        "query": response.query,
        "forms": offered,
        "refused": any(form.is_bound and form.is_valid() for form in offered.values()),
        **_known(request, response),
        **_letter(request, response, offered["write"]),
    }
    return render(request, PAGES[band], context, status=status)


def _known(request: ShopRequest, response: SurveyResponse) -> dict[str, Any]:
    """Return what is recorded about this customer, and what may be done."""
    wish = contact_wish(may_contact=response.may_contact)
    approaches = response.approaches.standing().select_related("made_by")
    return {
        "topics": response.topics.order_by("position", "pk"),
        "approach": approaches.first(),
        "consent": response.quote_consents.usable().select_related("recorded_by").first(),
        "referrals": response.referrals.standing().order_by("-came_on", "-pk"),
        "may_be_written": may_be_written(wish, replies=0),
        "may_be_called": may_be_called(wish),
        "acts": request.membership.may(Right.ANSWER),
    }


def _letter(request: ShopRequest, response: SurveyResponse, form: forms.Form) -> dict[str, Any]:
    """Return what the box to write in needs: the key with which it sends once, and advice."""
    assert response.query
    found = FormKey.read(request.POST)
    key = found.key if found else uuid4()
    return {
        "form_key": FormKey.of(key, query=response.query, user=request.user),
        "remarks": advise(form["body"].value() or "", language=response.query.language),
    }


def _withdraw(
    request: ShopRequest, act: Callable[..., None], row: QuoteConsent | Referral
) -> HttpResponse:
    try:
        act(row, by=Actor.user(request.user), now=timezone.now())
    except appreciations.AlreadyWithdrawn:
        messages.info(request, str(_("It was withdrawn before.")))
    else:
        messages.success(request, str(_("It is withdrawn.")))
    return redirect("insights:promoter", row.response_id)
