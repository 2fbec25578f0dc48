"""When the shop is reminded of a reply that it owes: while people are at work."""

from collections.abc import Container
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

OPENS: Final = time(8)
LAST_CALL: Final = time(17)
CLOSES: Final = time(18)
SATURDAY: Final = 5
DAY: Final = timedelta(days=1)
# How long before a query is "open for a long time" the reminder can come: over a long weekend.
LOOK_AHEAD: Final = timedelta(days=7)


def is_office_hour(now: datetime, *, zone: ZoneInfo, holidays: Container[date]) -> bool:
    """Return whether people can be expected to be at work."""
    local = now.astimezone(zone)
    return _works(local.date(), holidays) and OPENS <= local.time() < CLOSES


def reminder_at(long_open_at: datetime, *, zone: ZoneInfo, holidays: Container[date]) -> datetime:
    """Return from when on the shop is reminded of a query that is open for long at a moment.

    That moment itself, or where it lies outside office hours the last of these hours before it.
    """
    if is_office_hour(long_open_at, zone=zone, holidays=holidays):
        return long_open_at
    local = long_open_at.astimezone(zone)
    day = local.date() if local.time() >= CLOSES else local.date() - DAY
    while not _works(day, holidays):
        day -= DAY
    return datetime.combine(day, LAST_CALL, zone).astimezone(UTC)


def may_be_due_until(now: datetime, *, zone: ZoneInfo) -> datetime:
    """Return up to which moment of being open for long a reminder may come now, at work.

    After the last call also for what begins before people are at work again; whatever the holidays.
    """
    return now if now.astimezone(zone).time() < LAST_CALL else now + LOOK_AHEAD


def morning(day: date, *, zone: ZoneInfo) -> datetime:
    """Return the moment in UTC at which people begin to work on a day."""
    return datetime.combine(day, OPENS, zone).astimezone(UTC)


def _works(day: date, holidays: Container[date]) -> bool:
    return day.weekday() < SATURDAY and day not in holidays
