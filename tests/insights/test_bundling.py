"""How many mails somebody gets in an hour."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.bundling import ALONE_AN_HOUR, Packing, pack


@pytest.mark.parametrize(
    ("waiting", "alone", "bundled", "expected"),
    [
        pytest.param(0, 0, False, Packing(0, 0), id="nothing"),
        pytest.param(1, 0, False, Packing(1, 0), id="one"),
        pytest.param(5, 0, False, Packing(5, 0), id="five"),
        pytest.param(6, 0, False, Packing(5, 1), id="a sixth"),
        pytest.param(1_000, 0, False, Packing(5, 995), id="a thousand"),
        pytest.param(3, 3, False, Packing(2, 1), id="three before"),
        pytest.param(1, 5, False, Packing(0, 1), id="five before"),
        pytest.param(1, 5, True, Packing(0, 0), id="the rest has left"),
        pytest.param(9, 0, True, Packing(0, 0), id="the rest left, the five are longer ago"),
    ],
)
def test_a_few_leave_alone_and_the_rest_together(
    waiting: int, alone: int, bundled: bool, expected: Packing
) -> None:
    assert pack(waiting, alone=alone, bundled=bundled) == expected


@given(batches=st.lists(st.integers(0, 50), max_size=20))
def test_nobody_gets_more_than_six_mails_an_hour(batches: list[int]) -> None:
    alone, together, waiting = 0, 0, 0
    for came in batches:
        waiting += came
        packing = pack(waiting, alone=alone, bundled=together > 0)
        waiting -= packing.alone + packing.together
        alone += packing.alone
        together += bool(packing.together)

    assert alone <= ALONE_AN_HOUR
    assert together <= 1
    assert waiting == 0 or together == 1
