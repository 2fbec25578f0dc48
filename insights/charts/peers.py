"""The rank of a shop among the others: ten cells, the shop's own one marked."""

from dataclasses import dataclass
from typing import Final

from insights.charts.geometry import Span
from insights.reports.peers import TENTHS, Rank

FILL: Final = 0.92  # how much of its place a cell takes


@dataclass(frozen=True, slots=True)
class Cell:
    """A tenth of all places, the lowest first; `own` when the shop is in it."""

    span: Span
    own: bool


def strip(rank: Rank) -> tuple[Cell, ...]:
    """Return the cells, that of the shop's own rank marked."""
    width = 100 / TENTHS
    return tuple(
        Cell(Span.between(width * number, width * (number + FILL)), own=number == rank.tenth)
        for number in range(TENTHS)
    )
