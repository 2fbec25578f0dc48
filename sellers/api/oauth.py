"""OAuth2 for API clients: which secrets, scopes and tokens hold; all else is of the library."""

import hashlib
from typing import Any, Final

from django.db.models import QuerySet
from django.utils import timezone
from oauth2_provider.models import AccessToken
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauth2_provider.scopes import BaseScopes

from sellers.enums import Scope
from sellers.made_once import FoundOnce
from sellers.models import ApiClient


def _with_checksum(*, checksum: str) -> QuerySet[AccessToken]:
    tokens: QuerySet[AccessToken] = AccessToken.objects.filter(token_checksum=checksum)
    return tokens


# Each request begins with it. What comes of it is asked anew each time: a client that was revoked
# meanwhile is refused.
TOKEN: Final = FoundOnce(
    {"checksum": str}, _with_checksum, along=("application", "application__seller")
)


class ClientScopes(BaseScopes):  # type: ignore[misc]  # brings no types
    """What clients may ask for: their own, and nothing more."""

    def get_all_scopes(self) -> dict[str, str]:
        """Return every scope and what it allows."""
        return {scope.value: str(scope.label) for scope in Scope}

    def get_available_scopes(self, application: Any = None, *args: Any, **kwargs: Any) -> list[str]:
        """Return what a client may; of no client in particular all that there is."""
        return list(application.scopes) if application else list(Scope.values)

    def get_default_scopes(self, application: Any = None, *args: Any, **kwargs: Any) -> list[str]:
        """Return what a client gets that names no scope."""
        return list(application.default_scopes)


class ClientValidator(OAuth2Validator):  # type: ignore[misc]  # brings no types
    """Knows two secrets of a client while one is being replaced, and notes when it came by."""

    def _load_application(self, client_id: str | None, request: Any) -> ApiClient | None:
        """Find a client; an id that no database can store is nobody's, and neither is none."""
        if client_id is None or "\x00" in client_id:
            return None
        found: ApiClient | None = super()._load_application(client_id, request)
        return found

    def _check_and_set_request_resource(self, request: Any) -> None:
        """Leave out for which address a token is asked: there is one API."""
        request.resource = []

    def _check_secret(self, provided_secret: str, stored_secret: str) -> bool:
        """Return whether a secret is one that works; what is stored is a digest."""
        client = ApiClient.objects.filter(client_secret=stored_secret).first()
        return client is not None and client.knows(provided_secret, now=timezone.now())

    def _load_access_token(self, token: str) -> AccessToken | None:
        """Find a token with the shop of its client, in one statement."""
        return TOKEN.first(checksum=hashlib.sha256(token.encode()).hexdigest())

    def _save_bearer_token(self, token: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        saved = super()._save_bearer_token(token, request, *args, **kwargs)
        ApiClient.objects.filter(pk=request.client.pk).update(last_token_at=timezone.now())
        return saved
