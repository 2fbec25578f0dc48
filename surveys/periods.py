"""Calendar months and days in the marketplace's zone, and where they begin in UTC.

A month is the date of its first day. In moments a period is half-open: it ends where
the next begins.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

RECENT_DAYS: Final = 28


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


@dataclass(frozen=True, slots=True)
class Period:
    """A row of days in the marketplace's zone, both ends included; None leaves an end open."""

    first: date | None
    last: date | None
    is_recent: bool = False

    @classmethod
    def recent(cls, today: date) -> "Period":
        """Return the last 28 days, today included."""
        return cls(today - timedelta(days=RECENT_DAYS - 1), today, is_recent=True)

    @classmethod
    def of_months(cls, first: date, last: date) -> "Period":
        """Return all days of a row of months, both months included."""
        return cls(first, last_day(last))

    @classmethod
    def last_months(cls, count: int, today: date) -> "Period":
        """Return the last months, the running one included."""
        month = month_start(today)
        return cls.of_months(months_back(month, count)[0], month)

    @property
    def months(self) -> tuple[date, date] | None:
        """Return the first and the last month when this is whole months, else None."""
        if self.first and self.last and self.first.day == 1 and not self.is_recent:
            month = month_start(self.last)
            return (self.first, month) if self.last == last_day(month) else None
        return None

    @property
    def month(self) -> date | None:
        """Return the month that this is the whole of, or None."""
        return self.first if self.months and self.months[0] == self.months[1] else None

    @property
    def before(self) -> "Period":
        """Return as many months just before, or as many days; raises ValueError for open ends."""
        if self.first is None or self.last is None:
            raise ValueError("A period without end has none before it.")
        if self.months:
            first, last = self.months
            count = 12 * (last.year - first.year) + last.month - first.month + 1
            months = months_back(previous_month(first), count)
            return Period.of_months(months[0], months[-1])
        length = self.last - self.first + timedelta(days=1)
        return Period(self.first - length, self.last - length)

    def bounds(self, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
        """Return the moments in UTC at which this begins and ends in `zone`; half-open."""
        start = day_start(self.first, zone) if self.first else None
        end = day_start(self.last + timedelta(days=1), zone) if self.last else None
        return start, end
