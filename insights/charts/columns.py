"""The columns of the history, one per month, in units that are pixels on a wide screen.

There are two readings of it, the scores and the shares of the bands: each has its own columns.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeVar

from insights.reports.months import History, MonthScore
from surveys.nps import Verdict

# Above the plot a row for the standards and one for a value, below it the months.
COLUMN_WIDTH: Final = 28.0
PLOT_TOP: Final = 36.0
PLOT_HEIGHT: Final = 224.0
PLOT_BOTTOM: Final = PLOT_TOP + PLOT_HEIGHT
MARGIN: Final = 6.0  # a value may be wider than its column
MONTHS_HEIGHT: Final = 62.0
BAR_WIDTH: Final = 16.0
BAR_RADIUS: Final = 2.0


@dataclass(frozen=True, slots=True)
class Tick:
    """One line of the grid and the number beside it."""

    value: int
    y: float


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle that rises from the zero line, or hangs from it."""

    x: float
    y: float
    width: float
    height: float
    hangs: bool = False

    @property
    def path(self) -> str:
        """Return its outline, round at the end away from zero."""
        radius = min(BAR_RADIUS, self.height)
        side, across = self.height - radius, self.width - 2 * radius
        if self.hangs:
            return (
                f"M{self.x:g} {self.y:g}v{side:g}q0 {radius:g} {radius:g} {radius:g}h{across:g}"
                f"q{radius:g} 0 {radius:g}-{radius:g}v{-side:g}z"
            )
        return (
            f"M{self.x:g} {self.y + self.height:g}v{-side:g}q0-{radius:g} {radius:g}-{radius:g}"
            f"h{across:g}q{radius:g} 0 {radius:g} {radius:g}v{side:g}z"
        )


@dataclass(frozen=True, slots=True)
class Place:
    """The place of a month in the drawing, and what sets it apart.

    `state` is "met", "missed", "few", "unjudged" (no standard) or "empty".
    """

    score: MonthScore
    state: str
    chosen: bool
    names_year: bool
    x: float
    centre: float


class Column(Protocol):
    """What is drawn in the place of a month."""

    @property
    def place(self) -> Place:
        """Return the place."""

    @property
    def outlines(self) -> tuple[tuple[str, str], ...]:
        """Return what is drawn: the kind of each outline, and its path data."""

    @property
    def value_y(self) -> float | None:
        """Return where the score is written, or None when it is not."""


ColumnT = TypeVar("ColumnT", bound=Column, covariant=True)


@dataclass(frozen=True, slots=True)
class StandardLabel:
    """What a stretch of the standard line is called, and where that begins or ends."""

    standard: int
    x: float
    anchor: str


@dataclass(frozen=True, slots=True)
class HistoryChart(Generic[ColumnT]):
    """All months of a shop side by side; `reading` is "nps" or "shares"."""

    reading: str
    ticks: tuple[Tick, ...]
    columns: tuple[ColumnT, ...]
    standard_path: str = ""
    standard_labels: tuple[StandardLabel, ...] = ()

    @property
    def width(self) -> float:
        """Return how wide the months are together, with a margin."""
        return column_x(len(self.columns)) + MARGIN

    @property
    def height(self) -> float:
        """Return how high the drawing is with the names of the months."""
        return PLOT_BOTTOM + MONTHS_HEIGHT

    @property
    def plot_top(self) -> float:
        """Return where the columns begin."""
        return PLOT_TOP

    @property
    def plot_height(self) -> float:
        """Return how high the columns are."""
        return PLOT_HEIGHT

    @property
    def plot_bottom(self) -> float:
        """Return where the columns end and the names of the months begin."""
        return PLOT_BOTTOM

    @property
    def grid(self) -> str:
        """Return the lines of the grid as path data."""
        return "".join(f"M0 {tick.y:g}H{self.width:g}" for tick in self.ticks)

    @property
    def outlines(self) -> tuple[tuple[str, str], ...]:
        """Return what is drawn, the lowest layer first: each kind, and all of it as path data."""
        layers: dict[str, str] = {}
        for column in self.columns:
            for kind, path in column.outlines:
                layers[kind] = layers.get(kind, "") + path
        return tuple(layers.items())

    @property
    def zero_y(self) -> float:
        """Return where the line of zero is."""
        return next(tick.y for tick in self.ticks if not tick.value)

    @property
    def measured(self) -> list[MonthScore]:
        """Return the months that have a score."""
        scores = (column.place.score for column in self.columns)
        return [score for score in scores if score.tally.total]

    @property
    def corrected(self) -> bool:
        """Return whether in any of the months staff let a measurement not count."""
        return any(column.place.score.excluded for column in self.columns)

    @property
    def met_count(self) -> int:
        """Return how many months met their standard."""
        return sum(column.place.state == "met" for column in self.columns)

    @property
    def judged_count(self) -> int:
        """Return how many months have a verdict."""
        return sum(column.place.state in ("met", "missed") for column in self.columns)


def places(history: History, *, chosen: MonthScore) -> Iterator[Place]:
    """Yield the places of all months, oldest first, with `chosen` marked."""
    for position, month in enumerate(history.months):
        x = column_x(position)
        yield Place(
            score=month,
            state=_state(month),
            chosen=month.month == chosen.month,
            names_year=month.month.month == 1 or (position == 0 and month.month.month != 12),
            x=x,
            centre=x + COLUMN_WIDTH / 2,
        )


def column_x(position: int) -> float:
    """Return where the place of a month begins."""
    return MARGIN + COLUMN_WIDTH * position


def _state(month: MonthScore) -> str:
    if not month.tally.total:
        return "empty"
    match month.verdict:
        case Verdict.MET:
            return "met"
        case Verdict.NOT_MET:
            return "missed"
        case Verdict.TOO_FEW:
            return "few"
        case None:
            return "unjudged"
