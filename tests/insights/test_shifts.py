"""The reading of the months: golden values, a second way to compute it, and what must hold."""

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.levels import (
    best_odd_one,
    best_step,
    month_numbered,
    number_of,
    points_of,
    spread_of,
    variance_of_an_answer,
    wave_of,
)
from insights.shifts import LEAST_MONTHS, MOST_ODD, Reading, read
from surveys.nps import Tally
from tests.insights.numpy_reading import read_again

GOLDEN = json.loads((Path(__file__).parent / "golden_shifts.json").read_text())
HISTORIES = 1_000
START = number_of(date(2024, 12, 1))

Months = list[tuple[date, Tally]]


def months_from(first: int, counts: Sequence[Sequence[int]]) -> Months:
    """Return months in a row."""
    return [(month_numbered(first + place), Tally(*each)) for place, each in enumerate(counts)]


def golden_months(golden: dict[str, Any]) -> Months:
    """Return the months of a golden value."""
    counts = [[int(n) for n in each.split("/")] for each in golden["counts"].split()]
    return months_from(number_of(date.fromisoformat(f"{golden['first']}-01")), counts)


def written(month: date) -> str:
    """Return a month as the golden values have it."""
    return f"{month:%Y-%m}"


@pytest.mark.parametrize("golden", GOLDEN, ids=[str(each["history"]) for each in GOLDEN])
def test_golden_values(golden: dict[str, Any]) -> None:
    months = golden_months(golden)
    reading = read(months)
    assert reading.points == golden["points"]
    if golden["points"] < LEAST_MONTHS:
        assert not reading.is_read
        return

    points = points_of(months)
    spread = spread_of([points])
    step, odd, wave = (
        best_step(points, spread),
        best_odd_one(points, spread),
        wave_of(points, spread),
    )
    per_answer = variance_of_an_answer(tally for _month, tally in months)
    assert per_answer == pytest.approx(golden["per_answer"], abs=1e-4)
    assert spread == pytest.approx(golden["spread_first"], abs=1e-4)
    assert step is not None
    found = [written(points[step.at].month), pytest.approx(step.z, abs=1e-4)]
    assert golden["step"] == [*found, pytest.approx(step.size, abs=1e-4)]
    assert golden["odd_candidate"] == [
        written(points[odd.at].month),
        pytest.approx(odd.z, abs=1e-4),
    ]
    assert golden["wave"] == [
        pytest.approx(wave.reduction, abs=1e-4),
        pytest.approx(wave.half_height, abs=1e-4),
        wave.lowest + 1,
    ]
    assert reading.spread == pytest.approx(golden["spread_last"], abs=1e-4)
    assert golden["shifts"] == [
        [
            written(each.month),
            *(
                pytest.approx(number, abs=1e-4)
                for number in (each.size, each.interval.low, each.interval.high, each.z)
            ),
        ]
        for each in reading.shifts
    ]
    assert golden["odd"] == [
        [
            written(each.month),
            *(pytest.approx(number, abs=1e-4) for number in (each.score, each.usual, each.z)),
        ]
        for each in reading.odd_months
    ]
    assert golden["season"] is (reading.season is not None)
    told = float("inf") if golden["reach"] is None else golden["reach"]
    assert reading.reach == pytest.approx(told, abs=1e-4)


def drawn(rng: np.random.Generator) -> Months:
    """Draw a history with perhaps a step, a wave, odd months and gaps."""
    length = int(rng.choice([12, 15, 19, 23, 23, 23]))
    level = rng.uniform(-20, 60) + rng.normal(0, rng.choice([0, 3, 8]), length)
    level[rng.integers(1, length) :] += rng.choice([0, 0, -30, -15, 20])
    level += rng.choice([0, 0, 10]) * np.cos(
        2 * np.pi * (np.arange(length) - rng.integers(12)) / 12
    )
    level[rng.random(length) < 0.04] -= 45
    passives = 0.27
    promoters = np.clip(((1 - passives) + level / 100) / 2, 0.01, 1 - passives - 0.01)
    sizes = (10 ** rng.uniform(1.3, 3.2) * rng.uniform(0.7, 1.3, length)).astype(int)
    sizes[rng.random(length) < 0.05] = 0
    return months_from(
        START,
        [
            [int(n) for n in rng.multinomial(size, [share, passives, 1 - passives - share])]
            for size, share in zip(sizes, promoters, strict=True)
        ],
    )


def test_a_second_way_to_read_agrees() -> None:
    rng = np.random.default_rng(20261127)
    told = 0
    for _ in range(HISTORIES):
        months = drawn(rng)
        rows = [
            (number_of(month), each.promoters, each.passives, each.detractors)
            for month, each in months
        ]
        again, reading = read_again(np.array(rows, float)), read(months)
        assert reading.is_read is (again is not None)
        if again is None:
            continue
        assert reading.spread == pytest.approx(again.spread, abs=1e-6)
        assert [
            (number_of(each.month), each.size, each.interval.low, each.interval.high)
            for each in reading.shifts
        ] == [pytest.approx(each, abs=1e-6) for each in again.shifts]
        assert [
            (number_of(each.month), each.score, each.usual, each.z) for each in reading.odd_months
        ] == [pytest.approx(each, abs=1e-6) for each in again.odd]
        assert (reading.season is not None) is (again.season is not None)
        told += bool(reading.shifts or reading.odd_months or reading.season)

    assert HISTORIES / 4 < told < HISTORIES  # or it would compare nothing with nothing


TALLIES = st.builds(Tally, *[st.integers(0, 400)] * 3)


def regimes_in_order(reading: Reading) -> list[date]:
    """Return the months of all regimes."""
    return [point.month for regime in reading.regimes for point in regime]


@given(st.lists(TALLIES, max_size=23))
def test_every_month_that_counts_is_in_a_regime_or_odd(tallies: list[Tally]) -> None:
    months = [(month_numbered(START + n), tally) for n, tally in enumerate(tallies)]

    reading = read(months)

    counting = [month for month, tally in months if tally.total >= 25]
    assert reading.points == len(counting)
    assert reading.is_read is (len(counting) >= LEAST_MONTHS)
    if reading.is_read:
        odd = [each.month for each in reading.odd_months]
        assert sorted([*regimes_in_order(reading), *odd]) == counting
        assert regimes_in_order(reading) == sorted(regimes_in_order(reading))
        assert len(odd) <= MOST_ODD
        assert [shift.month for shift in reading.shifts] == [
            regime[0].month for regime in reading.regimes[1:]
        ]
        assert all(len(regime) >= 2 for regime in reading.regimes)
        assert all(shift.interval.contains(shift.size) for shift in reading.shifts)


@given(st.lists(TALLIES, min_size=12, max_size=23))
def test_turned_around_the_same_is_read(tallies: list[Tally]) -> None:
    def told(turned: bool) -> list[tuple[date, float]]:
        months = [
            (
                month_numbered(START + n),
                Tally(each.detractors, each.passives, each.promoters) if turned else each,
            )
            for n, each in enumerate(tallies)
        ]
        return [(shift.month, shift.size) for shift in read(months).shifts]

    turned = [(month, pytest.approx(-size, abs=1e-6)) for month, size in told(turned=False)]
    assert told(turned=True) == turned


@pytest.mark.parametrize("tally", [Tally(30), Tally(0, 30), Tally(0, 0, 30), Tally(500)])
def test_months_that_are_all_alike_are_steady(tally: Tally) -> None:
    reading = read(months_from(START, [[tally.promoters, tally.passives, tally.detractors]] * 23))

    assert (reading.shifts, reading.odd_months, reading.season, reading.spread) == (
        (),
        (),
        None,
        0.0,
    )
