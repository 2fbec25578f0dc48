"""What the pages of following up print."""

from datetime import timedelta

import pytest

from insights.recovered import Returned
from insights.reports.returned import CameBack
from insights.templatetags.followups import (
    difference_in_words,
    duration_in_words,
    pressing,
    returned_in_words,
    returned_share,
)
from surveys.models import FollowUp
from tests.insights.followups.conftest import NOW


@pytest.mark.parametrize(
    ("duration", "words"),
    [
        (None, "–"),
        (timedelta(), "0 min"),
        (timedelta(minutes=59, seconds=59), "59 min"),
        (timedelta(hours=6, minutes=20), "6 h 20 min"),
        (timedelta(hours=6), "6 h"),
        (timedelta(days=2, hours=4, minutes=30), "2 d 4 h"),
        (timedelta(days=3, minutes=30), "3 d"),
    ],
)
def test_duration(duration: timedelta | None, words: str) -> None:
    assert duration_in_words(duration) == words


@pytest.mark.parametrize(
    ("group", "words"),
    [
        pytest.param(Returned(), "–", id="nobody"),
        pytest.param(Returned(3, 24), "3 of 24", id="too few for a share"),
        pytest.param(Returned(5, 25), "20% (5 of 25)", id="enough"),
    ],
)
def test_share_of_who_came_back(group: Returned, words: str) -> None:
    assert returned_share(group) == words


@pytest.mark.parametrize(
    ("contacted", "others", "words"),
    [
        (Returned(9, 24), Returned(9, 99), "There is nothing to compare yet"),
        (Returned(10, 25), Returned(9, 25), "whom you did not can be chance"),
        (Returned(56, 70), Returned(48, 80), "came back better more often"),
        (Returned(48, 80), Returned(56, 70), "came back better less often"),
    ],
)
def test_sentence_about_who_came_back(contacted: Returned, others: Returned, words: str) -> None:
    assert words in returned_in_words(CameBack(contacted, others))


def test_difference_has_its_interval() -> None:
    difference = CameBack(Returned(56, 70), Returned(48, 80)).difference

    assert difference
    assert difference_in_words(difference) == "+20 points (95% interval: +5 to +34)"


@pytest.mark.parametrize(
    ("hours", "fill"),
    [(0, "late"), (-1, "late"), (1, "today"), (8, "today"), (9, ""), (30, "")],
)
def test_how_much_it_presses(hours: int, fill: str, task: FollowUp) -> None:
    task.due_at = NOW + timedelta(hours=hours)

    assert pressing(task, NOW) == fill
