"""The scores that were predicted against those that came."""

import math
from collections import Counter

import pytest

from insights.calibration import Calibration, Guess, calibrate
from insights.charts.predictions import LARGEST, ROW, SMALLEST, bias_mark, plot
from surveys.enums import Band


def calibrated(*pairs: tuple[int, int]) -> Calibration:
    """Return the calibration of pairs that are enough."""
    calibration = calibrate(Counter(Guess(*pair, None) for pair in pairs))
    assert calibration is not None
    return calibration


def test_bubble_is_where_prediction_and_score_meet() -> None:
    drawn = plot(calibrated(*[(0, 0)] * 10, *[(10, 10)] * 10, *[(10, 0)] * 10))

    places = [(bubble.x, bubble.y) for bubble in drawn.bubbles]
    left, right, top, bottom = 4.55, 95.45, ROW / 2, drawn.height - ROW / 2
    assert places == [(left, bottom), (right, bottom), (right, top)]
    assert [tick.score for tick in drawn.ticks] == list(range(11))
    assert (drawn.ticks[0].x, drawn.ticks[0].y) == (left, bottom)
    assert (drawn.ticks[-1].x, drawn.ticks[-1].y) == (right, top)


def test_area_of_a_bubble_is_how_often() -> None:
    often, half, once = plot(calibrated(*[(3, 9)] * 100, *[(4, 7)] * 50, (5, 6))).bubbles

    assert often.radius == LARGEST
    assert half.radius == pytest.approx(LARGEST * math.sqrt(0.5), abs=0.1)
    assert once.radius == SMALLEST
    assert [each.band for each in (often, half, once)] == list(Band)
    assert (often.is_labelled, once.is_labelled) == (True, False)


def test_squares_are_the_bands() -> None:
    promoters, passives, detractors = plot(calibrated(*[(8, 8)] * 10)).squares

    assert (detractors.span.x, detractors.span.width) == (0, 63.64)
    assert (passives.span.x, promoters.span.x) == (63.64, 81.82)
    assert (promoters.y, passives.y, detractors.y) == (0, 2 * ROW, 4 * ROW)
    assert promoters.height + passives.height + detractors.height == 11 * ROW


def test_table_says_the_same_as_the_bubbles() -> None:
    drawn = plot(calibrated(*[(9, 8)] * 7, *[(8, 10)] * 4, (0, 10)))

    assert [row.actual for row in drawn.rows] == list(range(10, -1, -1))
    counts = {
        (predicted, row.actual): count
        for row in drawn.rows
        for predicted, count in enumerate(row.counts)
        if count
    }
    assert counts == {(9, 8): 7, (8, 10): 4, (0, 10): 1}
    assert sum(bubble.count for bubble in drawn.bubbles) == sum(counts.values())


@pytest.mark.parametrize(
    ("pairs", "point", "low", "high"),
    [
        pytest.param([(8, 8)] * 10, 50, 50, 50, id="right"),
        pytest.param([(8, 7)] * 10, 60, 60, 60, id="one too high"),
        pytest.param([(0, 10)] * 10, 0, 0, 0, id="further off than the scale"),
    ],
)
def test_bias_mark(pairs: list[tuple[int, int]], point: float, low: float, high: float) -> None:
    mark = bias_mark(calibrated(*pairs))

    assert mark is not None
    assert (mark.point, mark.interval.x) == (point, low)
    assert mark.interval.x + mark.interval.width == high


def test_nothing_has_no_mark() -> None:
    assert bias_mark(None) is None
