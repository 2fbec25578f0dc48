"""Which days are days off in a country or region, weekends apart.

A public list of holidays begins it, corrected where it calls a day a holiday that shops work on;
tests/sellers/test_days_off.py has the days as we know them. What staff say of a day comes last.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Final

import holidays

ENGLISH: Final = "en_US"
# On Good Friday the Netherlands work: it is a holiday of banks and some offices.
WORKED_ON: Final = frozenset({("NL", "Good Friday")})
NONE: Final[Mapping[date, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Change:
    """What staff say of one day: a day off, or none after all."""

    day: date
    name: str
    is_off: bool


def is_known(country: str) -> bool:
    """Return whether the public list has this country."""
    return _regions(country) is not None


def regions(country: str) -> tuple[str, ...]:
    """Return the regions of a country that have holidays of their own in the public list."""
    return _regions(country) or ()


@cache
def _regions(country: str) -> tuple[str, ...] | None:
    """Return None for a country that the public list has not."""
    try:
        return tuple(holidays.country_holidays(country).subdivisions)
    except NotImplementedError:
        return None


@cache
def public_holidays(
    country: str, region: str, year: int, *, language: str = ENGLISH
) -> Mapping[date, str]:
    """Return the holidays of a year and the next with their names; none of an unknown country.

    An unknown region has those of its country. All are there from the start: the library's own
    growing calendar can be read half-grown by another thread.
    """
    if not is_known(country):
        return NONE
    years = (year, year + 1)
    subdivision = region if region in regions(country) else None
    # In a language that it has not, the list would speak that of the machine.
    spoken = holidays.country_holidays(country).supported_languages
    listed, named = (
        holidays.country_holidays(country, subdiv=subdivision, years=years, language=each)
        for each in (ENGLISH, language if language in spoken else ENGLISH)
    )
    return MappingProxyType(
        {day: named[day] for day, name in listed.items() if (country, name) not in WORKED_ON}
    )


def days_off(public: Mapping[date, str], changes: Iterable[Change]) -> dict[date, str]:
    """Return the days off with their names; of two changes of one day the last holds."""
    days = dict(public)
    for change in changes:
        if change.is_off:
            days[change.day] = change.name
        else:
            days.pop(change.day, None)
    return days
