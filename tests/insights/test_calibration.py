"""How well agents predict the score of their customers."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from fractions import Fraction
from random import Random
from statistics import median_low

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.calibration import (
    LEAST_PAIRS,
    Calibration,
    Guess,
    calibrate,
    earlier_middles,
    middle,
    predictions,
    student_95,
)
from surveys.enums import Band
from surveys.nps import Interval, Tally, band

MONDAY = date(2026, 3, 2)

scores = st.integers(min_value=0, max_value=10)
guesses = st.builds(Guess, scores, scores, st.none() | scores)
counts = st.integers(min_value=1, max_value=1_000)
enough = st.dictionaries(guesses, counts, min_size=1, max_size=30).filter(
    lambda found: sum(found.values()) >= LEAST_PAIRS
)


def calibrated(found: Iterable[Guess] | Mapping[Guess, int]) -> Calibration:
    """Return the calibration of guesses that are enough."""
    calibration = calibrate(Counter(found))
    assert calibration is not None
    return calibration


def columns(found: Mapping[Guess, int]) -> tuple[np.ndarray, np.ndarray]:
    """Return predicted and actual, one by one."""
    pairs = np.array([(guess.predicted, guess.actual) for guess in Counter(found).elements()])
    return pairs[:, 0], pairs[:, 1]


def random_guesses(rng: Random, number: int) -> Counter[Guess]:
    """Return guesses of somebody who knows something."""
    found = Counter[Guess]()
    for _ in range(number):
        actual = rng.choice((0, 3, 6, 7, 8, 8, 9, 9, 10, 10))
        predicted = min(10, max(0, round(rng.gauss(0.6 * actual + 3.5, 1.5))))
        found[Guess(predicted, actual, rng.choice((8, 9)))] += 1
    return found


@pytest.mark.parametrize(
    ("pairs", "mean", "low", "high"),
    [
        pytest.param([(8, 8)] * 10, 0, 0, 0, id="always right"),
        pytest.param([(9, 8)] * 10, 1, 1, 1, id="always one too high"),
        # s² = 10/9, t = 2.2622: ± 2.2622 × √(10/9/10)
        pytest.param([(9, 8), (7, 8)] * 5, 0, -0.754, 0.754, id="one too high, one too low"),
        # errors 0, 1, … 9: mean 4.5, s² = 82.5/9
        pytest.param([(n, 0) for n in range(10)], Fraction(9, 2), 2.334, 6.666, id="0 to 9"),
        pytest.param([(0, 10)] * 10, -10, -10, -10, id="as wrong as can be"),
        pytest.param([(10, 0)] * 19 + [(0, 10)], 9, 6.907, 10, id="clipped"),
    ],
)
def test_bias(pairs: list[tuple[int, int]], mean: Fraction, low: float, high: float) -> None:
    bias = calibrated(Guess(*pair, None) for pair in pairs).bias

    assert bias.mean == mean
    assert (bias.interval.low, bias.interval.high) == pytest.approx((low, high), abs=0.001)


@pytest.mark.parametrize(
    ("freedom", "expected"),
    # The 97.5 % column of any table of Student's distribution.
    [(9, 2.2622), (10, 2.2281), (15, 2.1314), (24, 2.0639), (60, 2.0003), (10**9, 1.9600)],
)
def test_student_95(freedom: int, expected: float) -> None:
    assert student_95(freedom) == pytest.approx(expected, abs=0.0001)


@given(enough)
def test_bias_lies_in_its_interval(found: Mapping[Guess, int]) -> None:
    bias = calibrated(found).bias

    assert bias.interval.low - 1e-9 <= bias.mean <= bias.interval.high + 1e-9
    assert bias.interval.low >= -10
    assert bias.interval.high <= 10


@pytest.mark.parametrize("seed", range(20))
def test_bias_and_errors_are_what_numpy_computes(seed: int) -> None:
    rng = Random(seed)
    found = random_guesses(rng, number=rng.choice((10, 11, 40, 700)))
    predicted, actual = columns(found)
    naive = np.array([guess.naive for guess in Counter(found).elements()])

    calibration = calibrated(found)

    errors = predicted - actual
    half_width = student_95(len(errors) - 1) * np.std(errors, ddof=1) / np.sqrt(len(errors))
    assert float(calibration.bias.mean) == pytest.approx(np.mean(errors))
    interval = calibration.bias.interval
    assert interval.high - interval.low == pytest.approx(2 * half_width)
    comparison = calibration.comparison
    assert comparison is not None
    assert float(comparison.mean_error) == pytest.approx(np.abs(errors).mean())
    assert float(comparison.naive_error) == pytest.approx(np.abs(naive - actual).mean())
    skill = 1 - np.abs(errors).mean() / np.abs(naive - actual).mean()
    assert float(comparison.skill or 0) == pytest.approx(skill)


@pytest.mark.parametrize("seed", range(20))
def test_bands_and_scores_are_what_numpy_counts(seed: int) -> None:
    rng = Random(seed)
    found = random_guesses(rng, number=rng.choice((10, 11, 40, 700)))
    predicted, actual = columns(found)

    calibration = calibrated(found)

    edges = [-0.5, 6.5, 8.5, 10.5]  # detractors, passives, promoters
    matrix = np.histogram2d(predicted, actual, bins=[edges, edges])[0][::-1, ::-1]
    assert [list(row.counts) for row in calibration.bands] == matrix.tolist()
    assert calibration.in_right_band == np.trace(matrix)
    points = np.histogram2d(predicted, actual, bins=[np.arange(-0.5, 11), np.arange(-0.5, 11)])[0]
    for (x, y), count in np.ndenumerate(points):
        assert calibration.points[x, y] == count
    for tally, scored in ((calibration.predicted.tally, predicted), (calibration.actual, actual)):
        nps = 100 * (np.mean(scored >= 9) - np.mean(scored <= 6))
        assert float(tally.nps or 0) == pytest.approx(nps)
    assert float(calibration.predicted.mean) == pytest.approx(predicted.mean())


@given(enough)
def test_matrix_adds_up_to_what_was_predicted_and_what_came(found: Mapping[Guess, int]) -> None:
    calibration = calibrated(found)

    rows = calibration.bands
    assert [row.predicted for row in rows] == list(Band)
    assert sum(row.total for row in rows) == calibration.pairs == sum(found.values())
    assert Tally(*(row.total for row in rows)) == calibration.predicted.tally
    assert Tally(*map(sum, zip(*(row.counts for row in rows), strict=True))) == calibration.actual
    right = {guess: n for guess, n in found.items() if band(guess.predicted) == band(guess.actual)}
    assert calibration.in_right_band == sum(right.values())


@given(st.dictionaries(guesses, counts, max_size=8))
def test_below_ten_pairs_there_is_nothing(found: Mapping[Guess, int]) -> None:
    few = sum(found.values()) < LEAST_PAIRS

    assert (calibrate(found) is None) is few
    assert (predictions({guess.predicted: n for guess, n in found.items()}) is None) >= few


@given(enough)
def test_compared_are_only_pairs_with_a_middle_score(found: Mapping[Guess, int]) -> None:
    comparison = calibrated(found).comparison

    with_middle = sum(n for guess, n in found.items() if guess.naive is not None)
    if with_middle < LEAST_PAIRS:
        assert comparison is None
    else:
        assert comparison is not None
        assert comparison.pairs == with_middle


def test_pair_before_the_first_measurement_is_left_out_of_both_errors() -> None:
    early, later = Guess(0, 10, None), Guess(9, 8, 6)

    comparison = calibrated({early: 500, later: 10}).comparison

    assert comparison is not None
    assert (comparison.pairs, comparison.mean_error, comparison.naive_error) == (10, 1, 2)
    assert comparison.skill == Fraction(1, 2)


@given(enough)
def test_who_always_predicts_the_middle_has_no_skill(found: Mapping[Guess, int]) -> None:
    copied = Counter[Guess]()
    for guess, count in found.items():
        naive = guess.predicted if guess.naive is None else guess.naive
        copied[Guess(naive, guess.actual, naive)] += count

    comparison = calibrated(copied).comparison

    assert comparison is not None
    assert comparison.skill == (0 if comparison.naive_error else None)


def test_skill_of_who_is_always_right_is_all_of_it() -> None:
    comparison = calibrated({Guess(9, 9, 8): 10}).comparison

    assert comparison is not None
    assert comparison.skill == 1


def simulated(rng: Random, *, days: int = 400) -> dict[str, Calibration]:
    """Return a year of a shop with three agents: one copies, one guesses blindly, one knows."""
    scored: dict[date, Counter[int]] = {}
    closed: list[tuple[date, int]] = []
    for number in range(days):
        day = MONDAY + timedelta(days=number)
        came = [
            rng.choices(range(11), weights=(3, 1, 1, 1, 1, 2, 3, 6, 14, 12, 10))[0] for _ in "abc"
        ]
        scored[day + timedelta(days=2)] = Counter(came)  # customers answer two days later
        closed += [(day, score) for score in came]
    middles = earlier_middles(scored, (day for day, _score in closed))
    found: dict[str, Counter[Guess]] = {"copies": Counter(), "noise": Counter(), "knows": Counter()}
    for day, score in closed:
        naive = middles[day]
        found["copies"][Guess(8 if naive is None else naive, score, naive)] += 1
        found["noise"][Guess(rng.randrange(11), score, naive)] += 1
        found["knows"][Guess(min(10, max(0, score + rng.choice((-1, 0, 1)))), score, naive)] += 1
    return {name: calibrated(each) for name, each in found.items()}


@pytest.mark.parametrize("seed", range(5))
def test_simulated_agents_have_the_skill_they_have(seed: int) -> None:
    agents = simulated(Random(seed))

    skill = {name: one.comparison.skill for name, one in agents.items() if one.comparison}
    assert skill["copies"] == 0
    assert skill["noise"] is not None
    assert skill["noise"] < -1
    assert skill["knows"] is not None
    assert skill["knows"] > Fraction(1, 2)


@pytest.mark.parametrize(
    ("scored", "expected"),
    [
        pytest.param({}, None, id="none"),
        pytest.param({7: 1}, 7, id="one"),
        pytest.param({7: 1, 9: 1}, 7, id="the lower of two"),
        pytest.param({0: 2, 9: 3}, 9, id="odd"),
        pytest.param({0: 3, 9: 3}, 0, id="halves"),
        pytest.param({10: 0, 3: 0}, None, id="counted none"),
    ],
)
def test_middle(scored: Mapping[int, int], expected: int | None) -> None:
    assert middle(scored) == expected


@given(st.lists(scores, min_size=1))
def test_middle_is_the_low_median(found: list[int]) -> None:
    assert middle(Counter(found)) == median_low(found)


def test_middle_knows_only_what_was_scoredon_days_before() -> None:
    scored = {MONDAY: {9: 2}, MONDAY + timedelta(days=2): {3: 5}}

    middles = earlier_middles(scored, [MONDAY + timedelta(days=number) for number in range(-1, 4)])

    assert list(middles.values()) == [None, None, 9, 9, 3]


@given(
    st.lists(st.tuples(st.integers(min_value=0, max_value=20), scores)),
    st.lists(st.integers(min_value=0, max_value=25)),
)
def test_middles_are_those_of_all_earlier_scores(
    found: list[tuple[int, int]], asked: list[int]
) -> None:
    scored: dict[date, Counter[int]] = {}
    for number, score in found:
        scored.setdefault(MONDAY + timedelta(days=number), Counter())[score] += 1

    middles = earlier_middles(scored, [MONDAY + timedelta(days=number) for number in asked])

    for number in asked:
        earlier = [score for day, score in found if day < number]
        expected = median_low(earlier) if earlier else None
        assert middles[MONDAY + timedelta(days=number)] == expected


def test_bias_is_chance_when_zero_lies_in_its_interval() -> None:
    calm, high = (
        calibrated({Guess(9, 8, 8): 5, Guess(7, 8, 8): 5}),
        calibrated({Guess(9, 8, 8): 10}),
    )

    assert calm.bias.could_be_chance
    assert not high.bias.could_be_chance


@given(enough)
def test_predictions_have_a_mean_and_bands(found: Mapping[Guess, int]) -> None:
    made = calibrated(found).predicted

    assert made.total == sum(found.values())
    assert 0 <= made.mean <= 10
    assert made.tally.total == made.total


def test_interval_is_wider_with_fewer_pairs() -> None:
    few, many = (calibrated({Guess(9, 8, 8): n, Guess(7, 8, 8): n}).bias.interval for n in (5, 50))

    assert many.high < few.high
    assert isinstance(few, Interval)
    assert math.isclose(few.high, -few.low)
