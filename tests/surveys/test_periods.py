from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.periods import (
    Period,
    day_start,
    last_day,
    month_bounds,
    month_of,
    month_start,
    months_back,
    next_month,
    previous_month,
)

FEBRUARY = date(2026, 2, 1)
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
NEW_YORK = ZoneInfo("America/New_York")

days = st.dates(min_value=date(1990, 1, 1), max_value=date(2100, 12, 31))
months = days.map(month_start)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        pytest.param(datetime(2026, 7, 31, 21, 59, 59, tzinfo=UTC), date(2026, 7, 1), id="summer"),
        pytest.param(datetime(2026, 7, 31, 22, tzinfo=UTC), date(2026, 8, 1), id="midnight"),
        pytest.param(datetime(2026, 7, 31, 23, 30, tzinfo=UTC), date(2026, 8, 1), id="23:30 UTC"),
        pytest.param(
            datetime(2026, 11, 30, 22, 59, 59, tzinfo=UTC), date(2026, 11, 1), id="winter"
        ),
        pytest.param(
            datetime(2026, 11, 30, 23, tzinfo=UTC), date(2026, 12, 1), id="winter midnight"
        ),
        pytest.param(
            datetime(2026, 12, 31, 23, 30, tzinfo=UTC), date(2027, 1, 1), id="23:30 UTC, year end"
        ),
        pytest.param(datetime(2028, 2, 29, 22, 30, tzinfo=UTC), date(2028, 2, 1), id="leap day"),
        pytest.param(
            datetime(2028, 2, 29, 23, 30, tzinfo=UTC), date(2028, 3, 1), id="after the leap day"
        ),
        pytest.param(datetime(2027, 2, 28, 23, 30, tzinfo=UTC), date(2027, 3, 1), id="no leap day"),
        pytest.param(
            datetime(2026, 3, 31, 22, tzinfo=UTC), date(2026, 4, 1), id="after clocks went ahead"
        ),
        pytest.param(
            datetime(2026, 10, 31, 22, 30, tzinfo=UTC),
            date(2026, 10, 1),
            id="after clocks went back",
        ),
        pytest.param(
            datetime(2026, 7, 31, 20, tzinfo=NEW_YORK), date(2026, 8, 1), id="from another zone"
        ),
    ],
)
def test_month_of_a_moment_is_that_of_the_zone(moment: datetime, expected: date) -> None:
    assert month_of(moment, AMSTERDAM) == expected


def test_month_of_refuses_a_naive_moment() -> None:
    with pytest.raises(ValueError, match="needs a time zone"):
        month_of(datetime.fromisoformat("2026-07-31T23:30"), AMSTERDAM)


@pytest.mark.parametrize("day", [date(2026, 2, 1), date(2026, 2, 14), date(2026, 2, 28)])
def test_month_start_is_the_first_day(day: date) -> None:
    assert month_start(day) == date(2026, 2, 1)


@pytest.mark.parametrize(
    ("month", "following"),
    [
        pytest.param(date(2026, 1, 1), date(2026, 2, 1), id="31 days"),
        pytest.param(date(2026, 2, 1), date(2026, 3, 1), id="28 days"),
        pytest.param(date(2028, 2, 1), date(2028, 3, 1), id="29 days"),
        pytest.param(date(2026, 4, 1), date(2026, 5, 1), id="30 days"),
        pytest.param(date(2026, 12, 1), date(2027, 1, 1), id="year end"),
    ],
)
def test_next_and_previous_month(month: date, following: date) -> None:
    assert next_month(month) == following
    assert previous_month(following) == month


@given(months)
def test_next_and_previous_month_undo_each_other(month: date) -> None:
    assert previous_month(next_month(month)) == month
    assert next_month(previous_month(month)) == month


def test_months_back_ends_with_the_month_itself() -> None:
    assert months_back(date(2027, 2, 1), 4) == [
        date(2026, 11, 1),
        date(2026, 12, 1),
        date(2027, 1, 1),
        date(2027, 2, 1),
    ]


def test_months_back_of_one_is_the_month_itself() -> None:
    assert months_back(date(2026, 12, 1), 1) == [date(2026, 12, 1)]


@given(months)
def test_months_back_follow_each_other(month: date) -> None:
    history = months_back(month, 24)

    assert len(history) == 24
    assert history[-1] == month
    assert [next_month(earlier) for earlier in history[:-1]] == history[1:]


@pytest.mark.parametrize(
    ("month", "expected"),
    [
        (date(2026, 2, 1), date(2026, 2, 28)),
        (date(2028, 2, 1), date(2028, 2, 29)),
        (date(2100, 2, 1), date(2100, 2, 28)),
        (date(2026, 4, 1), date(2026, 4, 30)),
        (date(2026, 12, 1), date(2026, 12, 31)),
    ],
)
def test_last_day_of_a_month(month: date, expected: date) -> None:
    assert last_day(month) == expected


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        pytest.param(date(2026, 1, 15), datetime(2026, 1, 14, 23, tzinfo=UTC), id="winter"),
        pytest.param(date(2026, 7, 15), datetime(2026, 7, 14, 22, tzinfo=UTC), id="summer"),
        pytest.param(date(2026, 3, 29), datetime(2026, 3, 28, 23, tzinfo=UTC), id="clocks ahead"),
        pytest.param(
            date(2026, 3, 30), datetime(2026, 3, 29, 22, tzinfo=UTC), id="day after clocks ahead"
        ),
        pytest.param(date(2026, 10, 25), datetime(2026, 10, 24, 22, tzinfo=UTC), id="clocks back"),
        pytest.param(
            date(2026, 10, 26), datetime(2026, 10, 25, 23, tzinfo=UTC), id="day after clocks back"
        ),
        pytest.param(date(2027, 1, 1), datetime(2026, 12, 31, 23, tzinfo=UTC), id="new year"),
    ],
)
def test_day_start_is_midnight_of_the_zone_in_utc(day: date, expected: datetime) -> None:
    start = day_start(day, AMSTERDAM)

    assert start == expected
    assert start.tzinfo is UTC


@pytest.mark.parametrize(
    ("month", "start", "end", "hours"),
    [
        pytest.param(
            date(2026, 1, 1),
            datetime(2025, 12, 31, 23, tzinfo=UTC),
            datetime(2026, 1, 31, 23, tzinfo=UTC),
            744,
            id="31 days",
        ),
        pytest.param(
            date(2028, 2, 1),
            datetime(2028, 1, 31, 23, tzinfo=UTC),
            datetime(2028, 2, 29, 23, tzinfo=UTC),
            696,
            id="leap year",
        ),
        pytest.param(
            date(2026, 3, 1),
            datetime(2026, 2, 28, 23, tzinfo=UTC),
            datetime(2026, 3, 31, 22, tzinfo=UTC),
            743,
            id="clocks ahead",
        ),
        pytest.param(
            date(2026, 10, 1),
            datetime(2026, 9, 30, 22, tzinfo=UTC),
            datetime(2026, 10, 31, 23, tzinfo=UTC),
            745,
            id="clocks back",
        ),
        pytest.param(
            date(2026, 12, 1),
            datetime(2026, 11, 30, 23, tzinfo=UTC),
            datetime(2026, 12, 31, 23, tzinfo=UTC),
            744,
            id="year end",
        ),
    ],
)
def test_month_bounds_in_utc(month: date, start: datetime, end: datetime, hours: int) -> None:
    bounds = month_bounds(month, AMSTERDAM)

    assert bounds == (start, end)
    assert bounds[1] - bounds[0] == timedelta(hours=hours)


@given(months)
def test_month_bounds_touch_and_belong_to_the_later_month(month: date) -> None:
    start, end = month_bounds(month, AMSTERDAM)

    assert month_bounds(next_month(month), AMSTERDAM)[0] == end
    assert month_of(start, AMSTERDAM) == month
    assert month_of(end - timedelta(microseconds=1), AMSTERDAM) == month
    assert month_of(end, AMSTERDAM) == next_month(month)


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        pytest.param(date(2026, 7, 15), 1, datetime(2026, 7, 14, 22, tzinfo=UTC), id="one day"),
        pytest.param(date(2026, 7, 28), 28, datetime(2026, 6, 30, 22, tzinfo=UTC), id="28 days"),
        pytest.param(date(2026, 4, 10), 28, datetime(2026, 3, 13, 23, tzinfo=UTC), id="ahead"),
        pytest.param(date(2026, 11, 10), 28, datetime(2026, 10, 13, 22, tzinfo=UTC), id="back"),
        pytest.param(date(2028, 3, 1), 2, datetime(2028, 2, 28, 23, tzinfo=UTC), id="leap day"),
        pytest.param(date(2027, 1, 1), 2, datetime(2026, 12, 30, 23, tzinfo=UTC), id="new year"),
    ],
)
def test_period_begins_where_its_first_day_does(day: date, count: int, expected: datetime) -> None:
    period = Period(day - timedelta(days=count - 1), day)

    assert period.bounds(AMSTERDAM) == (expected, day_start(day + timedelta(days=1), AMSTERDAM))


def test_period_without_an_end_has_no_bound_there() -> None:
    assert Period(None, None).bounds(AMSTERDAM) == (None, None)
    with pytest.raises(ValueError, match="without end"):
        assert Period(None, date(2026, 3, 1)).before


@pytest.mark.parametrize(
    ("period", "months", "month"),
    [
        (Period(date(2026, 2, 1), date(2026, 2, 28)), (FEBRUARY, FEBRUARY), FEBRUARY),
        (Period(date(2026, 2, 1), date(2026, 3, 31)), (FEBRUARY, date(2026, 3, 1)), None),
        (Period(date(2026, 2, 1), date(2026, 2, 27)), None, None),
        (Period(date(2026, 2, 2), date(2026, 2, 28)), None, None),
        (Period(date(2026, 2, 1), None), None, None),
        (Period.recent(date(2026, 2, 28)), None, None),
    ],
    ids=["a month", "two months", "a day less", "a day later", "open", "28 days that are February"],
)
def test_period_knows_whole_months(
    period: Period, months: tuple[date, date] | None, month: date | None
) -> None:
    assert (period.months, period.month) == (months, month)


@pytest.mark.parametrize(
    ("count", "first"),
    [(1, date(2026, 2, 1)), (3, date(2025, 12, 1)), (12, date(2025, 3, 1))],
)
def test_last_months_include_the_running_one(count: int, first: date) -> None:
    assert Period.last_months(count, date(2026, 2, 28)) == Period(first, date(2026, 2, 28))
