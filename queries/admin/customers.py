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
from queries.identity import CannotMerge, merge_customers, people
from queries.models import Customer, Customers
from sellers.admin import EventHistory, RecordsChanges, actor


@admin.register(Customer)
class CustomerPage(EventHistory, RecordsChanges):
    """The people who ask, with what they may ask of us: a copy of all, or to be forgotten.

    Two rows that turn out to be one person are merged.
    """

    created, changed = QueryEvent.CUSTOMER_CREATED, QueryEvent.CUSTOMER_CHANGED
    settings = ("language", "shares_email")
    list_display = ("__str__", "external_id", "email", "language", "erased_at")
    list_filter = ("language",)
    search_fields = ("name", "email", "external_id")
    paginator = EstimatingPaginator
    show_full_result_count = False
    readonly_fields = ("merged_into", "erased_at")
    ordering = ("-pk",)
    actions = ("export", "merge", "erase")
    MOST_AT_ONCE = 20  # a slip of "select all" does no harm

    def has_change_permission(self, request: HttpRequest, obj: Customer | None = None) -> bool:
        """Refuse for who is nobody any more: erased, or merged into another."""
        return (obj is None or obj.is_themselves) and super().has_change_permission(request, obj)

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

    @admin.action(permissions=["change"], description=_("Merge two rows that are one person"))
    def merge(self, request: HttpRequest, customers: Customers) -> HttpResponse | None:
        """Ask which row stays, and say what moves; then, when confirmed, merge."""
        two = list(customers.order_by("pk"))
        if len(two) != 2 or not all(customer.is_themselves for customer in two):
            explained = _("Choose two customers to merge who are not merged or erased already.")
            self.message_user(request, explained, messages.ERROR)
            return None
        stays = next((one for one in two if str(one.pk) == request.POST.get("stays")), None)
        if stays is None:
            context = self.admin_site.each_context(request) | {
                "title": _("Merge customers"),
                "opts": self.opts,
                "customers": two,
                "suggested": next((one for one in two if one.external_id), two[0]),
                "checkbox": ACTION_CHECKBOX_NAME,
            }
            return TemplateResponse(request, "admin/queries/customer/merge.html", context)
        (goes,) = (customer for customer in two if customer != stays)
        try:
            merge_customers(goes, into=stays, by=actor(request), now=timezone.now())
        except CannotMerge:
            gone = _("One of them was merged or erased a moment ago. Nothing was changed.")
            self.message_user(request, gone, messages.ERROR)
        else:
            self.message_user(request, _("Merged. It cannot be undone."), messages.SUCCESS)
        return None

    @admin.action(permissions=["change"], description=_("Erase who they are and what they said"))
    def erase(self, request: HttpRequest, customers: Customers) -> HttpResponse | None:
        """Say what goes and what stays; then, when confirmed, erase."""
        if customers.count() > self.MOST_AT_ONCE:
            limit = _("Choose at most %(most)d customers to erase.") % {"most": self.MOST_AT_ONCE}
            self.message_user(request, limit, messages.ERROR)
            return None
        if "confirmed" not in request.POST:
            those = people(customers)
            addresses = those.values_list("email", flat=True)
            at_them = Customer.objects.themselves().with_address(addresses)
            context = self.admin_site.each_context(request) | {
                "title": _("Erase customers"),
                "opts": self.opts,
                "customers": those,
                "others": at_them.exclude(pk__in=those.values("pk")).order_by("pk"),
                "checkbox": ACTION_CHECKBOX_NAME,
            }
            return TemplateResponse(request, "admin/queries/customer/erase.html", context)
        for customer in customers:
            erase_customer(customer, by=actor(request), now=timezone.now())
        self.message_user(request, _("Erased. It cannot be undone."), messages.SUCCESS)
        return None
