"""When a webhook is tried again, told about, and switched off."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sellers.webhook_rules import (
    BETWEEN_WARNINGS,
    JITTER,
    LONGEST_RETRY_AFTER,
    OFF_AFTER,
    WAITS,
    WARNED_AFTER,
    Trouble,
    Verdict,
    judge,
    retry_after,
    wait,
)
from tests.conftest import NOON

DAY, HOUR, MINUTE, SECOND = (timedelta(seconds=s) for s in (86_400, 3_600, 60, 1))


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        *[(status, Verdict.TAKEN) for status in (200, 201, 202, 204, 299)],
        *[(status, Verdict.FAILED) for status in (None, 100, 199, 300, 301, 302, 307, 308)],
        *[(status, Verdict.FAILED) for status in (400, 401, 404, 409, 429, 500, 503, 999)],
        (410, Verdict.GONE),
    ],
)
def test_answer_is_judged(status: int | None, verdict: Verdict) -> None:
    assert judge(status) is verdict


def test_ten_tries_in_about_three_days() -> None:
    waits = [wait(failures, spread=0) for failures in range(1, 11)]

    assert waits == [
        *(5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR),
        *(10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR, None),
    ]
    assert 3 * DAY < sum(WAITS, timedelta()) * (1 + JITTER) < 3.5 * DAY


@given(st.integers(1, len(WAITS)), st.floats(0, 1))
def test_chance_only_adds_a_little(failures: int, spread: float) -> None:
    found = wait(failures, spread=spread)

    assert found is not None
    assert WAITS[failures - 1] <= found <= WAITS[failures - 1] * (1 + JITTER)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("120", 2 * MINUTE),
        (" 0 ", timedelta()),
        ("Tue, 10 Mar 2026 11:30:00 GMT", 30 * MINUTE),
        ("Tue, 10 Mar 2026 11:30:00 -0000", 30 * MINUTE),
        ("Tue, 10 Mar 2026 10:30:00 GMT", timedelta()),
        ("Tue, 10 Mar 2099 10:30:00 GMT", LONGEST_RETRY_AFTER),
        ("9" * 4_000, LONGEST_RETRY_AFTER),
        ("86401", LONGEST_RETRY_AFTER),
        *[(junk, None) for junk in ("", "soon", "-5", "1.5", "²", "٣", "Tue, 99 Mar 2026")],
        *[(f"1 Mar {year} 00:00:00 GMT", None) for year in (10**11, 10**30)],
    ],
)
def test_asked_to_wait(value: str, expected: timedelta | None) -> None:
    assert retry_after(value, now=NOON) == expected


@given(st.text(max_size=60))
def test_nothing_that_a_server_says_breaks_it(value: str) -> None:
    found = retry_after(value, now=NOON)

    assert found is None or timedelta() <= found <= LONGEST_RETRY_AFTER


def test_owner_is_told_after_one_day_and_three_and_it_is_off_after_five() -> None:
    trouble, told = Trouble(NOON), []

    for hours in range(24 * 7):
        now = NOON + hours * HOUR
        after = trouble.next_step(now=now)
        if after is None:
            break
        if after.warnings > trouble.warnings:
            told.append(now - NOON)
        trouble = after

    assert told == list(WARNED_AFTER) == [DAY, 3 * DAY]
    assert now - NOON == OFF_AFTER == 5 * DAY


def test_it_is_never_off_without_both_mails_a_day_apart() -> None:
    """Nothing was sent for a week, and then ten fail at once."""
    week = NOON + 7 * DAY
    first = Trouble(NOON).next_step(now=week)
    assert first == Trouble(NOON, 1, week)

    assert first.next_step(now=week + SECOND) == first
    second = first.next_step(now=week + BETWEEN_WARNINGS)
    assert second == Trouble(NOON, 2, week + BETWEEN_WARNINGS)
    assert second.next_step(now=week + BETWEEN_WARNINGS + SECOND) == second
    assert second.next_step(now=week + 2 * BETWEEN_WARNINGS) is None
