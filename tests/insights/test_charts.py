import re
from collections.abc import Callable, Mapping
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights import charts
from insights.charts import Axis, HistoryChart, Span
from insights.reports import History, MonthScore
from insights.standards import Standard
from surveys.enums import Band
from surveys.nps import Tally
from surveys.periods import months_back

MONTHS = months_back(date(2026, 11, 1), 24)
JANUARY = date(2026, 1, 1)  # the 14th of them
TEN = Standard(10, 25, date(2020, 1, 1), JANUARY)
TWENTY_FIVE = Standard(25, 25, JANUARY)
ROUNDING = 0.11  # two positions of one decimal

Scores = Mapping[int, int]


def ten_then_twenty_five(month: date) -> Standard:
    return TWENTY_FIVE if month >= JANUARY else TEN


def month_score(
    scores: Scores,
    *,
    month: date = MONTHS[-1],
    standard: Standard | None = TWENTY_FIVE,
) -> MonthScore:
    return MonthScore(
        month=month,
        scores=scores,
        tally=Tally.from_scores(scores),
        standard=standard,
        running=month == MONTHS[-1],
    )


def history_of(
    scores_by_place: Mapping[int, Scores],
    standard_of: Callable[[date], Standard | None] = ten_then_twenty_five,
) -> History:
    """Return 24 months; those that are not mentioned have no measurements."""
    return History(
        tuple(
            month_score(scores_by_place.get(place, {}), month=month, standard=standard_of(month))
            for place, month in enumerate(MONTHS)
        )
    )


def chart_of(history: History) -> HistoryChart:
    return charts.history_chart(history, chosen=history.running)


def position_of(chart: HistoryChart, score: float) -> float:
    """Return where a score must stand, reckoned from the highest and the lowest line."""
    top, bottom = chart.ticks[0], chart.ticks[-1]
    return top.y + (top.score - score) / (top.score - bottom.score) * (bottom.y - top.y)


counts = st.integers(min_value=1, max_value=40) | st.integers(min_value=1, max_value=3_000_000)
scores = st.dictionaries(st.integers(min_value=0, max_value=10), counts)
answered = scores.filter(bool)
standards = st.none() | st.integers(min_value=-100, max_value=100).map(
    lambda value: Standard(value, 25, date(2020, 1, 1))
)
histories = st.builds(
    lambda found, standard: history_of(found, lambda _: standard),
    st.dictionaries(st.integers(min_value=0, max_value=23), scores),
    standards,
)


@given(histories)
def test_history_draws_everything_inside_the_frame(history: History) -> None:
    chart = chart_of(history)

    for column in chart.columns:
        assert 0 <= column.x < column.centre < chart.width
        if column.bar and column.whisker and column.value_y is not None:
            assert chart.plot_top <= column.bar.y
            assert column.bar.y + column.bar.height <= chart.plot_bottom + ROUNDING
            assert column.bar.height >= charts.LOWEST_BAR - ROUNDING
            assert chart.plot_top <= column.whisker.top <= column.whisker.bottom
            assert column.whisker.bottom <= chart.plot_bottom
            assert 0 < column.value_y < column.bar.y
    assert all(chart.plot_top <= tick.y <= chart.plot_bottom for tick in chart.ticks)
    assert chart.plot_bottom < chart.height


@given(histories)
def test_history_bars_reach_from_zero_to_their_score(history: History) -> None:
    chart = chart_of(history)

    for column in chart.columns:
        if column.bar and column.score.nps is not None:
            end = position_of(chart, float(column.score.nps))
            top, bottom = column.bar.y, column.bar.y + column.bar.height
            if column.score.nps < 0:
                assert top == pytest.approx(chart.zero_y, abs=ROUNDING)
                assert bottom == pytest.approx(
                    max(end, chart.zero_y + charts.LOWEST_BAR), abs=ROUNDING
                )
            else:
                assert bottom == pytest.approx(chart.zero_y, abs=ROUNDING)
                assert top == pytest.approx(
                    min(end, chart.zero_y - charts.LOWEST_BAR), abs=ROUNDING
                )


@given(histories)
def test_history_months_without_measurements_are_gaps(history: History) -> None:
    chart = chart_of(history)

    for column in chart.columns:
        assert (column.bar is None) == (column.score.tally.total == 0)
        assert (column.state == "empty") == (column.bar is None)
    assert chart.measured == [month for month in history.months if month.tally.total]


@given(histories)
def test_history_axis_shows_zero_and_the_standards_in_round_steps(history: History) -> None:
    chart = chart_of(history)

    ticks = [tick.score for tick in chart.ticks]
    standards = [month.standard.value for month in history.months if month.standard]
    steps = {above - below for above, below in pairwise(ticks)}
    assert 0 in ticks
    assert all(ticks[-1] <= standard <= ticks[0] for standard in standards)
    assert -100 <= ticks[-1] < ticks[0] <= 100
    assert len(ticks) <= charts.MOST_INTERVALS + 1
    assert len(steps) == 1
    assert steps <= set(charts.TICK_STEPS)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param([], Axis(0, 10, 5), id="nothing"),
        pytest.param([0], Axis(0, 10, 5), id="only zero"),
        pytest.param([10, 25], Axis(0, 25, 5), id="two standards"),
        pytest.param([26], Axis(0, 30, 10), id="just above a line"),
        pytest.param([-7, 48], Axis(-20, 60, 20), id="both sides"),
        pytest.param([-80], Axis(-80, 0, 20), id="all below zero"),
        pytest.param([-100, 100], Axis(-100, 100, 50), id="everything"),
    ],
)
def test_axis_takes_the_smallest_round_step(values: list[float], expected: Axis) -> None:
    assert Axis.around(values) == expected


def test_history_states_and_marks_of_the_months() -> None:
    history = history_of({0: {9: 30}, 1: {3: 30}, 2: {9: 24}, 23: {9: 20, 7: 20}})

    chart = charts.history_chart(history, chosen=history.months[2])

    assert [column.state for column in chart.columns[:4]] == ["met", "missed", "few", "empty"]
    assert chart.columns[-1].state == "met"
    assert [column.chosen for column in chart.columns].index(True) == 2
    assert sum(column.chosen for column in chart.columns) == 1
    assert (chart.met_count, chart.judged_count) == (2, 3)


def test_history_month_without_a_standard_is_not_judged() -> None:
    chart = chart_of(history_of({23: {9: 30}}, lambda _: None))

    assert chart.columns[-1].state == "unjudged"
    assert chart.judged_count == 0
    assert chart.standard_path == ""
    assert chart.standard_labels == ()


def test_history_standard_steps_at_the_month_it_changes() -> None:
    chart = chart_of(history_of({23: {9: 20, 3: 20}}))

    first, changed = chart.columns[0].x, chart.columns[13].x
    ten, twenty_five = position_of(chart, 10), position_of(chart, 25)
    numbers = [float(number) for number in re.findall(r"[\d.]+", chart.standard_path)]
    assert re.sub(r"[\d. ]", "", chart.standard_path) == "MHVH"
    assert numbers == pytest.approx(
        [first, ten, changed, twenty_five, chart.width - charts.MARGIN], abs=ROUNDING
    )
    assert [(label.standard, label.x, label.anchor) for label in chart.standard_labels] == [
        (10, first, "start"),
        (25, chart.width - charts.MARGIN, "end"),
    ]


def test_history_standard_line_is_broken_where_there_is_none() -> None:
    gap = MONTHS[8:12]

    chart = chart_of(history_of({}, lambda month: None if month in gap else TEN))

    assert re.sub(r"[\d. ]", "", chart.standard_path) == "MHMH"
    assert f"H{chart.columns[8].x}M{chart.columns[12].x} " in chart.standard_path


def test_history_standard_of_a_few_months_has_no_label_unless_it_is_the_last() -> None:
    standards = {MONTHS[2]: TWENTY_FIVE, MONTHS[23]: TWENTY_FIVE}

    chart = chart_of(history_of({}, lambda month: standards.get(month, TEN)))

    assert [label.standard for label in chart.standard_labels] == [10, 25]


def test_history_few_measurements_do_not_stretch_the_axis() -> None:
    chart = chart_of(history_of({4: {9: 1}, 5: {9: 200, 7: 400, 3: 100}}))

    few = chart.columns[4].whisker
    many = chart.columns[5].whisker
    assert few is not None
    assert many is not None
    assert chart.ticks[-1].score == 0
    assert few.bottom == chart.plot_bottom
    assert not few.bottom_capped
    assert many.top_capped
    assert many.bottom_capped


def test_history_with_only_few_measurements_shows_how_unsure_they_are() -> None:
    chart = chart_of(history_of({4: {9: 1, 3: 1}}))

    whisker = chart.columns[4].whisker
    assert whisker is not None
    assert whisker.top_capped
    assert whisker.bottom_capped


def test_history_zero_is_a_bar_and_not_a_gap() -> None:
    chart = chart_of(history_of({4: {9: 30, 3: 30}}))

    bar = chart.columns[4].bar
    assert bar is not None
    assert bar.height == charts.LOWEST_BAR


def test_history_names_each_year_once_and_not_side_by_side() -> None:
    chart = chart_of(history_of({}))

    named = [column.score.month for column in chart.columns if column.names_year]
    assert named == [date(2025, 1, 1), date(2026, 1, 1)]


@given(answered)
def test_bands_fill_the_width_in_proportion(given_scores: Scores) -> None:
    month = month_score(given_scores)

    bands = charts.band_bar(month)

    assert [segment.band for segment in bands] == [Band.PROMOTER, Band.PASSIVE, Band.DETRACTOR]
    assert sum(segment.count for segment in bands) == month.tally.total
    assert sum(segment.share for segment in bands) == 100
    assert bands[0].span.x == 0
    reached = 0.0
    for segment in bands:
        assert segment.span.x == pytest.approx(reached, abs=0.02)
        assert segment.span.width == pytest.approx(
            100 * segment.count / month.tally.total, abs=0.02
        )
        reached = segment.span.x + segment.span.width
    assert reached == pytest.approx(100, abs=0.02)


def test_band_too_narrow_for_its_label_has_none() -> None:
    bands = charts.band_bar(month_score({10: 80, 7: 12, 0: 8}))

    assert [segment.labelled for segment in bands] == [True, True, False]


@given(answered)
def test_histogram_bars_are_as_high_as_their_count(given_scores: Scores) -> None:
    histogram = charts.histogram(month_score(given_scores))

    assert histogram is not None
    assert [bar.score for bar in histogram.bars] == list(range(11))
    assert {bar.score: bar.count for bar in histogram.bars if bar.count} == given_scores
    assert max(bar.height for bar in histogram.bars) == histogram.height
    highest = max(given_scores.values())
    for bar in histogram.bars:
        assert bar.y + bar.height == pytest.approx(histogram.bottom, abs=ROUNDING)
        assert (bar.height == 0) == (bar.count == 0)
        if bar.height > charts.LOWEST_BAR:
            expected = histogram.height * bar.count / highest
            assert bar.height == pytest.approx(expected, abs=ROUNDING)


def test_histogram_stands_side_by_side_under_its_bands() -> None:
    histogram = charts.histogram(month_score({9: 1}))

    assert histogram is not None
    ends = [bar.span.x + bar.span.width for bar in histogram.bars]
    assert all(
        left.span.x + left.span.width < right.span.x for left, right in pairwise(histogram.bars)
    )
    assert histogram.bars[0].span.x > 0
    assert ends[-1] < 100
    for group in histogram.groups:
        first, last = histogram.bars[group.lowest], histogram.bars[group.highest]
        assert {bar.band for bar in (first, last)} == {group.band}
        assert group.span.x == first.span.x
        assert group.span.x + group.span.width == pytest.approx(
            last.span.x + last.span.width, abs=0.03
        )


@pytest.mark.parametrize(
    ("given_scores", "point"),
    [
        pytest.param({0: 30}, 0, id="all detractors"),
        pytest.param({9: 30, 3: 30}, 50, id="as many of both"),
        pytest.param({9: 40, 7: 40}, 75, id="half promoters"),
        pytest.param({10: 30}, 100, id="all promoters"),
    ],
)
def test_scale_runs_from_minus_to_plus_a_hundred(given_scores: Scores, point: float) -> None:
    scale = charts.scale(month_score(given_scores))

    assert scale is not None
    assert scale.point == point
    assert scale.standard == 62.5


@given(answered)
def test_scale_draws_the_interval_inside_the_scale(given_scores: Scores) -> None:
    month = month_score(given_scores, standard=None)

    scale = charts.scale(month)

    assert scale is not None
    assert month.interval is not None
    assert scale.standard is None
    assert 0 <= scale.interval.x <= scale.interval.x + scale.interval.width <= 100.01
    assert scale.interval.x == pytest.approx((month.interval.low + 100) / 2, abs=0.01)


def test_month_without_measurements_has_no_charts() -> None:
    month = month_score({})

    assert charts.band_bar(month) == ()
    assert charts.histogram(month) is None
    assert charts.scale(month) is None


def test_span_knows_its_middle() -> None:
    assert Span.between(10, 25) == Span(10, 15)
    assert Span(10, 15).centre == 17.5
