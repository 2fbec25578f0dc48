"""How months of answers vary around a level: by chance, really, with the season, or by a step.

Pure arithmetic for insights/shifts.py, which decides what of it is told. Scores are in points of
NPS, variances in points squared; `number` counts months, so that a year earlier is `number - 12`.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from itertools import pairwise
from operator import add
from typing import Final

from surveys.nps import IMAGINARY, Tally

YEAR: Final = 12
SHORTEST: Final = 2  # months that a level needs: a single one is an odd month
SMALLEST_STEP: Final = 5.0  # points
KEPT_OF_A_YEAR_AGO: Final = 0.5  # of a step, what the same months a year earlier must show too
# The mean distance of a standard normal variable from 0.
MEAN_DISTANCE: Final = math.sqrt(2 / math.pi)
LARGEST_SPREAD: Final = 10_000.0
HALVINGS: Final = 50


@dataclass(frozen=True, slots=True)
class Point:
    """One month with measurements enough; `chance` is the variance of its score by chance alone."""

    number: int
    tally: Tally
    score: float
    chance: float

    @property
    def month(self) -> date:
        """Return the month."""
        return month_numbered(self.number)


@dataclass(frozen=True, slots=True)
class Level:
    """The weighted mean of some months, and the sum of their weights: its variance is 1/weight."""

    score: float
    weight: float


@dataclass(frozen=True, slots=True)
class Step:
    """The months from `at` on lie `size` points higher than those before: `z` standard errors."""

    at: int
    size: float
    z: float


@dataclass(frozen=True, slots=True)
class OddOne:
    """The month at `at` lies `z` standard errors from the mean of the others."""

    at: int
    z: float


@dataclass(frozen=True, slots=True)
class Wave:
    """A yearly wave: its reduction of the weighted squares, its half height, its lowest month.

    `lowest` counts from January, 0; the highest is half a year away.
    """

    reduction: float = 0.0
    half_height: float = 0.0
    lowest: int = 0


NO_WAVE: Final = Wave()


def number_of(month: date) -> int:
    """Return the number of a month."""
    return YEAR * month.year + month.month - 1


def month_numbered(number: int) -> date:
    """Return the month with this number."""
    return date(number // YEAR, number % YEAR + 1, 1)


def variance_of_an_answer(tallies: Iterable[Tally]) -> float:
    """Return the variance of the score of one answer, all months together.

    With the three imaginary answers of Rocks (2016). That of each month alone would tie its weight
    to its score.
    """
    together = reduce(add, tallies, Tally())
    estimate = together.estimate(IMAGINARY)
    return 1e4 * estimate.variance * estimate.total if estimate else 0.0


def points_of(months: Iterable[tuple[date, Tally]]) -> tuple[Point, ...]:
    """Return the months as points; each needs an answer."""
    listed = list(months)
    per_answer = variance_of_an_answer(tally for _month, tally in listed)
    return tuple(
        Point(
            number=number_of(month),
            tally=tally,
            score=100 * tally.balance / tally.total,
            chance=per_answer / tally.total,
        )
        for month, tally in listed
    )


def level_of(points: Sequence[Point], spread: float) -> Level:
    """Return the level of some months, each weighing 1 / (its chance + the spread)."""
    weights = [1 / (point.chance + spread) for point in points]
    total = sum(weights)
    scores = (point.score for point in points)
    return Level(sum(map(float.__mul__, weights, scores)) / total, total)


def spread_of(regimes: Iterable[Sequence[Point]]) -> float:
    """Return the real variation between months: the variance that chance does not explain.

    Neighbouring months of a regime differ by 0.8 standard errors on average when chance and this
    variance are all there is. Laney's idea ("Improved control charts for attributes", Quality
    Engineering 14, 2002), but added and not multiplied, so that it also holds where the number of
    answers differs much from month to month.
    """
    ranges = [
        (abs(after.score - before.score), before.chance + after.chance)
        for regime in regimes
        for before, after in pairwise(regime)
    ]

    def excess(spread: float) -> float:
        distances = (moved / math.sqrt(chance + 2 * spread) for moved, chance in ranges)
        return sum(distances) / len(ranges) - MEAN_DISTANCE

    if not ranges or excess(0.0) <= 0:
        return 0.0
    low, high = 0.0, LARGEST_SPREAD
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if excess(middle) > 0 else (low, middle)
    return (low + high) / 2


def best_step(points: Sequence[Point], spread: float) -> Step | None:
    """Return the step that best divides the months; None when none is large enough to matter."""
    found = [
        step
        for at in range(SHORTEST, len(points) - SHORTEST + 1)
        if (step := _step(points, at, spread)) is not None
    ]
    return max(found, key=lambda step: step.z, default=None)


def _step(points: Sequence[Point], at: int, spread: float) -> Step | None:
    before, after = points[:at], points[at:]
    old, new = level_of(before, spread), level_of(after, spread)
    size = new.score - old.score
    if abs(size) < SMALLEST_STEP:
        return None
    spans_a_year = after[-1].number - after[0].number >= YEAR - 1
    if not spans_a_year and not also_a_year_ago(after, before, size, spread):
        return None
    return Step(at, size, abs(size) / math.sqrt(1 / old.weight + 1 / new.weight))


def also_a_year_ago(
    months: Sequence[Point], earlier: Sequence[Point], size: float, spread: float
) -> bool:
    """Return whether months differ from the same months a year earlier as well: no season.

    In the same direction, by at least half of `size`. True when no such month is known.
    """
    known = {point.number: point for point in earlier}
    pairs = [
        (point, known[point.number - YEAR]) for point in months if point.number - YEAR in known
    ]
    if not pairs:
        return True
    weights = [1 / (now.chance + then.chance + 2 * spread) for now, then in pairs]
    changes = (now.score - then.score for now, then in pairs)
    change = sum(map(float.__mul__, weights, changes)) / sum(weights)
    return change * math.copysign(1, size) >= KEPT_OF_A_YEAR_AGO * abs(size)


def best_odd_one(points: Sequence[Point], spread: float) -> OddOne:
    """Return the month that lies furthest from the mean of the others."""
    weights = [1 / (point.chance + spread) for point in points]
    total = sum(weights)
    weighed = sum(weight * point.score for weight, point in zip(weights, points, strict=True))

    def z(at: int) -> float:
        weight, score = weights[at], points[at].score
        others = total - weight
        usual = (weighed - weight * score) / others
        return abs(score - usual) / math.sqrt(1 / weight + 1 / others)

    at = max(range(len(points)), key=z)
    return OddOne(at, z(at))


def wave_of(points: Sequence[Point], spread: float) -> Wave:
    """Fit one yearly wave by weighted least squares: a constant, a cosine and a sine."""
    weights = [1 / (point.chance + spread) for point in points]
    total = sum(weights)

    def centred(values: Iterable[float]) -> list[float]:
        listed = list(values)
        mean = sum(map(float.__mul__, weights, listed)) / total
        return [value - mean for value in listed]

    def product(one: Sequence[float], other: Sequence[float]) -> float:
        return sum(w * a * b for w, a, b in zip(weights, one, other, strict=True))

    angles = [math.tau * point.number / YEAR for point in points]
    scores = centred(point.score for point in points)
    cosine, sine = centred(map(math.cos, angles)), centred(map(math.sin, angles))
    cc, ss, cs = product(cosine, cosine), product(sine, sine), product(cosine, sine)
    cx, sx = product(cosine, scores), product(sine, scores)
    determinant = cc * ss - cs * cs
    if determinant <= 1e-9:
        return NO_WAVE
    a, b = (ss * cx - cs * sx) / determinant, (cc * sx - cs * cx) / determinant
    return Wave(
        reduction=a * cx + b * sx,
        half_height=math.hypot(a, b),
        lowest=round(math.atan2(-b, -a) / math.tau * YEAR) % YEAR,
    )
