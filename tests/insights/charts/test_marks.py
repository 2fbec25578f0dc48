import pytest

from insights.charts.marks import segment_kind, verdict_kind
from insights.reports.segments import Segment
from surveys.nps import Tally
from tests.insights.charts.conftest import Scores, month_score


@pytest.mark.parametrize(
    ("given_scores", "finished", "running"),
    [
        pytest.param({9: 30}, "met sure", "met", id="met by more than chance"),
        pytest.param({9: 17, 7: 8, 0: 7}, "met", "met", id="met, could be chance"),
        pytest.param({9: 13, 7: 7, 0: 10}, "missed", "missed", id="missed, could be chance"),
        pytest.param({0: 30}, "missed sure", "missed", id="missed by more than chance"),
        pytest.param({9: 24}, "", "", id="too few"),
        pytest.param({}, "", "", id="none"),
    ],
)
def test_verdict_is_sure_when_finished_and_more_than_chance(
    given_scores: Scores, finished: str, running: str
) -> None:
    month = month_score(given_scores)

    assert verdict_kind(month, running=False) == finished
    assert verdict_kind(month, running=True) == running


def test_verdict_without_a_standard_has_no_colour() -> None:
    assert verdict_kind(month_score({9: 30}, standard=None), running=False) == ""


@pytest.mark.parametrize(
    ("tally", "rest", "kind"),
    [
        pytest.param(Tally(20, 9, 9), Tally(200, 100, 100), "above", id="above"),
        pytest.param(Tally(18, 9, 11), Tally(200, 100, 100), "below", id="below"),
        pytest.param(Tally(20, 10, 10), Tally(200, 100, 100), "", id="level"),
        pytest.param(Tally(24, 0, 0), Tally(0, 0, 40), "", id="too few"),
        pytest.param(Tally(40, 0, 0), Tally(), "", id="nothing beside it"),
    ],
)
def test_segment_has_a_side(tally: Tally, rest: Tally, kind: str) -> None:
    assert segment_kind(Segment(label="E-mail", tally=tally, rest=rest)) == kind


def test_segment_beyond_chance_is_sure() -> None:
    segment = Segment(label="E-mail", tally=Tally(40), rest=Tally(0, 0, 40), is_sure=True)

    assert segment_kind(segment) == "above sure"
