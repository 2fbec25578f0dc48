"""The place of a shop among the others: ten cells, the shop's own one marked."""

from dataclasses import dataclass
from typing import Final

from insights.charts.geometry import Span
from insights.reports.peers import TENTHS, Place

FILL: Final = 0.92  # how much of its place a cell takes


@dataclass(frozen=True, slots=True)
class Cell:
    """A tenth of all places, the lowest first; `own` when the shop stands there."""

    span: Span
    own: bool


def strip(place: Place) -> tuple[Cell, ...]:
    """Return the cells of a shop's place."""
    width = 100 / TENTHS
    return tuple(
        Cell(Span.between(width * number, width * (number + FILL)), own=number == place.tenth)
        for number in range(TENTHS)
    )
