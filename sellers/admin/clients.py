"""Programs that use the API: staff make those of the marketplace, and may revoke any."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from oauth2_provider import admin as registered_by_the_library
from oauth2_provider.models import AccessToken, DeviceGrant, Grant, IDToken, RefreshToken

from sellers import actions
from sellers.admin.asking import ask_about_secret, is_sure
from sellers.admin.events import actor
from sellers.enums import Scope
from sellers.models import ApiClient

assert registered_by_the_library, "It registers its own pages when it is imported."
admin.site.unregister(
    [
        model
        for model in (ApiClient, AccessToken, DeviceGrant, Grant, IDToken, RefreshToken)
        if admin.site.is_registered(model)
    ]
)


class MarketplaceClientForm(forms.ModelForm):
    """What staff say of a program of the marketplace: what it is called."""

    class Meta:
        model = ApiClient
        fields = ("name",)


@admin.register(ApiClient)
class ApiClientPage(admin.ModelAdmin):
    """Programs that use the API; a secret is shown once, when it is made."""

    form = MarketplaceClientForm
    list_display = ("name", "seller", "may", "last_token_at", "revoked_at")
    list_filter = (
        ("seller", admin.EmptyFieldListFilter),
        ("revoked_at", admin.EmptyFieldListFilter),
    )
    search_fields = ("name", "client_id", "seller__name")
    list_select_related = ("seller",)
    ordering = ("-pk",)
    actions = ("replace_secret", "revoke")

    @admin.display(description=pgettext_lazy("what a program is allowed", "may"))
    def may(self, client: ApiClient) -> str:
        """Return what it may do."""
        return ", ".join(client.scopes_in_words())

    def get_readonly_fields(self, request: HttpRequest, obj: ApiClient | None = None) -> Any:
        """Let nothing be changed but by what is done to it."""
        shown = ("name", "seller", "client_id", "may", "created", "last_token_at")
        return (*shown, "previous_until", "revoked_at") if obj else ()

    def get_fields(self, request: HttpRequest, obj: ApiClient | None = None) -> Any:
        """Show all that is known, but no digest of a secret."""
        return self.get_readonly_fields(request, obj) or ("name",)

    def has_delete_permission(self, request: HttpRequest, obj: ApiClient | None = None) -> bool:
        """Refuse: what it did names it."""
        return False

    def save_model(self, request: HttpRequest, obj: ApiClient, form: Any, change: bool) -> None:
        """Make the program, and keep its secret for the page that follows."""
        made, secret = actions.make_client(
            None,
            name=obj.name,
            scopes=[Scope.MARKETPLACE_WRITE],
            by=actor(request),
            now=timezone.now(),
        )
        obj.pk, obj.client_id = made.pk, made.client_id
        vars(request)["secret"] = secret

    def response_add(
        self, request: HttpRequest, obj: ApiClient, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Show the secret: it is nowhere else."""
        return self._secret(request, obj, vars(request)["secret"])

    @admin.action(permissions=["add"], description=_("Give another secret"))
    def replace_secret(
        self, request: HttpRequest, queryset: QuerySet[ApiClient]
    ) -> HttpResponse | None:
        """Give one program of the marketplace another secret; ask first when that ends one."""
        client = queryset.first()
        if client is None or queryset.count() != 1 or client.seller_id:
            self.message_user(
                request, gettext("Choose one client, of the marketplace."), messages.WARNING
            )
            return None
        now = timezone.now()
        if client.has_two_secrets(now=now) and not is_sure(request):
            warning = gettext(
                "One more ends the one before at once: a program that still uses that gets no "
                "token any more."
            )
            return ask_about_secret(self, request, client, warning=warning)
        try:
            secret = actions.replace_secret(client, by=actor(request), now=now)
        except actions.ClientIsRevoked:
            self.message_user(request, gettext("It is revoked already."), messages.WARNING)
            return None
        return self._secret(request, client, secret)

    @admin.action(permissions=["add"], description=_("Revoke"))
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiClient]) -> None:
        """Let programs in no more, of the marketplace and of shops."""
        revoked = 0
        for client in queryset.usable():  # type: ignore[attr-defined]
            actions.revoke_client(client, by=actor(request), now=timezone.now())
            revoked += 1
        self.message_user(request, gettext("Revoked: %(count)d.") % {"count": revoked})

    def _secret(self, request: HttpRequest, client: ApiClient, secret: str) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Copy the secret now"),
            "client": client,
            "secret": secret,
            "site_url": settings.SITE_URL,
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/sellers/apiclient/secret.html", context)
