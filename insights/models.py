"""The service standard that sellers are judged by, and the counts that are kept."""

from datetime import date, timedelta
from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.db import models
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from insights.standards import Standard
from sellers.enums import Language
from sellers.models import Seller
from surveys.nps import HIGHEST_SCORE

# The days from the first up to, not including, the last; without end when that is null.
PERIOD = models.Func(
    "valid_from", "valid_until", function="DATERANGE", output_field=DateRangeField()
)


class ServiceStandards(models.QuerySet["ServiceStandard"]):
    """Standards, narrowed by when they hold."""

    def overlapping(self, first: date, end: date | None) -> Self:
        """Keep those that hold on some day from `first` up to, not including, `end`."""
        begun = self.filter(valid_from__lt=end) if end else self
        return begun.not_over(first + timedelta(days=1))

    def not_over(self, day: date) -> Self:
        """Keep those that end on a day or later, or never."""
        return self.filter(models.Q(valid_until=None) | models.Q(valid_until__gte=day))

    def latest_before(self, day: date) -> "ServiceStandard | None":
        """Return the last one that begins before a day, or None."""
        return self.filter(valid_from__lt=day).order_by("valid_from").last()


class ServiceStandard(models.Model):
    """The lowest NPS that meets the norm during a period."""

    value = models.SmallIntegerField(_("at least"))
    minimum_measurements = models.PositiveSmallIntegerField(_("minimum measurements"), default=25)
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(
        _("valid until"), null=True, blank=True, help_text=_("The first day it no longer holds.")
    )
    announced_on = models.DateField(_("announced on"))
    label_nl = models.CharField(_("label in Dutch"), max_length=120)
    label_en = models.CharField(_("label in English"), max_length=120)

    objects = ServiceStandards.as_manager()

    class Meta:
        verbose_name = _("service standard")
        verbose_name_plural = _("service standards")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(value__range=(-100, 100)),
                name="standard_value_in_range",
                violation_error_message=_("A standard lies between −100 and +100."),
            ),
            models.CheckConstraint(
                condition=models.Q(valid_until=None)
                | models.Q(valid_until__gt=models.F("valid_from")),
                name="standard_period_not_empty",
                violation_error_message=_("“Valid until” must be later than “valid from”."),
            ),
            ExclusionConstraint(
                name="standard_no_overlap",
                expressions=[(PERIOD, RangeOperators.OVERLAPS)],
                violation_error_message=_(
                    "Another standard holds during (part of) this period. "
                    "First give that one an end date."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.value:+d} · {self.valid_from:%Y-%m-%d}"

    @property
    def label(self) -> str:
        """Return the label in the reader's language."""
        return self.label_nl if translation.get_language() == Language.DUTCH else self.label_en

    def as_rule(self) -> Standard:
        """Return the plain value that `standards.py` reasons about."""
        return Standard(
            value=self.value,
            minimum=self.minimum_measurements,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
            announced_on=self.announced_on,
            label=self.label,
        )


def holding_standards() -> list[Standard]:
    """Return all standards, oldest first; there are a handful."""
    return [each.as_rule() for each in ServiceStandard.objects.order_by("valid_from", "pk")]


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


class ShopScore(Seller):
    """A shop as staff compare it with all others, in `insights/reports/shops.py`."""

    class Meta:
        proxy = True
        default_permissions = ("view",)
        verbose_name = _("shop score")
        verbose_name_plural = _("shop scores")
