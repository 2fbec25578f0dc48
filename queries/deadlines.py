"""When an answer is due to a customer who begins to wait."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings

from queries.office_hours import FIRST_REPLY_WITHIN, LONG_OPEN_FROM, add_hours


@dataclass(frozen=True, slots=True)
class Deadlines:
    """The two moments that are stored when somebody begins to wait, in UTC."""

    long_open_at: datetime
    due_at: datetime


def deadlines(since: datetime, *, days_off: Container[date]) -> Deadlines:
    """Return when a query becomes "open for a long time" and when an answer is due."""
    long_open_at, due_at = (
        add_hours(since, hours, zone=settings.MARKETPLACE_ZONE, holidays=days_off)
        for hours in (LONG_OPEN_FROM, FIRST_REPLY_WITHIN)
    )
    return Deadlines(long_open_at, due_at)
