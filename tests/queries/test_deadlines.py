"""When an answer is due in a country, by the clock on its wall."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queries.deadlines import Deadlines, deadlines
from queries.office_hours import FIRST_REPLY_WITHIN, LONG_OPEN_FROM
from sellers.days_off import public_holidays

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def wall(text: str) -> datetime:
    """Return a moment by the clock in Amsterdam: 2026-06-12 16:00."""
    return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM)


def due_in(country: str, since: str) -> Deadlines:
    moment = wall(since)
    return deadlines(moment, days_off=public_holidays(country, "", moment.year))


@pytest.mark.parametrize(
    ("country", "since", "long_open_at", "due_at"),
    [
        pytest.param(
            "NL", "2026-06-12 16:00", "2026-06-15 10:00", "2026-06-15 16:00", id="Friday at four"
        ),
        pytest.param(
            "NL",
            "2026-04-02 16:00",
            "2026-04-03 10:00",
            "2026-04-03 16:00",
            id="Maundy Thursday: on Good Friday shops work",
        ),
        pytest.param(
            "NL",
            "2026-04-03 16:00",
            "2026-04-07 10:00",
            "2026-04-07 16:00",
            id="Good Friday to Easter Tuesday",
        ),
        pytest.param(
            "DE",
            "2026-04-02 16:00",
            "2026-04-07 10:00",
            "2026-04-07 16:00",
            id="Maundy Thursday to Easter Tuesday in Germany",
        ),
        pytest.param(
            "NL",
            "2025-04-25 16:00",
            "2025-04-28 10:00",
            "2025-04-28 16:00",
            id="King's Day would be a Sunday, so it is the Saturday",
        ),
        pytest.param(
            "NL", "2026-04-24 16:00", "2026-04-28 10:00", "2026-04-28 16:00", id="King's Day"
        ),
        pytest.param(
            "BE",
            "2026-04-24 16:00",
            "2026-04-27 10:00",
            "2026-04-27 16:00",
            id="27 April in Belgium",
        ),
        pytest.param(
            "NL", "2026-05-04 16:00", "2026-05-05 10:00", "2026-05-05 16:00", id="5 May 2026"
        ),
        pytest.param(
            "NL",
            "2025-05-02 16:00",
            "2025-05-06 10:00",
            "2025-05-06 16:00",
            id="5 May 2025, a Monday, as each fifth year",
        ),
        pytest.param(
            "NL", "2026-12-31 16:00", "2027-01-04 10:00", "2027-01-04 16:00", id="over New Year"
        ),
        pytest.param(
            "NL", "2026-03-27 16:00", "2026-03-30 10:00", "2026-03-30 16:00", id="clocks ahead"
        ),
        pytest.param(
            "NL", "2026-10-23 16:00", "2026-10-26 10:00", "2026-10-26 16:00", id="clocks back"
        ),
        pytest.param(
            "XX",
            "2026-12-24 16:00",
            "2026-12-25 10:00",
            "2026-12-25 16:00",
            id="unknown country: only weekends",
        ),
    ],
)
def test_due_by_the_clock(country: str, since: str, long_open_at: str, due_at: str) -> None:
    assert due_in(country, since) == Deadlines(wall(long_open_at), wall(due_at))


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)),  # noqa: DTZ001  the zone comes after
    st.sampled_from(["NL", "BE", "DE", "FR", "XX"]),
)
def test_due_on_a_day_that_is_none_off(naive: datetime, country: str) -> None:
    since = naive.replace(tzinfo=AMSTERDAM)
    days_off = public_holidays(country, "", since.year)

    due = deadlines(since, days_off=days_off)

    assert due.long_open_at - since >= LONG_OPEN_FROM
    assert due.due_at - since >= FIRST_REPLY_WITHIN
    assert due.due_at - due.long_open_at >= FIRST_REPLY_WITHIN - LONG_OPEN_FROM
    # Exactly at midnight it may end the working day before.
    last = (due.due_at - timedelta(microseconds=1)).astimezone(AMSTERDAM).date()
    assert last not in days_off
    assert last.weekday() < 5
