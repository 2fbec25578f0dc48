"""What each topic did against the average: bars to both sides of a line."""

from dataclasses import dataclass

from insights.charts.geometry import Span
from insights.charts.marks import topic_kind
from insights.reports.topics import TopicReport, TopicRow


@dataclass(frozen=True, slots=True)
class Bar:
    """One topic: how far from the average, in percent of the width; `kind` is its classes."""

    row: TopicRow
    kind: str
    span: Span


@dataclass(frozen=True, slots=True)
class Differences:
    """The bars from top to bottom, and where the average is, in percent of the width."""

    average: float
    bars: tuple[Bar, ...]


def differences(report: TopicReport) -> Differences | None:
    """Return the bars of a report, or None when there is nothing to compare."""
    if report.displayed is None:
        return None
    reached = [0.0, *(float(row.part.against) for row in report.rows)]
    low, high = min(reached), max(reached)
    width = high - low or 1.0

    def place(points: float) -> float:
        return round(100 * (points - low) / width, 2)

    average = place(0)
    return Differences(
        average=average,
        bars=tuple(
            Bar(row, topic_kind(row), Span.visible(average, place(float(row.part.against))))
            for row in report.rows
        ),
    )
