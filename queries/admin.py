"""Staff's view of customers and their queries; what happened is read, not rewritten."""

from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db import connections
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property

from queries.models import Closing, Customer, CustomerQuery, Message

COUNTED_EXACTLY = 10_000


class EstimatingPaginator(Paginator):
    """Takes PostgreSQL's estimate of a large table: counting it all takes longer than the page."""

    @cached_property
    def count(self) -> int:
        """Return the number of rows: exact when narrowed or few, else about."""
        rows: QuerySet[Any] = self.object_list  # type: ignore[assignment]
        if rows.query.where:
            return rows.count()
        counted = rows.order_by().values("pk")[:COUNTED_EXACTLY].count()
        if counted < COUNTED_EXACTLY:
            return counted
        with connections[rows.db].cursor() as cursor:
            cursor.execute(
                "SELECT reltuples::bigint FROM pg_class WHERE oid = to_regclass(%s)",
                [rows.query.get_meta().db_table],
            )
            estimate: int = cursor.fetchone()[0]
        return max(counted, estimate)


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
    """Rows that only the portal's actions write: staff search and read them.

    There may be millions, so the latest come first by their number: moments have no index.
    """

    paginator = EstimatingPaginator
    show_full_result_count = False
    ordering = ("-pk",)

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

    list_display = ("__str__", "email", "language", "erased_at")
    list_filter = ("language",)
    search_fields = ("name", "email")
    paginator = EstimatingPaginator
    show_full_result_count = False
    readonly_fields = ("erased_at",)
    ordering = ("-pk",)

    def has_change_permission(self, request: HttpRequest, obj: Customer | None = None) -> bool:
        """Refuse for somebody erased: who comes back is a new customer."""
        return (obj is None or obj.erased_at is None) and super().has_change_permission(
            request, obj
        )

    def has_delete_permission(self, request: HttpRequest, obj: Customer | None = None) -> bool:
        """Refuse: measurements stand, so people are erased, not deleted."""
        return False


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
