"""Segments side by side: where each lies between −100 and +100, and the bar of its bands."""

from dataclasses import dataclass

from insights.charts.geometry import Span, nps_percent
from insights.charts.marks import segment_kind
from insights.reports.segments import Segment, SegmentReport
from surveys.enums import Band
from surveys.nps import Tally


@dataclass(frozen=True, slots=True)
class BandSpan:
    """The part of one band."""

    band: Band
    span: Span


@dataclass(frozen=True, slots=True)
class SegmentBar:
    """One segment: its score and interval on the scale, and its bands, in percent of the width."""

    segment: Segment
    kind: str
    point: float
    interval: Span
    bands: tuple[BandSpan, ...]


@dataclass(frozen=True, slots=True)
class SegmentChart:
    """The bars from top to bottom, and where the score of all measurements lies."""

    bars: tuple[SegmentBar, ...]
    average: float


def segment_chart(report: SegmentReport) -> SegmentChart | None:
    """Return the bars of a report, or None when nothing can be shown apart."""
    if not report.segments or report.total.nps is None:
        return None
    return SegmentChart(
        bars=tuple(_bar(segment) for segment in report.rows),
        average=nps_percent(report.total.nps),
    )


def _bar(segment: Segment) -> SegmentBar:
    nps, interval = segment.nps, segment.interval
    assert nps is not None  # a segment has measurements
    assert interval is not None
    return SegmentBar(
        segment=segment,
        kind=segment_kind(segment),
        point=nps_percent(nps),
        interval=Span.between(nps_percent(interval.low), nps_percent(interval.high)),
        bands=tuple(_bands(segment.tally)),
    )


def _bands(tally: Tally) -> list[BandSpan]:
    spans, passed = [], 0
    for band in Band:
        start, passed = passed, passed + tally.count(band)
        span = Span.between(100 * start / tally.total, 100 * passed / tally.total)
        spans.append(BandSpan(band, span))
    return spans
