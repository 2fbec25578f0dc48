"""The reader's language, and what staff must prove: both once it is known who it is."""

from collections.abc import Callable
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils import translation
from django_htmx.http import HttpResponseClientRefresh

from sellers.second_factor import has_second_factor, is_proved
from sellers.tokens import PRIVATE_PATHS

# Where a code is given, and what shows nothing to staff that it does not show to anybody.
FOR_ANYBODY: Final = ("/accounts/", "/language/", "/ask/", *PRIVATE_PATHS)


def reader_language(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Answer a logged-in user in the language stored with the account."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = request.user.language
        return get_response(request)

    return middleware


def staff_second_factor(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Let staff do nothing before they gave a code in this session, where that is asked of them."""

    def middleware(request: Any) -> HttpResponse:
        if not settings.STAFF_SECOND_FACTOR or request.path.startswith(FOR_ANYBODY):
            return get_response(request)
        user = request.user
        if not user.is_authenticated or not user.is_staff:
            return get_response(request)
        if not has_second_factor(user):
            return redirect("mfa_activate_totp")
        if is_proved(request):
            return get_response(request)
        if request.headers.get("HX-Request"):
            return HttpResponseClientRefresh()
        place = request.get_full_path() if request.method == "GET" else resolve_url("home")
        return redirect_to_login(place, resolve_url("mfa_reauthenticate"))

    return middleware
