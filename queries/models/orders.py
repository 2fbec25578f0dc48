"""What was bought, as far as the marketplace's platform tells: shown beside the conversation."""

from datetime import datetime
from typing import Self

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from queries.models.customers import Customer
from queries.models.queries import CustomerQueries, CustomerQuery
from sellers.addresses import masked
from sellers.models import LineField, Seller, days_that_exist


class Orders(models.QuerySet["Order"]):
    """Orders, narrowed by adjectives."""

    def for_seller(self, seller: Seller) -> Self:
        """Keep what was bought at this shop: the only way from a page to an order."""
        return self.filter(seller=seller)

    def named_by(self, query: CustomerQuery) -> Self:
        """Keep the one that a query of the shop is about."""
        return self.filter(reference=query.order_reference)

    def known_as(self, *references: str) -> Self:
        """Keep what has one of these numbers, typed in full, and of which it is known whose."""
        known = self.filter(reference__in=references, customer__isnull=False)
        return known.select_related("customer")

    def with_items(self) -> Self:
        """Fetch what was bought, in its order."""
        return self.prefetch_related(
            models.Prefetch("items", OrderItem.objects.order_by("position"))
        )

    def named_in(self, queries: CustomerQueries) -> Self:
        """Keep what one of these queries names: another customer's order is not meant.

        Of an order of which nobody knows the customer, whoever names it is.
        """
        naming = queries.filter(
            seller=models.OuterRef("seller"), order_reference=models.OuterRef("reference")
        )
        of_theirs = naming.filter(customer=models.OuterRef("customer"))
        # One after the other: the first alone is found by an index.
        named = self.filter(models.Exists(naming))
        return named.filter(models.Q(customer=None) | models.Exists(of_theirs))

    def of_customer(self, customer: Customer) -> Self:
        """Keep what a customer bought, or may have bought: it is theirs, or nobody's they name.

        Asks the database once: in one condition neither would be found by an index.
        """
        named = self.named_in(customer.queries.all()).values_list("pk", flat=True)
        return self.filter(models.Q(customer=customer) | models.Q(pk__in=list(named)))

    def named_no_more(self) -> Self:
        """Leave out what a query still names of which the texts were not erased."""
        naming = CustomerQuery.objects.with_texts().filter(
            seller=models.OuterRef("seller"), order_reference=models.OuterRef("reference")
        )
        return self.filter(~models.Exists(naming))

    def bought_before(self, moment: datetime) -> Self:
        """Keep what was ordered before the day of a moment."""
        return self.filter(ordered_on__lt=moment.date())


class Order(models.Model):
    """One order at one shop; a query is about it when it names the reference.

    Neither waits for the other: the platform may tell of an order before or after somebody asks.
    It goes with the person whose it is, or when the last query about it is erased.
    """

    seller = models.ForeignKey(
        Seller, on_delete=models.PROTECT, related_name="orders", verbose_name=_("seller")
    )
    reference = LineField(_("order number"), max_length=40)
    customer = models.ForeignKey(
        Customer,
        on_delete=models.PROTECT,
        related_name="orders",
        null=True,
        blank=True,
        verbose_name=_("customer"),
    )
    ordered_on = models.DateField(_("ordered"))
    delivered_on = models.DateField(_("delivered"), null=True, blank=True)
    carrier = LineField(_("carrier"), max_length=60, blank=True)
    tracking_code = LineField(_("tracking code"), max_length=60, blank=True)
    tracking_url = models.URLField(_("page of the carrier"), max_length=500, blank=True)

    objects = Orders.as_manager()

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        constraints = [
            days_that_exist("order_on_days", "ordered_on", "delivered_on"),
            # The index by which a query finds its order.
            models.UniqueConstraint(
                fields=["seller", "reference"], name="order_reference_once_per_shop"
            ),
            models.CheckConstraint(condition=~models.Q(reference=""), name="order_reference_given"),
            models.CheckConstraint(
                condition=models.Q(delivered_on=None)
                | models.Q(delivered_on__gte=models.F("ordered_on")),
                name="order_delivered_later",
            ),
            models.CheckConstraint(
                condition=models.Q(tracking_url="")
                | models.Q(tracking_url__regex=r"^https://[^\s/@]+(/\S*)?$"),
                name="order_tracking_is_https",
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(name="order_stays_the_same_one", fields=["seller", "reference"]),
            pgtrigger.Trigger(
                name="order_customer_is_there",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("customer_id"),  # type: ignore[no-untyped-call]
                condition=pgtrigger.Q(new__customer__isnull=False),
                declare=[("buys", "queries_customer")],
                # The lock that the foreign key takes anyway: it waits for who erases or merges.
                func="""
                SELECT * INTO buys
                  FROM queries_customer WHERE id = NEW.customer_id FOR KEY SHARE;
                IF buys.erased_at IS NOT NULL OR buys.merged_into_id IS NOT NULL THEN
                    RAISE EXCEPTION 'An order is of a customer who is there';
                END IF;
                RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def bought_by(self) -> str:
        """Return what the shop calls who bought it; nothing when that is not known."""
        return self.customer.name or masked(self.customer.email) if self.customer else ""


class OrderItem(models.Model):
    """One line of an order: so many of one thing."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveSmallIntegerField(_("position"))
    name = LineField(_("name"), max_length=200)
    quantity = models.PositiveSmallIntegerField(_("quantity"), default=1)
    price = models.DecimalField(
        _("price"),
        max_digits=10,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("Of one, in euros."),
    )
    warranty_until = models.DateField(_("warranty until"), null=True, blank=True)
    serial_number = LineField(_("serial number"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("item of an order")
        verbose_name_plural = _("items of an order")
        constraints = [
            days_that_exist("orderitem_warranty_until_a_day", "warranty_until"),
            models.UniqueConstraint(fields=["order", "position"], name="orderitem_position_once"),
            models.CheckConstraint(condition=~models.Q(name=""), name="orderitem_name_given"),
            models.CheckConstraint(
                condition=models.Q(quantity__gte=1), name="orderitem_one_or_more"
            ),
            models.CheckConstraint(
                condition=models.Q(price=None) | models.Q(price__gte=0),
                name="orderitem_price_not_negative",
            ),
        ]
        triggers = [pgtrigger.ReadOnly(name="orderitem_stays_in_its_order", fields=["order"])]

    def __str__(self) -> str:
        return self.name
