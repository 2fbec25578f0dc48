"""Pages about the reader: which shop, which language, which name and password."""

from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.account.views import PasswordResetFromKeyView, PasswordResetView
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from sellers import actions
from sellers.access import CHOSEN_SHOP, ShopRequest, open_invitations, shop_page
from sellers.adapter import PASSWORD, guess_of, remember_browser
from sellers.enums import Language
from sellers.events import Actor
from sellers.forms import AlertsForm, ForgottenPasswordForm, OwnSettingsForm
from sellers.links import speak
from sellers.models import AlertPreferences, Membership, User


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
    """Look at another of the reader's own shops, at the work or where a link was to lead."""
    assert isinstance(request.user, User)
    chosen = get_object_or_404(Membership.objects.of_user(request.user), pk=membership_id)
    if request.method != "POST":
        return redirect("home")
    request.session[CHOSEN_SHOP] = chosen.seller_id
    return redirect(_page_to_return_to(request))


@shop_page()
def own_settings(request: ShopRequest) -> HttpResponse:
    """Set one's own name, language and signatures."""
    given = request.POST if request.method == "POST" else None
    form = OwnSettingsForm(given, user=request.user, memberships=request.memberships)
    if form.is_valid():
        name, language = form.cleaned_data["name"], Language(form.cleaned_data["language"])
        actions.change_own_settings(
            request.user,
            name=name,
            language=language,
            signatures=form.signatures,
            now=timezone.now(),
        )
        speak(request, language)
        messages.success(request, _("Your settings are stored."))
        return redirect("sellers:settings")
    context = {"form": form, "invitations": open_invitations(request.user)}
    status = 422 if form.is_bound else 200
    return render(request, "sellers/settings.html", context, status=status)


@shop_page()
def own_alerts(request: ShopRequest) -> HttpResponse:
    """Choose what one is told of, how, and when not."""
    given = request.POST if request.method == "POST" else None
    before = AlertPreferences.objects.by_user([request.user.pk])[request.user.pk]
    form = AlertsForm(given, preferences=before, memberships=request.memberships)
    if form.is_valid():
        chosen = form.cleaned_data
        actions.choose_alerts(
            request.user,
            unlisted=form.switched_off("listed", before.unlisted),
            unmailed=form.switched_off("mailed", before.unmailed),
            low_score_at_most=chosen.get("low_score_at_most", before.low_score_at_most),
            quiet_from=chosen["quiet_from"],
            quiet_until=chosen["quiet_until"],
            by=Actor.user(request.user),
            now=timezone.now(),
        )
        messages.success(request, _("Your alerts are stored."))
        return redirect("sellers:alerts")
    status = 422 if form.is_bound else 200
    return render(request, "sellers/alerts.html", {"form": form}, status=status)


class ForgottenPassword(PasswordResetView):  # type: ignore[misc]  # allauth has no types
    """Allauth's page with its limits, but its mail leaves as all mail does."""

    form_class = ForgottenPasswordForm

    def get_form_kwargs(self) -> dict[str, Any]:
        """Pass the form when it is filled in."""
        return {**super().get_form_kwargs(), "now": timezone.now()}


@require_safe
@login_required
@never_cache
@reauthentication_required(app="allauth.mfa")  # type: ignore[untyped-decorator]  # of allauth
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Show the codes that still work; allauth's own page stores that it was looked at."""
    of_reader = Authenticator.objects.filter(user=request.user)
    kept = get_object_or_404(of_reader, type=Authenticator.Type.RECOVERY_CODES)
    context = {"unused_codes": kept.wrap().get_unused_codes()}
    return render(request, "mfa/recovery_codes/index.html", context)


class NewPassword(PasswordResetFromKeyView):  # type: ignore[misc]  # allauth has no types
    """Allauth's page, and a way in while others guess: who reads the mail is known from now on."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Store the password, and know the browser."""
        response: HttpResponse = super().form_valid(form)
        guess_of(self.request, PASSWORD, self.reset_user.email).forget_others()
        remember_browser(response, self.reset_user)
        return response


def _page_to_return_to(request: HttpRequest) -> str:
    """Return the page the form was on, or the home page when that is not one of ours."""
    page = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(
        page, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    # Else redirect() would take "queries" for the name of a view.
    return page if ours and page.startswith(("/", "http://", "https://")) else "home"
