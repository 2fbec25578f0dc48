"""When the first reply to a query is due, in the country of its shop."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

import holidays
from django.conf import settings

from queries.office_hours import FIRST_REPLY_WITHIN, LONG_OPEN_FROM, add_hours


@dataclass(frozen=True, slots=True)
class Deadlines:
    """The two moments that a query carries from the start, in UTC."""

    long_open_at: datetime
    due_at: datetime


def deadlines(asked_at: datetime, *, country: str) -> Deadlines:
    """Return when a query becomes "open for a long time" and when its first reply is due."""
    free_days = public_holidays(country, asked_at.year)
    long_open_at, due_at = (
        add_hours(asked_at, hours, zone=settings.MARKETPLACE_ZONE, holidays=free_days)
        for hours in (LONG_OPEN_FROM, FIRST_REPLY_WITHIN)
    )
    return Deadlines(long_open_at, due_at)


@cache
def public_holidays(country: str, year: int) -> Container[date]:
    """Return the public holidays of a country in a year and the next; none if it is not known.

    All are there from the start: the library's own growing calendar can be read half-grown by
    another thread.
    """
    try:
        return frozenset(holidays.country_holidays(country, years=(year, year + 1)))
    except NotImplementedError:
        return frozenset()
