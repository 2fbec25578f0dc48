"""How well agents predict the score of their customers.

Everything follows from how often each guess occurred, exactly. Below 10 pairs of a prediction and
the score that came nothing is computed, so nothing can be shown either.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from statistics import NormalDist
from typing import Final, NamedTuple

from surveys.enums import Band
from surveys.nps import HIGHEST_SCORE, LOWEST_SCORE, Interval, Tally, band

LEAST_PAIRS: Final = 10
WIDEST: Final = float(HIGHEST_SCORE - LOWEST_SCORE)  # no prediction can be further off
TWO_SIDED_95: Final = NormalDist().inv_cdf(0.975)


class Guess(NamedTuple):
    """What an agent predicted, what the customer gave, and what the shop's past would have said.

    `naive` is the middle score of the shop until then, None when nobody had answered yet.
    """

    predicted: int
    actual: int
    naive: int | None


@dataclass(frozen=True, slots=True)
class Bias:
    """By how much the predictions are too high, below zero too low; and its 95 % interval."""

    mean: Fraction
    interval: Interval

    @property
    def could_be_chance(self) -> bool:
        """Return whether who is neither too high nor too low could show as much."""
        return self.interval.contains(0)


@dataclass(frozen=True, slots=True)
class Comparison:
    """How far off the predictions are, beside the shop's middle score for the very same pairs."""

    pairs: int
    mean_error: Fraction
    naive_error: Fraction

    @property
    def skill(self) -> Fraction | None:
        """Return which part of the naive error is avoided: 1 all of it, 0 none, below 0 worse.

        None when the middle score was never off: then there is nothing to avoid.
        """
        return 1 - self.mean_error / self.naive_error if self.naive_error else None


@dataclass(frozen=True, slots=True)
class BandRow:
    """What became of the predictions of one band: how many of each band, promoters first."""

    predicted: Band
    counts: tuple[int, ...]

    @property
    def total(self) -> int:
        """Return how many predictions there were of this band."""
        return sum(self.counts)

    @property
    def given(self) -> Tally:
        """Return the scores that came after them."""
        return Tally(*self.counts)


@dataclass(frozen=True, slots=True)
class Predictions:
    """What was predicted of 10 closings or more: how often each score."""

    scores: Mapping[int, int]

    @property
    def total(self) -> int:
        """Return how many predictions there are."""
        return sum(self.scores.values())

    @property
    def mean(self) -> Fraction:
        """Return the average prediction."""
        return Fraction(sum(score * count for score, count in self.scores.items()), self.total)

    @property
    def tally(self) -> Tally:
        """Return the bands, as if customers had given these scores."""
        return Tally.from_scores(self.scores)


@dataclass(frozen=True, slots=True)
class Calibration:
    """How 10 predictions or more compare with the scores that came.

    `guesses` is how often each guess occurred.
    """

    guesses: Mapping[Guess, int]

    @property
    def pairs(self) -> int:
        """Return how many predictions were followed by a score."""
        return sum(self.guesses.values())

    @property
    def points(self) -> Counter[tuple[int, int]]:
        """Return how often a score was predicted and another given: {(predicted, actual): n}."""
        points = Counter[tuple[int, int]]()
        for guess, count in self.guesses.items():
            points[guess.predicted, guess.actual] += count
        return points

    @property
    def predicted(self) -> Predictions:
        """Return the predictions."""
        scores = Counter[int]()
        for guess, count in self.guesses.items():
            scores[guess.predicted] += count
        return Predictions(scores)

    @property
    def actual(self) -> Tally:
        """Return the bands of the scores that came."""
        scores = Counter[int]()
        for guess, count in self.guesses.items():
            scores[guess.actual] += count
        return Tally.from_scores(scores)

    @property
    def bias(self) -> Bias:
        """Return the mean of predicted − actual, with its t-interval.

        The mean ± t · s / √n, where s is the standard deviation of the n differences (divided by
        n − 1) and t the 97.5 % point of Student's distribution with n − 1 degrees of freedom
        (Student, "The probable error of a mean", Biometrika 6, 1908). Clipped to what can be.
        """
        errors = Counter[int]()
        for guess, count in self.guesses.items():
            errors[guess.predicted - guess.actual] += count
        pairs = self.pairs
        mean = Fraction(sum(error * count for error, count in errors.items()), pairs)
        squares = sum((error - mean) ** 2 * count for error, count in errors.items())
        half_width = student_95(pairs - 1) * math.sqrt(squares / (pairs - 1) / pairs)
        low, high = float(mean) - half_width, float(mean) + half_width
        return Bias(mean, Interval(max(-WIDEST, low), min(WIDEST, high)))

    @property
    def comparison(self) -> Comparison | None:
        """Return the mean absolute error beside that of the shop's middle score.

        A pair from before the shop's first measurement has no such score, so it is left out of
        both; None when fewer than 10 are left.
        """
        compared = {
            guess: count for guess, count in self.guesses.items() if guess.naive is not None
        }
        pairs = sum(compared.values())
        if pairs < LEAST_PAIRS:
            return None
        own = naive = 0
        for (predicted, actual, middle), count in compared.items():
            assert middle is not None
            own += abs(predicted - actual) * count
            naive += abs(middle - actual) * count
        return Comparison(pairs, Fraction(own, pairs), Fraction(naive, pairs))

    @property
    def bands(self) -> tuple[BandRow, ...]:
        """Return how many of each predicted band fell in each actual one, promoters first."""
        counts = Counter[tuple[Band, Band]]()
        for (predicted, actual), count in self.points.items():
            counts[band(predicted), band(actual)] += count
        return tuple(BandRow(row, tuple(counts[row, each] for each in Band)) for row in Band)

    @property
    def in_right_band(self) -> int:
        """Return how many predictions were in the band of the score that came."""
        return sum(row.counts[position] for position, row in enumerate(self.bands))


def calibrate(guesses: Mapping[Guess, int]) -> Calibration | None:
    """Return how guesses compare with what came, or None when they are fewer than 10."""
    return Calibration(guesses) if sum(guesses.values()) >= LEAST_PAIRS else None


def predictions(scores: Mapping[int, int]) -> Predictions | None:
    """Return what was predicted, or None when it is fewer than 10 times."""
    return Predictions(scores) if sum(scores.values()) >= LEAST_PAIRS else None


def earlier_middles(
    given: Mapping[date, Mapping[int, int]], days: Iterable[date]
) -> dict[date, int | None]:
    """Return for each of these days the middle one of all scores that were given before it.

    `given` is how often each score was given on each day. What was given on the day itself is not
    known yet: who closes in the morning and who closes in the evening are compared with the same.
    None before the first score.
    """
    before, middles = Counter[int](), dict[date, int | None]()
    latest_first = sorted(given, reverse=True)
    for day in sorted(set(days)):
        while latest_first and latest_first[-1] < day:
            before.update(given[latest_first.pop()])
        middles[day] = middle(before)
    return middles


def middle(scores: Mapping[int, int]) -> int | None:
    """Return the median of a histogram, of an even number the lower of the two in the middle.

    So it is a score that an agent can predict, and as near to all others as any point between the
    two. None for no scores.
    """
    wanted = (sum(scores.values()) + 1) // 2
    passed = 0
    for score in sorted(scores):
        passed += scores[score]
        if passed >= wanted > 0:
            return score
    return None


def student_95(freedom: int) -> float:
    """Return the two-sided 95 % point of Student's distribution.

    By the asymptotic expansion around the normal distribution, Abramowitz and Stegun, "Handbook
    of Mathematical Functions" (1964), 26.7.5; from 9 degrees of freedom on within 0.0001.
    """
    x = TWO_SIDED_95
    terms = (
        (x**3 + x) / 4,
        (5 * x**5 + 16 * x**3 + 3 * x) / 96,
        (3 * x**7 + 19 * x**5 + 17 * x**3 - 15 * x) / 384,
        (79 * x**9 + 776 * x**7 + 1482 * x**5 - 1920 * x**3 - 945 * x) / 92160,
    )
    return x + sum(term / float(freedom) ** power for power, term in enumerate(terms, start=1))
