"""New customers whom a promoter brought in, and what they were worth."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, Self

import pgtrigger
from django.conf import settings
from django.contrib import admin
from django.db import models
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext_lazy as _

from queries.models import Customer, Order, only_merging_moves
from sellers.guards import never_emptied, not_ahead
from sellers.models import LineField, Seller, days_that_exist
from surveys.models.appreciations import of_own_measurement, only_emptied
from surveys.models.responses import SurveyResponse

NOTHING: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class ReferralTotal:
    """How many customers came by a referral, and what they were worth together in euros."""

    count: int = 0
    worth: Decimal = NOTHING

    def __add__(self, other: "ReferralTotal") -> "ReferralTotal":
        return ReferralTotal(self.count + other.count, self.worth + other.worth)


class Referrals(models.QuerySet["Referral"]):
    """New customers by a referral, narrowed by adjectives."""

    def standing(self) -> Self:
        """Leave out what was recorded by mistake."""
        return self.filter(withdrawn_at=None)

    def for_seller(self, seller: Seller) -> Self:
        """Keep those of a shop."""
        return self.filter(seller=seller)

    def came_between(self, first: date, until: date) -> Self:
        """Keep who came in these days, half-open."""
        return self.filter(came_on__gte=first, came_on__lt=until)

    def of_orders_gone(self) -> Self:
        """Keep those by an order of nobody known that is not there any more."""
        orders = Order.objects.filter(
            seller=models.OuterRef("seller"), reference=models.OuterRef("order_reference")
        )
        of_nobody_known = self.filter(customer=None).exclude(order_reference="")
        return of_nobody_known.filter(~models.Exists(orders))

    def totals_by_month(self) -> dict[date, ReferralTotal]:
        """Count and add up per month in which somebody came, in one statement."""
        rows = (
            self.order_by()
            .annotate(month=TruncMonth("came_on"))
            .values_list("month")
            .annotate(count=models.Count("pk"), sum=models.Sum("worth"))
        )
        return {month: ReferralTotal(count, worth) for month, count, worth in rows}


class Referral(models.Model):
    """A new customer whom a promoter brought in, and what that was worth to the shop in euros."""

    response = models.ForeignKey(
        SurveyResponse,
        on_delete=models.PROTECT,
        related_name="referrals",
        verbose_name=_("measurement"),
    )
    seller = models.ForeignKey(
        Seller, on_delete=models.PROTECT, related_name="referrals", verbose_name=_("seller")
    )
    customer = models.ForeignKey(
        Customer,
        on_delete=models.PROTECT,
        related_name="brought_in_by",
        null=True,
        blank=True,
        verbose_name=_("new customer"),
    )
    order_reference = LineField(_("order number"), max_length=40, blank=True)
    words = LineField(_("who came in"), max_length=200, blank=True)
    worth = models.DecimalField(
        _("worth"), max_digits=10, decimal_places=2, help_text=_("In euros.")
    )
    came_on = models.DateField(_("came in"))
    recorded_at = models.DateTimeField(_("recorded"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="referrals",
        verbose_name=_("recorded by"),
    )
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="withdrawn_referrals",
        null=True,
        blank=True,
        verbose_name=_("withdrawn by"),
    )

    objects = Referrals.as_manager()

    class Meta:
        verbose_name = _("referral")
        verbose_name_plural = _("referrals")
        constraints = [
            days_that_exist("referral_came_on_a_day", "came_on"),
            models.UniqueConstraint(
                fields=["seller", "order_reference"],
                condition=~models.Q(order_reference="") & models.Q(withdrawn_at=None),
                name="referral_order_once",
            ),
            # In PostgreSQL "not a number" is more than any number.
            models.CheckConstraint(
                condition=models.Q(worth__gt=0, worth__lte=Decimal("99999999.99")),
                name="referral_is_worth_something",
            ),
            models.CheckConstraint(
                condition=models.Q(withdrawn_at=None, withdrawn_by=None)
                | models.Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="referral_withdrawn_by_somebody",
            ),
        ]
        indexes = [
            models.Index(
                fields=["seller", "came_on"],
                include=["worth"],
                condition=models.Q(withdrawn_at=None),
                name="referral_seller_period",
            )
        ]
        triggers = [
            of_own_measurement("referral_of_own_measurement"),
            pgtrigger.Trigger(
                name="referral_says_who",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                condition=pgtrigger.Q(new__words="", new__order_reference=""),
                func="RAISE EXCEPTION 'Say who came in';",
            ),
            pgtrigger.Trigger(
                name="referral_customer_is_there",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                condition=pgtrigger.Q(new__customer__isnull=False),
                declare=[("came", "queries_customer"), ("referrer", "bigint")],
                # The lock that the foreign key takes anyway: it waits for who erases or merges.
                func="""
                SELECT * INTO came
                  FROM queries_customer WHERE id = NEW.customer_id FOR KEY SHARE;
                SELECT query.customer_id INTO referrer
                  FROM surveys_surveyresponse response
                  JOIN queries_customerquery query ON query.id = response.query_id
                 WHERE response.id = NEW.response_id;
                IF came.erased_at IS NOT NULL OR came.merged_into_id IS NOT NULL
                   OR came.id = referrer THEN
                    RAISE EXCEPTION 'Somebody else came in, who is there';
                END IF;
                RETURN NEW;
                """,
            ),
            pgtrigger.Protect(name="referral_stays", operation=pgtrigger.Delete),
            never_emptied("referrals_stay"),
            not_ahead("referral_not_ahead", "recorded_at", "withdrawn_at"),
            pgtrigger.ReadOnly(
                name="referral_never_changes",
                fields=["response", "seller", "worth", "came_on", "recorded_at", "recorded_by"],
            ),
            only_merging_moves("referral_customer_only_merged"),
            only_emptied("referral_words_only_emptied", "words"),
            only_emptied("referral_order_only_emptied", "order_reference"),
            pgtrigger.Protect(
                name="referral_withdrawn_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__withdrawn_at__isnull=False)
                & (
                    pgtrigger.Q(old__withdrawn_at__df=pgtrigger.F("new__withdrawn_at"))
                    | pgtrigger.Q(old__withdrawn_by__df=pgtrigger.F("new__withdrawn_by"))
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.response} · {self.order_reference or self.words}"

    @property
    @admin.display(description=_("who came in"))
    def who_came(self) -> str:
        """Return who came in, as far as the shop knows."""
        known = (self.words, self.order_reference and f"#{self.order_reference}")
        return " · ".join(part for part in known if part)
