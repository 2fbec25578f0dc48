"""Calendar months and days in the marketplace's zone, and where they begin in UTC.

A month is the date of its first day. Every period is half-open: it ends where the next begins.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def month_of(moment: datetime, zone: ZoneInfo) -> date:
    """Return the month that `moment` falls in; raises ValueError for a naive moment."""
    if moment.utcoffset() is None:
        raise ValueError(f"A moment needs a time zone, and {moment!r} has none.")
    return month_start(moment.astimezone(zone).date())


def month_start(day: date) -> date:
    """Return the month of `day`."""
    return date(day.year, day.month, 1)


def next_month(month: date) -> date:
    """Return the month after `month`."""
    # Four days after the 28th is the next month, however long this one is.
    return month_start(month.replace(day=28) + timedelta(days=4))


def previous_month(month: date) -> date:
    """Return the month before `month`."""
    return month_start(month_start(month) - timedelta(days=1))


def months_back(month: date, count: int) -> list[date]:
    """Return the last `count` months up to and including `month`, oldest first."""
    last = 12 * month.year + month.month - 1
    return [date(number // 12, number % 12 + 1, 1) for number in range(last - count + 1, last + 1)]


def last_day(month: date) -> date:
    """Return the last day of `month`."""
    return next_month(month) - timedelta(days=1)


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """Return the moment in UTC at which `day` begins in `zone`."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def month_bounds(month: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the moments in UTC at which `month` begins and ends in `zone`."""
    return day_start(month_start(month), zone), day_start(next_month(month), zone)


def last_days_start(day: date, count: int, zone: ZoneInfo) -> datetime:
    """Return the moment in UTC at which the last `count` days begin; `day` is the last of them."""
    return day_start(day - timedelta(days=count - 1), zone)
