"""Contacts by phone."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from queries import actions
from queries.forms import PhoneContactForm
from queries.wording import PREDICTION_MISSING
from sellers.access import ShopRequest, shop_page
from sellers.enums import Right
from sellers.events import Actor


@shop_page(needs=Right.ANSWER)
def log_phone(request: ShopRequest) -> HttpResponse:
    """Store a contact by phone as a closed query."""
    form = PhoneContactForm(request.POST or None, seller=request.seller)
    if not form.is_valid():
        return _shown(request, form)
    try:
        query = actions.log_phone_contact(
            request.seller, **form.cleaned_data, by=Actor.user(request.user), now=timezone.now()
        )
    except actions.CustomerIsGone:
        form.add_error("earlier", _("This customer was erased meanwhile."))
        return _shown(request, form)
    except actions.PredictionMissing:
        form.add_error("predicted_score", PREDICTION_MISSING)
        return _shown(request, form)
    messages.success(request, _("The phone contact is logged."))
    return redirect(query)


def _shown(request: ShopRequest, form: PhoneContactForm) -> HttpResponse:
    status = 422 if form.is_bound else 200
    return render(request, "queries/log_phone.html", {"form": form}, status=status)
