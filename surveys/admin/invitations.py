"""Every decision about a survey, and the customers who want none."""

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.timesince import timesince
from django.utils.translation import gettext_lazy as _

from queries.admin import ReadOnlyPage
from sellers.admin import actor
from surveys.answers import opt_out
from surveys.models import Invitation, SurveyOptOut


@admin.register(SurveyOptOut)
class SurveyOptOutPage(admin.ModelAdmin):
    """Who wants no surveys: staff note it, only the customer's own link takes it back."""

    list_display = ("customer", "opted_out_at")
    search_fields = ("customer__name", "customer__email")
    autocomplete_fields = ("customer",)
    list_select_related = ("customer",)
    readonly_fields = ("opted_out_at",)
    ordering = ("-pk",)

    def has_change_permission(self, request: HttpRequest, obj: SurveyOptOut | None = None) -> bool:
        """Refuse: this is what the customer said."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: SurveyOptOut | None = None) -> bool:
        """Refuse: who said no stays no."""
        return False

    def save_model(
        self, request: HttpRequest, obj: SurveyOptOut, form: ModelForm, change: bool
    ) -> None:
        """Note it as when the customer says so."""
        noted = opt_out(obj.customer, by=actor(request), now=timezone.now())
        obj.pk, obj.opted_out_at = noted.pk, noted.opted_out_at


@admin.register(Invitation)
class InvitationPage(ReadOnlyPage):
    """Every decision and what became of it; the link itself is shown to nobody."""

    list_display = (
        "query",
        "seller",
        "state",
        "reason",
        "decided_at",
        "sent_at",
        "answered_at",
        "opening",
    )
    list_filter = ("state", "reason", "language", ("opened_at", admin.EmptyFieldListFilter))
    search_fields = ("query__subject", "seller__name", "customer__email")
    list_select_related = ("query", "seller")
    readonly_fields = ("opening",)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Refuse to search by the link, which would reveal it letter by letter."""
        return not lookup.startswith("token_") and super().lookup_allowed(lookup, value, request)

    @admin.display(description=_("opening of the form"))
    def opening(self, invitation: Invitation) -> str | Promise | None:
        """Return how soon the form was opened that was sent in, so that robots are noticed.

        Nothing is known of forms that were not (docs/decisions/0003-a-get-stores-nothing.md).
        """
        if invitation.sent_at and invitation.opened_at:
            waited = timesince(invitation.sent_at, invitation.opened_at)
            return _("opened %(waited)s after sending") % {"waited": waited}
        if invitation.answered_at:
            return _("answered without the form page being loaded")
        return None
