"""When somebody wants no mail: by the wall clock, whatever the clock does."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sellers.quiet_hours import quiet_end

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
BEGIN = datetime(2026, 1, 5, tzinfo=UTC)


def later(minutes: int) -> datetime:
    """Return a moment so many minutes after the beginning."""
    return BEGIN + timedelta(minutes=minutes)


def at(day: int, hour: int, minute: int = 0, *, month: int = 3) -> datetime:
    """Return a moment of 2026 by the wall clock of Amsterdam, in UTC."""
    return datetime(2026, month, day, hour, minute, tzinfo=AMSTERDAM).astimezone(UTC)


NIGHT = (time(22), time(8))
LUNCH = (time(12), time(13))


@pytest.mark.parametrize(
    ("hours", "now", "expected"),
    [
        pytest.param(NIGHT, at(10, 21, 59), None, id="before the night"),
        pytest.param(NIGHT, at(10, 22), at(11, 8), id="as the night begins"),
        pytest.param(NIGHT, at(10, 23, 59), at(11, 8), id="before midnight"),
        pytest.param(NIGHT, at(11, 0), at(11, 8), id="midnight"),
        pytest.param(NIGHT, at(11, 7, 59), at(11, 8), id="before the end"),
        pytest.param(NIGHT, at(11, 8), None, id="as the night ends"),
        pytest.param(LUNCH, at(10, 11, 59), None, id="before lunch"),
        pytest.param(LUNCH, at(10, 12), at(10, 13), id="lunch"),
        pytest.param(LUNCH, at(10, 13), None, id="after lunch"),
        pytest.param(NIGHT, at(28, 23), at(29, 8), id="into summer time"),
        pytest.param(NIGHT, at(29, 7, 59), at(29, 8), id="short night"),
        pytest.param(NIGHT, at(24, 23, month=10), at(25, 8, month=10), id="into winter time"),
        pytest.param(NIGHT, at(25, 7, 59, month=10), at(25, 8, month=10), id="long night"),
    ],
)
def test_quiet_hours_end(
    hours: tuple[time, time], now: datetime, expected: datetime | None
) -> None:
    start, end = hours

    assert quiet_end(now, start=start, end=end, zone=AMSTERDAM) == expected


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        # The clock goes from 02:00 to 03:00: half past two is then half past three.
        pytest.param(datetime(2026, 3, 29, 1, 29, tzinfo=UTC), True, id="skipped, before"),
        pytest.param(datetime(2026, 3, 29, 1, 30, tzinfo=UTC), False, id="skipped, after"),
        # The clock goes from 03:00 back to 02:00: the first half past two ends the quiet.
        pytest.param(datetime(2026, 10, 25, 0, 29, tzinfo=UTC), True, id="twice, before"),
        pytest.param(datetime(2026, 10, 25, 0, 30, tzinfo=UTC), False, id="twice, the first"),
        pytest.param(datetime(2026, 10, 25, 1, 10, tzinfo=UTC), False, id="twice, the second"),
    ],
)
def test_quiet_hours_that_end_when_the_clock_changes(now: datetime, expected: bool) -> None:
    end = quiet_end(now, start=time(22), end=time(2, 30), zone=AMSTERDAM)

    assert (end is not None) is expected


@given(
    now=st.integers(0, 2 * 365 * 24 * 60).map(later),
    start=st.times().map(lambda moment: moment.replace(microsecond=0)),
    end=st.times().map(lambda moment: moment.replace(microsecond=0)),
)
def test_quiet_hours_end_within_a_day_and_an_hour_and_then_are_over(
    now: datetime, start: time, end: time
) -> None:
    ends = quiet_end(now, start=start, end=end, zone=AMSTERDAM)

    if ends is not None:
        assert timedelta() < ends - now <= timedelta(hours=25)
        if start != end:
            assert quiet_end(ends, start=start, end=end, zone=AMSTERDAM) != ends
