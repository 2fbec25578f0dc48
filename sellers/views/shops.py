"""What an owner sets for the whole shop."""

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from sellers import actions
from sellers.access import ShopRequest, shop_page
from sellers.enums import Right
from sellers.events import Actor
from sellers.forms import ShopSettingsForm


@shop_page(needs=Right.MANAGE_TEAM)
def shop_settings(request: ShopRequest) -> HttpResponse:
    """Show and store the settings of the shop that the form was about."""
    given = request.POST if request.method == "POST" else None
    form = ShopSettingsForm(given, seller=request.seller)
    if given is not None and given.get("shop") != str(request.seller.pk):
        form.add_error(None, _("You look at another shop now: is it this one that you mean?"))
    if form.is_valid():
        by, now = Actor.user(request.user), timezone.now()
        try:
            actions.change_shop_settings(request.seller, **form.cleaned_data, by=by, now=now)
        except actions.NotAnOwner:
            return redirect("home")
        except actions.NotInTeam:
            messages.error(request, _("Somebody you chose left the team meanwhile. Choose again."))
        else:
            messages.success(request, _("The settings of the shop are stored."))
        return redirect("sellers:shop_settings")
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return render(request, "sellers/shop_settings.html", {"form": form}, status=status)
