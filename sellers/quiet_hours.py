"""When somebody wants no mail: from one time of the day until another, by the wall clock."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)


def quiet_end(now: datetime, *, start: time, end: time, zone: ZoneInfo) -> datetime | None:
    """Return when the quiet hours end that `now` lies in, in UTC; None when it lies in none.

    Half-open, and across midnight where the end is not later than the start. A time that the clock
    skips lies as far after midnight as on other days; of one that comes twice the first counts.
    """
    today = now.astimezone(zone).date()
    for day in (today - DAY, today):
        begins = datetime.combine(day, start, zone).astimezone(UTC)
        last = day if start < end else day + DAY
        ends = datetime.combine(last, end, zone).astimezone(UTC)
        if begins <= now < ends:
            return ends
    return None
