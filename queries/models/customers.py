"""The people who ask."""

from datetime import datetime
from typing import Self

import pgtrigger
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from queries.enums import QueryState
from sellers.enums import Language


class Customers(models.QuerySet["Customer"]):
    """People, narrowed by adjectives."""

    def by_pk_or_email(self, text: str) -> Self:
        """Keep the one with this primary key or e-mail; somebody erased has only the first."""
        if text.isdecimal():
            return self.filter(pk=int(text))
        # Worded as the unique index is, so that it serves.
        email = Lower(models.Value(text.strip()))
        return self.alias(lower_email=Lower("email")).filter(~models.Q(email=""), lower_email=email)

    def inactive_since(self, moment: datetime) -> Self:
        """Keep who is not erased, asked before, and had no query open or closed since."""
        from queries.models.queries import CustomerQuery  # which needs Customer first

        queries = CustomerQuery.objects.filter(customer=models.OuterRef("pk"))
        recent = queries.exclude(state=QueryState.CLOSED, turn_since__lt=moment)
        return self.filter(models.Exists(queries), ~models.Exists(recent), erased_at=None)


class Customer(models.Model):
    """A person who asks questions, at any shop of the marketplace.

    Of somebody erased the row stays, without name or e-mail, so that what was counted stays true.
    """

    name = models.CharField(_("name"), max_length=120, blank=True)
    email = models.EmailField(_("e-mail address"), max_length=254, blank=True)
    language = models.CharField(
        _("language"), max_length=2, choices=Language, default=Language.DUTCH
    )
    erased_at = models.DateTimeField(_("erased"), null=True, blank=True, editable=False)

    objects = Customers.as_manager()

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        constraints = [
            # One person is one row: the rest between two surveys is counted per customer.
            models.UniqueConstraint(
                Lower("email"),
                name="customer_email_unique",
                condition=~models.Q(email=""),
                violation_error_message=_("There is already a customer with this e-mail address."),
            ),
            models.CheckConstraint(
                condition=models.Q(language__in=Language.values), name="customer_language_known"
            ),
            models.CheckConstraint(
                condition=models.Q(erased_at=None) | models.Q(name="", email=""),
                name="customer_erased_is_nobody",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="customer_stays_erased",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__erased_at__isnull=False)
                & pgtrigger.Q(old__erased_at__df=pgtrigger.F("new__erased_at")),
            ),
        ]

    def __str__(self) -> str:
        if self.erased_at:
            return gettext("Erased customer")
        return self.name or self.email or f"#{self.pk}"
