"""What a person may ask of staff: a copy of all that is stored, or to be forgotten."""

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from queries.admin import CustomerPage
from queries.models import Customer, Customers
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
