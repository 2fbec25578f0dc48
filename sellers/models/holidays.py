"""What staff say of single days: days off that the public list has not, and the other way round."""

from collections.abc import Mapping
from datetime import date
from typing import Self

from django.db import models
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from sellers.days_off import ENGLISH, Change, days_off, is_known, public_holidays
from sellers.enums import HolidayKind
from sellers.models.bounds import days_that_exist
from sellers.models.lines import LineField
from sellers.models.shops import Seller, refuse_unknown_region


class HolidayChanges(models.QuerySet["HolidayChange"]):
    """What staff say of days, narrowed by place and time."""

    def in_place(self, country: str, region: str) -> Self:
        """Keep what holds there; what is said of the region comes after what is of all."""
        places = models.Q(country=country, region__in={"", region})
        return self.filter(places).order_by("day", "region", "pk")

    def days_off(
        self, country: str, region: str, *, year: int, language: str = ENGLISH
    ) -> Mapping[date, str]:
        """Return the days off of a year and the next with their names; one statement."""
        days = (date(year, 1, 1), date(year + 1, 12, 31))
        rows = self.in_place(country, region).filter(day__range=days)
        changes = (
            Change(day, name, kind == HolidayKind.DAY_OFF)
            for day, name, kind in rows.values_list("day", "name", "kind")
        )
        return days_off(public_holidays(country, region, year, language=language), changes)

    def are_known_of(self, seller: Seller) -> bool:
        """Return whether the holidays of a shop's country are known: in the list, or by staff."""
        return is_known(seller.country) or self.in_place(seller.country, seller.region).exists()


class HolidayChange(models.Model):
    """What staff say of one day in a country or a region: a day off, or a working day after all.

    Due moments are stored when a customer begins to wait; a change moves those to come.
    """

    country = models.CharField(
        _("country"), max_length=2, help_text=_("Two letters, such as NL or BE.")
    )
    region = models.CharField(
        _("region"),
        max_length=20,
        blank=True,
        help_text=_("Such as BY for Bavaria; leave it empty for the whole country."),
    )
    day = models.DateField(_("day"))
    kind = models.CharField(_("is"), max_length=20, choices=HolidayKind)
    name = LineField(_("name"), max_length=80)

    objects = HolidayChanges.as_manager()

    class Meta:
        verbose_name = _("holiday")
        verbose_name_plural = _("holidays")
        constraints = [
            days_that_exist("holiday_is_a_day", "day"),
            models.UniqueConstraint(
                fields=["country", "region", "day"],
                name="holiday_once_per_place",
                violation_error_message=_("Something is said of this day already."),
            ),
            models.CheckConstraint(
                condition=models.Q(country__regex=r"^[A-Z]{2}$"),
                name="holiday_country_code",
                violation_error_message=_("A country is two capitals, such as NL or BE."),
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=HolidayKind.values), name="holiday_kind_known"
            ),
            models.CheckConstraint(condition=~models.Q(name=""), name="holiday_name_given"),
        ]

    def __str__(self) -> str:
        place = f"{self.country}-{self.region}" if self.region else self.country
        return f"{self.name} · {place} · {date_format(self.day)}"

    def clean(self) -> None:
        """Refuse a region that the country has not."""
        refuse_unknown_region(self.country, self.region)
