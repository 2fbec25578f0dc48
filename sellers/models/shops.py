"""Users, shops, and who belongs to which shop: the tenant."""

from collections.abc import Iterable
from typing import Any, ClassVar, Final, Self

import pgtrigger
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sellers.addresses import normalised_email
from sellers.days_off import is_known, regions
from sellers.enums import RIGHTS, AlertKind, Language, Right, Role
from sellers.models.bounds import days_that_exist
from sellers.models.lines import LineField

# Locks the shop, so that of two owners who end each other at once the second one sees the first.
OWNER_IS_LEFT: Final = """
    PERFORM FROM sellers_seller WHERE id = {shop} FOR NO KEY UPDATE;
    IF FOUND AND NOT EXISTS (
        SELECT FROM sellers_membership AS membership
          JOIN sellers_user AS member ON member.id = membership.user_id
         WHERE membership.seller_id = {shop} AND membership.role = 'owner'
           AND membership.ended_at IS NULL AND member.is_active
    ) THEN
        RAISE EXCEPTION 'A shop keeps an owner who may log in';
    END IF;
"""
EACH_SHOP_OF_OWNER: Final = """
    FOR owned IN
        SELECT seller_id FROM sellers_membership
         WHERE user_id = NEW.id AND role = 'owner' AND ended_at IS NULL
         ORDER BY seller_id
    LOOP {} END LOOP;
    RETURN NULL;
"""


class Users(BaseUserManager["User"]):
    """Makes users; an e-mail is stored in lower case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Store a user who can log in with `email`; without a password nobody can."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Store a member of the marketplace staff who may do everything in the admin."""
        return self.create_user(email, password, **fields, is_staff=True, is_superuser=True)

    def get_by_natural_key(self, username: str | None) -> "User":
        """Find a user by e-mail, whatever its capitals."""
        return self.get(email__iexact=username or "")

    def answering_for(self, seller: "Seller") -> "models.QuerySet[User]":
        """Return who may answer for a shop, by name."""
        members = Membership.objects.answering().filter(seller=seller)
        return self.filter(pk__in=members.values("user")).order_by("name", "pk")

    def with_email(self, email: str) -> "models.QuerySet[User]":
        """Return who logs in with an address, in either form in which it may be stored."""
        return self.filter(email__in={email.strip().lower(), normalised_email(email)})


class User(AbstractBaseUser, PermissionsMixin):
    """A person who logs in: one of a seller's people, or marketplace staff."""

    email = models.EmailField(_("e-mail address"), max_length=254)
    name = LineField(_("name"), max_length=120)
    language = models.CharField(
        _("language"), max_length=2, choices=Language, default=Language.DUTCH
    )
    is_active = models.BooleanField(_("may log in"), default=True)
    is_staff = models.BooleanField(_("marketplace staff"), default=False)
    # How often all sessions of this user were ended at once; each knows how often it was before.
    sessions_ended = models.PositiveIntegerField(default=0, db_default=0, editable=False)

    objects: ClassVar[Users] = Users()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.UniqueConstraint(
                fields=["email"],
                name="user_email_unique",
                violation_error_message=_("There is already a user with this e-mail address."),
            ),
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")), name="user_email_lower_case"
            ),
            models.CheckConstraint(
                condition=models.Q(language__in=Language.values), name="user_language_known"
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="user_owner_stays",
                when=pgtrigger.After,
                operation=pgtrigger.Update,
                timing=pgtrigger.Deferred,
                condition=pgtrigger.Q(old__is_active=True, new__is_active=False),
                declare=[("owned", "record")],
                func=EACH_SHOP_OF_OWNER.format(OWNER_IS_LEFT.format(shop="owned.seller_id")),
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def get_session_auth_hash(self) -> str:
        """Return what a session must know to go on: the password, and how often all were ended."""
        return self._marked(super().get_session_auth_hash())

    def get_session_auth_fallback_hash(self) -> Iterable[str]:
        """Return the same for keys of before."""
        return map(self._marked, super().get_session_auth_fallback_hash())

    def _marked(self, session_hash: str) -> str:
        return f"{session_hash}{self.sessions_ended or ''}"

    def clean(self) -> None:
        """Write the e-mail in lower case, so that one e-mail is one user."""
        self.email = self.email.strip().lower()

    def get_full_name(self) -> str:
        """Return the name; the admin greets with it."""
        return self.name

    def get_short_name(self) -> str:
        """Return the first word of the name."""
        return self.name.split(" ")[0]


class Seller(models.Model):
    """A shop on the marketplace."""

    name = LineField(_("name"), max_length=120)
    country = models.CharField(
        _("country"),
        max_length=2,
        help_text=_("Two letters, such as NL: decides which public holidays move deadlines."),
    )
    region = models.CharField(
        _("region"),
        max_length=20,
        blank=True,
        default="",
        db_default="",
        help_text=_("Only where holidays differ within the country, such as BY for Bavaria."),
    )
    contact_email = models.EmailField(_("contact address"))
    joined_on = models.DateField(_("joined on"))
    # What the owner sets: sellers/actions/shop_settings.py.
    requires_prediction = models.BooleanField(
        _("a closing needs a prediction"), default=False, db_default=False
    )
    compares_agents = models.BooleanField(
        _("predictions of the team are shown to the owner"), default=True, db_default=True
    )
    alerts_quote_customers = models.BooleanField(
        _("alerts by mail carry the customer’s words"), default=False, db_default=False
    )
    worst_scores_to = models.ForeignKey(
        User,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="shops_with_worst_scores",
        verbose_name=_("follows up on scores of 0 to 2"),
    )
    account_contact = models.ForeignKey(
        User,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="shops_as_account_contact",
        verbose_name=_("account contact"),
    )

    class Meta:
        verbose_name = _("seller")
        verbose_name_plural = _("sellers")
        constraints = [
            days_that_exist("seller_joined_on_a_day", "joined_on"),
            models.CheckConstraint(
                condition=models.Q(country__regex=r"^[A-Z]{2}$"),
                name="seller_country_code",
                violation_error_message=_("A country is two capitals, such as NL or BE."),
            ),
            models.CheckConstraint(condition=~models.Q(name=""), name="seller_name_given"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse a region that the country has not."""
        refuse_unknown_region(self.country, self.region)


def refuse_unknown_region(country: str, region: str) -> None:
    """Raise ValidationError for a region that a country of the public list has not.

    Of a country that the list has not nobody knows the regions.
    """
    known = regions(country)
    if not region or region in known or not is_known(country):
        return
    if not known:
        text = gettext("%(country)s has no regions with holidays of their own: leave it empty.")
    else:
        text = gettext("%(country)s has no such region. It has: %(regions)s.")
    said = text % {"country": country, "regions": ", ".join(known)}
    raise ValidationError({"region": said})


class Memberships(models.QuerySet["Membership"]):
    """Who belongs to which shop, narrowed by adjectives."""

    def current(self) -> Self:
        """Keep those that have not ended."""
        return self.filter(ended_at=None)

    def of_user(self, user: User) -> Self:
        """Keep the shops that `user` may open, by name."""
        theirs = self.current().filter(user=user)
        return theirs.select_related("seller").order_by("seller__name", "pk")

    def for_seller(self, seller: Seller) -> Self:
        """Keep the team of a shop, by name."""
        theirs = self.current().filter(seller=seller)
        return theirs.select_related("user", "seller").order_by("user__name", "pk")

    def owning(self) -> Self:
        """Keep the owners who may log in."""
        return self.current().filter(role=Role.OWNER, user__is_active=True)

    def answering(self) -> Self:
        """Keep who may answer and log in."""
        roles = [role for role, rights in RIGHTS.items() if Right.ANSWER in rights]
        return self.current().filter(role__in=roles, user__is_active=True)


class Membership(models.Model):
    """One user belongs, or belonged, to one shop in one role."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="memberships",
        verbose_name=_("user"),
    )
    seller = models.ForeignKey(
        Seller, on_delete=models.PROTECT, related_name="memberships", verbose_name=_("seller")
    )
    role = models.CharField(_("role"), max_length=10, choices=Role)
    signature = models.TextField(
        _("signature"), max_length=1_000, blank=True, default="", db_default=""
    )
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True, editable=False)

    objects = Memberships.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "seller"],
                condition=models.Q(ended_at=None),
                name="membership_once_per_shop",
                violation_error_message=_("This user already belongs to this shop."),
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="membership_role_known"
            ),
        ]
        triggers = [
            # Deferred: staff may swap two owners in one form.
            pgtrigger.Trigger(
                name="membership_owner_stays",
                when=pgtrigger.After,
                operation=pgtrigger.Update,
                timing=pgtrigger.Deferred,
                condition=pgtrigger.Q(old__role=Role.OWNER, old__ended_at__isnull=True)
                & (
                    pgtrigger.Q(new__ended_at__isnull=False)
                    | pgtrigger.Q(old__role__df=pgtrigger.F("new__role"))
                    | pgtrigger.Q(old__user__df=pgtrigger.F("new__user"))
                    | pgtrigger.Q(old__seller__df=pgtrigger.F("new__seller"))
                ),
                func=f"{OWNER_IS_LEFT.format(shop='OLD.seller_id')} RETURN NULL;",
            ),
            pgtrigger.Trigger(
                name="membership_last_owner_not_deleted",
                when=pgtrigger.After,
                operation=pgtrigger.Delete,
                timing=pgtrigger.Deferred,
                condition=pgtrigger.Q(old__role=Role.OWNER, old__ended_at__isnull=True),
                func=f"{OWNER_IS_LEFT.format(shop='OLD.seller_id')} RETURN NULL;",
            ),
            pgtrigger.Protect(
                name="membership_stays_ended",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__ended_at__isnull=False)
                & pgtrigger.Q(old__ended_at__df=pgtrigger.F("new__ended_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.seller}"

    def may(self, right: Right) -> bool:
        """Return whether this member may do `right` in this shop."""
        return right in RIGHTS[Role(self.role)]

    def may_be_told(self, kind: AlertKind) -> bool:
        """Return whether this member may be told of this; an account contact need only read."""
        is_contact = self.seller.account_contact_id == self.user_id
        return self.may(kind.needs) or (is_contact and kind == AlertKind.LOW_SCORE)

    @property
    def may_answer(self) -> bool:
        """Return whether this member may reply to, close and reopen queries; for templates."""
        return self.may(Right.ANSWER)

    @property
    def may_manage_team(self) -> bool:
        """Return whether this member may invite, change and remove colleagues; for templates."""
        return self.may(Right.MANAGE_TEAM)
