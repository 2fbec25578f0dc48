from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.charts.columns import PLOT_HEIGHT, HistoryChart, Line, Whisker
from insights.charts.geometry import LOWEST_BAR
from insights.charts.history import (
    MOST_INTERVALS,
    TICK_STEPS,
    VALUE_GAP,
    VALUE_HEIGHT,
    Axis,
    ScoreColumn,
    history_chart,
    scores_chart,
)
from insights.reports.months import History
from insights.standards import Standard
from tests.insights.charts.conftest import (
    JANUARY,
    MONTHS,
    ROUNDING,
    TWENTY_FIVE,
    Scores,
    month_score,
    scores,
)

TEN = Standard(10, 25, date(2020, 1, 1), JANUARY)


def ten_then_twenty_five(month: date) -> Standard:
    return TWENTY_FIVE if month >= JANUARY else TEN


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


def chart_of(history: History) -> HistoryChart[ScoreColumn]:
    return scores_chart(history, chosen=history.running)


def position_of(chart: HistoryChart[ScoreColumn], score: float) -> float:
    """Return where a score must be, reckoned from the highest and the lowest line."""
    top, bottom = chart.ticks[0], chart.ticks[-1]
    return top.y + (top.value - score) / (top.value - bottom.value) * (bottom.y - top.y)


def approximately(*ends: tuple[float, float, float, float]) -> tuple[Line, ...]:
    """Return lines to compare with: where each begins and ends, sideways and downwards."""
    return tuple(Line(*(pytest.approx(end, abs=ROUNDING) for end in line)) for line in ends)


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
        assert 0 <= column.slot.x < column.slot.x + column.slot.width <= 100 + ROUNDING
        if column.bar and column.whisker and column.value_y is not None:
            assert column.bar.y >= 0
            assert column.bar.y + column.bar.height <= PLOT_HEIGHT + ROUNDING
            assert column.bar.height >= LOWEST_BAR - ROUNDING
            assert 0 <= column.whisker.top <= column.whisker.bottom
            assert column.whisker.bottom <= PLOT_HEIGHT
            assert -VALUE_GAP <= column.value_y < column.bar.y
    assert all(0 <= tick.y <= PLOT_HEIGHT for tick in chart.ticks)


@given(histories)
def test_history_writes_no_score_on_a_line(history: History) -> None:
    chart = chart_of(history)

    for column in chart.columns:
        y, left, right = column.value_y, column.slot.x, column.slot.x + column.slot.width
        for line in chart.standard_lines + chart.levels:
            if y is not None and line.x1 <= right and left <= line.x2:
                highest, lowest = sorted((line.y1, line.y2))
                assert y <= highest - VALUE_GAP + ROUNDING or y - VALUE_HEIGHT >= lowest - ROUNDING


@given(histories)
def test_history_bars_reach_from_zero_to_their_score(history: History) -> None:
    chart = chart_of(history)

    for column in chart.columns:
        if column.bar and column.slot.score.nps is not None:
            end = position_of(chart, float(column.slot.score.nps))
            top, bottom = column.bar.y, column.bar.y + column.bar.height
            assert column.bar.hangs is (column.slot.score.nps < 0 or chart.ticks[0].value == 0)
            if column.bar.hangs:
                assert top == pytest.approx(chart.zero_y, abs=ROUNDING)
                assert bottom == pytest.approx(max(end, chart.zero_y + LOWEST_BAR), abs=ROUNDING)
            else:
                assert bottom == pytest.approx(chart.zero_y, abs=ROUNDING)
                assert top == pytest.approx(min(end, chart.zero_y - LOWEST_BAR), abs=ROUNDING)


@given(histories)
def test_history_months_without_measurements_are_gaps(history: History) -> None:
    chart = chart_of(history)

    for column in chart.columns:
        assert (column.bar is None) == (column.slot.score.tally.total == 0)
        assert (column.slot.state == "empty") == (column.bar is None)
    assert chart.measured == [month for month in history.months if month.tally.total]


@given(histories)
def test_history_axis_shows_zero_and_the_standards_in_round_steps(history: History) -> None:
    chart = chart_of(history)

    ticks = [tick.value for tick in chart.ticks]
    standards = [month.standard.value for month in history.months if month.standard]
    steps = {above - below for above, below in pairwise(ticks)}
    assert 0 in ticks
    assert all(ticks[-1] <= standard <= ticks[0] for standard in standards)
    assert -100 <= ticks[-1] < ticks[0] <= 100
    assert len(ticks) <= MOST_INTERVALS + 1
    assert len(steps) == 1
    assert steps <= set(TICK_STEPS)


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

    chart = scores_chart(history, chosen=history.months[2])

    assert [column.slot.state for column in chart.columns[:4]] == ["met", "missed", "few", "empty"]
    assert chart.columns[-1].slot.state == "met"
    assert [column.slot.chosen for column in chart.columns].index(True) == 2
    assert sum(column.slot.chosen for column in chart.columns) == 1
    assert (chart.met_count, chart.judged_count) == (1, 2)  # the running month counts in neither


def test_history_month_without_a_standard_is_not_judged() -> None:
    chart = chart_of(history_of({23: {9: 30}}, lambda _: None))

    assert chart.columns[-1].slot.state == "unjudged"
    assert chart.judged_count == 0
    assert chart.standard_lines == ()
    assert chart.standard_labels == ()


def test_history_standard_steps_at_the_month_it_changes() -> None:
    chart = chart_of(history_of({23: {9: 20, 3: 20}}))

    changed = chart.columns[13].slot.x
    ten, twenty_five = position_of(chart, 10), position_of(chart, 25)
    assert chart.standard_lines == approximately(
        (0, changed, ten, ten),
        (changed, changed, ten, twenty_five),
        (changed, 100, twenty_five, twenty_five),
    )
    assert [(label.standard, label.x, label.anchor) for label in chart.standard_labels] == [
        (10, 0, "start"),
        (25, 100, "end"),
    ]


def test_history_standard_line_is_broken_where_there_is_none() -> None:
    gap = MONTHS[8:12]

    chart = chart_of(history_of({}, lambda month: None if month in gap else TEN))

    ten = position_of(chart, 10)
    assert chart.standard_lines == approximately(
        (0, chart.columns[8].slot.x, ten, ten), (chart.columns[12].slot.x, 100, ten, ten)
    )


def test_history_standard_of_a_few_months_has_no_label_unless_it_is_the_last() -> None:
    standards = {MONTHS[2]: TWENTY_FIVE, MONTHS[23]: TWENTY_FIVE}

    chart = chart_of(history_of({}, lambda month: standards.get(month, TEN)))

    assert [label.standard for label in chart.standard_labels] == [10, 25]


def test_history_few_measurements_do_not_stretch_the_axis() -> None:
    chart = chart_of(history_of({4: {9: 3, 7: 2}, 5: {9: 200, 7: 400, 3: 100}}))

    few = chart.columns[4].whisker
    many = chart.columns[5].whisker
    assert few is not None
    assert many is not None
    assert chart.ticks[-1].value == 0
    assert few.bottom == PLOT_HEIGHT
    assert not few.bottom_capped
    assert many.top_capped
    assert many.bottom_capped


def test_history_with_only_few_measurements_shows_how_unsure_they_are() -> None:
    chart = chart_of(history_of({4: {9: 3, 3: 2}}))

    whisker = chart.columns[4].whisker
    assert whisker is not None
    assert whisker.top_capped
    assert whisker.bottom_capped


def test_small_shop_has_a_line_through_its_twelve_months() -> None:
    few = history_of({place: {9: 2, 3: 1} for place in range(24)})
    chart = chart_of(few)

    level = position_of(chart, 100 / 3)
    centres = [column.slot.x + column.slot.width / 2 for column in chart.columns]
    # 27 measurements in the first nine months, and 24 in the first eight.
    assert chart.levels == approximately(
        *((left, right, level, level) for left, right in pairwise(centres[8:]))
    )


def test_levels_between_two_shifts_are_drawn_and_the_running_month_has_none() -> None:
    high, low = {9: 60, 7: 20, 3: 20}, {9: 30, 7: 20, 3: 50}
    chart = chart_of(history_of({place: high if place < 12 else low for place in range(24)}))

    columns, above, below = chart.columns, position_of(chart, 40), position_of(chart, -20)
    assert chart.levels == approximately(
        (columns[0].slot.x, columns[12].slot.x, above, above),
        (columns[12].slot.x, columns[23].slot.x, below, below),
    )


def test_history_without_measurements_draws_only_the_standard() -> None:
    chart = chart_of(history_of({}))

    assert [column.marks for column in chart.columns] == [()] * len(MONTHS)
    assert chart.standard_lines


@pytest.mark.parametrize(
    ("place", "found", "expected"),
    [
        pytest.param(0, {9: 30}, "met sure", id="met by more than chance"),
        pytest.param(0, {9: 14, 7: 10, 0: 10}, "met", id="met, could be chance"),
        pytest.param(14, {0: 30}, "missed sure", id="missed by more than chance"),
        pytest.param(14, {9: 13, 7: 7, 0: 10}, "missed", id="missed, could be chance"),
        pytest.param(14, {9: 24}, "", id="too few"),
        pytest.param(23, {9: 3000}, "met running", id="the running month is never sure"),
    ],
)
def test_history_bar_says_what_and_how_sure(place: int, found: Scores, expected: str) -> None:
    chart = chart_of(history_of({place: found}))

    column = chart.columns[place]
    (mark,) = column.marks
    assert column.bar is not None
    assert mark.kind == expected
    assert (mark.y, mark.height) == (column.bar.y, column.bar.height)


def test_history_months_lie_side_by_side() -> None:
    first, second = (column.slot for column in chart_of(history_of({})).columns[:2])

    assert first.width == pytest.approx(100 / len(MONTHS), abs=0.01)
    assert second.x == pytest.approx(first.x + first.width, abs=0.01)


@pytest.mark.parametrize(
    ("whisker", "outline"),
    [
        pytest.param(
            Whisker(40, 90.5, top_capped=True, bottom_capped=True),
            "M0 40V90.5M-3 40h6M-3 90.5h6",
            id="both ends",
        ),
        pytest.param(
            Whisker(40, 90, top_capped=False, bottom_capped=False), "M0 40V90", id="cut off"
        ),
    ],
)
def test_whisker_has_a_cap_at_a_real_end(whisker: Whisker, outline: str) -> None:
    assert whisker.path == outline


def test_history_steps_to_a_coming_standard_on_its_day() -> None:
    coming = Standard(30, 25, date(2026, 11, 16), announced_on=date(2026, 10, 1))
    history = replace(history_of({23: {9: 20, 3: 20}}), coming=coming)

    chart = chart_of(history)

    last = chart.columns[23].slot
    middle = last.x + last.width / 2
    twenty_five, thirty = position_of(chart, 25), position_of(chart, 30)
    assert chart.standard_lines[-3:] == approximately(
        (chart.columns[13].slot.x, middle, twenty_five, twenty_five),
        (middle, middle, twenty_five, thirty),
        (middle, 100, thirty, thirty),
    )


@pytest.mark.parametrize(
    "coming",
    [
        pytest.param(None, id="none announced"),
        pytest.param(Standard(90, 25, date(2026, 12, 1)), id="in a month that is not drawn"),
    ],
)
def test_history_leaves_a_later_standard_out(coming: Standard | None) -> None:
    history = history_of({23: {9: 20, 3: 20}})

    chart = chart_of(replace(history, coming=coming))

    assert chart == chart_of(history)


def test_history_knows_whether_a_month_was_corrected() -> None:
    history = history_of({23: {9: 20}})
    corrected = replace(history.running, excluded=1)

    assert not chart_of(history).corrected
    assert chart_of(History((*history.months[:-1], corrected))).corrected


@pytest.mark.parametrize(
    ("reading", "expected"),
    [("nps", "nps"), ("shares", "shares"), ("", "nps"), ("everything", "nps")],
)
def test_history_is_read_as_chosen(reading: str, expected: str) -> None:
    history = history_of({23: {9: 20}})

    assert history_chart(history, chosen=history.running, reading=reading).reading == expected


def test_history_zero_is_a_bar_and_not_a_gap() -> None:
    chart = chart_of(history_of({4: {9: 30, 3: 30}}))

    bar = chart.columns[4].bar
    assert bar is not None
    assert bar.height == LOWEST_BAR


def test_history_zero_hangs_when_all_others_are_far_below() -> None:
    chart = chart_of(history_of({0: {0: 25}, 1: {7: 1}}, lambda _: None))

    bar = chart.columns[1].bar
    assert bar is not None
    assert (bar.y, bar.height, bar.hangs) == (0, LOWEST_BAR, True)


def test_history_names_each_year_once_and_not_side_by_side() -> None:
    chart = chart_of(history_of({}))

    named = [column.slot.score.month for column in chart.columns if column.slot.names_year]
    assert named == [date(2025, 1, 1), date(2026, 1, 1)]


def test_history_names_only_the_marks_that_are_drawn() -> None:
    small = chart_of(history_of({3: {9: 1}, 23: {10: 2}}))
    large = chart_of(history_of({3: {10: 90, 0: 10}, 4: {10: 14, 0: 10, 8: 8}, 5: {0: 90}}))

    assert (small.kinds, small.has_whiskers) == ({"", "running"}, False)
    assert (large.kinds, large.has_whiskers) == ({"met sure", "met", "missed sure"}, True)
