"""The marketplace's own webhooks, and the log of all."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from sellers import actions
from sellers.actions.webhooks import MOST_WEBHOOKS
from sellers.admin.asking import ask_about_secret, is_sure
from sellers.admin.events import EventHistory, Line, actor, lines_about
from sellers.models import Webhook, WebhookDelivery, WebhookTry
from sellers.webhook_forms import WebhookForm
from sellers.webhooks.clearing import KEPT_FOR

SECRET = "admin/sellers/webhook/secret.html"  # noqa: S105  a template


class OwnWebhookForm(WebhookForm, forms.ModelForm):
    """A webhook of the marketplace itself."""

    class Meta:
        model = Webhook
        fields = ("url", "kinds")

    def clean_url(self) -> str:
        """Refuse what may not be called, and what there is already."""
        url = super().clean_url()
        others = Webhook.objects.for_seller(None).exclude(pk=self.instance.pk)
        if others.filter(url=url).exists():
            raise forms.ValidationError(_("There is a webhook with this URL already."))
        if others.count() >= MOST_WEBHOOKS:
            raise forms.ValidationError(_("There are very many webhooks. Remove one first."))
        return url


@admin.register(Webhook)
class WebhookPage(EventHistory):
    """Those of the marketplace, to manage; those of shops, to look at."""

    form = OwnWebhookForm
    list_display = ("host", "seller", "is_on", "off_reason", "failing_since", "created_at")
    list_filter = ("off_reason", ("seller", admin.EmptyFieldListFilter))
    search_fields = ("seller__name",)
    list_select_related = ("seller",)
    ordering = ("-pk",)
    actions = (
        *("send_test", "turn_on", "turn_off", "replay_day", "replay_month"),
        *("rotate_secret", "end_old_secret"),
    )
    readonly_fields = (
        *("created_by", "created_at", "secret_made_at", "old_secret_until", "on_since"),
        *("off_reason", "off_at", "failing_since", "held_until"),
    )

    def get_fields(self, request: HttpRequest, obj: Webhook | None = None) -> Any:
        """Return what is filled in, and of one that is there also how it fares."""
        return ("url", "kinds", *self.readonly_fields) if obj else ("url", "kinds")

    def has_change_permission(self, request: HttpRequest, obj: Webhook | None = None) -> bool:
        """Leave those of shops to their owners."""
        return (obj is None or obj.seller_id is None) and super().has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Webhook | None = None) -> bool:
        """Let only what is off be removed, one at a time."""
        is_ours = obj is not None and obj.seller_id is None and not obj.is_on
        return is_ours and super().has_delete_permission(request)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Add it, or store what changed, as owners do."""
        given, by, now = form.cleaned_data, actor(request), timezone.now()
        if change:
            stored = Webhook.objects.get(pk=obj.pk)
            actions.change_webhook(stored, **given, by=by, now=now)
            return
        added, obj.secret = actions.add_webhook(None, **given, by=by, now=now)
        obj.pk = added.pk

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Show the secret, this once."""
        return _secret(self, request, obj, obj.secret)  # it was never stored like this

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Remove it as owners do."""
        actions.remove_webhook(obj, by=actor(request), now=timezone.now())

    def lines_about(self, row: Webhook) -> list[Line]:
        """Return what happened to it."""
        return lines_about([row])

    @admin.action(description=gettext_lazy("Send a test event"), permissions=["change"])
    def send_test(self, request: HttpRequest, queryset: QuerySet[Webhook]) -> None:
        """Queue a test event for each."""
        self._each(request, queryset, actions.send_test)

    @admin.action(description=gettext_lazy("Switch on"), permissions=["change"])
    def turn_on(self, request: HttpRequest, queryset: QuerySet[Webhook]) -> None:
        """Tell each what happens from now on."""
        self._each(request, queryset, actions.turn_on)

    @admin.action(description=gettext_lazy("Switch off"), permissions=["change"])
    def turn_off(self, request: HttpRequest, queryset: QuerySet[Webhook]) -> None:
        """Send nothing to them any more."""
        self._each(request, queryset, actions.turn_off)

    @admin.action(description=gettext_lazy("End the old secret now"), permissions=["change"])
    def end_old_secret(self, request: HttpRequest, queryset: QuerySet[Webhook]) -> None:
        """Sign with the new ones alone."""
        self._each(request, queryset, actions.end_old_secret)

    @admin.action(
        description=gettext_lazy("Send again what did not arrive in the last 24 hours"),
        permissions=["change"],
    )
    def replay_day(self, request: HttpRequest, queryset: QuerySet[Webhook]) -> None:
        """Send what was missed since yesterday."""
        self._replay(request, queryset, timedelta(days=1))

    @admin.action(
        description=gettext_lazy("Send again what did not arrive in the last 30 days"),
        permissions=["change"],
    )
    def replay_month(self, request: HttpRequest, queryset: QuerySet[Webhook]) -> None:
        """Send all that was missed of which the log knows."""
        self._replay(request, queryset, KEPT_FOR)

    @admin.action(description=gettext_lazy("Make a new secret"), permissions=["change"])
    def rotate_secret(
        self, request: HttpRequest, queryset: QuerySet[Webhook]
    ) -> HttpResponse | None:
        """Give one a new secret, and show it this once; ask first when that ends one."""
        ours = queryset.filter(seller=None)
        if len(ours) != 1:
            messages.error(request, _("Choose one webhook of the marketplace."))
            return None
        webhook, by, now = ours[0], actor(request), timezone.now()
        if webhook.old_secret_until and now < webhook.old_secret_until and not is_sure(request):
            warning = _(
                "Two secrets sign now. One more ends the older of them at once: a server that "
                "still checks with that one refuses what is sent."
            )
            return ask_about_secret(self, request, webhook, warning=warning)
        made_at = webhook.secret_made_at
        secret = actions.rotate_secret(webhook, made_at=made_at, by=by, now=now)
        return _secret(self, request, webhook, secret)

    def _replay(self, request: HttpRequest, queryset: QuerySet[Webhook], since: timedelta) -> None:
        def act(webhook: Webhook, *, by: Any, now: Any) -> None:
            actions.replay(
                webhook, start=now - since, end=now, also_delivered=False, by=by, now=now
            )

        self._each(request, queryset, act)

    def _each(
        self, request: HttpRequest, queryset: QuerySet[Webhook], act: Callable[..., None]
    ) -> None:
        """Do it to those of the marketplace; say of how many it was so."""
        done = 0
        for webhook in queryset.filter(seller=None).order_by("pk"):
            try:
                act(webhook, by=actor(request), now=timezone.now())
            except (actions.WebhookIsOff, actions.TooManyEvents):
                continue
            done += 1
        words = ngettext(
            "Done for %(count)s webhook of the marketplace.",
            "Done for %(count)s webhooks of the marketplace.",
            done,
        )
        level = messages.SUCCESS if done else messages.WARNING
        messages.add_message(request, level, words % {"count": done})


def _secret(
    page: admin.ModelAdmin, request: HttpRequest, webhook: Webhook, secret: str
) -> HttpResponse:
    context = {
        **page.admin_site.each_context(request),
        "title": _("Secret of the webhook"),
        "webhook": webhook,
        "secret": secret,
    }
    return TemplateResponse(request, SECRET, context)


class TryLines(admin.TabularInline):
    """Each time that it was tried."""

    model = WebhookTry
    fields = ("at", "milliseconds", "status", "failure", "excerpt")
    extra = 0
    ordering = ("pk",)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False


@admin.register(WebhookDelivery)
class WebhookDeliveryPage(admin.ModelAdmin):
    """What was sent to which webhook, and how that went; staff only read."""

    inlines = (TryLines,)
    list_display = ("kind", "webhook", "of_shop", "state", "failures", "created_at", "next_try_at")
    list_filter = ("state", "kind")
    search_fields = ("webhook__seller__name", "=webhook__pk")
    list_select_related = ("webhook__seller",)
    raw_id_fields = ("webhook", "event")
    ordering = ("-pk",)

    @admin.display(description=gettext_lazy("seller"))
    def of_shop(self, delivery: WebhookDelivery) -> str:
        """Return whose webhook it is."""
        return str(delivery.webhook.seller or "–")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse."""
        return False

    def has_change_permission(
        self, request: HttpRequest, obj: WebhookDelivery | None = None
    ) -> bool:
        """Refuse."""
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: WebhookDelivery | None = None
    ) -> bool:
        """Refuse."""
        return False
