"""The share of each band in every month: promoters above, passives between, detractors below."""

from dataclasses import dataclass
from typing import Final

from insights.charts.columns import (
    PLOT_HEIGHT,
    PLOT_TOP,
    HistoryChart,
    Mark,
    Place,
    Tick,
    places,
)
from insights.reports.months import History, MonthScore
from surveys.enums import Band
from surveys.nps import Tally

PERCENTAGES: Final = (100, 75, 50, 25, 0)


@dataclass(frozen=True, slots=True)
class Part:
    """One band of a month, from the top down."""

    band: Band
    top: float
    bottom: float


@dataclass(frozen=True, slots=True)
class ShareColumn:
    """The bands of a month on top of each other; `parts` has those with answers."""

    place: Place
    parts: tuple[Part, ...]
    value_y: None = None

    @property
    def marks(self) -> tuple[Mark, ...]:
        """Return each band, pale where there are few answers."""
        pale = " few" * self.place.score.indicative
        return tuple(
            Mark(f"{part.band}{pale}", self.place.span, part.top, round(part.bottom - part.top, 1))
            for part in self.parts
        )


def shares_chart(history: History, *, chosen: MonthScore) -> HistoryChart[ShareColumn]:
    """Return the bands of all months, with `chosen` marked."""
    return HistoryChart(
        reading="shares",
        ticks=tuple(Tick(percentage, _y(percentage / 100)) for percentage in PERCENTAGES),
        columns=tuple(
            ShareColumn(place, _parts(place.score.tally))
            for place in places(history, chosen=chosen)
        ),
    )


def _parts(tally: Tally) -> tuple[Part, ...]:
    """Return the bands in proportion to their exact counts, not to rounded shares."""
    above_passives = tally.passives + tally.detractors
    bounds = (
        (Band.PROMOTER, tally.total, above_passives),
        (Band.PASSIVE, above_passives, tally.detractors),
        (Band.DETRACTOR, tally.detractors, 0),
    )
    return tuple(
        Part(band, _y(top / tally.total), _y(bottom / tally.total))
        for band, top, bottom in bounds
        if top > bottom
    )


def _y(part: float) -> float:
    """Return how far down a part of the whole reaches, counted from below."""
    return round(PLOT_TOP + PLOT_HEIGHT * (1 - part), 1)
