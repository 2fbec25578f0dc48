"""The strip with the places of a shop."""

import pytest

from insights.charts.geometry import Span
from insights.charts.peers import strip
from insights.reports.peers import Places


@pytest.mark.parametrize(
    ("places", "own"),
    [
        pytest.param(Places(1, 2, 10), Span(80, 20), id="the best"),
        pytest.param(Places(10, 10, 10), Span(0, 10), id="the last"),
        pytest.param(Places(1, 10, 10), Span(0, 100), id="anywhere"),
        pytest.param(Places(6, 21, 100), Span(75, 20), id="no closer than the words"),
    ],
)
def test_strip_marks_the_places_from_the_right(places: Places, own: Span) -> None:
    assert strip(places) == own
