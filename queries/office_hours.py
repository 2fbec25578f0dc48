"""Deadlines in hours that skip weekends and public holidays.

A working day counts all its hours, from midnight to midnight in the marketplace's zone; weekends
and holidays count none. Time is counted as it really passes, also on a day of 23 or 25 hours.
"""

from collections.abc import Container, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

FIRST_REPLY_WITHIN: Final = timedelta(hours=24)
LONG_OPEN_FROM: Final = timedelta(hours=18)

SATURDAY: Final = 5


def add_hours(
    start: datetime, duration: timedelta, *, zone: ZoneInfo, holidays: Container[date]
) -> datetime:
    """Return the moment in UTC at which `duration` of counted time has passed since `start`.

    On a weekend or holiday the count begins at the next working midnight. Raises ValueError for
    a negative duration or a `start` without a time zone.
    """
    if duration < timedelta():
        raise ValueError(f"A duration cannot be negative: {duration!r}.")
    stretches = _counted_stretches(start, zone, holidays)
    begin, end = next(stretches)
    while duration > end - begin:
        duration -= end - begin
        begin, end = next(stretches)
    return begin + duration


def hours_between(
    start: datetime, end: datetime, *, zone: ZoneInfo, holidays: Container[date]
) -> timedelta:
    """Return how much counted time passes from `start` until `end`; none if that is earlier.

    Raises ValueError for a moment without a time zone.
    """
    end, counted = _in_utc(end), timedelta()
    for begin, until in _counted_stretches(start, zone, holidays):
        if begin >= end:
            break
        counted += min(until, end) - begin
    return counted


def _counted_stretches(
    start: datetime, zone: ZoneInfo, holidays: Container[date]
) -> Iterator[tuple[datetime, datetime]]:
    """Yield begin and end in UTC of every working day, without end, from `start` on."""
    begin = _in_utc(start)
    day = begin.astimezone(zone).date()
    while True:
        tomorrow = day + timedelta(days=1)
        end = datetime.combine(tomorrow, time.min, zone).astimezone(UTC)
        if day.weekday() < SATURDAY and day not in holidays:
            yield begin, end
        begin, day = end, tomorrow


def _in_utc(moment: datetime) -> datetime:
    """Return `moment` in UTC, where moments subtract to the time that really passed."""
    if moment.utcoffset() is None:
        raise ValueError(f"A moment needs a time zone, and {moment!r} has none.")
    return moment.astimezone(UTC)
