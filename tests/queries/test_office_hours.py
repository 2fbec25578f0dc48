from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queries.office_hours import FIRST_REPLY_WITHIN, LONG_OPEN_FROM, add_hours, hours_between
from sellers.days_off import public_holidays

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
# Here the clock goes ahead at midnight, and back at midnight, on working days too.
CAIRO = ZoneInfo("Africa/Cairo")

NO_HOLIDAYS: frozenset[date] = frozenset()
KINGS_DAY = date(2026, 4, 27)
CHRISTMAS = (date(2026, 12, 25), date(2026, 12, 26))
HOLIDAYS = frozenset({KINGS_DAY, *CHRISTMAS, date(2027, 1, 1)})

zones = st.sampled_from([AMSTERDAM, CAIRO, ZoneInfo("America/Havana"), ZoneInfo("UTC")])
moments = st.datetimes(
    min_value=datetime.fromisoformat("2023-01-01"),
    max_value=datetime.fromisoformat("2028-12-31"),
    timezones=zones,
)
durations = st.timedeltas(min_value=timedelta(), max_value=timedelta(days=60))
holiday_sets = st.frozensets(st.dates(date(2023, 1, 1), date(2028, 12, 31)), max_size=40)


def local(*parts: int) -> datetime:
    """Return a moment by the clock in Amsterdam."""
    year, month, day, hour, minute = parts
    return datetime(year, month, day, hour, minute, tzinfo=AMSTERDAM)


ONE_DAY = pytest.mark.parametrize(
    ("start", "end"),
    [
        pytest.param(local(2026, 6, 9, 10, 0), local(2026, 6, 10, 10, 0), id="in the week"),
        pytest.param(local(2026, 6, 12, 15, 30), local(2026, 6, 15, 15, 30), id="Friday to Monday"),
        pytest.param(local(2026, 6, 13, 11, 0), local(2026, 6, 16, 0, 0), id="from Saturday"),
        pytest.param(local(2026, 6, 14, 23, 59), local(2026, 6, 16, 0, 0), id="from Sunday"),
        pytest.param(local(2026, 6, 15, 0, 0), local(2026, 6, 16, 0, 0), id="from midnight"),
        pytest.param(local(2026, 4, 24, 16, 0), local(2026, 4, 28, 16, 0), id="over King's Day"),
        pytest.param(local(2026, 4, 27, 12, 0), local(2026, 4, 29, 0, 0), id="from King's Day"),
        pytest.param(local(2026, 12, 24, 14, 0), local(2026, 12, 28, 14, 0), id="over Christmas"),
        pytest.param(local(2026, 12, 31, 9, 0), local(2027, 1, 4, 9, 0), id="over New Year"),
        pytest.param(local(2026, 3, 27, 17, 0), local(2026, 3, 30, 17, 0), id="clocks ahead"),
        pytest.param(local(2026, 3, 29, 1, 0), local(2026, 3, 31, 0, 0), id="on the day ahead"),
        pytest.param(local(2026, 10, 23, 17, 0), local(2026, 10, 26, 17, 0), id="clocks back"),
        pytest.param(local(2026, 10, 25, 2, 30), local(2026, 10, 27, 0, 0), id="on the day back"),
    ],
)


@ONE_DAY
def test_add_hours_skips_weekends_and_holidays(start: datetime, end: datetime) -> None:
    due_at = add_hours(start, FIRST_REPLY_WITHIN, zone=AMSTERDAM, holidays=HOLIDAYS)

    assert due_at == end.astimezone(UTC)
    assert due_at.tzinfo is UTC


@pytest.mark.parametrize(
    ("start", "duration", "end"),
    [
        pytest.param(
            local(2026, 6, 12, 15, 0), LONG_OPEN_FROM, local(2026, 6, 15, 9, 0), id="18 hours"
        ),
        pytest.param(
            local(2026, 6, 12, 15, 0),
            timedelta(hours=9),
            local(2026, 6, 13, 0, 0),
            id="up to the weekend",
        ),
        pytest.param(
            local(2026, 6, 12, 15, 0),
            timedelta(hours=9, microseconds=1),
            local(2026, 6, 15, 0, 0) + timedelta(microseconds=1),
            id="just past the weekend",
        ),
        pytest.param(
            local(2026, 6, 8, 9, 0), timedelta(days=10), local(2026, 6, 22, 9, 0), id="two weeks"
        ),
        pytest.param(
            local(2026, 6, 9, 10, 0), timedelta(), local(2026, 6, 9, 10, 0), id="no time at all"
        ),
        pytest.param(
            local(2026, 6, 13, 10, 0),
            timedelta(),
            local(2026, 6, 15, 0, 0),
            id="no time at all from a Saturday",
        ),
    ],
)
def test_add_hours_takes_any_duration(start: datetime, duration: timedelta, end: datetime) -> None:
    assert add_hours(start, duration, zone=AMSTERDAM, holidays=NO_HOLIDAYS) == end


def test_add_hours_takes_the_days_of_the_zone() -> None:
    start = datetime(2026, 6, 12, 22, 30, tzinfo=UTC)  # Friday in UTC, Saturday in Amsterdam.

    due_at = add_hours(start, FIRST_REPLY_WITHIN, zone=AMSTERDAM, holidays=NO_HOLIDAYS)

    assert due_at == datetime(2026, 6, 15, 22, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        pytest.param(
            datetime(2026, 4, 23, 12, tzinfo=CAIRO),
            datetime(2026, 4, 24, 13, tzinfo=CAIRO),
            id="Friday of 23 hours",
        ),
        pytest.param(
            datetime(2026, 10, 29, 12, tzinfo=CAIRO),
            datetime(2026, 10, 30, 11, tzinfo=CAIRO),
            id="Thursday of 25 hours",
        ),
    ],
)
def test_hours_are_real_hours_on_a_working_day_with_a_clock_change(
    start: datetime, end: datetime
) -> None:
    due_at = add_hours(start, FIRST_REPLY_WITHIN, zone=CAIRO, holidays=NO_HOLIDAYS)

    assert due_at == end.astimezone(UTC)


def test_holidays_of_a_country_fit() -> None:
    dutch = public_holidays("NL", "", 2026)

    over_kings_day = add_hours(
        local(2026, 4, 24, 16, 0), FIRST_REPLY_WITHIN, zone=AMSTERDAM, holidays=dutch
    )
    over_new_year = add_hours(
        local(2026, 12, 31, 9, 0), FIRST_REPLY_WITHIN, zone=AMSTERDAM, holidays=dutch
    )

    assert over_kings_day == local(2026, 4, 28, 16, 0)
    assert over_new_year == local(2027, 1, 4, 9, 0)


@given(moments, durations, durations.filter(bool), zones, holiday_sets)
def test_hours_add_up(
    start: datetime,
    first: timedelta,
    second: timedelta,
    zone: ZoneInfo,
    holidays: frozenset[date],
) -> None:
    between = add_hours(start, first, zone=zone, holidays=holidays)

    end = add_hours(between, second, zone=zone, holidays=holidays)

    assert end == add_hours(start, first + second, zone=zone, holidays=holidays)


@given(moments, durations.filter(bool), zones, holiday_sets)
def test_hours_between_takes_back_what_was_added(
    start: datetime, duration: timedelta, zone: ZoneInfo, holidays: frozenset[date]
) -> None:
    end = add_hours(start, duration, zone=zone, holidays=holidays)

    assert hours_between(start, end, zone=zone, holidays=holidays) == duration


@given(moments, moments, moments, zones, holiday_sets)
def test_hours_between_add_up_and_are_at_most_what_passed(
    one: datetime, two: datetime, three: datetime, zone: ZoneInfo, holidays: frozenset[date]
) -> None:
    first, middle, last = sorted((one, two, three), key=datetime.timestamp)

    def between(start: datetime, end: datetime) -> timedelta:
        return hours_between(start, end, zone=zone, holidays=holidays)

    assert between(first, middle) + between(middle, last) == between(first, last)
    assert timedelta() <= between(first, last) <= last.astimezone(UTC) - first.astimezone(UTC)
    assert between(last, first) == timedelta()


@given(moments, moments, zones, holiday_sets)
def test_what_took_less_than_it_may_came_before_it_was_due(
    start: datetime, end: datetime, zone: ZoneInfo, holidays: frozenset[date]
) -> None:
    took = hours_between(start, end, zone=zone, holidays=holidays)

    due_at = add_hours(start, FIRST_REPLY_WITHIN, zone=zone, holidays=holidays)
    assert (took < FIRST_REPLY_WITHIN) == (end < due_at)


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        pytest.param(local(2026, 6, 12, 16, 0), local(2026, 6, 15, 9, 0), 17, id="over a weekend"),
        pytest.param(local(2026, 6, 13, 9, 0), local(2026, 6, 14, 9, 0), 0, id="in a weekend"),
        pytest.param(local(2026, 6, 9, 9, 0), local(2026, 6, 9, 14, 0), 5, id="in a day"),
        pytest.param(local(2026, 4, 24, 12, 0), local(2026, 4, 28, 1, 0), 13, id="King's Day"),
        pytest.param(local(2026, 3, 27, 12, 0), local(2026, 3, 30, 1, 0), 13, id="clocks ahead"),
        pytest.param(local(2026, 10, 23, 12, 0), local(2026, 10, 26, 1, 0), 13, id="clocks back"),
    ],
)
def test_hours_between(start: datetime, end: datetime, hours: int) -> None:
    counted = hours_between(start, end, zone=AMSTERDAM, holidays=HOLIDAYS)

    assert counted == timedelta(hours=hours)


def test_add_hours_refuses_a_negative_duration() -> None:
    with pytest.raises(ValueError, match="cannot be negative"):
        add_hours(
            local(2026, 6, 9, 10, 0),
            timedelta(hours=-1),
            zone=AMSTERDAM,
            holidays=NO_HOLIDAYS,
        )


def test_add_hours_refuses_a_naive_moment() -> None:
    naive = local(2026, 6, 9, 10, 0).replace(tzinfo=None)

    with pytest.raises(ValueError, match="needs a time zone"):
        add_hours(naive, FIRST_REPLY_WITHIN, zone=AMSTERDAM, holidays=NO_HOLIDAYS)
