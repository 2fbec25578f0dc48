"""The answers of each shop and month, as counted up to a mark."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from sellers.models import Seller
from surveys.nps import HIGHEST_SCORE


class MonthCount(models.Model):
    """How often each answer was given to one shop in one month, up to the counting mark.

    `scores` has one count for each score from 0 to 10. `choices` splits them up by the topics that
    were ticked: [[primary keys of the topics], score, count], in rising order.
    """

    seller = models.ForeignKey(Seller, on_delete=models.PROTECT, related_name="month_counts")
    month = models.DateField(_("month"))
    scores = ArrayField(models.PositiveIntegerField(), size=HIGHEST_SCORE + 1)
    choices = models.JSONField()

    class Meta:
        permissions = [("view_shopscore", "Can view shop scores")]  # staff's overview of all shops
        constraints = [
            models.UniqueConstraint(fields=["seller", "month"], name="month_counted_once"),
            models.CheckConstraint(
                condition=models.Q(scores__len=HIGHEST_SCORE + 1), name="month_counts_each_score"
            ),
        ]
        indexes = [
            # Months of all shops, for staff: answered from the index alone.
            models.Index(fields=["month", "seller"], include=["scores"], name="month_count_of_all"),
        ]

    def __str__(self) -> str:
        return f"{self.seller_id} · {self.month:%Y-%m}"


class CountingMark(models.Model):
    """Up to and including which measurement the months are counted; the only row there is."""

    response_id = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="counting_mark_is_one"),
        ]

    def __str__(self) -> str:
        return f"#{self.response_id}"
