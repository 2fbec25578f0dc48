"""The people who ask."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final, Self

import pgtrigger
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from queries.enums import QueryState
from sellers.addresses import normalised_email
from sellers.enums import Language
from sellers.models import LineField

HAS_ADDRESS: Final = ~models.Q(email="")


class Customers(models.QuerySet["Customer"]):
    """People, narrowed by adjectives."""

    def by_pk_or_email(self, text: str) -> Self:
        """Keep who has this primary key or e-mail; somebody erased has only the first.

        One e-mail may be of several: of two numbers, or of a number and somebody without one.
        """
        return self.filter(pk=int(text)) if text.isdecimal() else self.with_address([text])

    def with_address(self, emails: Iterable[str]) -> Self:
        """Keep who has one of these addresses now, or had it when merged; an index."""
        lower_emails = [email for text in emails if (email := normalised_email(text))]
        return self.alias(lower_email=Lower("email")).filter(
            HAS_ADDRESS, lower_email__in=lower_emails
        )

    def themselves(self) -> Self:
        """Leave out the rows that were merged into another."""
        return self.filter(merged_into=None)

    def one_person_with(self, customer: "Customer") -> Self:
        """Keep this customer and who else is the same person, as far as an address says so.

        Two numbers with one address are, unless one of them says that several people use it.
        """
        at_address = Customer.objects.themselves().with_address([customer.email])
        rows = dict(at_address.values_list("pk", "shares_email"))
        others = () if any(rows.values()) else rows
        # Named one by one: "this one or those at the address" would read through all customers.
        return self.filter(pk__in={customer.pk, *others})

    def inactive_since(self, moment: datetime) -> Self:
        """Keep who is not erased, asked before, and had no query open or closed since."""
        from queries.models.queries import CustomerQuery  # which needs Customer first

        queries = CustomerQuery.objects.filter(customer=models.OuterRef("pk"))
        recent = queries.exclude(state=QueryState.CLOSED, turn_since__lt=moment)
        return self.filter(models.Exists(queries), ~models.Exists(recent), erased_at=None)


class Customer(models.Model):
    """A person who asks questions, at any shop of the marketplace.

    Who has a number of the marketplace's own is known by it, and their address may change, be
    another for each order, or be used by others too. Without a number the address is the key.

    A row that turned out to be another's is merged into that one: all its history is there then,
    and its number and address find the other (queries/identity.py). Of somebody erased the row
    stays, without name, number or address, so that what was counted stays true.
    """

    external_id = models.CharField(
        _("customer number"),
        max_length=64,
        null=True,
        blank=True,
        unique=True,
        help_text=_("The marketplace’s own number of this customer, if there is one."),
    )
    name = LineField(_("name"), max_length=120, blank=True)
    email = models.EmailField(_("e-mail address"), max_length=254, blank=True)
    shares_email = models.BooleanField(
        _("several people use this address"),
        default=False,
        db_default=False,
        help_text=_("Then surveys, opting out and erasing go by the customer number alone."),
    )
    language = models.CharField(
        _("language"), max_length=2, choices=Language, default=Language.DUTCH
    )
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        related_name="merged",
        null=True,
        blank=True,
        editable=False,
        verbose_name=_("merged into"),
    )
    erased_at = models.DateTimeField(_("erased"), null=True, blank=True, editable=False)

    objects = Customers.as_manager()

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        constraints = [
            # Without a number an address is one person, so one row.
            models.UniqueConstraint(
                Lower("email"),
                name="customer_email_unique",
                condition=HAS_ADDRESS & models.Q(external_id=None),
                violation_error_message=_("There is already a customer with this e-mail address."),
            ),
            models.CheckConstraint(
                condition=~models.Q(external_id=""), name="customer_number_given"
            ),
            models.CheckConstraint(
                condition=models.Q(language__in=Language.values), name="customer_language_known"
            ),
            models.CheckConstraint(
                condition=models.Q(erased_at=None)
                | models.Q(name="", email="", external_id=None, shares_email=False),
                name="customer_erased_is_nobody",
            ),
        ]
        indexes = [
            # Who has an address, with a number or without. Of all rows, for of a partial index on
            # an expression the database does not believe its own statistics.
            models.Index(Lower("email"), name="customer_address"),
        ]
        triggers = [
            pgtrigger.Protect(
                name="customer_stays_erased",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__erased_at__isnull=False)
                & pgtrigger.Q(old__erased_at__df=pgtrigger.F("new__erased_at")),
            ),
            pgtrigger.Trigger(
                name="customer_merged_once",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__merged_into__df=pgtrigger.F("new__merged_into")),
                declare=[("other", "queries_customer")],
                func="""
                SELECT * INTO other FROM queries_customer
                 WHERE id = NEW.merged_into_id AND id <> NEW.id FOR KEY SHARE;
                IF other.id IS NULL OR other.merged_into_id IS NOT NULL
                    OR other.erased_at IS NOT NULL OR NEW.erased_at IS NOT NULL
                THEN
                    RAISE EXCEPTION 'A customer is merged only into somebody who is there';
                END IF;
                -- Merged before: then only along with who it was merged into.
                IF OLD.merged_into_id IS NOT NULL AND NOT EXISTS (
                    SELECT FROM queries_customer
                     WHERE id = OLD.merged_into_id AND merged_into_id = NEW.merged_into_id
                ) THEN
                    RAISE EXCEPTION 'A merged customer stays merged';
                END IF;
                RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="customer_search_follows",
                when=pgtrigger.After,
                operation=pgtrigger.UpdateOf("name", "email"),  # type: ignore[no-untyped-call]
                condition=pgtrigger.Q(old__name__df=pgtrigger.F("new__name"))
                | pgtrigger.Q(old__email__df=pgtrigger.F("new__email")),
                # An address given with a query goes before the customer's own.
                func="""
                PERFORM queries_write_documents(ARRAY(
                    SELECT id FROM queries_customerquery
                     WHERE customer_id = NEW.id
                       AND (contact_email = '' OR OLD.name IS DISTINCT FROM NEW.name)
                ));
                RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        if self.erased_at:
            return gettext("Erased customer")
        if self.merged_into_id:
            return gettext("Merged into #%(number)d") % {"number": self.merged_into_id}
        return self.name or self.email or f"#{self.pk}"

    def clean(self) -> None:
        """Write the e-mail in one way, so that without a number one address is one customer."""
        self.email = normalised_email(self.email)

    @property
    def is_themselves(self) -> bool:
        """Return whether this is still somebody: neither merged into another nor erased."""
        return self.merged_into_id is None and self.erased_at is None


def only_merging_moves(name: str) -> pgtrigger.Trigger:
    """Return the guard of a row about a customer: only along with a merge it gets another one."""
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.Q(old__customer__df=pgtrigger.F("new__customer")),
        func="""
        IF EXISTS (
            SELECT FROM queries_customer
             WHERE id = OLD.customer_id AND merged_into_id = NEW.customer_id
        ) THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'What happened moves to another customer only with a merge';
        """,
    )
