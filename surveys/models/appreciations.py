"""What a shop does with customers who were not unhappy: thanks, questions, quotes."""

from typing import Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from queries.models import Message
from sellers.guards import never_emptied, not_ahead
from sellers.models import LineField, Seller
from surveys.enums import ConsentWay, ContactKind
from surveys.models.responses import SurveyResponse


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


def as_the_customer_wishes(name: str, *, response: str) -> pgtrigger.Trigger:
    """Return the guard of a contact: who said no is left alone, and only who said yes is called.

    `response` is the measurement, in SQL. A reply is in the conversation that it is about.
    """
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func=f"""
        PERFORM 1 FROM surveys_surveyresponse response
          LEFT JOIN queries_message message ON message.id = NEW.message_id
          WHERE response.id = {response}
            AND (response.may_contact OR NEW.kind = 'reply' AND response.may_contact IS NULL)
            AND (NEW.message_id IS NULL OR message.query_id = response.query_id);
        IF NOT FOUND THEN
            RAISE EXCEPTION 'The customer does not want this contact, or it was another';
        END IF;
        RETURN NEW;
        """,
    )


def reply_only_goes(name: str) -> pgtrigger.Protect:
    """Return the guard that a contact keeps its reply until that is erased."""
    return pgtrigger.Protect(
        name=name,
        operation=pgtrigger.Update,
        condition=pgtrigger.Q(old__message__df=pgtrigger.F("new__message"))
        & pgtrigger.Q(new__message__isnull=False),
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
            as_the_customer_wishes("approach_wished_for", response="NEW.response_id"),
            pgtrigger.Protect(name="approach_stays", operation=pgtrigger.Delete),
            never_emptied("approaches_stay"),
            not_ahead("approach_not_ahead", "made_at"),
            pgtrigger.ReadOnly(
                name="approach_never_changes",
                fields=["response", "seller", "kind", "made_at", "made_by"],
            ),
            only_emptied("approach_note_only_emptied", "note"),
            reply_only_goes("approach_reply_only_goes"),
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
            never_emptied("improvements_stay"),
            not_ahead("improvement_not_ahead", "noted_at"),
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
            never_emptied("consents_stay"),
            not_ahead("consent_not_ahead", "recorded_at", "withdrawn_at"),
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
