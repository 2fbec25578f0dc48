"""How the score is built up: one bar per part, each beginning where the one before it ended."""

from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate, pairwise

from insights.charts.geometry import Span
from insights.reports.topics import TopicReport, TopicRow


class Sign(StrEnum):
    """Which way a bar goes."""

    BRINGS = "brings"
    COSTS = "costs"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class Bar:
    """One part of the score; it goes from `start` to `end`, in percent of the width."""

    row: TopicRow
    sign: Sign
    span: Span
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Waterfall:
    """The bars from top to bottom, where 0 is, and the bar from there to the whole score."""

    zero: float
    bars: tuple[Bar, ...]
    total: Span
    end: float


def waterfall(report: TopicReport) -> Waterfall | None:
    """Return the bars of a report, or None when there is nothing to divide."""
    if report.displayed is None:
        return None
    contributions = [float(row.part.contribution) for row in report.rows]
    reached = list(accumulate(contributions, initial=0.0))
    low, high = min(reached), max(reached)
    width = high - low or 1.0

    def place(score: float) -> float:
        return round(100 * (score - low) / width, 2)

    return Waterfall(
        zero=place(0),
        bars=tuple(
            Bar(row, _sign(row), Span.visible(place(start), place(end)), place(start), place(end))
            for row, (start, end) in zip(report.rows, pairwise(reached), strict=True)
        ),
        total=Span.visible(place(0), place(reached[-1])),
        end=place(reached[-1]),
    )


def _sign(row: TopicRow) -> Sign:
    if not row.part.contribution:
        return Sign.NEITHER
    return Sign.BRINGS if row.part.contribution > 0 else Sign.COSTS
