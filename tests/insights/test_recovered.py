"""Whether unhappy customers came back happier: shares, and how far two of them lie apart."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.recovered import LEAST, Returned, difference


@pytest.mark.parametrize(
    ("group", "share"),
    [
        pytest.param(Returned(), None, id="nobody came back"),
        pytest.param(Returned(0, 4), Fraction(0), id="none of them better"),
        pytest.param(Returned(1, 3), Fraction(1, 3), id="exact"),
        pytest.param(Returned(5, 5), Fraction(1), id="all of them better"),
    ],
)
def test_share(group: Returned, share: Fraction | None) -> None:
    assert group.share == share


@pytest.mark.parametrize(
    ("contacted", "others", "exact", "low", "high"),
    [
        # By hand: 57/72 and 49/82, so 19.41 and 1.96 times 7.227 to each side.
        pytest.param(Returned(56, 70), Returned(48, 80), 20, 5.25, 33.58, id="more often"),
        pytest.param(Returned(48, 80), Returned(56, 70), -20, -33.58, -5.25, id="turned round"),
        pytest.param(Returned(10, 25), Returned(10, 25), 0, -26.21, 26.21, id="alike"),
        pytest.param(Returned(25, 25), Returned(0, 25), 100, 82.52, 100, id="as far as it goes"),
    ],
)
def test_difference(
    contacted: Returned, others: Returned, exact: int, low: float, high: float
) -> None:
    found = difference(contacted, others)

    assert found
    assert found.exact == exact
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.005)


@pytest.mark.parametrize(
    ("contacted", "others"),
    [
        pytest.param(Returned(10, 24), Returned(10, 40), id="too few contacted"),
        pytest.param(Returned(10, 40), Returned(10, 24), id="too few others"),
        pytest.param(Returned(), Returned(10, 40), id="nobody contacted"),
    ],
)
def test_difference_needs_25_on_each_side(contacted: Returned, others: Returned) -> None:
    assert difference(contacted, others) is None


@pytest.mark.parametrize(
    ("better", "chance"),
    [
        pytest.param(15, True, id="zero lies inside"),
        pytest.param(25, False, id="zero lies outside"),
    ],
)
def test_difference_could_be_chance_when_zero_lies_inside(better: int, *, chance: bool) -> None:
    found = difference(Returned(better, 30), Returned(12, 30))

    assert found
    assert found.could_be_chance is chance


GROUPS = st.integers(LEAST, 500).flatmap(
    lambda of: st.integers(0, of).map(lambda better: Returned(better, of))
)


@given(GROUPS, GROUPS)
def test_difference_turns_round_with_its_sides(first: Returned, second: Returned) -> None:
    there, back = difference(first, second), difference(second, first)

    assert there
    assert back
    assert there.exact == -back.exact
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low))
    assert -100 <= there.low < there.high <= 100
