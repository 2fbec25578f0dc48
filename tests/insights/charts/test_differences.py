"""What each topic did against the average, as bars."""

from datetime import date

import pytest

from insights.charts.differences import differences
from insights.reports.months import MonthScore
from insights.reports.topics import TopicReport, topic_report
from surveys.models import Topic
from surveys.nps import Answer, Tally

TOPICS = [Topic(pk=pk, label_en=name, label_nl=name) for pk, name in ((1, "Speed"), (2, "Ease"))]


def report(answers: dict[Answer, int], *, running: bool = False) -> TopicReport:
    """Return the report of a month with these answers."""
    scores: dict[int, int] = {}
    for answer, count in answers.items():
        scores[answer.score] = scores.get(answer.score, 0) + count
    month = MonthScore(
        month=date(2026, 10, 1),
        running=running,
        scores=scores,
        tally=Tally.from_scores(scores),
        answers=answers,
    )
    return topic_report(month, topics=TOPICS)


def test_bars_go_to_both_sides_of_the_average_what_costs_most_first() -> None:
    chart = differences(report({Answer((1,), 10): 60, Answer((2,), 10): 10, Answer((2,), 0): 30}))

    assert chart is not None
    assert [(bar.row.label, bar.kind) for bar in chart.bars] == [
        ("Ease", "below sure"),
        ("Speed", "above sure"),
    ]
    ease, speed = chart.bars
    assert (ease.span.x, ease.span.x + ease.span.width) == pytest.approx((0, chart.average))
    assert (speed.span.x, speed.span.x + speed.span.width) == pytest.approx((chart.average, 100))
    assert sum(bar.row.against for bar in chart.bars) == 0


@pytest.mark.parametrize(
    ("detractors", "running", "kinds"),
    [(30, True, ["below", "above"]), (21, False, ["below", "above"])],
    ids=["running", "within chance"],
)
def test_what_runs_or_may_be_chance_is_not_sure(
    detractors: int, running: bool, kinds: list[str]
) -> None:
    answers = {Answer((1,), 10): 30, Answer((1,), 0): 20, Answer((2,), 10): 19}
    chart = differences(report(answers | {Answer((2,), 0): detractors}, running=running))

    assert chart is not None
    assert [bar.kind for bar in chart.bars] == kinds


def test_topic_of_few_responses_claims_nothing() -> None:
    chart = differences(report({Answer((1,), 10): 24, Answer((), 0): 24}))

    assert chart is not None
    assert {bar.kind for bar in chart.bars} == {""}


def test_topics_that_are_all_the_same_have_bars_to_be_seen() -> None:
    chart = differences(report({Answer((1,), 10): 30, Answer((2,), 10): 30}))

    assert chart is not None
    assert [bar.kind for bar in chart.bars] == ["", ""]
    assert all(bar.span.width > 0 for bar in chart.bars)


def test_nobody_has_no_bars() -> None:
    assert differences(report({})) is None
