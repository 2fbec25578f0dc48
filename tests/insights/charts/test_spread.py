"""How all shops are spread."""

from dataclasses import replace
from datetime import date

import pytest

from insights.charts.spread import SPREAD_HEIGHT, SPREAD_TOP, spread_chart
from insights.reports.shops import ShopScore, ShopScores
from insights.scores import JudgedScore
from insights.standards import Standard
from surveys.nps import Tally
from surveys.periods import Period

STANDARD = Standard(25, 25, valid_from=date(2026, 1, 1))


def scores(*tallies: Tally, standard: Standard | None = STANDARD) -> ShopScores:
    """Return shops of which these many answered."""
    shops = (
        ShopScore(tally=tally, standard=standard, seller_id=1, name="Shop") for tally in tallies
    )
    march = Period.of_months(date(2026, 3, 1), date(2026, 3, 1))
    return ShopScores(march, JudgedScore(tally=Tally(), standard=standard), tuple(shops))


def test_bars_go_from_minus_100_to_100() -> None:
    chart = spread_chart(scores(Tally(30), Tally(30), Tally(0, 30)))

    assert chart is not None
    assert [bar.low for bar in chart.bars] == list(range(-100, 100, 10))
    assert {bar.low: bar.count for bar in chart.bars if bar.count} == {90: 2, 0: 1}
    assert [bar.height for bar in chart.bars if bar.count] == [SPREAD_HEIGHT / 2, SPREAD_HEIGHT]
    assert all(bar.y + bar.height == chart.bottom for bar in chart.bars)
    assert chart.bars[-1].y == SPREAD_TOP
    assert (chart.shops, chart.least) == (3, 25)


def test_bars_are_side_by_side() -> None:
    chart = spread_chart(scores(Tally(30)))

    assert chart is not None
    ends = [bar.span.x + bar.span.width for bar in chart.bars]
    assert all(end < bar.span.x for end, bar in zip(ends, chart.bars[1:], strict=False))
    assert chart.bars[0].span.x > 0
    assert ends[-1] < 100


@pytest.mark.parametrize(("value", "x"), [(-100, 0), (0, 50), (25, 62.5), (100, 100)])
def test_standard_is_on_the_scale(value: int, x: float) -> None:
    chart = spread_chart(scores(Tally(30), standard=replace(STANDARD, value=value)))

    assert chart is not None
    assert chart.standard is not None
    assert (chart.standard.score, chart.standard.x) == (value, x)


def test_chart_without_a_standard_has_no_line() -> None:
    chart = spread_chart(scores(Tally(30), standard=None))

    assert chart is not None
    assert chart.standard is None


def test_scores_at_the_ends_stay_inside() -> None:
    chart = spread_chart(scores(Tally(30)))

    assert chart is not None
    anchors = {tick.score: tick.anchor for tick in chart.ticks}
    assert (anchors[-100], anchors[0], anchors[100]) == ("start", "middle", "end")


def test_nothing_is_drawn_when_no_shop_has_measurements_enough() -> None:
    assert spread_chart(scores(Tally(24), Tally())) is None
