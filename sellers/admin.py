"""Staff's view of users, shops and memberships."""

from typing import Any

from allauth.account.admin import EmailAddress
from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from sellers.models import Membership, Notice, Seller, User

admin.site.site_header = "Nazorg"
admin.site.site_title = "Nazorg"
admin.site.index_title = _("Marketplace staff")
# Rights come from roles, and an address is a field of the user.
admin.site.unregister([Group, EmailAddress])

AUTHORITY = ("is_staff", "is_superuser", "user_permissions")


class MembershipInline(admin.TabularInline):
    """The shops of a user, or the people of a shop."""

    model = Membership
    extra = 0
    autocomplete_fields = ("user", "seller")


class NewUserForm(forms.ModelForm):
    """A new user gets a password by the "forgotten password" mail, so none is asked here."""

    class Meta:
        model = User
        fields = ("email", "name", "language")

    def save(self, commit: bool = True) -> User:
        """Store the user without a usable password."""
        self.instance.set_unusable_password()
        user: User = super().save(commit)
        return user


@admin.register(User)
class UserPage(UserAdmin):
    """Users: who they are, what they may do, which shops they belong to.

    Only a superuser decides what staff may do, and touches the accounts of staff: who can give a
    colleague another password or address can do all that the colleague may.
    """

    add_form = NewUserForm
    list_display = ("email", "name", "language", "is_staff", "is_active", "last_login")
    list_filter = ("is_staff", "is_active", "language", "memberships__role")
    search_fields = ("email", "name")
    ordering = ("email",)
    filter_horizontal = ("user_permissions",)
    inlines = (MembershipInline,)
    fieldsets = (
        (None, {"fields": ("email", "name", "language", "password")}),
        (_("Rights"), {"fields": ("is_active", *AUTHORITY)}),
        (None, {"fields": ("last_login",)}),
    )
    add_fieldsets = ((None, {"fields": ("email", "name", "language")}),)
    readonly_fields = ("last_login",)

    def get_inlines(self, request: HttpRequest, obj: User | None) -> Any:
        """Ask for shops once the user exists."""
        return self.inlines if obj else ()

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Show what staff may do; only a superuser decides it."""
        fields = self.readonly_fields
        return fields if _is_superuser(request) else (*fields, *AUTHORITY)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Refuse to others than superusers the accounts of staff, the password included."""
        return _may_touch(request, obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Refuse to others than superusers the accounts of staff."""
        return _may_touch(request, obj) and super().has_delete_permission(request, obj)


def _is_superuser(request: HttpRequest) -> bool:
    return request.user.is_authenticated and request.user.is_superuser


def _may_touch(request: HttpRequest, user: User | None) -> bool:
    is_staff = user is not None and (user.is_staff or user.is_superuser)
    return not is_staff or _is_superuser(request)


@admin.register(Seller)
class SellerPage(admin.ModelAdmin):
    """Shops and their people."""

    list_display = ("name", "country", "contact_email", "joined_on")
    list_filter = ("country",)
    search_fields = ("name", "contact_email")
    ordering = ("name", "pk")
    date_hierarchy = "joined_on"
    inlines = (MembershipInline,)


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
