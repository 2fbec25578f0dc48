from datetime import date

import pytest

from insights.charts.segments import segment_chart
from insights.reports.segments import Dimension, Segment, SegmentReport
from insights.scores import JudgedScore
from surveys.enums import Band
from surveys.nps import Tally
from surveys.periods import Period

OCTOBER = Period(date(2026, 10, 1), date(2026, 10, 31))


def report(*tallies: Tally, other: Tally | None = None) -> SegmentReport:
    total = sum(tallies, other or Tally())
    return SegmentReport(
        by=Dimension.CHANNEL,
        period=OCTOBER,
        total=JudgedScore(tally=total),
        segments=tuple(
            Segment(label="E-mail", tally=tally, rest=total - tally) for tally in tallies
        ),
        other=other and Segment(label="Other", tally=other, rest=total - other),
    )


def test_bars_show_score_interval_and_bands_on_one_scale() -> None:
    chart = segment_chart(report(Tally(20, 10, 10), Tally(0, 0, 20), other=Tally(0, 0, 20)))

    assert chart is not None
    assert [bar.point for bar in chart.bars] == [62.5, 0, 0]
    assert chart.average == pytest.approx(31.25)
    first = chart.bars[0]
    interval = first.segment.interval
    assert interval
    assert first.interval.x == pytest.approx((interval.low + 100) / 2, abs=0.01)
    assert first.interval.width == pytest.approx((interval.high - interval.low) / 2, abs=0.02)
    assert [(part.band, part.span.x, part.span.width) for part in first.bands] == [
        (Band.PROMOTER, 0, 50),
        (Band.PASSIVE, 50, 25),
        (Band.DETRACTOR, 75, 25),
    ]


@pytest.mark.parametrize("other", [None, Tally(3, 2, 1)], ids=["no measurements", "all too small"])
def test_nothing_to_compare_has_no_bars(other: Tally | None) -> None:
    assert segment_chart(report(other=other)) is None
