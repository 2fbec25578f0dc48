"""Where API clients get their tokens, and where they find that out (RFC 8414)."""

from django.urls import path
from oauth2_provider.views import OAuthServerMetadataView

from sellers.api.tokens import revoke, token

app_name = "oauth2_provider"  # the metadata looks the two up by these names
urlpatterns = [
    path("oauth/token", token, name="token"),
    path("oauth/revoke", revoke, name="revoke-token"),
    path(
        ".well-known/oauth-authorization-server",
        OAuthServerMetadataView.as_view(),
        name="oauth-server-metadata",
    ),
]
