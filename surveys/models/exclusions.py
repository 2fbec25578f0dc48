"""Measurements that staff took out of a score; the measurements themselves stay as they are."""

from typing import Final, Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from sellers.guards import never_emptied, not_ahead
from sellers.models import LineField
from surveys.models.batches import ImportBatch

REASON_LENGTH: Final = 300


class MeasurementExclusions(models.QuerySet["MeasurementExclusion"]):
    """Exclusions, narrowed by adjectives."""

    def in_force(self) -> Self:
        """Leave out those that were lifted."""
        return self.filter(lifted_at=None)


class MeasurementExclusion(models.Model):
    """One time that staff excluded a measurement, or all that came with one import.

    It ends when staff lift it; then what it excluded is included again, unless it is excluded in
    the other way too. Both stay on record.
    """

    response = models.ForeignKey(
        "SurveyResponse",
        on_delete=models.PROTECT,
        related_name="exclusions",
        null=True,
        blank=True,
        verbose_name=_("measurement"),
    )
    batch = models.ForeignKey(
        ImportBatch,
        on_delete=models.PROTECT,
        related_name="exclusions",
        null=True,
        blank=True,
        db_index=False,  # few imports are ever excluded
        verbose_name=_("import"),
    )
    reason = LineField(
        _("reason"),
        max_length=REASON_LENGTH,
        help_text=_("The seller reads this beside the measurement."),
    )
    excluded_at = models.DateTimeField(_("excluded"))
    excluded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="exclusions",
        verbose_name=_("excluded by"),
    )
    lifted_at = models.DateTimeField(_("lifted"), null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="lifted_exclusions",
        null=True,
        blank=True,
        verbose_name=_("lifted by"),
    )
    lift_reason = LineField(
        _("reason for including again"),
        max_length=REASON_LENGTH,
        blank=True,
        default="",
        db_default="",
    )

    objects = MeasurementExclusions.as_manager()

    class Meta:
        verbose_name = _("excluded measurement")
        verbose_name_plural = _("excluded measurements")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(response__isnull=False, batch=None)
                | models.Q(response=None, batch__isnull=False),
                name="exclusion_of_one_or_an_import",
            ),
            models.UniqueConstraint(
                fields=["batch"],
                condition=models.Q(lifted_at=None),
                name="exclusion_import_one_at_a_time",
                violation_error_message=_("This import is excluded already."),
            ),
            models.UniqueConstraint(
                fields=["response"],
                condition=models.Q(lifted_at=None),
                name="exclusion_one_at_a_time",
                violation_error_message=_("This measurement is excluded already."),
            ),
            models.CheckConstraint(
                condition=~models.Q(reason=""),
                name="exclusion_has_reason",
                violation_error_message=_("Say why: the seller reads it."),
            ),
            models.CheckConstraint(
                condition=models.Q(lifted_at=None, lifted_by=None)
                | models.Q(lifted_at__isnull=False, lifted_by__isnull=False),
                name="exclusion_lifted_by_somebody",
            ),
            models.CheckConstraint(
                condition=models.Q(lifted_at=None, lift_reason="")
                | models.Q(lifted_at__isnull=False, batch=None)
                | models.Q(lifted_at__isnull=False) & ~models.Q(lift_reason=""),
                name="exclusion_import_lifted_with_reason",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="exclusion_stays", operation=pgtrigger.Delete),
            never_emptied("exclusions_stay"),
            not_ahead("exclusion_not_ahead", "excluded_at", "lifted_at"),
            pgtrigger.ReadOnly(
                name="exclusion_never_changes",
                fields=["response", "batch", "reason", "excluded_at", "excluded_by"],
            ),
            pgtrigger.Protect(
                name="exclusion_lifted_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__lifted_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.response or self.batch} · {self.reason}"
