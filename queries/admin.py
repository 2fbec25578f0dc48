"""Staff's view of customers and their queries; what happened is read, not rewritten."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from queries.models import Closing, Customer, CustomerQuery, Message


class ReadOnlyInline(admin.TabularInline):
    """Rows that the portal writes and staff only read."""

    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: the portal's actions add these."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: these are what happened."""
        return False


class ReadOnlyPage(admin.ModelAdmin):
    """Rows that only the portal's actions write: staff search and read them."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: an action adds these."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: these are what happened."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: what happened stays."""
        return False


class MessageInline(ReadOnlyInline):
    """The thread."""

    model = Message
    fields = ("sent_at", "author", "agent", "body")
    ordering = ("sent_at", "pk")


class ClosingInline(ReadOnlyInline):
    """Every closing of a query."""

    model = Closing
    fields = (
        "closed_at",
        "closed_by",
        "agent",
        "predicted_score",
        "reopened_at",
        "survey_decided_at",
    )
    ordering = ("closed_at", "pk")


@admin.register(Customer)
class CustomerPage(admin.ModelAdmin):
    """The people who ask."""

    list_display = ("name", "email", "language")
    list_filter = ("language",)
    search_fields = ("name", "email")
    ordering = ("pk",)
    show_full_result_count = False

    def has_delete_permission(self, request: HttpRequest, obj: Customer | None = None) -> bool:
        """Refuse: measurements stand, so people are erased, not deleted."""
        return False


@admin.register(CustomerQuery)
class CustomerQueryPage(ReadOnlyPage):
    """Queries with their thread and closings."""

    list_display = ("subject", "seller", "customer", "channel", "state", "asked_at", "due_at")
    list_filter = ("state", "channel", "language")
    search_fields = ("subject", "order_reference", "customer__name", "customer__email")
    list_select_related = ("seller", "customer")
    ordering = ("-asked_at", "-pk")
    date_hierarchy = "asked_at"
    inlines = (MessageInline, ClosingInline)


@admin.register(Closing)
class ClosingPage(ReadOnlyPage):
    """Closings, for looking things up."""

    list_display = ("subject", "seller", "closed_by", "agent", "closed_at", "survey_decided_at")
    list_filter = ("closed_by", "channel")
    search_fields = ("subject", "seller__name", "customer__email")
    list_select_related = ("seller", "agent")
    ordering = ("-closed_at", "-pk")
    date_hierarchy = "closed_at"
