"""Which differences in a table are claimed."""

import math
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.chance import ALPHA, beyond_chance, p_value, side_of
from surveys.nps import Tally

COUNTS = st.builds(Tally, *[st.integers(0, 200)] * 3)


@pytest.mark.parametrize(
    ("one", "other", "p"),
    [
        # By hand: 100 answers, p = ½, d = ¼: variance 11/16 · 100/99; 0.4 against 0.2.
        (Tally(15, 5, 5), Tally(35, 20, 20), 0.2987),
        (Tally(50, 0, 50), Tally(50, 0, 50), 1.0),
        (Tally(30, 0, 0), Tally(0, 0, 30), 1.5e-14),
        (Tally(60, 20, 20), Tally(20, 20, 60), 2.8e-10),
        (Tally(24), Tally(100, 0, 100), None),
        (Tally(100, 0, 100), Tally(0, 12, 12), None),
        (Tally(30), Tally(30), None),  # all alike: nothing to test
        (Tally(0, 30), Tally(0, 30), None),
    ],
)
def test_p_values(one: Tally, other: Tally, p: float | None) -> None:
    found = p_value(one, other)

    assert found == (None if p is None else pytest.approx(p, rel=0.05, abs=1e-15))


@given(COUNTS, COUNTS)
def test_p_value_is_a_probability_that_does_not_mind_the_order(one: Tally, other: Tally) -> None:
    p = p_value(one, other)

    if p is None:
        both = one + other
        alike = max(both.promoters, both.passives, both.detractors) == both.total
        assert min(one.total, other.total) < 25 or alike
    else:
        assert 0 <= p <= 1
        assert p == pytest.approx(p_value(other, one) or math.nan)
        turned = (Tally(each.detractors, each.passives, each.promoters) for each in (one, other))
        assert p == pytest.approx(p_value(*turned) or math.nan)


@pytest.mark.parametrize(
    ("p_values", "claimed"),
    [
        ({}, ""),
        ({"a": None}, ""),
        ({"a": 0.01}, "a"),
        ({"a": 0.011}, ""),
        # The smallest beside 0.01/3, the next beside 0.01/2, the last beside 0.01.
        ({"a": 0.003, "b": 0.005, "c": 0.009}, "abc"),
        ({"a": 0.004, "b": 0.0001, "c": 0.2}, "ab"),
        ({"a": 0.006, "b": 0.003, "c": 0.2}, "b"),
        ({"a": 0.004, "b": 0.004, "c": 0.004}, ""),  # it stops at the first that fails
        ({"a": 0.004, "b": None, "c": 0.004}, "ac"),  # what was not tested takes no part
    ],
)
def test_holm(p_values: Mapping[str, float | None], claimed: str) -> None:
    assert "".join(sorted(beyond_chance(p_values))) == claimed


@given(st.dictionaries(st.integers(), st.floats(0, 1), max_size=12))
def test_family_claims_at_least_what_bonferroni_would_and_less_than_each_alone(
    p_values: dict[int, float],
) -> None:
    claimed = beyond_chance(p_values)

    assert {key for key, p in p_values.items() if p <= ALPHA / len(p_values)} <= claimed
    assert claimed <= {key for key, p in p_values.items() if p <= ALPHA}


@pytest.mark.parametrize(
    ("one", "other", "side"),
    [
        (Tally(2, 0, 1), Tally(1, 0, 1), "above"),
        (Tally(1, 0, 2), Tally(1), "below"),
        (Tally(1, 0, 1), Tally(2, 5, 2), ""),
        (Tally(), Tally(1), ""),
    ],
)
def test_sides(one: Tally, other: Tally, side: str) -> None:
    assert side_of(one, other) == side
