"""One passive or promoter: what they said, and what the shop can do with it."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from http import HTTPStatus
from typing import Any, Final
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from insights.forms.appreciations import (
    CallForm,
    ImprovementForm,
    LetterForm,
    QuoteForm,
    ReferralForm,
)
from insights.refusals import REFUSED
from insights.reports.appreciations import (
    HappyCustomer,
    count_waiting,
    customers_in,
    happy_customer,
)
from insights.views.advice import advice_on
from insights.views.parameters import today
from insights.views.typed_words import TypedWords
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
NOTHING: Final[Mapping[str, Any]] = {}
SAID: Final = {
    "write": _("Your message is on its way to the customer."),
    "call": _("The call is noted."),
    "improvement": _("What would have made it a 9 or 10 is noted."),
    "quote": _("The permission to quote is recorded."),
    "referral": _("The referral is recorded."),
}
FORMS: Final = (LetterForm, CallForm, ImprovementForm, QuoteForm, ReferralForm)
BOXES: Final = tuple(name for form in FORMS for name in form.base_fields)
TEXT_BOXES: Final = ("body", "call_note", "note", "name", "words", "order_reference")


@shop_page()
def passive(request: ShopRequest, passive_id: int) -> HttpResponse:
    """Show who gave a 7 or 8; ask what would have made it more, or note what they said."""
    return _customer(request, Band.PASSIVE, passive_id)


@shop_page()
def promoter(request: ShopRequest, promoter_id: int) -> HttpResponse:
    """Show who gave a 9 or 10; thank them, or record that they may be quoted or brought in."""
    return _customer(request, Band.PROMOTER, promoter_id)


@shop_page(needs=Right.ANSWER)
def passive_advice(request: ShopRequest, passive_id: int) -> HttpResponse:
    """Say what may be better in the question, or take a sentence out of it."""
    return _advice(request, Band.PASSIVE, passive_id)


@shop_page(needs=Right.ANSWER)
def promoter_advice(request: ShopRequest, promoter_id: int) -> HttpResponse:
    """Say what may be better in the thank-you, or take a sentence out of it."""
    return _advice(request, Band.PROMOTER, promoter_id)


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
    """Show a customer, and do what the button says that was pressed; what else was typed stays."""
    response, now = _mine(request, band, pk), timezone.now()
    if request.method != "POST":
        return _page(request, response, now=now)
    if not request.membership.may(Right.ANSWER):
        raise PermissionDenied
    typed = _typed_about(request, response)
    typed.keep(BOXES)
    then = request.POST.get("then", "")
    form = _forms(band, today=today(now), filled=request.POST).get(then)
    if form is None:
        return redirect(request.path)
    if form.is_valid() and _is_done(request, response, then, form, now=now):
        typed.forget(form.fields)
        return redirect(request.path)
    return _page(request, response, {then: form}, now=now, status=HTTPStatus.UNPROCESSABLE_ENTITY)


def _advice(request: ShopRequest, band: Band, pk: int) -> HttpResponse:
    response = _mine(request, band, pk)
    back = redirect(f"insights:{band}", pk)
    if request.method != "POST":
        return back
    assert response.query
    typed = _typed_about(request, response)
    typed.keep(BOXES)
    return advice_on(request, response.query, typed=typed) or back


def _mine(request: ShopRequest, band: Band, pk: int) -> SurveyResponse:
    """Return a customer of the reader's shop; another's is not found."""
    mine = customers_in(request.seller, band).select_related("query")
    return get_object_or_404(mine, pk=pk)


def _typed_about(request: ShopRequest, response: SurveyResponse) -> TypedWords:
    """Return what the reader typed about this customer and nothing stored."""
    return TypedWords(request, response, began={"came_on": today(timezone.now())})


def _is_done(
    request: ShopRequest, response: SurveyResponse, then: str, form: forms.Form, *, now: datetime
) -> bool:
    """Do what a form says; say so, or why not."""
    said = dict(form.cleaned_data)
    if then == "call":
        said = {"note": said["call_note"]}
    if then == "write":
        key = FormKey.read(request.POST)
        said["send_key"] = key.key if key else None
    try:
        DOES[then](response, **said, by=Actor.user(request.user), now=now)
    except tuple(REFUSED) as refusal:
        messages.error(request, str(REFUSED[type(refusal)]))
        return False
    messages.success(request, str(SAID[then]))
    return True


def _forms(
    band: Band,
    *,
    today: date,
    filled: Mapping[str, str] | None = None,
    words: Mapping[str, str] = NOTHING,
) -> dict[str, forms.Form]:
    """Return what there is to fill in, by what is done with it; each with its own ids in HTML."""
    began: dict[str, Any] = {"came_on": today, **words}
    offered: dict[str, forms.Form] = {
        "write": LetterForm(filled, auto_id="write_%s", initial=began),
        "call": CallForm(filled, auto_id="call_%s", initial=began),
    }
    if band == Band.PASSIVE:
        noted = ImprovementForm(filled, auto_id="improvement_%s", initial=began)
        return offered | {"improvement": noted}
    return offered | {
        "quote": QuoteForm(filled, auto_id="quote_%s", initial=began),
        "referral": ReferralForm(filled, auto_id="referral_%s", initial=began, today=today),
    }


def _page(
    request: ShopRequest,
    response: SurveyResponse,
    wrong: Mapping[str, forms.Form] = NOTHING,
    *,
    now: datetime,
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    """Show what can be done, with what was typed; a form with something wrong in it comes back."""
    band, day, words = response.band, today(now), _typed_about(request, response).words
    customer, known = happy_customer(response), _known(request, response)
    offered = {**_forms(band, today=day, words=words), **wrong}
    possible = {then: form for then, form in offered.items() if _may(then, customer, known)}
    boxes = {name for form in possible.values() for name in form.fields}
    context = {
        "tab": f"{band}s",
        "counts": count_waiting(request.seller, today=day),
        "customer": customer,
        "query": response.query,
        "forms": possible,
        "unstored": [words[name] for name in TEXT_BOXES if words.get(name) and name not in boxes],
        **known,
        **_letter(request, response, offered["write"]),
    }
    return render(request, PAGES[band], context, status=status)


def _may(then: str, customer: HappyCustomer, known: Mapping[str, Any]) -> bool:
    """Return whether this can be done now: what cannot has no form on the page."""
    if customer.is_erased or not known["acts"]:
        return False
    match then:
        case "write":
            return known["may_be_written"] and not known["approach"]
        case "call":
            return known["may_be_called"] and not known["approach"]
        case "improvement":
            return not customer.improvement
        case "quote":
            return bool(customer.reason) and not known["consent"]
        case _:
            return True


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
    _typed_about(request, row.response).keep(BOXES)
    try:
        act(row, by=Actor.user(request.user), now=timezone.now())
    except appreciations.AlreadyWithdrawn as refused:
        messages.info(request, str(REFUSED[type(refused)]))
    else:
        messages.success(request, str(_("It is withdrawn.")))
    return redirect("insights:promoter", row.response_id)
