"""What an owner says of the months of a shop."""

from typing import Final, Self

import pgtrigger
from django.db import models
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext_lazy as _

from sellers.models import LineField, Seller

MOST_LETTERS: Final = 140
NO_BLANK_AROUND: Final = r"^(\S(.*\S)?)?$"


class MonthNotes(models.QuerySet["MonthNote"]):
    """Notes of months, narrowed by adjectives."""

    def for_seller(self, seller: Seller) -> Self:
        """Keep those of one shop."""
        return self.filter(seller=seller)

    def standing(self) -> Self:
        """Leave out what was removed."""
        return self.exclude(words="")


class MonthNote(models.Model):
    """What the owner says of one month of a shop, such as what changed in it: "new carrier".

    `before` is what it said before the last change, to put back. Either is empty where nothing was
    said: a note that was removed.
    """

    seller = models.ForeignKey(
        Seller, on_delete=models.CASCADE, related_name="month_notes", verbose_name=_("seller")
    )
    month = models.DateField(_("month"), help_text=_("First day, in the marketplace's time zone."))
    words = LineField(_("note"), max_length=MOST_LETTERS, blank=True)
    before = LineField(_("note before"), max_length=MOST_LETTERS, blank=True)

    objects = MonthNotes.as_manager()

    class Meta:
        verbose_name = _("note of a month")
        verbose_name_plural = _("notes of months")
        constraints = [
            models.UniqueConstraint(fields=["seller", "month"], name="month_note_one_per_month"),
            models.CheckConstraint(
                condition=models.Q(month=TruncMonth("month", output_field=models.DateField())),
                name="month_note_month_is_first_day",
            ),
            models.CheckConstraint(
                condition=models.Q(words__regex=NO_BLANK_AROUND, before__regex=NO_BLANK_AROUND),
                name="month_note_is_not_blank",
            ),
            models.CheckConstraint(
                condition=~models.Q(words=models.F("before")), name="month_note_says_something"
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(name="month_note_of_its_month", fields=["seller", "month"]),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"
