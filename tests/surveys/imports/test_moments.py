"""Moments as programs write them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.imports.moments import EARLIEST, Clock, read_moment
from surveys.imports.refusals import WrongCell

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
NOW = datetime(2026, 11, 1, tzinfo=UTC)
MOMENT = datetime(2026, 3, 31, 12, 5, tzinfo=UTC)  # five past two by the clock of Amsterdam
BY_DAY, BY_MONTH = Clock(AMSTERDAM), Clock(AMSTERDAM, month_first=True)


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("2026-03-31 14:05", BY_DAY),
        ("2026-03-31T14:05:00", BY_DAY),
        ("2026/03/31 14:05:00", BY_DAY),
        ("31-3-2026 14:05", BY_DAY),
        ("31/03/2026 14:05:00", BY_DAY),
        ("31/03/2026, 14:05:00", BY_DAY),
        ("31.03.2026 14:05", BY_MONTH),
        ("3/31/2026 2:05 PM", BY_MONTH),
        ("03/31/2026 02:05:00 pm", BY_MONTH),
        ("3/31/2026 2:05 p.m.", BY_MONTH),
        ("3/31/2026\u202f2:05\u00a0PM", BY_MONTH),
        ("31 maart 2026 14:05", BY_DAY),
        ("31-mrt-2026 14:05:00", BY_DAY),
        ("31 March 2026 at 14:05", BY_DAY),
        ("Mar 31, 2026 2:05 PM", BY_DAY),
        ("Tuesday, March 31, 2026, 14:05", BY_DAY),
        ("di 31-03-2026 14:05", BY_DAY),
        ("2026-03-31 12:05:00 UTC", Clock()),
        ("2026-03-31 12:05 GMT", Clock()),
        ("2026-03-31 12:05:00z", Clock()),
        ("2026-03-31 14:05:00 UTC+2", Clock()),
        ("2026-03-31 14:05:00 GMT+02:00", Clock()),
        ("2026-03-31 07:05:00 -0500", Clock()),
        ("Tue, 31 Mar 2026 12:05:00 GMT", Clock()),
        ("31 Mar 2026 07:05:00 -0500", Clock()),
        ("31. März 2026 14:05", BY_DAY),
        ("Dienstag, 31. Ma\u0308rz 2026 um 14:05 Uhr", BY_DAY),
        ("31 mars 2026 14:05", BY_DAY),
        ("mardi 31 mars 2026 à 14h05", BY_DAY),
        ("dinsdag 31 maart 2026 om 14.05 uur", BY_DAY),
        ("31.03.2026 14.05.00", BY_DAY),
        ("1774958700", Clock(unix_seconds=True)),
        ("1774958700.0", Clock(unix_seconds=True)),
        ("1774958700000", Clock(unix_seconds=True)),
    ],
)
def test_way_to_write_the_same_moment(text: str, clock: Clock) -> None:
    assert read_moment(text, clock, now=NOW).moment == MOMENT


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "31-3-26 14:05",
        "2026-02-29 12:00",
        "31-13-2026 12:00",
        "31 foo 2026 12:00",
        "2026-03-31 25:00",
        "2026-03-31 24:01",
        "2026-03-31 13:05 PM",
        "2026-03-31 0:05 PM",
        "2026-03-31T12:30:60Z",
        "2026-03-31T23:59:60+02:00",
        "2026-03-31 14:05 CEST",
        "٣١-٠٣-٢٠٢٦ 14:05",
        "31-03/2026 14:05",
        "1774958700",
        "1774958700000",
        "31-03-2026 14.05:00",
        "2026-03-31 14:05:00 +99:99",
    ],
)
def test_what_is_no_moment(text: str) -> None:
    with pytest.raises(WrongCell, match=r"^This is not a moment\."):
        read_moment(text, BY_DAY, now=NOW)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("31.12.2025 24:00", datetime(2025, 12, 31, 23, tzinfo=UTC)),
        ("2025-12-31 24:00:00 UTC", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2017-01-01T00:59:60+01:00", datetime(2017, 1, 1, tzinfo=UTC)),
        ("2016-12-31T23:59:60.5Z", datetime(2017, 1, 1, 0, 0, 0, 500_000, tzinfo=UTC)),
        ("12/31/2025 12:00 AM", datetime(2025, 12, 30, 23, tzinfo=UTC)),
        ("12/31/2025 12:30 PM", datetime(2025, 12, 31, 11, 30, tzinfo=UTC)),
    ],
)
def test_ends_of_days_and_of_minutes(text: str, moment: datetime) -> None:
    assert read_moment(text, BY_MONTH, now=NOW).moment == moment


@pytest.mark.parametrize(
    ("text", "precision"),
    [
        ("31.03.2026 14:05", timedelta(minutes=1)),  # its date has points, and its time no seconds
        ("31.03.2026 14.05", timedelta(minutes=1)),
        ("31.03.2026 14.05.00", timedelta(seconds=1)),
        ("1er janvier 2026 à 14h05", timedelta(minutes=1)),
    ],
)
def test_precision_is_that_of_the_time(text: str, precision: timedelta) -> None:
    assert read_moment(text, BY_DAY, now=NOW).precision == precision


@pytest.mark.parametrize("text", ["12345678901", "123456789012", "1774958700.5", "1.7749587E+12"])
def test_other_numbers_are_no_unix_time(text: str) -> None:
    with pytest.raises(WrongCell):
        read_moment(text, Clock(AMSTERDAM, unix_seconds=True), now=NOW)


def test_order_of_day_and_month_is_that_of_the_file() -> None:
    assert read_moment("3-4-2026 12:00", BY_DAY, now=NOW).moment.month == 4
    assert read_moment("3-4-2026 12:00", BY_MONTH, now=NOW).moment.month == 3
    assert read_moment("3.4.2026 12:00", BY_MONTH, now=NOW).moment.month == 4  # a German one
    assert read_moment("2026-3-4 12:00", BY_MONTH, now=NOW).moment.month == 3


@pytest.mark.parametrize("text", ["2026-03-31 14:05", "31-3-2026 14:05", "2026-03-31", "20260331"])
def test_zone_is_never_guessed(text: str) -> None:
    with pytest.raises(WrongCell, match=r"^This moment has no time zone\. .+--zone=Europe/Amst"):
        read_moment(text, Clock(), now=NOW)


def test_moment_that_the_clock_never_showed_is_refused() -> None:
    with pytest.raises(WrongCell, match=r"^The clock of Europe/Amsterdam never showed this"):
        read_moment("29-03-2026 02:30", BY_DAY, now=NOW)

    first_after = read_moment("29-03-2026 03:00", BY_DAY, now=NOW)

    assert first_after.moment == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_moment_that_the_clock_showed_twice_is_the_first_and_says_so() -> None:
    said = read_moment("25-10-2026 02:30", BY_DAY, now=NOW)

    assert said.moment == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert said.later == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert read_moment("25-10-2026 03:00", BY_DAY, now=NOW).later is None


def test_day_without_a_time_begins_it_and_says_so() -> None:
    said = read_moment("31-3-2026", BY_DAY, now=NOW)

    assert (said.moment, said.is_day) == (datetime(2026, 3, 30, 22, tzinfo=UTC), True)
    assert read_moment("2026-03-31", BY_DAY, now=NOW) == said
    assert not read_moment("31-3-2026 0:00", BY_DAY, now=NOW).is_day


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2026-03-31 14:05", 60),
        ("31.3.2026 14:05", 60),
        ("2026-03-31T14:05:00+02:00", 1),
        ("20260331T120500Z", 1),
        ("3/31/2026 2:05:00 PM", 1),
        ("2026-03-31T14:05:00.0+02:00", 0.000001),
    ],
)
def test_moment_is_as_precise_as_it_is_written(text: str, seconds: float) -> None:
    said = read_moment(text, BY_MONTH, now=NOW)

    assert (said.moment, said.precision) == (MOMENT, timedelta(seconds=seconds))


@given(
    st.integers(int(EARLIEST.timestamp()), int(NOW.timestamp())),
    st.sampled_from(
        [
            "%Y-%m-%d %H:%M:%S",
            "%Y-%m-%dT%H:%M:%S",
            "%d-%m-%Y %H:%M:%S",
            "%d/%m/%Y %I:%M:%S %p",
            "%d %B %Y %H:%M:%S",
            "%b %d, %Y %H:%M:%S",
            "%a, %d %b %Y %H:%M:%S",
        ]
    ),
)
def test_what_any_clock_shows_is_read_back(seconds: int, written: str) -> None:
    moment = datetime.fromtimestamp(seconds, UTC)

    said = read_moment(moment.astimezone(AMSTERDAM).strftime(written), BY_DAY, now=NOW)

    assert moment in (said.moment, said.later)


@given(st.text(max_size=30) | st.from_regex(r"[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}.{0,15}"))
def test_no_text_is_anything_but_a_moment_or_refused(text: str) -> None:
    try:
        said = read_moment(text, BY_DAY, now=NOW)
    except WrongCell:
        return
    assert EARLIEST <= said.moment <= NOW
