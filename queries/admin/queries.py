"""Queries with their thread and closings; what happened is read, not rewritten."""

from django.contrib import admin

from queries.admin.readonly import ReadOnlyInline, ReadOnlyPage
from queries.models import Closing, CustomerQuery, Message


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


@admin.register(CustomerQuery)
class CustomerQueryPage(ReadOnlyPage):
    """Queries with their thread and closings."""

    list_display = ("__str__", "seller", "customer", "channel", "state", "asked_at", "due_at")
    list_filter = ("state", "channel", "language")
    search_fields = ("subject", "order_reference", "customer__name", "customer__email")
    list_select_related = ("seller", "customer")
    inlines = (MessageInline, ClosingInline)


@admin.register(Closing)
class ClosingPage(ReadOnlyPage):
    """Closings, for looking things up."""

    list_display = ("__str__", "seller", "closed_by", "agent", "closed_at", "survey_decided_at")
    list_filter = ("closed_by", "channel")
    search_fields = ("subject", "seller__name", "customer__email")
    list_select_related = ("seller", "agent")
