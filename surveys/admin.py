"""Staff's view of the survey engine: topics are theirs, measurements are read-only."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.forms import ModelForm, model_to_dict
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from queries.admin import CustomerPage, ReadOnlyPage
from queries.models import Customer, Customers
from surveys.enums import Band
from surveys.models import (
    Invitation,
    SurveyOptOut,
    SurveyPolicy,
    SurveyResponse,
    SurveyResponses,
    Topic,
)
from surveys.privacy import erase_customer, export_customer

admin.site.unregister(Customer)


@admin.register(Customer)
class CustomerPrivacyPage(CustomerPage):
    """The people who ask, with what they may ask of us: a copy of all, or to be forgotten."""

    actions = ("export", "erase")
    MOST_AT_ONCE = 20  # a slip of "select all" does no harm

    @admin.action(permissions=["change"], description=_("Export all that is stored (one customer)"))
    def export(self, request: HttpRequest, customers: Customers) -> HttpResponse | None:
        """Give a zip with what is stored about one customer."""
        if customers.count() != 1:
            self.message_user(request, _("Choose one customer to export."), messages.ERROR)
            return None
        customer = customers.get()
        self._note(request, customer, _("Exported."))
        return HttpResponse(
            export_customer(customer, now=timezone.now()),
            content_type="application/zip",
            headers={"Content-Disposition": f'attachment; filename="customer-{customer.pk}.zip"'},
        )

    @admin.action(permissions=["change"], description=_("Erase who they are and what they said"))
    def erase(self, request: HttpRequest, customers: Customers) -> HttpResponse | None:
        """Say what goes and what stays; then, when told so, erase."""
        if customers.count() > self.MOST_AT_ONCE:
            limit = _("Choose at most %(most)d customers to erase.") % {"most": self.MOST_AT_ONCE}
            self.message_user(request, limit, messages.ERROR)
            return None
        if "confirmed" not in request.POST:
            context = self.admin_site.each_context(request) | {
                "title": _("Erase customers"),
                "opts": self.opts,
                "customers": customers,
                "checkbox": ACTION_CHECKBOX_NAME,
            }
            return TemplateResponse(request, "admin/queries/customer/erase.html", context)
        for customer in customers:
            with transaction.atomic():
                erase_customer(customer, now=timezone.now())
                self._note(request, customer, _("Erased."))
        self.message_user(request, _("Erased. It cannot be undone."), messages.SUCCESS)
        return None

    def _note(self, request: HttpRequest, customer: Customer, what: Promise) -> None:
        """Write into the admin's history who did what, by number and never by name."""
        LogEntry.objects.create(
            user_id=str(request.user.pk),
            content_type=ContentType.objects.get_for_model(Customer),
            object_id=str(customer.pk),
            object_repr=f"#{customer.pk}",
            action_flag=CHANGE,
            change_message=str(what),
        )


@admin.register(SurveyPolicy)
class SurveyPolicyPage(admin.ModelAdmin):
    """The rules of the surveys with their history; adding one is how they change."""

    list_display = (
        "valid_from",
        "enabled",
        "delay",
        "cooldown",
        "answer_window",
        "stale_after",
        "note",
        "set_by",
    )
    list_select_related = ("set_by",)
    ordering = ("-valid_from", "-pk")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Begin with the rules that hold, so that only what changes is typed."""
        now = timezone.now()
        held = SurveyPolicy.objects.in_force(now=now)
        return model_to_dict(held, exclude=["id", "note"]) | {"valid_from": now}

    def has_change_permission(self, request: HttpRequest, obj: SurveyPolicy | None = None) -> bool:
        """Allow changing what does not hold yet."""
        return (obj is None or obj.valid_from > timezone.now()) and super().has_change_permission(
            request, obj
        )

    def has_delete_permission(self, request: HttpRequest, obj: SurveyPolicy | None = None) -> bool:
        """Allow deleting, one by one, what does not hold yet."""
        return obj is not None and self.has_change_permission(request, obj)

    def save_model(
        self, request: HttpRequest, obj: SurveyPolicy, form: ModelForm, change: bool
    ) -> None:
        """Note who set it; a policy begins now at the earliest, for the past is over."""
        obj.set_by_id = request.user.pk
        obj.valid_from = max(obj.valid_from, timezone.now())
        super().save_model(request, obj, form, change)


@admin.register(Topic)
class TopicPage(admin.ModelAdmin):
    """What a customer can tick; a topic that was used is retired, not deleted."""

    list_display = ("slug", "label_nl", "label_en", "position", "retired_on")
    list_editable = ("position",)
    search_fields = ("slug", "label_nl", "label_en")
    ordering = ("position", "pk")
    prepopulated_fields = {"slug": ("label_en",)}

    def has_delete_permission(self, request: HttpRequest, obj: Topic | None = None) -> bool:
        """Allow only what no customer ever ticked."""
        unused = obj is None or not obj.response_topics.exists()
        return unused and super().has_delete_permission(request, obj)


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
        """Store the moment too."""
        obj.opted_out_at = timezone.now()
        super().save_model(request, obj, form, change)


@admin.register(Invitation)
class InvitationPage(ReadOnlyPage):
    """Every decision and what became of it; the link itself is shown to nobody."""

    list_display = ("query", "seller", "state", "reason", "decided_at", "sent_at", "answered_at")
    list_filter = ("state", "reason", "language")
    search_fields = ("query__subject", "seller__name", "customer__email")
    list_select_related = ("query", "seller")

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Refuse to search by the link, which would tell it letter by letter."""
        return not lookup.startswith("token_") and super().lookup_allowed(lookup, value, request)


class BandFilter(admin.SimpleListFilter):
    """Promoters, passives or detractors."""

    title = _("band")
    parameter_name = "band"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the three bands."""
        return list(Band.choices)

    def queryset(self, request: HttpRequest, queryset: SurveyResponses) -> SurveyResponses:  # type: ignore[override]
        """Keep the chosen band."""
        wanted = self.value() or ""
        return queryset.in_band(Band(wanted)) if wanted in Band.values else queryset


@admin.register(SurveyResponse)
class SurveyResponsePage(ReadOnlyPage):
    """Measurements: searched and read, never changed."""

    list_display = ("score", "query", "seller", "closed_by", "submitted_at", "month", "words")
    list_filter = (BandFilter, "closed_by", "topics")
    search_fields = ("query__subject", "seller__name", "reason")
    list_select_related = ("query", "seller")
    readonly_fields = ("topics",)

    @admin.display(description=_("most important reason"))
    def words(self, response: SurveyResponse) -> str:
        """Return the beginning of the reason, so that a row stays a row."""
        return Truncator(response.reason).chars(60)
