"""The scores that were predicted against those that came, and a bias on its scale."""

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from insights.calibration import Calibration
from insights.charts.geometry import Span
from surveys.enums import Band
from surveys.nps import BAND_SCORES, HIGHEST_SCORE, LOWEST_SCORE, band

SCORES: Final = range(LOWEST_SCORE, HIGHEST_SCORE + 1)
ROW: Final = 30  # pixels; a column takes as much as the page has
LARGEST: Final = 12.0  # the bubbles of two neighbours just touch on a phone
SMALLEST: Final = 3.0
LEAST_LABELLED: Final = 8.0  # a number of two figures fits in it

BIAS_REACH: Final = 5  # points to each side; who is further off is drawn at the end


@dataclass(frozen=True, slots=True)
class Bubble:
    """How often one score was predicted and another came; its area says how often."""

    x: float
    y: float
    radius: float
    band: Band
    count: int

    @property
    def is_labelled(self) -> bool:
        """Return whether its number fits in it."""
        return self.radius >= LEAST_LABELLED


@dataclass(frozen=True, slots=True)
class BandSquare:
    """Where prediction and score are in the same band."""

    span: Span
    y: int
    height: int


@dataclass(frozen=True, slots=True)
class PlotTick:
    """A score on both axes: how far to the right its column is, and how far down its row."""

    score: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class PlotRow:
    """A score that came, and how often it came after each prediction 0-10."""

    actual: int
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Plot:
    """All pairs: what was predicted from left to right, what came from the bottom up."""

    bubbles: tuple[Bubble, ...]
    squares: tuple[BandSquare, ...]
    ticks: tuple[PlotTick, ...]
    rows: tuple[PlotRow, ...]
    height: int = ROW * len(SCORES)


@dataclass(frozen=True, slots=True)
class BiasMark:
    """A bias on a scale from too low to too high, in percent of the width."""

    point: float
    interval: Span
    zero: float = 50.0


def plot(calibration: Calibration) -> Plot:
    """Return the pairs as bubbles, and the same as rows of a table, the highest score first."""
    points = calibration.points
    most = max(points.values())
    return Plot(
        bubbles=tuple(
            Bubble(
                x=_x(predicted),
                y=_y(actual),
                radius=round(max(SMALLEST, LARGEST * math.sqrt(count / most)), 1),
                band=band(actual),
                count=count,
            )
            for (predicted, actual), count in sorted(points.items())
        ),
        squares=tuple(_square(scores) for scores in BAND_SCORES.values()),
        ticks=tuple(PlotTick(score, _x(score), _y(score)) for score in SCORES),
        rows=tuple(
            PlotRow(actual, tuple(points[predicted, actual] for predicted in SCORES))
            for actual in reversed(SCORES)
        ),
    )


def bias_mark(calibration: Calibration | None) -> BiasMark | None:
    """Return where the bias and its interval lie; None when there is none."""
    if calibration is None:
        return None
    bias = calibration.bias
    low, high = _bias_percent(bias.interval.low), _bias_percent(bias.interval.high)
    return BiasMark(point=_bias_percent(bias.mean), interval=Span.between(low, high))


def _x(score: int) -> float:
    """Return the middle of a column, in percent of the width."""
    return round(100 * (score - LOWEST_SCORE + 0.5) / len(SCORES), 2)


def _y(score: int) -> float:
    """Return the middle of a row, in pixels from the top."""
    return ROW * (HIGHEST_SCORE - score + 0.5)


def _square(scores: range) -> BandSquare:
    low, high = min(scores), max(scores)
    left, right = (100 * edge / len(SCORES) for edge in (low, high + 1))
    return BandSquare(
        span=Span.between(left, right), y=ROW * (HIGHEST_SCORE - high), height=ROW * len(scores)
    )


def _bias_percent(points: float | Fraction) -> float:
    reached = min(max(float(points), -BIAS_REACH), BIAS_REACH)
    return round(100 * (reached + BIAS_REACH) / (2 * BIAS_REACH), 2)
