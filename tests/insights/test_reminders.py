"""When a shop is reminded of a reply that it owes: while people are at work."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.reminders import (
    LOOK_AHEAD,
    is_office_hour,
    may_be_due_until,
    morning,
    reminder_at,
)

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
BEGIN = datetime(2026, 1, 5, tzinfo=UTC)
EASTER_MONDAY = date(2026, 4, 6)


def later(minutes: int) -> datetime:
    """Return a moment so many minutes after the beginning."""
    return BEGIN + timedelta(minutes=minutes)


def at(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    """Return a moment of 2026 by the wall clock of Amsterdam, in UTC."""
    return datetime(2026, month, day, hour, minute, tzinfo=AMSTERDAM).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        pytest.param(at(3, 10, 7, 59), False, id="before eight"),
        pytest.param(at(3, 10, 8), True, id="eight"),
        pytest.param(at(3, 10, 17, 59), True, id="before six"),
        pytest.param(at(3, 10, 18), False, id="six"),
        pytest.param(at(3, 14, 12), False, id="Saturday"),
        pytest.param(at(3, 15, 12), False, id="Sunday"),
        pytest.param(at(4, 6, 12), False, id="holiday"),
        pytest.param(at(3, 30, 8), True, id="first summer morning"),
        pytest.param(at(10, 26, 8), True, id="first winter morning"),
    ],
)
def test_office_hours(now: datetime, expected: bool) -> None:
    assert is_office_hour(now, zone=AMSTERDAM, holidays={EASTER_MONDAY}) is expected


@pytest.mark.parametrize(
    ("long_open_at", "expected"),
    [
        pytest.param(at(3, 10, 9), at(3, 10, 9), id="at work"),
        pytest.param(at(3, 10, 8), at(3, 10, 8), id="as work begins"),
        pytest.param(at(3, 10, 18), at(3, 10, 17), id="as work ends"),
        pytest.param(at(3, 10, 23), at(3, 10, 17), id="in the evening"),
        pytest.param(at(3, 10, 3), at(3, 9, 17), id="at night"),
        pytest.param(at(3, 9, 3), at(3, 6, 17), id="Monday night"),
        pytest.param(at(4, 7, 3), at(4, 3, 17), id="after a long weekend"),
        pytest.param(at(3, 30, 3), at(3, 27, 17), id="after the clock went forward"),
        pytest.param(at(10, 26, 3), at(10, 23, 17), id="after the clock went back"),
    ],
)
def test_reminder_comes_at_work_and_never_later(long_open_at: datetime, expected: datetime) -> None:
    found = reminder_at(long_open_at, zone=AMSTERDAM, holidays={EASTER_MONDAY})

    assert found == expected


@given(
    moment=st.integers(0, 2 * 365 * 24 * 60).map(later),
    holidays=st.sets(st.dates(date(2026, 1, 1), date(2028, 1, 1)), max_size=3),
)
def test_reminder_is_at_work_and_not_long_before(moment: datetime, holidays: set[date]) -> None:
    found = reminder_at(moment, zone=AMSTERDAM, holidays=holidays)

    assert is_office_hour(found, zone=AMSTERDAM, holidays=holidays)
    assert timedelta() <= moment - found <= LOOK_AHEAD


@given(
    now=st.integers(0, 2 * 365 * 24 * 60).map(later),
    ahead=st.integers(-24 * 60, 7 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes)),
    holidays=st.sets(st.dates(date(2026, 1, 1), date(2028, 1, 1)), max_size=3),
)
def test_no_reminder_is_due_that_is_not_looked_at(
    now: datetime, ahead: timedelta, holidays: set[date]
) -> None:
    due = reminder_at(now + ahead, zone=AMSTERDAM, holidays=holidays) <= now

    if due and is_office_hour(now, zone=AMSTERDAM, holidays=holidays):
        assert now + ahead <= may_be_due_until(now, zone=AMSTERDAM)


def test_morning_is_at_eight_by_the_wall_clock() -> None:
    assert morning(date(2026, 3, 2), zone=AMSTERDAM) == datetime(2026, 3, 2, 7, tzinfo=UTC)
    assert morning(date(2026, 6, 1), zone=AMSTERDAM) == datetime(2026, 6, 1, 6, tzinfo=UTC)
