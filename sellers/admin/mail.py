"""Mails to users, and the addresses that take no mail."""

from django.contrib import admin
from django.http import HttpRequest

from sellers.admin.events import RecordsChanges
from sellers.enums import SellerEvent
from sellers.models import Notice, RefusedAddress


@admin.register(Notice)
class NoticePage(admin.ModelAdmin):
    """Mails to users and what became of them; the portal writes them and staff only read."""

    list_display = ("kind", "user", "state", "reason", "created_at", "sent_at", "tries")
    list_filter = ("state", "reason", "kind", "language")
    search_fields = ("user__email", "user__name")
    list_select_related = ("user",)
    ordering = ("-pk",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Notice | None = None) -> bool:
        """Refuse."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Notice | None = None) -> bool:
        """Refuse."""
        return False


@admin.register(RefusedAddress)
class RefusedAddressPage(RecordsChanges):
    """Addresses that refused mail for good; whoever deletes one lets it be mailed again."""

    deleted = SellerEvent.ADDRESS_LIFTED
    list_display = ("email", "refused_at")
    search_fields = ("email",)
    ordering = ("-pk",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: mail servers say this."""
        return False

    def has_change_permission(
        self, request: HttpRequest, obj: RefusedAddress | None = None
    ) -> bool:
        """Refuse."""
        return False
