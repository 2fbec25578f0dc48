"""The strip with the place of a shop."""

from decimal import Decimal

import pytest

from insights.charts.peers import strip
from insights.reports.peers import Rank


@pytest.mark.parametrize("tenth", [0, 4, 9])
def test_strip_marks_one_of_ten_cells(tenth: int) -> None:
    cells = strip(Rank(Decimal(24), better_than=1, others=9, tenth=tenth, middle=None))

    assert [cell.own for cell in cells].index(True) == tenth
    assert sum(cell.own for cell in cells) == 1
    assert len(cells) == 10
    assert cells[0].span.x == 0
    assert cells[-1].span.x + cells[-1].span.width < 100
