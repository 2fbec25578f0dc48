from itertools import pairwise

import pytest
from hypothesis import given

from insights.charts.distribution import band_bar, histogram
from insights.charts.geometry import LOWEST_BAR
from surveys.enums import Band
from tests.insights.charts.conftest import ROUNDING, Scores, answered, month_score


@given(answered)
def test_bands_fill_the_width_in_proportion(given_scores: Scores) -> None:
    month = month_score(given_scores)

    bands = band_bar(month)

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
    bands = band_bar(month_score({10: 80, 7: 12, 0: 8}))

    assert [segment.labelled for segment in bands] == [True, True, False]


@given(answered)
def test_histogram_bars_are_as_high_as_their_count(given_scores: Scores) -> None:
    drawn = histogram(month_score(given_scores))

    assert drawn is not None
    assert [bar.score for bar in drawn.bars] == list(range(11))
    assert {bar.score: bar.count for bar in drawn.bars if bar.count} == given_scores
    assert max(bar.height for bar in drawn.bars) == drawn.height
    highest = max(given_scores.values())
    for bar in drawn.bars:
        assert bar.y + bar.height == pytest.approx(drawn.bottom, abs=ROUNDING)
        assert (bar.height == 0) == (bar.count == 0)
        if bar.height > LOWEST_BAR:
            expected = drawn.height * bar.count / highest
            assert bar.height == pytest.approx(expected, abs=ROUNDING)


def test_histogram_is_side_by_side_under_its_bands() -> None:
    drawn = histogram(month_score({9: 1}))

    assert drawn is not None
    ends = [bar.span.x + bar.span.width for bar in drawn.bars]
    assert all(left.span.x + left.span.width < right.span.x for left, right in pairwise(drawn.bars))
    assert drawn.bars[0].span.x > 0
    assert ends[-1] < 100
    for group in drawn.groups:
        first, last = drawn.bars[group.lowest], drawn.bars[group.highest]
        assert {bar.band for bar in (first, last)} == {group.band}
        assert group.span.x == first.span.x
        assert group.span.x + group.span.width == pytest.approx(
            last.span.x + last.span.width, abs=0.03
        )


def test_month_without_measurements_has_no_distribution() -> None:
    month = month_score({})

    assert band_bar(month) == ()
    assert histogram(month) is None
