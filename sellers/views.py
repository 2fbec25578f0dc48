"""Pages about the reader: which shop, which language, which password."""

from typing import Any

from allauth.account.views import PasswordResetView
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from sellers.access import CHOSEN_SHOP
from sellers.enums import Language
from sellers.forms import ForgottenPasswordForm
from sellers.models import Membership, User


def home(request: HttpRequest) -> HttpResponse:
    """Go to the work: the queries of the shop."""
    return redirect("queries:list")


def choose_language(request: HttpRequest) -> HttpResponse:
    """Remember the reader's language: with the account, or in a cookie for a visitor."""
    if request.method != "POST":
        return redirect("home")
    language = request.POST.get("language", "")
    if language not in Language.values:
        language = settings.LANGUAGE_CODE
    if isinstance(request.user, User):
        request.user.language = language
        request.user.save(update_fields=["language"])
    response = redirect(_page_to_return_to(request))
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, language, samesite="Lax", secure=settings.HTTPS
    )
    return response


@login_required
def choose_shop(request: HttpRequest, membership_id: int) -> HttpResponse:
    """Look at another of the reader's own shops."""
    mine = Membership.objects.filter(user=request.user.pk)
    chosen = get_object_or_404(mine, pk=membership_id)
    if request.method == "POST":
        request.session[CHOSEN_SHOP] = chosen.seller_id
    return redirect("home")


class ForgottenPassword(PasswordResetView):  # type: ignore[misc]  # allauth has no types
    """Allauth's page with its limits, but its mail leaves as all mail does."""

    form_class = ForgottenPasswordForm

    def get_form_kwargs(self) -> dict[str, Any]:
        """Pass the form when it is filled in."""
        return {**super().get_form_kwargs(), "now": timezone.now()}


def _page_to_return_to(request: HttpRequest) -> str:
    """Return the page the form was on, or the home page when that is not one of ours."""
    page = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(
        page, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    # Else redirect() would take "queries" for the name of a view.
    return page if ours and page.startswith(("/", "http://", "https://")) else "home"
