"""Users, shops, and who belongs to which shop: the tenant."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from sellers.enums import RIGHTS, Language, Right, Role


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
        roles = [role for role, rights in RIGHTS.items() if Right.ANSWER in rights]
        people = self.filter(
            is_active=True, memberships__seller=seller, memberships__role__in=roles
        )
        return people.order_by("name", "pk")


class User(AbstractBaseUser, PermissionsMixin):
    """A person who logs in: one of a seller's people, or marketplace staff."""

    email = models.EmailField(_("e-mail address"), max_length=254)
    name = models.CharField(_("name"), max_length=120)
    language = models.CharField(
        _("language"), max_length=2, choices=Language, default=Language.DUTCH
    )
    is_active = models.BooleanField(_("may log in"), default=True)
    is_staff = models.BooleanField(_("marketplace staff"), default=False)

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

    def __str__(self) -> str:
        return self.name or self.email

    def clean(self) -> None:
        """Write the e-mail in lower case, so that one e-mail is one user."""
        self.email = self.email.strip().lower()

    def get_full_name(self) -> str:
        """Return the name; the admin greets with it."""
        return self.name

    def get_short_name(self) -> str:
        """Return the first word of the name."""
        return self.name.split(" ")[0]

    @property
    def initials(self) -> str:
        """Return the first letters of the first and the last word of the name."""
        words = self.name.split() or [self.email]
        return "".join(word[0] for word in dict.fromkeys((words[0], words[-1]))).upper()


class Seller(models.Model):
    """A shop on the marketplace."""

    name = models.CharField(_("name"), max_length=120)
    country = models.CharField(
        _("country"),
        max_length=2,
        help_text=_("Two letters, such as NL: decides which public holidays move deadlines."),
    )
    contact_email = models.EmailField(_("contact address"))
    joined_on = models.DateField(_("joined on"))

    class Meta:
        verbose_name = _("seller")
        verbose_name_plural = _("sellers")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(country__regex=r"^[A-Z]{2}$"),
                name="seller_country_code",
                violation_error_message=_("A country is two capitals, such as NL or BE."),
            ),
            models.CheckConstraint(condition=~models.Q(name=""), name="seller_name_given"),
        ]

    def __str__(self) -> str:
        return self.name


class Memberships(models.QuerySet["Membership"]):
    """Who belongs to which shop."""

    def of_user(self, user: User) -> Self:
        """Keep the shops that `user` may open, by name."""
        return self.filter(user=user).select_related("seller").order_by("seller__name", "pk")


class Membership(models.Model):
    """One user belongs to one shop in one role."""

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

    objects = Memberships.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "seller"],
                name="membership_once_per_shop",
                violation_error_message=_("This user already belongs to this shop."),
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="membership_role_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.seller}"

    def may(self, right: Right) -> bool:
        """Return whether this member may do `right` in this shop."""
        return right in RIGHTS[Role(self.role)]

    @property
    def may_answer(self) -> bool:
        """Return whether this member may reply to, close and reopen queries; for templates."""
        return self.may(Right.ANSWER)
