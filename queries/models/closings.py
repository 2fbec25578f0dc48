"""Every time that a query was closed: by whom, when, and with which predicted score."""

from typing import Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from queries.enums import ActorType, Channel
from queries.models.customers import Customer, only_merging_moves
from queries.models.queries import CustomerQuery, of_the_shop_of_its_query
from sellers.events import by_whom
from sellers.guards import never_emptied, not_ahead
from sellers.models import ApiClient, LineField, Seller


class Closings(models.QuerySet["Closing"]):
    """Closings, narrowed by adjectives."""

    def for_seller(self, seller: Seller) -> Self:
        """Keep the closings of this shop's queries."""
        return self.filter(seller=seller)

    def not_reopened(self) -> Self:
        """Keep the closings after which the query was not opened again."""
        return self.filter(reopened_at=None)

    def reopened_after_decision(self) -> Self:
        """Keep those after whose survey was decided the query was opened again: it stands."""
        return self.filter(reopened_at__gte=models.F("survey_decided_at"))

    def undecided(self) -> Self:
        """Keep the closings about whose survey nothing was decided yet; a partial index."""
        return self.filter(survey_decided_at=None)


class Closing(models.Model):
    """One time that a query was closed: a snapshot that never changes.

    What later counts for whom (seller, agent, who closed, channel) is read from here and
    never from what the query has become since.
    """

    query = models.ForeignKey(CustomerQuery, on_delete=models.PROTECT, related_name="closings")
    seller = models.ForeignKey(
        Seller, on_delete=models.PROTECT, related_name="closings", verbose_name=_("seller")
    )
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="closings", verbose_name=_("customer")
    )
    closed_by = models.CharField(_("closed by"), max_length=20, choices=ActorType)
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="closings",
        null=True,
        blank=True,
        verbose_name=_("agent"),
    )
    # The program that closed it, in the name of the agent if there is one.
    client = models.ForeignKey(
        ApiClient,
        on_delete=models.PROTECT,
        related_name="closings",
        null=True,
        blank=True,
        db_index=False,
        verbose_name=_("API client"),
    )
    channel = models.CharField(_("channel"), max_length=20, choices=Channel)
    subject = LineField(_("subject"), max_length=200)
    closed_at = models.DateTimeField(_("closed"))
    predicted_score = models.PositiveSmallIntegerField(_("predicted score"), null=True, blank=True)
    reopened_at = models.DateTimeField(_("reopened"), null=True, blank=True)
    survey_decided_at = models.DateTimeField(_("survey decided"), null=True, blank=True)

    objects = Closings.as_manager()

    class Meta:
        verbose_name = _("closing")
        verbose_name_plural = _("closings")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(closed_by__in=ActorType.values), name="closing_actor_known"
            ),
            models.CheckConstraint(
                condition=models.Q(channel__in=Channel.values), name="closing_channel_known"
            ),
            models.CheckConstraint(
                condition=models.Q(predicted_score=None) | models.Q(predicted_score__range=(0, 10)),
                name="closing_prediction_in_range",
            ),
            models.CheckConstraint(
                condition=~models.Q(closed_by=ActorType.SELLER)
                | models.Q(agent__isnull=False)
                | models.Q(client__isnull=False),
                name="closing_by_seller_names_who",
            ),
            models.CheckConstraint(
                condition=models.Q(reopened_at=None)
                | models.Q(reopened_at__gte=models.F("closed_at")),
                name="closing_reopened_later",
            ),
            models.UniqueConstraint(
                fields=["query"],
                condition=models.Q(reopened_at=None),
                name="closing_one_stands_per_query",
            ),
        ]
        indexes = [
            # What the survey engine still has to look at, and nothing else.
            models.Index(
                fields=["closed_at", "id"],
                condition=models.Q(survey_decided_at=None),
                name="closing_undecided",
            ),
            # The closings of one shop in one month, and whose they were.
            models.Index(
                fields=["seller", "closed_at"],
                include=["closed_by"],
                name="closing_seller_closed_at",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="closing_stays", operation=pgtrigger.Delete),
            never_emptied("closings_stay"),
            not_ahead("closing_not_ahead", "closed_at", "reopened_at"),
            of_the_shop_of_its_query("closing_of_the_shop"),
            pgtrigger.ReadOnly(
                name="closing_never_changes",
                # Not the subject, which erasing a person empties.
                fields=[
                    "query",
                    "seller",
                    "closed_by",
                    "agent",
                    "client",
                    "channel",
                    "closed_at",
                    "predicted_score",
                ],
            ),
            only_merging_moves("closing_customer_only_merged"),
            pgtrigger.Protect(
                name="closing_subject_only_emptied",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__subject__df=pgtrigger.F("new__subject"))
                & ~pgtrigger.Q(new__subject=""),
            ),
            # It may turn out to have been earlier, as long as nothing was decided by it.
            pgtrigger.Protect(
                name="closing_reopened_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__reopened_at__isnull=False)
                & pgtrigger.Q(old__reopened_at__df=pgtrigger.F("new__reopened_at"))
                & (
                    pgtrigger.Q(new__reopened_at__isnull=True)
                    | pgtrigger.Q(new__reopened_at__gt=pgtrigger.F("old__reopened_at"))
                    | pgtrigger.Q(old__survey_decided_at__isnull=False)
                ),
            ),
            pgtrigger.Protect(
                name="closing_decided_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__survey_decided_at__isnull=False)
                & pgtrigger.Q(old__survey_decided_at__df=pgtrigger.F("new__survey_decided_at")),
            ),
        ]

    def __str__(self) -> str:
        return self.subject or gettext("Erased query")

    @property
    def who(self) -> str:
        """Return who closed it, or which program; nothing of what closed by itself."""
        return by_whom(self.agent, self.client)
