"""When a snooze that is chosen by one click ends."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from queries.snoozes import Snooze, wakes_at

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


@pytest.mark.parametrize(
    ("now", "snooze", "until"),
    [
        pytest.param("2026-11-26 14:20", Snooze.HOURS, "2026-11-26 18:20", id="hours"),
        pytest.param(
            "2026-11-26 22:30", Snooze.HOURS, "2026-11-27 02:30", id="hours, past midnight"
        ),
        pytest.param("2026-11-26 14:20", Snooze.TOMORROW, "2026-11-27 09:00", id="tomorrow"),
        pytest.param(
            "2026-11-27 00:10", Snooze.TOMORROW, "2026-11-28 09:00", id="just past midnight"
        ),
        pytest.param("2026-12-31 10:00", Snooze.TOMORROW, "2027-01-01 09:00", id="next year"),
        pytest.param(
            "2026-11-26 14:20", Snooze.MONDAY, "2026-11-30 09:00", id="Monday from Thursday"
        ),
        pytest.param(
            "2026-11-29 23:59", Snooze.MONDAY, "2026-11-30 09:00", id="Monday from Sunday"
        ),
        pytest.param(
            "2026-11-30 08:00", Snooze.MONDAY, "2026-12-07 09:00", id="Monday from Monday"
        ),
        pytest.param(
            "2026-03-28 20:00", Snooze.TOMORROW, "2026-03-29 09:00", id="clock goes forward"
        ),
        pytest.param(
            "2026-03-28 23:00", Snooze.HOURS, "2026-03-29 04:00", id="four hours, not three"
        ),
        pytest.param("2026-10-24 20:00", Snooze.TOMORROW, "2026-10-25 09:00", id="clock goes back"),
        pytest.param(
            "2026-10-24 23:00", Snooze.HOURS, "2026-10-25 02:00", id="four hours, not five"
        ),
        pytest.param("2026-10-24 12:00", Snooze.MONDAY, "2026-10-26 09:00", id="Monday after"),
    ],
)
def test_wakes_at(now: str, snooze: Snooze, until: str) -> None:
    begin = datetime.fromisoformat(now).replace(tzinfo=AMSTERDAM)

    wakes = wakes_at(snooze, now=begin.astimezone(UTC), zone=AMSTERDAM)

    assert f"{wakes.astimezone(AMSTERDAM):%Y-%m-%d %H:%M}" == until
    assert wakes.tzinfo == UTC
