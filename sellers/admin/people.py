"""Staff's view of users, shops and memberships."""

from collections.abc import Collection, Iterable
from typing import Any

from allauth.account.admin import EmailAddress
from allauth.mfa.admin import Authenticator
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import AdminEmailInputWidget
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import UserChangeForm
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from sellers.actions import (
    AlreadyMember,
    AskedTooOften,
    HasOwner,
    IsStaff,
    TooManyInvitations,
    invite_first_owner,
)
from sellers.admin.events import RecordsChanges, actor, changes_of
from sellers.admin.holidays import link_to_days_off
from sellers.enums import Role, SellerEvent
from sellers.events import event, record_all
from sellers.models import Event, Membership, Seller, TeamInvitation, User
from sellers.second_factor import remove_second_factor

admin.site.site_header = "Nazorg"
admin.site.site_title = "Nazorg"
admin.site.index_title = _("Marketplace staff")
# Rights come from roles, an e-mail is a field of the user, and secrets are for nobody to see.
admin.site.unregister([Group, EmailAddress, Authenticator])

AUTHORITY = ("is_staff", "is_superuser", "user_permissions")


class MembershipForms(forms.BaseInlineFormSet):
    """Memberships that change together."""

    def clean(self) -> None:
        """Refuse to leave a shop without an owner who may log in; the database does, too."""
        super().clean()
        kept = [form for form in self.forms if form.is_valid() and form not in self.deleted_forms]
        owners = [form.instance for form in kept if form.cleaned_data.get("role") == Role.OWNER]
        still = {one.pk for one in owners}
        ended = {form.instance.pk for form in self.initial_forms} - still
        gained = {one.seller_id for one in owners if one.user.is_active}
        if shops := [shop for shop in _shops_owned_only_by(ended) if shop.pk not in gained]:
            raise forms.ValidationError(_last_owner(shops))


class MembershipInline(admin.TabularInline):
    """The shops of a user, or the people of a shop.

    Only a superuser changes them here: else staff could make themselves owner of any shop. Others
    come by an invitation of an owner, which they accept.
    """

    model = Membership
    formset = MembershipForms
    fields = ("user", "seller", "role")
    extra = 0
    autocomplete_fields = ("user", "seller")

    def get_queryset(self, request: HttpRequest) -> Any:
        """Show who belongs there now."""
        return super().get_queryset(request).filter(ended_at=None)

    def has_add_permission(  # type: ignore[override]  # an inline's has the row around it
        self, request: HttpRequest, obj: Any
    ) -> bool:
        """Refuse to others than superusers."""
        return _is_superuser(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse to others than superusers."""
        return _is_superuser(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse to others than superusers."""
        return _is_superuser(request)


class RecordsMemberships(RecordsChanges):
    """Writes also who became what to which shop."""

    @transaction.atomic
    def save_formset(
        self, request: HttpRequest, form: forms.ModelForm, formset: Any, change: bool
    ) -> None:
        """Store the memberships, and what is different about each."""
        ended = [one.instance for one in formset.deleted_forms if one.instance.pk]
        events = [_about(SellerEvent.MEMBERSHIP_DELETED, each, request) for each in ended]
        super().save_formset(request, form, formset, change)
        events += [
            _about(SellerEvent.MEMBERSHIP_CREATED, each, request) for each in formset.new_objects
        ]
        changed = {membership.pk for membership, _fields in formset.changed_objects}
        for one in formset.initial_forms:
            if one.instance.pk in changed:
                changes = changes_of(one, ("user", "seller", "role"))
                kind = SellerEvent.MEMBERSHIP_CHANGED
                events.append(_about(kind, one.instance, request, changes=changes))
        record_all(events)


def _about(
    kind: SellerEvent, membership: Membership, request: HttpRequest, **details: object
) -> Event:
    """Return an event about a membership; it says whose, for a deleted row cannot."""
    return event(
        kind,
        membership,
        seller_id=membership.seller_id,
        by=actor(request),
        now=timezone.now(),
        user=membership.user_id,
        role=membership.role,
        **details,
    )


class UserForm(UserChangeForm):
    """A user who is there already."""

    def clean_is_active(self) -> bool:
        """Refuse to shut out the last owner of a shop; the database does, too."""
        is_active: bool = self.cleaned_data["is_active"]
        own = self.instance.memberships.current().values_list("pk", flat=True)
        if not is_active and (shops := _shops_owned_only_by(own)):
            raise forms.ValidationError(_last_owner(shops))
        return is_active


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
class UserPage(RecordsMemberships, UserAdmin):
    """Users: who they are, what they may do, which shops they belong to.

    Who can give somebody another password or e-mail can do all that this person may. So only a
    superuser gives a password, touches the accounts of staff, and gives who belongs to a shop
    another e-mail. Others let people ask for a password by the "forgotten password" mail.
    """

    created, changed, deleted = (
        SellerEvent.USER_CREATED,
        SellerEvent.USER_CHANGED,
        SellerEvent.USER_DELETED,
    )
    settings = ("language", "is_active", *AUTHORITY)
    form = UserForm
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
    actions = ("remove_second_factor",)

    def get_inlines(self, request: HttpRequest, obj: User | None) -> Any:
        """Ask for shops once the user exists."""
        return self.inlines if obj else ()

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Show what only a superuser decides: what staff may do, and who enters a shop."""
        if _is_superuser(request):
            return self.readonly_fields
        belongs_somewhere = obj and obj.memberships.current().exists()
        email = ("email",) if belongs_somewhere else ()
        return (*self.readonly_fields, *AUTHORITY, *email)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Refuse to others than superusers the accounts of staff, the password included."""
        return _may_touch(request, obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Refuse to others than superusers the accounts of staff."""
        return _may_touch(request, obj) and super().has_delete_permission(request, obj)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Name also what forbids it: shops left without an owner, and that it is one's own."""
        deleted, counts, missing, protected = super().get_deleted_objects(objs, request)
        ended = Membership.objects.filter(user__in=[user.pk for user in objs])
        shops = _shops_owned_only_by(ended.values_list("pk", flat=True))
        own = [user for user in objs if user.pk == request.user.pk]
        return deleted, counts, missing, [*protected, *map(str, shops), *map(str, own)]

    @transaction.atomic
    def delete_model(self, request: HttpRequest, obj: User) -> None:
        """Delete a user, whose memberships go too."""
        ended = SellerEvent.MEMBERSHIP_DELETED
        record_all(_about(ended, membership, request) for membership in obj.memberships.all())
        super().delete_model(request, obj)

    @transaction.atomic
    def user_change_password(
        self,
        request: HttpRequest,
        id: str,  # noqa: A002  the name is Django's
        form_url: str = "",
    ) -> HttpResponse:
        """Give a user another password, as a superuser."""
        if not _is_superuser(request):
            raise PermissionDenied
        before = self.get_object(request, unquote(id))
        response = super().user_change_password(request, id, form_url)
        user = self.get_object(request, unquote(id))
        if before and user and user.password != before.password:
            self._record(request, SellerEvent.PASSWORD_CHANGED, user)
        return response

    def has_superuser_permission(self, request: HttpRequest) -> bool:
        """Return whether actions that only a superuser takes are offered."""
        return _is_superuser(request)

    @admin.action(
        description=_("Remove two-step verification (phone and codes lost)"),
        permissions=["superuser"],
    )
    @transaction.atomic
    def remove_second_factor(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Let users in by their password alone, until they switch it on again."""
        users = [user for user in queryset if remove_second_factor(user)]
        for user in users:
            self._record(request, SellerEvent.SECOND_FACTOR_REMOVED, user)
        message = ngettext(
            "%(count)d user logs in without a code now. Staff choose a new app at once.",
            "%(count)d users log in without a code now. Staff choose a new app at once.",
            len(users),
        )
        self.message_user(request, message % {"count": len(users)})


def _shops_owned_only_by(pks: Collection[int]) -> list[Seller]:
    """Return the shops of which all owners who may log in are among these memberships."""
    owning = Membership.objects.owning()
    others = owning.exclude(pk__in=pks).values("seller")
    theirs = owning.filter(pk__in=pks).values("seller")
    shops = Seller.objects.filter(pk__in=theirs).exclude(pk__in=others)
    return list(shops.order_by("name", "pk"))


def _last_owner(shops: Iterable[Seller]) -> str:
    sentence = gettext(
        "A shop keeps an owner who may log in. First make another owner of: %(shops)s"
    )
    return sentence % {"shops": ", ".join(map(str, shops))}


def _is_superuser(request: HttpRequest) -> bool:
    return request.user.is_authenticated and request.user.is_superuser


def _may_touch(request: HttpRequest, user: User | None) -> bool:
    is_staff = user is not None and (user.is_staff or user.is_superuser)
    return not is_staff or _is_superuser(request)


class OwnerlessForm(forms.ModelForm):
    """A shop that nobody owns, and who is asked to."""

    first_owner = forms.EmailField(
        label=_("E-mail of the first owner"),
        max_length=254,
        required=False,
        widget=AdminEmailInputWidget,
        help_text=_(
            "Gets a mail with a link, to choose a password and join as owner. Empty: nobody is "
            "asked now."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked = TeamInvitation.objects.filter(seller=self.instance.pk, role=Role.OWNER).open()
        if invitation := asked.order_by("pk").last():
            self.fields["first_owner"].help_text = gettext(
                "%(email)s was asked on %(day)s. Whoever you fill in gets a new link, and the old "
                "one does not work any more."
            ) % {"email": invitation.email, "day": date_format(invitation.created_at)}

    @cached_property
    def changed_data(self) -> list[str]:
        """Return what is different about the shop: whom one asks is no part of it."""
        return [name for name in super().changed_data if name != "first_owner"]


@admin.register(Seller)
class SellerPage(RecordsMemberships):
    """Shops and their people.

    Who may add invitations (superusers, and staff whom these gave that right) asks the first owner
    of a shop that has none.
    """

    created, changed, deleted = (
        SellerEvent.SELLER_CREATED,
        SellerEvent.SELLER_CHANGED,
        SellerEvent.SELLER_DELETED,
    )
    settings = ("name", "country", "region", "joined_on")
    list_display = ("name", "country", "contact_email", "joined_on")
    list_filter = ("country",)
    search_fields = ("name", "contact_email")
    ordering = ("name", "pk")
    date_hierarchy = "joined_on"
    readonly_fields = ("days_off",)
    fields = ("name", "country", "region", "days_off", "contact_email", "joined_on")
    inlines = (MembershipInline,)

    def get_form(
        self, request: HttpRequest, obj: Seller | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Ask for the first owner of a shop that nobody owns."""
        if self._asks_owner(request, obj):
            kwargs["form"] = OwnerlessForm
        return super().get_form(request, obj, change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Seller | None = None) -> Any:
        """Ask for the first owner of a shop that nobody owns."""
        more = ("first_owner",) if self._asks_owner(request, obj) else ()
        return (*self.fields, *more)

    def _asks_owner(self, request: HttpRequest, seller: Seller | None) -> bool:
        may = request.user.has_perm("sellers.add_teaminvitation")
        return may and (seller is None or not seller.memberships.owning().exists())

    @transaction.atomic
    def save_related(
        self, request: HttpRequest, form: forms.ModelForm, formsets: Any, change: bool
    ) -> None:
        """Ask the first owner when the shop and its people are stored."""
        super().save_related(request, form, formsets, change)
        if email := form.cleaned_data.get("first_owner"):
            self._ask_owner(request, form.instance, email)

    def _ask_owner(self, request: HttpRequest, seller: Seller, email: str) -> None:
        try:
            invite_first_owner(seller, email=email, by=actor(request), now=timezone.now())
        except HasOwner:
            problem = gettext("Nobody was asked to own the shop: it has an owner.")
        except AlreadyMember:
            problem = gettext(
                "Nobody was asked to own the shop: this is the address of somebody who works there."
            )
        except IsStaff:
            problem = gettext("Nobody was asked to own the shop: this is an address of staff.")
        except (AskedTooOften, TooManyInvitations):
            problem = gettext("A mail to the first owner left a moment ago. Try again later.")
        else:
            said = gettext("%(email)s gets a mail with a link, to become owner of the shop.")
            self.message_user(request, said % {"email": email}, messages.SUCCESS)
            return
        self.message_user(request, problem, messages.ERROR)

    @admin.display(description=_("days off"))
    def days_off(self, seller: Seller) -> str:
        """Return where the days off of the shop are, and whether they are known."""
        return link_to_days_off(seller) if seller.pk else ""

    def seller_of(self, row: Seller) -> int:
        """Return the shop itself."""
        return row.pk
