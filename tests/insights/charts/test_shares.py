from itertools import pairwise

import pytest
from hypothesis import given

from insights.charts.columns import PLOT_HEIGHT, HistoryChart
from insights.charts.shares import ShareColumn, shares_chart
from insights.reports.months import History
from surveys.enums import Band
from tests.insights.charts.conftest import MONTHS, ROUNDING, Scores, answered, month_score


def chart_of(scores: Scores) -> HistoryChart[ShareColumn]:
    """Return two months: one without measurements, and the running one with these scores."""
    months = (month_score({}, month=MONTHS[-2]), month_score(scores))
    return shares_chart(History(months), chosen=months[1])


@given(answered)
def test_shares_fill_the_height_in_proportion(scores: Scores) -> None:
    column = chart_of(scores).columns[1]

    tally = column.slot.score.tally
    assert column.band_shares[0].top == 0
    assert column.band_shares[-1].bottom == PLOT_HEIGHT
    assert all(above.bottom == below.top for above, below in pairwise(column.band_shares))
    for share in column.band_shares:
        expected = PLOT_HEIGHT * tally.count(share.band) / tally.total
        assert share.bottom - share.top == pytest.approx(expected, abs=ROUNDING)
    assert [(mark.y, mark.height) for mark in column.marks] == [
        (share.top, pytest.approx(share.bottom - share.top, abs=ROUNDING))
        for share in column.band_shares
    ]


@pytest.mark.parametrize(
    ("scores", "bands"),
    [
        pytest.param({10: 1, 8: 1, 0: 1}, [*Band], id="all"),
        pytest.param({10: 30}, [Band.PROMOTER], id="all tens"),
        pytest.param({10: 3, 0: 3}, [Band.PROMOTER, Band.DETRACTOR], id="no passives"),
    ],
)
def test_shares_of_bands_without_answers_are_not_drawn(scores: Scores, bands: list[Band]) -> None:
    assert [share.band for share in chart_of(scores).columns[1].band_shares] == bands


def test_shares_of_a_month_without_measurements_are_a_gap() -> None:
    chart = chart_of({9: 1})

    assert chart.columns[0].band_shares == ()
    assert chart.measured == [chart.columns[1].slot.score]


def test_shares_are_pale_where_there_are_few() -> None:
    few, many = chart_of({9: 24}), chart_of({9: 25})

    assert [mark.kind for mark in few.columns[1].marks] == ["promoter few"]
    assert [mark.kind for mark in many.columns[1].marks] == ["promoter"]


def test_shares_have_the_same_months_as_the_scores() -> None:
    chart = chart_of({9: 1})

    assert [tick.value for tick in chart.ticks] == [100, 75, 50, 25, 0]
    assert (chart.ticks[0].y, chart.zero_y) == (0, PLOT_HEIGHT)
    assert [column.slot.chosen for column in chart.columns] == [False, True]
    assert chart.standard_lines == ()
