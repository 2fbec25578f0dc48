"""The service standard: what the marketplace asks of its sellers, from when on."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from insights.standards import Standard
from sellers.enums import Language

# The days from the first up to, not including, the last; without end when that is null.
PERIOD = models.Func(
    "valid_from", "valid_until", function="DATERANGE", output_field=DateRangeField()
)


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
        )


def holding_standards() -> list[Standard]:
    """Return all standards, oldest first; there are a handful."""
    return [each.as_rule() for each in ServiceStandard.objects.order_by("valid_from", "pk")]
