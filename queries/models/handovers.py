"""Every time that a shop handed a query over to the marketplace: why, and until when."""

from datetime import datetime, timedelta
from typing import Final, Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from queries.enums import HandOverOutcome
from queries.models.queries import CustomerQuery, of_the_shop_of_its_query
from sellers.events import by_whom
from sellers.guards import never_emptied, not_ahead
from sellers.models import ApiClient, Seller

HAND_BACK_AFTER: Final = timedelta(hours=48)  # the customer waits for marketplace staff


# In words of triggers. At one moment a hand-back comes before a closing.
SAME_END: Final = pgtrigger.Q(new__handed_back_at=pgtrigger.F("old__handed_back_at"))
ENDED_OTHERWISE: Final = (
    pgtrigger.Q(old__outcome__df=pgtrigger.F("new__outcome"))
    | pgtrigger.Q(old__handed_back_by__df=pgtrigger.F("new__handed_back_by"))
    | pgtrigger.Q(old__handed_back_client__df=pgtrigger.F("new__handed_back_client"))
)
CAME_BACK_FIRST: Final = pgtrigger.Q(
    old__outcome=HandOverOutcome.CLOSED, new__outcome=HandOverOutcome.HANDED_BACK
)
SAID_AFTER_IT: Final = (
    pgtrigger.Q(old__unanswered_since__df=pgtrigger.F("new__unanswered_since"))
    & pgtrigger.Q(new__unanswered_since__gt=pgtrigger.F("new__handed_back_at"))
) | (
    pgtrigger.Q(old__answered_at__df=pgtrigger.F("new__answered_at"))
    & pgtrigger.Q(new__answered_at__gt=pgtrigger.F("new__handed_back_at"))
)


class HandOvers(models.QuerySet["HandOver"]):
    """Hand-overs, narrowed by adjectives."""

    def open(self) -> Self:
        """Keep those of which the marketplace still has the query in hand."""
        return self.filter(handed_back_at=None)

    def unanswered(self) -> Self:
        """Keep the open ones of which the customer waits for staff."""
        return self.open().filter(unanswered_since__isnull=False)

    def over(self) -> Self:
        """Keep those that ended."""
        return self.filter(handed_back_at__isnull=False)


class HandOver(models.Model):
    """One time that a shop handed a query over; it ends when the query comes back or is closed.

    Meanwhile either the customer waits for staff, `unanswered_since`, or staff wait for the
    customer, since they `answered_at`.
    """

    query = models.ForeignKey(CustomerQuery, on_delete=models.PROTECT, related_name="handovers")
    seller = models.ForeignKey(
        Seller, on_delete=models.PROTECT, related_name="handovers", verbose_name=_("seller")
    )
    reason = models.TextField(_("reason"), max_length=1_000, blank=True)
    handed_over_at = models.DateTimeField(_("handed over"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="handovers",
        null=True,
        blank=True,
        verbose_name=_("handed over by"),
    )
    # The program that told of it, in the name of somebody of the shop if it says of whom.
    client = models.ForeignKey(
        ApiClient,
        on_delete=models.PROTECT,
        related_name="handovers",
        null=True,
        blank=True,
        verbose_name=_("API client"),
    )
    unanswered_since = models.DateTimeField(_("unanswered since"), null=True, blank=True)
    answered_at = models.DateTimeField(_("answered by staff"), null=True, blank=True)
    handed_back_at = models.DateTimeField(_("handed back"), null=True, blank=True)
    # Empty when the system did it.
    handed_back_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="ended_handovers",
        null=True,
        blank=True,
        verbose_name=_("handed back by"),
    )
    handed_back_client = models.ForeignKey(
        ApiClient,
        on_delete=models.PROTECT,
        related_name="ended_handovers",
        null=True,
        blank=True,
        verbose_name=_("API client that handed back"),
    )
    outcome = models.CharField(_("outcome"), max_length=20, choices=HandOverOutcome, blank=True)

    objects = HandOvers.as_manager()

    class Meta:
        verbose_name = _("hand-over")
        verbose_name_plural = _("hand-overs")
        constraints = [
            # Its index has what comes back or is closed by itself, and nothing else.
            models.UniqueConstraint(
                fields=["query"],
                condition=models.Q(handed_back_at=None),
                name="handover_one_open_per_query",
            ),
            models.CheckConstraint(
                condition=models.Q(by__isnull=False) | models.Q(client__isnull=False),
                name="handover_by_somebody",
            ),
            models.CheckConstraint(
                condition=models.Q(unanswered_since=None, answered_at__isnull=False)
                | models.Q(unanswered_since__isnull=False, answered_at=None),
                name="handover_one_side_waits",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    handed_back_at=None, handed_back_by=None, handed_back_client=None, outcome=""
                )
                | models.Q(handed_back_at__isnull=False, outcome__in=HandOverOutcome.values),
                name="handover_ends_with_an_outcome",
            ),
            models.CheckConstraint(
                condition=models.Q(handed_back_at=None)
                | models.Q(handed_back_at__gte=models.F("handed_over_at")),
                name="handover_ends_later",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="handover_stays", operation=pgtrigger.Delete),
            never_emptied("handovers_stay"),
            not_ahead("handover_not_ahead", "handed_over_at", "answered_at", "handed_back_at"),
            of_the_shop_of_its_query("handover_of_the_shop"),
            pgtrigger.Protect(
                name="handover_reason_given",
                operation=pgtrigger.Insert,
                condition=pgtrigger.Q(new__reason=""),
            ),
            pgtrigger.ReadOnly(
                name="handover_never_changes",
                # Not the reason, which erasing a person empties.
                fields=["query", "seller", "handed_over_at", "by", "client"],
            ),
            pgtrigger.Protect(
                name="handover_reason_only_emptied",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__reason__df=pgtrigger.F("new__reason"))
                & ~pgtrigger.Q(new__reason=""),
            ),
            pgtrigger.Protect(
                name="handover_ends_once",
                operation=pgtrigger.Update,
                # What is told late may have ended it earlier, or been said before it ended.
                condition=pgtrigger.Q(old__handed_back_at__isnull=False)
                & (
                    pgtrigger.Q(new__handed_back_at=None)
                    | pgtrigger.Q(new__handed_back_at__gt=pgtrigger.F("old__handed_back_at"))
                    | (SAME_END & ENDED_OTHERWISE & ~CAME_BACK_FIRST)
                    | SAID_AFTER_IT
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.reason[:60] or gettext("Erased query")

    @property
    def who(self) -> str:
        """Return who handed it over: somebody of the shop, a program, or a program for somebody."""
        return by_whom(self.by, self.client)

    @property
    def back_at(self) -> datetime | None:
        """Return when it is back by itself if staff do nothing; its platform says that itself."""
        if self.unanswered_since is None or self.client_id:
            return None
        return self.unanswered_since + HAND_BACK_AFTER
