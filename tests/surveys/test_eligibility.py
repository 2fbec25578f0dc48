from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from surveys.eligibility import Facts, Rules, decide, is_due
from surveys.enums import SuppressionReason

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
MICROSECOND = timedelta(microseconds=1)

CLOSED_AT = datetime(2026, 6, 10, 9, 0, tzinfo=UTC)
DUE_AT = datetime(2026, 6, 11, 9, 0, tzinfo=UTC)

RULES = Rules(
    enabled=True,
    delay=timedelta(hours=24),
    cooldown=timedelta(days=30),
    stale_after=timedelta(days=7),
    answer_window=timedelta(days=14),
)
FACTS = Facts(
    actor_type="seller",
    closed_at=CLOSED_AT,
    reopened=False,
    duplicate=False,
    logged_by_seller=False,
    has_email=True,
    undeliverable=False,
    opted_out=False,
    query_surveyed=False,
    last_surveyed_at=None,
)

# Per reason, in the order of precedence, the facts and rules that alone bring it about.
CAUSES: dict[SuppressionReason, tuple[dict[str, Any], dict[str, Any]]] = {
    SuppressionReason.DISABLED: ({}, {"enabled": False}),
    SuppressionReason.SYSTEM_CLOSED: ({"actor_type": "system"}, {}),
    SuppressionReason.REOPENED: ({"reopened": True}, {}),
    SuppressionReason.STALE: ({}, {"stale_after": -MICROSECOND}),
    SuppressionReason.DUPLICATE: ({"duplicate": True}, {}),
    SuppressionReason.ALREADY_SURVEYED: ({"query_surveyed": True}, {}),
    SuppressionReason.LOGGED_BY_SELLER: ({"logged_by_seller": True}, {}),
    SuppressionReason.NO_ADDRESS: ({"has_email": False}, {}),
    SuppressionReason.UNDELIVERABLE: ({"undeliverable": True}, {}),
    SuppressionReason.OPTED_OUT: ({"opted_out": True}, {}),
    SuppressionReason.CUSTOMER_COOLDOWN: ({"last_surveyed_at": CLOSED_AT}, {}),
}


@pytest.mark.parametrize("actor_type", ["seller", "marketplace"])
def test_decide_sends_when_nothing_is_in_the_way(actor_type: str) -> None:
    facts = replace(FACTS, actor_type=actor_type)

    assert decide(facts, now=DUE_AT, rules=RULES) is None


def test_every_reason_has_a_cause() -> None:
    assert set(CAUSES) == set(SuppressionReason)


@pytest.mark.parametrize("reason", CAUSES)
def test_decide_returns_the_reason(reason: SuppressionReason) -> None:
    facts, rules = CAUSES[reason]

    decision = decide(replace(FACTS, **facts), now=DUE_AT, rules=replace(RULES, **rules))

    assert decision is reason


@pytest.mark.parametrize(
    ("first", "second"), list(combinations(CAUSES, 2)), ids=lambda reason: reason.value
)
def test_decide_returns_the_first_of_two_reasons(
    first: SuppressionReason, second: SuppressionReason
) -> None:
    facts = CAUSES[first][0] | CAUSES[second][0]
    rules = CAUSES[first][1] | CAUSES[second][1]

    decision = decide(replace(FACTS, **facts), now=DUE_AT, rules=replace(RULES, **rules))

    assert decision is first


def test_decide_returns_the_first_of_all_reasons() -> None:
    facts = {name: value for cause, _ in CAUSES.values() for name, value in cause.items()}
    rules = {name: value for _, cause in CAUSES.values() for name, value in cause.items()}

    decision = decide(replace(FACTS, **facts), now=DUE_AT, rules=replace(RULES, **rules))

    assert decision is SuppressionReason.DISABLED


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        pytest.param(CLOSED_AT - timedelta(hours=1), False, id="before the closing"),
        pytest.param(CLOSED_AT, False, id="at the closing"),
        pytest.param(DUE_AT - MICROSECOND, False, id="a microsecond early"),
        pytest.param(DUE_AT, True, id="exactly"),
        pytest.param(DUE_AT + timedelta(days=365), True, id="a year late"),
    ],
)
def test_is_due_after_the_delay(now: datetime, *, expected: bool) -> None:
    assert is_due(CLOSED_AT, now=now, rules=RULES) is expected


def test_is_due_takes_a_short_delay() -> None:
    rules = replace(RULES, delay=timedelta(seconds=30))

    assert not is_due(CLOSED_AT, now=CLOSED_AT + timedelta(seconds=29), rules=rules)
    assert is_due(CLOSED_AT, now=CLOSED_AT + timedelta(seconds=30), rules=rules)


def test_decide_refuses_a_closing_that_is_not_due() -> None:
    with pytest.raises(ValueError, match="not due"):
        decide(FACTS, now=DUE_AT - MICROSECOND, rules=RULES)


def test_decide_refuses_a_closing_that_is_not_due_also_when_disabled() -> None:
    with pytest.raises(ValueError, match="not due"):
        decide(FACTS, now=DUE_AT - MICROSECOND, rules=replace(RULES, enabled=False))


@pytest.mark.parametrize(
    ("late", "expected"),
    [
        pytest.param(timedelta(days=7) - MICROSECOND, None, id="a microsecond before 7 days"),
        pytest.param(timedelta(days=7), None, id="exactly 7 days"),
        pytest.param(
            timedelta(days=7) + MICROSECOND,
            SuppressionReason.STALE,
            id="a microsecond after 7 days",
        ),
    ],
)
def test_decide_drops_what_is_more_than_7_days_late(
    late: timedelta, expected: SuppressionReason | None
) -> None:
    assert decide(FACTS, now=DUE_AT + late, rules=RULES) is expected


@pytest.mark.parametrize(
    ("ago", "expected"),
    [
        pytest.param(timedelta(), SuppressionReason.CUSTOMER_COOLDOWN, id="the same moment"),
        pytest.param(
            timedelta(days=30) - MICROSECOND,
            SuppressionReason.CUSTOMER_COOLDOWN,
            id="a microsecond short of 30 days",
        ),
        pytest.param(timedelta(days=30), None, id="exactly 30 days"),
        pytest.param(timedelta(days=31), None, id="31 days"),
    ],
)
def test_decide_leaves_a_customer_alone_for_30_days(
    ago: timedelta, expected: SuppressionReason | None
) -> None:
    facts = replace(FACTS, last_surveyed_at=DUE_AT - ago)

    assert decide(facts, now=DUE_AT, rules=RULES) is expected


def test_decide_surveys_two_closings_of_one_moment_once() -> None:
    first = decide(FACTS, now=DUE_AT, rules=RULES)
    second = decide(replace(FACTS, last_surveyed_at=DUE_AT), now=DUE_AT, rules=RULES)

    assert (first, second) == (None, SuppressionReason.CUSTOMER_COOLDOWN)


CLOCK_CHANGES = pytest.mark.parametrize(
    ("closed_at", "due_at"),
    [
        pytest.param(
            datetime(2026, 3, 28, 12, tzinfo=AMSTERDAM),
            datetime(2026, 3, 29, 13, tzinfo=AMSTERDAM),
            id="ahead",
        ),
        pytest.param(
            datetime(2026, 10, 24, 12, tzinfo=AMSTERDAM),
            datetime(2026, 10, 25, 11, tzinfo=AMSTERDAM),
            id="back",
        ),
        pytest.param(
            datetime(2026, 10, 24, 2, 30, tzinfo=AMSTERDAM),
            datetime(2026, 10, 25, 2, 30, tzinfo=AMSTERDAM, fold=0),
            id="first of two half past twos",
        ),
    ],
)


@CLOCK_CHANGES
def test_is_due_after_24_elapsed_hours_across_a_clock_change(
    closed_at: datetime, due_at: datetime
) -> None:
    just_before = (due_at.astimezone(UTC) - MICROSECOND).astimezone(AMSTERDAM)

    assert not is_due(closed_at, now=just_before, rules=RULES)
    assert is_due(closed_at, now=due_at, rules=RULES)


@CLOCK_CHANGES
def test_decide_counts_the_cooldown_in_elapsed_time_across_a_clock_change(
    closed_at: datetime, due_at: datetime
) -> None:
    facts = replace(FACTS, closed_at=closed_at, last_surveyed_at=closed_at)
    one_day = replace(RULES, cooldown=timedelta(hours=24))
    longer = replace(RULES, cooldown=timedelta(hours=24) + MICROSECOND)

    assert decide(facts, now=due_at, rules=one_day) is None
    assert decide(facts, now=due_at, rules=longer) is SuppressionReason.CUSTOMER_COOLDOWN


@CLOCK_CHANGES
def test_decide_counts_lateness_in_elapsed_time_across_a_clock_change(
    closed_at: datetime, due_at: datetime
) -> None:
    facts = replace(FACTS, closed_at=closed_at)
    at_once = replace(RULES, stale_after=timedelta())
    just_after = (due_at.astimezone(UTC) + MICROSECOND).astimezone(AMSTERDAM)

    assert decide(facts, now=due_at, rules=at_once) is None
    assert decide(facts, now=just_after, rules=at_once) is SuppressionReason.STALE


@pytest.mark.parametrize(
    ("closed_at", "now"),
    [(CLOSED_AT.replace(tzinfo=None), DUE_AT), (CLOSED_AT, DUE_AT.replace(tzinfo=None))],
    ids=["closed_at", "now"],
)
def test_is_due_refuses_a_naive_moment(closed_at: datetime, now: datetime) -> None:
    with pytest.raises(ValueError, match="need a time zone"):
        is_due(closed_at, now=now, rules=RULES)
