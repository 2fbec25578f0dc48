"""Measurements that staff took out of a score; the measurements themselves stay as they are."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from sellers.guards import never_emptied
from sellers.models import LineField
from surveys.models.responses import SurveyResponse


class MeasurementExclusion(models.Model):
    """One time that staff excluded a measurement, because of an incident.

    It ends when staff lift it; then the measurement is included again. Both stay on record.
    """

    response = models.ForeignKey(
        SurveyResponse,
        on_delete=models.PROTECT,
        related_name="exclusions",
        verbose_name=_("measurement"),
    )
    reason = LineField(
        _("reason"), max_length=300, help_text=_("The seller reads this beside the measurement.")
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

    class Meta:
        verbose_name = _("excluded measurement")
        verbose_name_plural = _("excluded measurements")
        constraints = [
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
        ]
        triggers = [
            pgtrigger.Protect(name="exclusion_stays", operation=pgtrigger.Delete),
            never_emptied("exclusions_stay"),
            pgtrigger.ReadOnly(
                name="exclusion_never_changes",
                fields=["response", "reason", "excluded_at", "excluded_by"],
            ),
            pgtrigger.Protect(
                name="exclusion_lifted_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__lifted_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.response} · {self.reason}"
