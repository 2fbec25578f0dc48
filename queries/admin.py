"""Staff's view of customers and their queries; what happened is read, not rewritten."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.paginator import Paginator
from django.db import connections
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from queries.customers import erase_customer, export_customer
from queries.enums import QueryEvent
from queries.models import Closing, Customer, CustomerQuery, Customers, Message
from sellers.admin import EventHistory, RecordsChanges, actor

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


class ReadOnlyPage(EventHistory):
    """Rows that only the portal's actions write: staff search and read them.

    There may be millions, so the latest come first by primary key: moments have no index.
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
class CustomerPage(EventHistory, RecordsChanges):
    """The people who ask, with what they may ask of us: a copy of all, or to be forgotten."""

    created, changed = QueryEvent.CUSTOMER_CREATED, QueryEvent.CUSTOMER_CHANGED
    settings = ("language",)
    list_display = ("__str__", "email", "language", "erased_at")
    list_filter = ("language",)
    search_fields = ("name", "email")
    paginator = EstimatingPaginator
    show_full_result_count = False
    readonly_fields = ("erased_at",)
    ordering = ("-pk",)
    actions = ("export", "erase")
    MOST_AT_ONCE = 20  # a slip of "select all" does no harm

    def has_change_permission(self, request: HttpRequest, obj: Customer | None = None) -> bool:
        """Refuse for somebody erased: who comes back is a new customer."""
        return (obj is None or obj.erased_at is None) and super().has_change_permission(
            request, obj
        )

    def has_delete_permission(self, request: HttpRequest, obj: Customer | None = None) -> bool:
        """Refuse: measurements stay, so people are erased, not deleted."""
        return False

    @admin.action(permissions=["change"], description=_("Export all that is stored (one customer)"))
    def export(self, request: HttpRequest, customers: Customers) -> HttpResponse | None:
        """Give a zip with what is stored about one customer."""
        if customers.count() != 1:
            self.message_user(request, _("Choose one customer to export."), messages.ERROR)
            return None
        customer = customers.get()
        return HttpResponse(
            export_customer(customer, by=actor(request), now=timezone.now()),
            content_type="application/zip",
            headers={"Content-Disposition": f'attachment; filename="customer-{customer.pk}.zip"'},
        )

    @admin.action(permissions=["change"], description=_("Erase who they are and what they said"))
    def erase(self, request: HttpRequest, customers: Customers) -> HttpResponse | None:
        """Say what goes and what stays; then, when confirmed, erase."""
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
            erase_customer(customer, by=actor(request), now=timezone.now())
        self.message_user(request, _("Erased. It cannot be undone."), messages.SUCCESS)
        return None


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
