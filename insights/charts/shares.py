"""The share of each band in every month: promoters above, passives between, detractors below."""

from dataclasses import dataclass
from typing import Final

from insights.charts.columns import (
    PLOT_HEIGHT,
    HistoryChart,
    Mark,
    MonthSlot,
    Tick,
    month_slots,
)
from insights.reports.months import History, MonthScore
from surveys.enums import Band
from surveys.nps import Tally

PERCENTAGES: Final = (100, 75, 50, 25, 0)


@dataclass(frozen=True, slots=True)
class BandShare:
    """One band of a month, from the top down."""

    band: Band
    top: float
    bottom: float


@dataclass(frozen=True, slots=True)
class ShareColumn:
    """The bands of a month on top of each other; `band_shares` has those with answers."""

    slot: MonthSlot
    band_shares: tuple[BandShare, ...]
    whisker: None = None
    value_y: None = None

    @property
    def marks(self) -> tuple[Mark, ...]:
        """Return each band, pale where there are few answers."""
        pale = " few" * self.slot.score.indicative
        return tuple(
            Mark(f"{share.band}{pale}", share.top, round(share.bottom - share.top, 1))
            for share in self.band_shares
        )


def shares_chart(history: History, *, chosen: MonthScore) -> HistoryChart[ShareColumn]:
    """Return the bands of all months, with `chosen` marked."""
    return HistoryChart(
        reading="shares",
        ticks=tuple(Tick(percentage, _y(percentage / 100)) for percentage in PERCENTAGES),
        columns=tuple(
            ShareColumn(slot, _band_shares(slot.score.tally))
            for slot in month_slots(history, chosen=chosen)
        ),
    )


def _band_shares(tally: Tally) -> tuple[BandShare, ...]:
    """Return the bands in proportion to their exact counts, not to rounded shares."""
    above_passives = tally.passives + tally.detractors
    bounds = (
        (Band.PROMOTER, tally.total, above_passives),
        (Band.PASSIVE, above_passives, tally.detractors),
        (Band.DETRACTOR, tally.detractors, 0),
    )
    return tuple(
        BandShare(band, _y(top / tally.total), _y(bottom / tally.total))
        for band, top, bottom in bounds
        if top > bottom
    )


def _y(part: float) -> float:
    """Return how far down a part of the whole reaches, counted from below."""
    return round(PLOT_HEIGHT * (1 - part), 1)
