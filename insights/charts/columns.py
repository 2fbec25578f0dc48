"""The columns of the history, one per month.

There are two readings of it, the scores and the shares of the bands: each has its own columns.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeVar

from insights.charts.marks import verdict_kind
from insights.reports.months import History, MonthScore
from surveys.nps import Verdict

# The plot itself: every y is counted down from its top. What is written above and below it has
# its room and its rows in templates/insights/_history_chart.html.
PLOT_HEIGHT: Final = 224
CAP: Final = 3.0  # how far the end of a whisker reaches to each side


@dataclass(frozen=True, slots=True)
class Tick:
    """One line of the grid and the number beside it."""

    value: int
    y: float


@dataclass(frozen=True, slots=True)
class Mark:
    """A rectangle in the slot of a month; `kind` is what it looks like, as classes."""

    kind: str
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Whisker:
    """A 95 % interval, cut where the drawing ends; only a real end is capped."""

    top: float
    bottom: float
    top_capped: bool
    bottom_capped: bool

    @property
    def path(self) -> str:
        """Return it as path data in pixels, with its middle at 0."""
        top_cap = f"M{-CAP:g} {self.top:g}h{2 * CAP:g}" if self.top_capped else ""
        bottom_cap = f"M{-CAP:g} {self.bottom:g}h{2 * CAP:g}" if self.bottom_capped else ""
        return f"M0 {self.top:g}V{self.bottom:g}{top_cap}{bottom_cap}"


@dataclass(frozen=True, slots=True)
class MonthSlot:
    """The room of a month in the drawing, and what sets it apart.

    `state` is "met", "missed", "few", "unjudged" (no standard) or "empty". `x` is where the slot
    begins.
    """

    score: MonthScore
    state: str
    chosen: bool
    names_year: bool
    x: float
    width: float

    @property
    def kind(self) -> str:
        """Return what the mark of its score says: its verdict, and whether it still runs."""
        running = self.score.running
        return verdict_kind(self.score, running=running) + " running" * running


class Column(Protocol):
    """What is drawn in the slot of a month."""

    @property
    def slot(self) -> MonthSlot:
        """Return the slot of its month."""

    @property
    def marks(self) -> tuple[Mark, ...]:
        """Return what is drawn, from the top down."""

    @property
    def whisker(self) -> Whisker | None:
        """Return the interval of the score, or None when it is not drawn."""

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
class Line:
    """A straight line, horizontal or vertical."""

    x1: float
    x2: float
    y1: float
    y2: float


@dataclass(frozen=True, slots=True)
class HistoryChart(Generic[ColumnT]):
    """All months of a shop side by side; `reading` is "nps" or "shares".

    `levels` go through the score of the months between two shifts, of a small shop through that of
    the twelve months up to each.
    """

    reading: str
    ticks: tuple[Tick, ...]
    columns: tuple[ColumnT, ...]
    standard_lines: tuple[Line, ...] = ()
    standard_labels: tuple[StandardLabel, ...] = ()
    levels: tuple[Line, ...] = ()
    plot_height: int = PLOT_HEIGHT

    @property
    def column_width(self) -> float:
        """Return how wide the slot of a month is."""
        return self.columns[0].slot.width

    @property
    def zero_y(self) -> float:
        """Return where the line of zero is."""
        return next(tick.y for tick in self.ticks if not tick.value)

    @property
    def measured(self) -> list[MonthScore]:
        """Return the months that have a score."""
        scores = (column.slot.score for column in self.columns)
        return [score for score in scores if score.tally.total]

    @property
    def kinds(self) -> set[str]:
        """Return what its marks look like; that of the running month is "running"."""
        marks = (mark for column in self.columns for mark in column.marks)
        return {"running" if "running" in mark.kind else mark.kind for mark in marks}

    @property
    def has_whiskers(self) -> bool:
        """Return whether the interval of any month is drawn."""
        return any(column.whisker for column in self.columns)

    @property
    def corrected(self) -> bool:
        """Return whether in any of the months staff excluded a measurement."""
        return any(column.slot.score.excluded for column in self.columns)

    @property
    def noted(self) -> bool:
        """Return whether the owner says something of any of the months."""
        return any(column.slot.score.note for column in self.columns)

    @property
    def met_count(self) -> int:
        """Return how many finished months met their standard."""
        return sum(slot.state == "met" for slot in self._finished)

    @property
    def judged_count(self) -> int:
        """Return how many finished months have a verdict."""
        return sum(slot.state in ("met", "missed") for slot in self._finished)

    @property
    def _finished(self) -> list[MonthSlot]:
        slots = (column.slot for column in self.columns)
        return [slot for slot in slots if not slot.score.running]


def month_slots(history: History, *, chosen: MonthScore) -> Iterator[MonthSlot]:
    """Yield the slots of all months, oldest first, with `chosen` marked."""
    count = len(history.months)
    for position, month in enumerate(history.months):
        yield MonthSlot(
            score=month,
            state=_state(month),
            chosen=month.month == chosen.month,
            names_year=month.month.month == 1 or (position == 0 and month.month.month != 12),
            x=column_x(position, count),
            width=column_x(1, count),
        )


def column_x(position: float, count: int) -> float:
    """Return where the slot of a month begins, of `count` months."""
    return round(100 * position / count, 3)


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
