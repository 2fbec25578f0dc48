"""Until when a query can be snoozed by one click, on the clock of the marketplace."""

from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

MORNING: Final = time(9)
SHORT: Final = timedelta(hours=4)
MONDAY: Final = 0


class Snooze(StrEnum):
    """What can be chosen without typing a moment."""

    HOURS = "hours"
    TOMORROW = "tomorrow"
    MONDAY = "monday"


def wakes_at(snooze: Snooze, *, now: datetime, zone: ZoneInfo) -> datetime:
    """Return when a snooze that begins now ends, in UTC; Monday is never today."""
    if snooze is Snooze.HOURS:
        return now + SHORT
    today = now.astimezone(zone).date()
    days = 1 if snooze is Snooze.TOMORROW else 7 - (today.weekday() - MONDAY) % 7
    return datetime.combine(today + timedelta(days=days), MORNING, zone).astimezone(UTC)
