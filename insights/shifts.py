"""What the finished months of a shop say together: one reading instead of a test per month.

It looks for the moment that best divides the months into a before and an after, and speaks of a
change only when it is larger than chance, a single odd month or the season would explain. What is
told by luck was counted by simulation (tests/bench/reading.py; docs/decisions/0027).

Scores are in points of NPS, variances in points squared.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from itertools import pairwise
from operator import add
from typing import Final

from insights.levels import (
    NO_WAVE,
    SHORTEST,
    Point,
    Step,
    Wave,
    also_a_year_ago,
    best_odd_one,
    best_step,
    level_of,
    points_of,
    spread_of,
    wave_of,
)
from insights.standards import GUIDELINE
from surveys.nps import Z_95, Interval, Tally

LEAST_MONTHS: Final = 12  # with measurements enough, before anything is read
SHIFT_Z: Final = 2.8  # standard errors
ODD_Z: Final = 4.0
SMALLEST_ODD: Final = 10.0  # points
MOST_ODD: Final = 2
LEAST_FOR_ODD: Final = 4  # months of a regime
SEASON_MONTHS: Final = 22  # nearly two years, so that the wave came twice
SEASON_REDUCTION: Final = 14.0  # of the weighted squares
SMALLEST_WAVE: Final = 5.0  # points, half its height
REACH_MONTHS: Final = 3
LEAST_FOR_REACH: Final = 6  # months of a regime

Regime = tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class LevelShift:
    """From `month` on the score is `size` points higher than in the regime before; with 95 % range.

    Both scores come from added counts. The range covers the truth less often than it says for a
    shift that was told only by luck, hence "about".
    """

    month: date
    size: float
    interval: Interval
    z: float


@dataclass(frozen=True, slots=True)
class OddMonth:
    """One month that lies far from the others of its regime, whose mean is `usual`."""

    month: date
    score: float
    usual: float
    z: float


@dataclass(frozen=True, slots=True)
class Reading:
    """All that can be said of some months.

    `points` is how many months have measurements enough; with fewer than LEAST_MONTHS nothing else
    is read. `regimes` are the months between shifts, without the odd ones; `spread` is the
    variance between months that chance does not explain.
    """

    points: int
    spread: float = 0.0
    regimes: tuple[Regime, ...] = ()
    shifts: tuple[LevelShift, ...] = ()
    odd_months: tuple[OddMonth, ...] = ()
    season: Wave | None = None

    @property
    def is_read(self) -> bool:
        """Return whether there were months enough."""
        return bool(self.regimes)

    @property
    def level(self) -> float:
        """Return the score of the last regime."""
        return score_of(self.regimes[-1])

    @property
    def reach(self) -> float:
        """Return the smallest change over the last three months that would have been told.

        Infinite when the last regime is too short to say.
        """
        last = self.regimes[-1]
        if len(last) < LEAST_FOR_REACH:
            return math.inf
        newest = level_of(last[-REACH_MONTHS:], self.spread)
        others = level_of(last[:-REACH_MONTHS], self.spread)
        return SHIFT_Z * math.sqrt(1 / newest.weight + 1 / others.weight)


@dataclass(frozen=True, slots=True)
class _Explanation:
    """What explains a regime better than one level does: a step or an odd month, at `z`."""

    z: float
    regime: int
    step: Step | None = None
    odd: tuple[int, OddMonth] | None = None  # its place in the regime


def read(months: Sequence[tuple[date, Tally]], *, minimum: int = GUIDELINE) -> Reading:
    """Read finished months, oldest first; each counts that has `minimum` answers."""
    points = points_of((month, tally) for month, tally in months if tally.total >= minimum)
    if len(points) < LEAST_MONTHS:
        return Reading(len(points))
    regimes, odd_months = [points], list[OddMonth]()
    while found := _explained(regimes, may_be_odd=len(odd_months) < MOST_ODD):
        regime = regimes[found.regime]
        if found.step is not None:
            parts = [regime[: found.step.at], regime[found.step.at :]]
        else:
            assert found.odd is not None
            at, odd = found.odd
            odd_months.append(odd)
            parts = [regime[:at] + regime[at + 1 :]]
        regimes[found.regime : found.regime + 1] = parts
    spread = spread_of(regimes)
    return Reading(
        points=len(points),
        spread=spread,
        regimes=tuple(regimes),
        shifts=tuple(_shift(*both, spread) for both in pairwise(regimes)),
        odd_months=tuple(sorted(odd_months, key=lambda odd: odd.month)),
        season=_season(regimes, spread, months=len(points)),
    )


def _explained(regimes: list[Regime], *, may_be_odd: bool) -> _Explanation | None:
    """Return the acceptable explanation with the largest z over all regimes, if there is any.

    In each regime the step goes before an odd month when it explains as much, and neither is
    accepted when a yearly wave explains more.
    """
    spread = spread_of(regimes)
    wave = wave_of(regimes[0], spread) if len(regimes) == 1 else NO_WAVE
    best: _Explanation | None = None
    for number, regime in enumerate(regimes):
        if len(regime) < 2 * SHORTEST:
            continue
        step, odd = best_step(regime, spread), best_odd_one(regime, spread)
        is_step = step and step.z > SHIFT_Z and step.z**2 > wave.reduction and step.z >= odd.z
        if step and is_step and (best is None or step.z > best.z):
            best = _Explanation(step.z, number, step=step)
        elif may_be_odd and odd.z**2 > wave.reduction and (best is None or odd.z > best.z):
            month = _odd_month(regimes, number, odd.at)
            if month is not None:
                best = _Explanation(odd.z, number, odd=(odd.at, month))
    return best


def _odd_month(regimes: list[Regime], number: int, at: int) -> OddMonth | None:
    """Return a month as an odd one, looked at again without it; None when it is not odd enough."""
    regime = regimes[number]
    if len(regime) < LEAST_FOR_ODD:
        return None
    point, others = regime[at], regime[:at] + regime[at + 1 :]
    spread = spread_of([*regimes[:number], others, *regimes[number + 1 :]])
    usual = level_of(others, spread)
    off = point.score - usual.score
    z = abs(off) / math.sqrt(point.chance + spread + 1 / usual.weight)
    if z <= ODD_Z or abs(off) < SMALLEST_ODD or not also_a_year_ago([point], others, off, spread):
        return None
    return OddMonth(point.month, point.score, usual.score, z)


def _shift(before: Regime, after: Regime, spread: float) -> LevelShift:
    """Return the shift between two regimes, of which the counts are added."""
    size = variance = 0.0
    for sign, regime in ((-1, before), (1, after)):
        size += sign * score_of(regime)
        total = _together(regime).total
        variance += sum(
            (point.tally.total / total) ** 2 * (point.chance + spread) for point in regime
        )
    half = Z_95 * math.sqrt(variance)
    old, new = level_of(before, spread), level_of(after, spread)
    z = abs(new.score - old.score) / math.sqrt(1 / old.weight + 1 / new.weight)
    return LevelShift(after[0].month, size, Interval(size - half, size + half), z)


def _season(regimes: list[Regime], spread: float, *, months: int) -> Wave | None:
    """Return the yearly wave when it is all there is to say, and large and sure enough."""
    if len(regimes) > 1 or months < SEASON_MONTHS:
        return None
    wave = wave_of(regimes[0], spread)
    is_told = wave.reduction > SEASON_REDUCTION and wave.half_height >= SMALLEST_WAVE
    return wave if is_told else None


def score_of(regime: Regime) -> float:
    """Return the score of some months together, from their added counts."""
    together = _together(regime)
    return 100 * together.balance / together.total


def _together(regime: Regime) -> Tally:
    return reduce(add, (point.tally for point in regime))
