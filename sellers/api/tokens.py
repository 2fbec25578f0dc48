"""Tokens are given out and taken back: OAuth2 with client credentials."""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from oauth2_provider.views import RevokeTokenView, TokenView

from sellers.links import asks_too_often


class _ClientCredentialsView(TokenView):  # type: ignore[misc]  # has no types
    """The library's view without its flow for devices, which expects fields that nobody sends."""

    def post(self, request: HttpRequest, *_args: object, **_kwargs: object) -> HttpResponse:
        return self.authorization_flow_token_response(request)  # type: ignore[no-any-return]


give = _ClientCredentialsView.as_view()
take_back = RevokeTokenView.as_view()


@csrf_exempt
@never_cache
@require_POST
def token(request: HttpRequest) -> HttpResponse:
    """Give a token to a client that says its secret, as often as one IP may try."""
    return _answered(request, "/oauth/token", give)


@csrf_exempt
@never_cache
@require_POST
def revoke(request: HttpRequest) -> HttpResponse:
    """Let a token of this client be one no more (RFC 7009)."""
    return _answered(request, "/oauth/revoke", take_back)


def _answered(
    request: HttpRequest, path: str, view: Callable[[HttpRequest], HttpResponse]
) -> HttpResponse:
    """Let the library answer what the body says; what the address says is not read."""
    if asks_too_often(request, path):
        return _too_many()
    request.META["QUERY_STRING"] = ""
    return view(request)


def _too_many() -> JsonResponse:
    said = {
        "error": "temporarily_unavailable",
        "error_description": _(
            "Too many requests for tokens. Wait a minute; a token lasts an hour."
        ),
    }
    return JsonResponse(said, status=HTTPStatus.TOO_MANY_REQUESTS, headers={"Retry-After": "60"})
