"""The service standard that sellers are judged by."""

from datetime import date
from typing import Any, Final

import pgtrigger
from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models.functions import JSONObject
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from insights.models.notes import MonthNote
from insights.standards import Standard
from sellers.enums import Language
from sellers.guards import TODAY, never_emptied
from sellers.made_once import ValuesOnce
from sellers.models import LineField, Seller, days_that_exist

HAS_BEGUN = f"OLD.valid_from <= {TODAY}"
# All but the labels.
CHANGES = """
    (OLD.value, OLD.minimum_measurements, OLD.valid_from, OLD.announced_on, OLD.set_by_id)
    IS DISTINCT FROM
    (NEW.value, NEW.minimum_measurements, NEW.valid_from, NEW.announced_on, NEW.set_by_id)
"""


class ServiceStandard(models.Model):
    """The lowest NPS that meets the norm from one day on, until a later standard begins.

    Once begun, a standard keeps its terms: another one is announced, so the list is the history.
    """

    TERMS = ("value", "minimum_measurements", "valid_from", "announced_on")
    LABELS = ("label_nl", "label_en")

    value = models.SmallIntegerField(_("at least"))
    minimum_measurements = models.PositiveSmallIntegerField(_("minimum measurements"), default=25)
    valid_from = models.DateField(_("valid from"))
    announced_on = models.DateField(_("announced on"))
    label_nl = LineField(_("label in Dutch"), max_length=120)
    label_en = LineField(_("label in English"), max_length=120)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="service_standards",
        null=True,
        blank=True,
        editable=False,
        verbose_name=_("set by"),
    )

    class Meta:
        verbose_name = _("service standard")
        verbose_name_plural = _("service standards")
        constraints = [
            days_that_exist("standard_on_days", "valid_from", "announced_on"),
            models.CheckConstraint(
                condition=models.Q(value__range=(-100, 100)),
                name="standard_value_in_range",
                violation_error_message=_("A standard lies between −100 and +100."),
            ),
            models.CheckConstraint(
                condition=models.Q(announced_on__lt=models.F("valid_from")),
                name="standard_announced_before_it_begins",
            ),
            models.UniqueConstraint(
                fields=["valid_from"],
                name="standard_one_per_day",
                violation_error_code="unique",  # so that the form says it beside the field
                violation_error_message=_(
                    "Another standard begins on that day: change that one, or begin another day."
                ),
            ),
        ]
        triggers = [
            never_emptied("standards_stay"),
            pgtrigger.Protect(
                name="standard_not_dated_back",
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("valid_from"),  # type: ignore[no-untyped-call]
                condition=pgtrigger.Condition(f"NEW.valid_from <= {TODAY}"),
            ),
            pgtrigger.Protect(
                name="standard_in_force_stays",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Condition(HAS_BEGUN),
            ),
            pgtrigger.Protect(
                name="standard_in_force_never_changes",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(f"{HAS_BEGUN} AND {CHANGES}"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.value:+d} · {self.valid_from:%Y-%m-%d}"

    @property
    def label(self) -> str:
        """Return the label in the reader's language."""
        return self.label_nl if translation.get_language() == Language.DUTCH else self.label_en

    def has_begun(self, *, today: date) -> bool:
        """Return whether it holds or held."""
        return self.valid_from <= today

    def as_rule(self) -> Standard:
        """Return the plain value that `standards.py` reasons about."""
        return Standard(
            value=self.value,
            minimum=self.minimum_measurements,
            valid_from=self.valid_from,
            announced_on=self.announced_on,
            label=self.label,
        )


def holding_standards() -> list[Standard]:
    """Return all standards, oldest first; there are a handful."""
    return [each.as_rule() for each in ServiceStandard.objects.order_by("valid_from", "pk")]


def standards_and_notes(seller: Seller) -> tuple[list[Standard], dict[date, str]]:
    """Return all standards, oldest first, and what the owner of a shop says of its months.

    In one statement: every page of the tab needs both, and there always is a standard.
    """
    rows = WITH_NOTES.all(seller=seller.pk)
    standards = [ServiceStandard(**dict(zip(FIELDS, row[:-1], strict=True))) for row in rows]
    return [each.as_rule() for each in standards], {
        date.fromisoformat(note["month"]): note["words"] for *_, notes in rows[:1] for note in notes
    }


def _with_notes(*, seller: int) -> models.QuerySet[ServiceStandard, tuple[Any, ...]]:
    """Return all standards, with what the owner says of each month of a shop beside each."""
    notes = MonthNote.objects.filter(seller=seller).standing().order_by("month")
    said = ArraySubquery(notes.values(said=JSONObject(month="month", words="words")))
    in_order = ServiceStandard.objects.order_by("valid_from", "pk")
    return in_order.annotate(notes=said).values_list(*FIELDS, "notes")


FIELDS: Final = (*ServiceStandard.TERMS, *ServiceStandard.LABELS)
WITH_NOTES: Final = ValuesOnce({"seller": int}, _with_notes)
