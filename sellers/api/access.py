"""Who may use the API for what: the tenant guard of programs, as access.py is that of people."""

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from oauth2_provider.contrib.rest_framework import OAuth2Authentication
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from sellers.enums import Scope
from sellers.models import ApiClient

if TYPE_CHECKING:
    from sellers.api.viewsets import ClientViewSet


def client_of(request: Request) -> ApiClient:
    """Return the client whose token a request came with; there is one."""
    token: Any = request.auth
    client: ApiClient = token.application
    return client


class ClientAuthentication(OAuth2Authentication):  # type: ignore[misc]  # brings no types
    """A bearer token of an API client; nobody logs in."""

    www_authenticate_realm = "api"

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        """Return whose token is in the head: no address has one, and no stranger's body is read."""
        head = HttpRequest()
        head.method, head.path = request.method, request.path
        head.META = {**request.META, "QUERY_STRING": ""}
        found: tuple[Any, Any] | None = super().authenticate(head)
        vars(request)["oauth2_error"] = getattr(head, "oauth2_error", {})
        return found


class InsufficientScope(PermissionDenied):
    """The token does not allow this (RFC 6750 §3.1)."""

    default_code = "insufficient_scope"

    def __init__(self, scope: Scope) -> None:
        super().__init__(_("This needs a token with the scope %(scope)s.") % {"scope": scope.value})
        self.auth_header = f'Bearer realm="api", error="insufficient_scope", scope="{scope.value}"'


class HasScope(BasePermission):
    """The token allows what is asked, and its client is of the side that the resource is for."""

    def has_permission(self, request: Request, view: "ClientViewSet") -> bool:  # type: ignore[override]
        """Return whether there is a token; raise PermissionDenied when it does not allow this."""
        token: Any = request.auth
        if token is None:
            return False
        if view.action is None or request.method == "OPTIONS":  # type: ignore[redundant-expr]
            return True  # no such method: 405
        if (client_of(request).seller is None) is not view.of_marketplace:
            raise PermissionDenied(
                _("This is for API clients of the marketplace.")
                if view.of_marketplace
                else _("This is for API clients of a shop.")
            )
        enough = scopes_of(view)
        if not {*enough} & {*token.scope.split()}:
            raise InsufficientScope(enough[0])
        return True


def scopes_of(view: "ClientViewSet") -> tuple[Scope, ...]:
    """Return the scopes of which an action needs one."""
    needed = view.scopes[view.action]
    return (needed,) if isinstance(needed, Scope) else needed
