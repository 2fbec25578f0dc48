"""What a shop does with customers who were not unhappy: thanks, questions, quotes, referrals."""

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

from queries.models import Customer, Message, only_merging_moves
from sellers.models import LineField, Seller
from surveys.enums import ConsentWay, ContactKind
from surveys.models.responses import SurveyResponse

NOTHING: Final = Decimal(0)


def of_own_measurement(name: str) -> pgtrigger.Trigger:
    """Return the guard that a row is about a measurement that counts for its shop."""
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func="""
        PERFORM 1 FROM surveys_surveyresponse
          WHERE id = NEW.response_id AND seller_id = NEW.seller_id
            AND closed_by = 'seller' AND query_id IS NOT NULL;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'This must be about a measurement of the shop';
        END IF;
        RETURN NEW;
        """,
    )


def only_emptied(name: str, field: str) -> pgtrigger.Protect:
    """Return the guard that words stay as they are until they are erased."""
    return pgtrigger.Protect(
        name=name,
        operation=pgtrigger.Update,
        condition=pgtrigger.Q((f"old__{field}__df", pgtrigger.F(f"new__{field}")))
        & ~pgtrigger.Q((f"new__{field}", "")),
    )


class Approaches(models.QuerySet["Approach"]):
    """Times that a shop turned to a customer, narrowed by adjectives."""

    def standing(self) -> Self:
        """Leave out the replies that were taken back before they left."""
        return self.filter(message__withdrawn_at=None)


class Approach(models.Model):
    """One time that a shop turned to a customer who was not unhappy.

    A promoter was thanked; a passive was asked what would have made it a 9 or 10.
    """

    response = models.ForeignKey(
        SurveyResponse,
        on_delete=models.PROTECT,
        related_name="approaches",
        verbose_name=_("measurement"),
    )
    seller = models.ForeignKey(
        Seller, on_delete=models.PROTECT, related_name="approaches", verbose_name=_("seller")
    )
    kind = models.CharField(_("how"), max_length=10, choices=ContactKind)
    # Gone when the texts of the query are erased.
    message = models.OneToOneField(
        Message,
        on_delete=models.SET_NULL,
        related_name="approach",
        null=True,
        blank=True,
        verbose_name=_("reply"),
    )
    note = models.TextField(_("note"), blank=True)
    made_at = models.DateTimeField(_("moment"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="approaches",
        verbose_name=_("by"),
    )

    objects = Approaches.as_manager()

    class Meta:
        verbose_name = _("contact with a happy customer")
        verbose_name_plural = _("contacts with happy customers")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind=ContactKind.REPLY, note="")
                | models.Q(kind=ContactKind.CALL, message=None),
                name="approach_replied_or_called",
            ),
        ]
        indexes = [models.Index(fields=["seller", "made_at"], name="approach_seller_latest")]
        triggers = [
            of_own_measurement("approach_of_own_measurement"),
            pgtrigger.Trigger(
                name="approach_one_at_a_time",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                # The lock lets the second of two at once see what the first did.
                func="""
                PERFORM 1 FROM surveys_surveyresponse
                  WHERE id = NEW.response_id FOR NO KEY UPDATE;
                PERFORM 1 FROM surveys_approach approach
                  LEFT JOIN queries_message message ON message.id = approach.message_id
                  WHERE approach.response_id = NEW.response_id AND message.withdrawn_at IS NULL;
                IF FOUND THEN
                    RAISE EXCEPTION 'This customer was approached about it already';
                END IF;
                RETURN NEW;
                """,
            ),
            pgtrigger.Protect(name="approach_stays", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="approach_never_changes",
                fields=["response", "seller", "kind", "made_at", "made_by"],
            ),
            only_emptied("approach_note_only_emptied", "note"),
        ]

    def __str__(self) -> str:
        return f"{self.response} · {self.get_kind_display()}"


class Improvement(models.Model):
    """What a customer who gave a 7 or 8 said would have made it a 9 or 10."""

    response = models.OneToOneField(
        SurveyResponse,
        on_delete=models.PROTECT,
        related_name="improvement",
        verbose_name=_("measurement"),
    )
    seller = models.ForeignKey(
        Seller, on_delete=models.PROTECT, related_name="improvements", verbose_name=_("seller")
    )
    words = models.TextField(_("what the customer said"), blank=True)
    noted_at = models.DateTimeField(_("noted"))
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="improvements",
        verbose_name=_("noted by"),
    )

    class Meta:
        verbose_name = _("what would have made it a 9 or 10")
        verbose_name_plural = _("what would have made it a 9 or 10")
        indexes = [models.Index(fields=["seller", "noted_at"], name="improvement_seller_latest")]
        triggers = [
            of_own_measurement("improvement_of_own_measurement"),
            pgtrigger.Trigger(
                name="improvement_says_something",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                condition=pgtrigger.Q(new__words=""),
                func="RAISE EXCEPTION 'Say what the customer said';",
            ),
            pgtrigger.Protect(name="improvement_stays", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="improvement_never_changes",
                fields=["response", "seller", "noted_at", "noted_by"],
            ),
            only_emptied("improvement_words_only_emptied", "words"),
        ]

    def __str__(self) -> str:
        return str(self.response)


class QuoteConsents(models.QuerySet["QuoteConsent"]):
    """Permissions to quote, narrowed by adjectives."""

    def standing(self) -> Self:
        """Keep those that were not withdrawn."""
        return self.filter(withdrawn_at=None)

    def usable(self) -> Self:
        """Keep those of words that are there to be quoted."""
        return self.standing().exclude(response__reason="")


class QuoteConsent(models.Model):
    """One time that a customer allowed a shop to quote what they wrote, until they withdraw it."""

    response = models.ForeignKey(
        SurveyResponse,
        on_delete=models.PROTECT,
        related_name="quote_consents",
        verbose_name=_("measurement"),
    )
    seller = models.ForeignKey(
        Seller, on_delete=models.PROTECT, related_name="quote_consents", verbose_name=_("seller")
    )
    name = LineField(_("quoted as"), max_length=100, blank=True)
    way = models.CharField(_("how it was given"), max_length=20, choices=ConsentWay)
    recorded_at = models.DateTimeField(_("recorded"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="quote_consents",
        verbose_name=_("recorded by"),
    )
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    # Nobody when the customer was erased.
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="withdrawn_quote_consents",
        null=True,
        blank=True,
        verbose_name=_("withdrawn by"),
    )

    objects = QuoteConsents.as_manager()

    class Meta:
        verbose_name = _("permission to quote")
        verbose_name_plural = _("permissions to quote")
        constraints = [
            models.UniqueConstraint(
                fields=["response"],
                condition=models.Q(withdrawn_at=None),
                name="consent_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(way__in=ConsentWay.values), name="consent_way_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(name="") | models.Q(withdrawn_at__isnull=False),
                name="consent_says_as_whom",
            ),
            models.CheckConstraint(
                condition=models.Q(withdrawn_by=None) | models.Q(withdrawn_at__isnull=False),
                name="consent_withdrawn_at_a_moment",
            ),
        ]
        indexes = [
            models.Index(
                fields=["seller"],
                condition=models.Q(withdrawn_at=None),
                name="consent_standing",
            )
        ]
        triggers = [
            of_own_measurement("consent_of_own_measurement"),
            pgtrigger.Trigger(
                name="consent_is_about_words",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                # Waits for who erases the words, and then finds none.
                func="""
                PERFORM 1 FROM surveys_surveyresponse
                  WHERE id = NEW.response_id AND reason <> '' FOR NO KEY UPDATE;
                IF NOT FOUND THEN
                    RAISE EXCEPTION 'There are no words to quote';
                END IF;
                RETURN NEW;
                """,
            ),
            pgtrigger.Protect(name="consent_stays", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="consent_never_changes",
                fields=["response", "seller", "way", "recorded_at", "recorded_by"],
            ),
            only_emptied("consent_name_only_emptied", "name"),
            pgtrigger.Protect(
                name="consent_withdrawn_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__withdrawn_at__isnull=False)
                & (
                    pgtrigger.Q(old__withdrawn_at__df=pgtrigger.F("new__withdrawn_at"))
                    | pgtrigger.Q(old__withdrawn_by__df=pgtrigger.F("new__withdrawn_by"))
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.response} · {self.name}"


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
            models.UniqueConstraint(
                fields=["seller", "order_reference"],
                condition=~models.Q(order_reference="") & models.Q(withdrawn_at=None),
                name="referral_order_once",
            ),
            models.CheckConstraint(
                condition=models.Q(worth__gt=0), name="referral_is_worth_something"
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
