"""The people who ask, and what they may ask of us."""

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from queries.admin.readonly import EstimatingPaginator
from queries.customers import erase_customer, export_customer
from queries.enums import QueryEvent
from queries.models import Customer, Customers
from sellers.admin import EventHistory, RecordsChanges, actor


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
