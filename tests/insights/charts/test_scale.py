from datetime import date

import pytest
from hypothesis import given

from insights.charts.scale import scale
from insights.standards import Standard
from tests.insights.charts.conftest import Scores, answered, month_score


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
    drawn = scale(month_score(given_scores), running=False)

    assert drawn is not None
    assert drawn.point == point
    assert drawn.standard == 62.5


def test_scale_marks_its_score_as_the_verdict_does() -> None:
    month = month_score({10: 30})

    finished, running = scale(month, running=False), scale(month, running=True)

    assert finished is not None
    assert running is not None
    assert (finished.kind, running.kind) == ("met sure", "met")


@given(answered)
def test_scale_draws_the_interval_inside_the_scale(given_scores: Scores) -> None:
    month = month_score(given_scores, standard=None)

    drawn = scale(month, running=False)

    assert drawn is not None
    assert drawn.standard is None
    if month.interval is None:
        assert month.tally.total < 5
        assert drawn.interval is None
        return
    assert drawn.interval is not None
    assert 0 <= drawn.interval.x <= drawn.interval.x + drawn.interval.width <= 100.01
    assert drawn.interval.x == pytest.approx((month.interval.low + 100) / 2, abs=0.01)


def test_month_without_measurements_has_no_scale() -> None:
    assert scale(month_score({}), running=False) is None


@pytest.mark.parametrize(("standard", "anchor"), [(-90, "start"), (25, "middle"), (90, "end")])
def test_name_of_the_standard_stays_inside_the_scale(standard: int, anchor: str) -> None:
    drawn = scale(
        month_score({10: 30}, standard=Standard(standard, 25, date(2020, 1, 1))), running=False
    )

    assert drawn is not None
    assert drawn.anchor == anchor
