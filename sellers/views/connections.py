"""Connections: the programs of a shop that use the API."""

from http import HTTPStatus
from typing import Final

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sellers import actions
from sellers.access import ShopRequest, shop_page
from sellers.enums import Right
from sellers.events import Actor
from sellers.forms import ApiClientForm
from sellers.models import BOTH_SECRETS_FOR, ApiClient, Webhook

REFUSED: Final[dict[type[Exception], Promise]] = {
    actions.TooManyClients: gettext_lazy(
        "Your shop has very many clients. Revoke one that is not used any more."
    ),
    actions.ClientIsRevoked: gettext_lazy("This client was revoked meanwhile."),
}


@shop_page(needs=Right.MANAGE_TEAM)
def connections(request: ShopRequest) -> HttpResponse:
    """Show the programs of the shop, and make one more for the shop that the form was about."""
    given = request.POST if request.method == "POST" else None
    form = ApiClientForm(given)
    if given is not None and given.get("shop") != str(request.seller.pk):
        form.add_error(None, _("You look at another shop now: is it this one that you mean?"))
    if form.is_valid():
        by, now = Actor.user(request.user), timezone.now()
        try:
            made = actions.make_client(request.seller, **form.cleaned_data, by=by, now=now)
        except actions.NotAnOwner:
            return redirect("home")
        except actions.TooManyClients as refused:
            form.add_error(None, str(REFUSED[type(refused)]))
        else:
            return _secret(request, *made)
    clients = ApiClient.objects.for_seller(request.seller).usable().order_by("name", "pk")
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    webhooks = Webhook.objects.for_seller(request.seller).order_by("pk")
    context = {"clients": clients, "webhooks": webhooks, "form": form, "now": timezone.now()}
    return render(request, "sellers/connections/list.html", context, status=status)


@shop_page(needs=Right.MANAGE_TEAM)
def replace_secret(request: ShopRequest, client_id: int) -> HttpResponse:
    """Give a program another secret, shown this once; ask first when that ends one that works."""
    client, now = _of_shop(request, client_id), timezone.now()
    if request.method != "POST":
        return redirect("sellers:connections")
    if client.has_two_secrets(now=now) and "sure" not in request.POST:
        return render(request, "sellers/connections/replace.html", {"client": client})
    try:
        secret = actions.replace_secret(client, by=Actor.user(request.user), now=now)
    except actions.NotAnOwner:
        return redirect("home")
    except actions.ClientIsRevoked as refused:
        messages.info(request, str(REFUSED[type(refused)]))
        return redirect("sellers:connections")
    return _secret(request, client, secret, both_days=BOTH_SECRETS_FOR.days)


@shop_page(needs=Right.MANAGE_TEAM)
def revoke_client(request: ShopRequest, client_id: int) -> HttpResponse:
    """Ask to confirm that a program is let in no more."""
    client = _of_shop(request, client_id)
    if request.method != "POST":
        return render(request, "sellers/connections/revoke.html", {"client": client})
    try:
        actions.revoke_client(client, by=Actor.user(request.user), now=timezone.now())
    except actions.NotAnOwner:
        return redirect("home")
    except actions.ClientIsRevoked as refused:
        messages.info(request, str(REFUSED[type(refused)]))
    else:
        messages.success(request, _("%(name)s is let in no more.") % {"name": client})
    return redirect("sellers:connections")


def _of_shop(request: ShopRequest, client_id: int) -> ApiClient:
    return get_object_or_404(ApiClient.objects.for_seller(request.seller), pk=client_id)


def _secret(
    request: ShopRequest, client: ApiClient, secret: str, *, both_days: int = 0
) -> HttpResponse:
    """Show a secret: it is nowhere else, also not in the session, so there is no redirect."""
    context = {
        "client": client,
        "secret": secret,
        "both_days": both_days,
        "site_url": settings.SITE_URL,
    }
    return render(request, "sellers/connections/secret.html", context)
