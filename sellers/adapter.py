"""What of accounts is done otherwise than allauth does it."""

from datetime import timedelta
from typing import Any, Final

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import get_random_string, salted_hmac
from django.utils.translation import ngettext

from sellers.guessing import Guess, same_account
from sellers.links import network_of
from sellers.models import User

PASSWORD: Final = "password"  # noqa: S105  a kind of guess
NOBODY: Final = "0.0.0.0"  # noqa: S104  of a socket without an address
BROWSER_IS_KNOWN_FOR: Final = timedelta(days=365)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Takes an address that is none for one that leads elsewhere, and counts guesses itself.

    Allauth counts them in the cache, and locks an account out for everybody.
    """

    def is_safe_url(self, url: Any) -> bool:
        """Return whether somebody may be sent there after the log-in."""
        try:
            return bool(super().is_safe_url(url))
        except ValueError:  # such as //[
            return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return who asks: what our own proxies wrote, or who connected where they wrote nothing.

        Fewer of them than TRUSTED_PROXY_COUNT says is a request that came another way.
        """
        try:
            return str(super().get_client_ip(request))
        except (ImproperlyConfigured, PermissionDenied):
            return str(request.META.get("REMOTE_ADDR") or NOBODY)

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Return who knows the password. Raises ValidationError after too many guesses."""
        guess = count_guess(request, PASSWORD, credentials.get("email", ""))
        user: User | None = super().authenticate(request, **credentials)
        if user:
            guess.was_right()
        return user

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count nothing in the cache."""

    def reauthenticate(self, user: User, password: str) -> bool:
        """Return whether somebody who is logged in knows the password."""
        return self.authenticate(self.request, email=user.email, password=password) == user

    def post_login(self, request: HttpRequest, user: User, **details: Any) -> HttpResponse:
        """Know the browser from now on."""
        response: HttpResponse = super().post_login(request, user, **details)
        remember_browser(response, user)
        return response


def count_guess(request: HttpRequest, what: str, account: str) -> Guess:
    """Count a guess at a secret of an account. Raises ValidationError after too many."""
    now = timezone.now()
    guess = guess_of(request, what, account)
    if until := guess.count(now=now):
        minutes = -(-(until - now) // timedelta(minutes=1))
        sentence = ngettext(
            "That was wrong too often. Try again in a minute.",
            "That was wrong too often. Try again in %(minutes)d minutes.",
            minutes,
        )
        raise ValidationError(sentence % {"minutes": minutes}, code="too_many_guesses")
    return guess


def guess_of(request: HttpRequest, what: str, account: str) -> Guess:
    """Return who guesses what."""
    name = _cookie(account)
    browser = request.get_signed_cookie(name, default=None, salt=name, max_age=BROWSER_IS_KNOWN_FOR)
    return Guess(what=what, account=account, network=network_of(request), browser=browser)


def remember_browser(response: HttpResponse, user: User) -> None:
    """Let the browser be known to have been this user's, also after the log-out."""
    name = _cookie(user.email)
    response.set_signed_cookie(
        name,
        get_random_string(22),
        salt=name,
        max_age=BROWSER_IS_KNOWN_FOR,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )


def _cookie(account: str) -> str:
    """Return the name of the cookie by which a browser is known to an account."""
    digest = salted_hmac("sellers.adapter.browser", same_account(account), algorithm="sha256")
    return f"known_{digest.hexdigest()[:16]}"
