from collections import Counter
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.charts.geometry import NARROWEST
from insights.charts.waterfall import Sign, Waterfall, waterfall
from insights.reports.months import MonthScore
from insights.reports.topics import TopicReport, topic_report
from surveys.models import Topic
from surveys.nps import Answer, Tally

TOPICS = [Topic(pk=number, label_nl=f"O{number}", label_en=f"T{number}") for number in range(1, 7)]
choices = st.sets(st.integers(min_value=1, max_value=6)).map(lambda topics: tuple(sorted(topics)))
answered = st.dictionaries(
    st.builds(Answer, choices, st.integers(min_value=0, max_value=10)),
    st.integers(min_value=1, max_value=1000),
    min_size=1,
    max_size=8,
)


def report(answers: dict[Answer, int]) -> TopicReport:
    scores = Counter[int]()
    for answer, count in answers.items():
        scores[answer.score] += count
    month = MonthScore(
        month=date(2026, 11, 1),
        scores=scores,
        tally=Tally.from_scores(scores),
        standard=None,
        running=True,
        answers=answers,
    )
    return topic_report(month, topics=TOPICS)


def drawn(answers: dict[Answer, int]) -> Waterfall:
    chart = waterfall(report(answers))
    assert chart is not None
    return chart


@given(answered)
def test_each_bar_begins_where_the_one_before_it_ended(answers: dict[Answer, int]) -> None:
    chart = drawn(answers)

    assert chart.bars[0].start == chart.zero
    assert all(upper.end == lower.start for upper, lower in pairwise(chart.bars))
    assert chart.bars[-1].end == chart.end


@given(answered)
def test_bars_are_in_proportion_and_inside_the_drawing(answers: dict[Answer, int]) -> None:
    chart = drawn(answers)

    reached = [chart.zero, *(bar.end for bar in chart.bars)]
    moved = [bar.row.part.contribution for bar in chart.bars]
    points = [sum(moved[:count]) for count in range(len(moved) + 1)]
    height = max(points) - min(points)
    for bar, contribution in zip(chart.bars, moved, strict=True):
        if height:
            assert bar.end - bar.start == pytest.approx(
                float(100 * contribution / height), abs=0.02
            )
        assert bar.span.width >= NARROWEST - 0.01
        assert 0 <= bar.span.x <= bar.span.x + bar.span.width <= 100.01
    assert 0 <= min(reached) <= max(reached) <= 100


def test_bars_distinguish_what_costs_from_what_brings() -> None:
    chart = drawn({Answer((1,), 0): 5, Answer((2,), 8): 5, Answer((3,), 10): 15})

    assert [(bar.row.label, bar.sign) for bar in chart.bars] == [
        ("T1", Sign.COSTS),
        ("T2", Sign.NEITHER),
        ("T3", Sign.BRINGS),
    ]
    assert chart.zero == pytest.approx(33.33)
    assert [bar.start for bar in chart.bars] == [chart.zero, 0, 0]
    assert (chart.total.x, chart.end) == (chart.zero, 100)


def test_total_below_zero_goes_to_the_left() -> None:
    chart = drawn({Answer((1,), 0): 8, Answer((2,), 10): 5})

    assert (chart.zero, chart.end) == (100, 62.5)
    assert (chart.total.x, chart.total.width) == (62.5, 37.5)


def test_score_of_nothing_but_passives_is_drawn() -> None:
    chart = drawn({Answer((1,), 7): 5})

    assert (chart.zero, chart.end) == (0, 0)
    assert chart.total.width == NARROWEST


def test_month_without_measurements_has_no_waterfall() -> None:
    assert waterfall(report({})) is None
