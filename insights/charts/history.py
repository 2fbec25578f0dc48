"""All months as bars around a zero line, with the standard as a stepped line."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from typing import Final

from insights.charts.geometry import LOWEST_BAR
from insights.reports import History, MonthScore
from surveys.nps import Verdict

# Above the plot a row for the standards and one for a value, below it the months.
COLUMN_WIDTH: Final = 28.0
PLOT_TOP: Final = 36.0
PLOT_HEIGHT: Final = 224.0
MARGIN: Final = 6.0  # a value may be wider than its column
MONTHS_HEIGHT: Final = 62.0
BAR_WIDTH: Final = 16.0
VALUE_GAP: Final = 6.0
TICK_STEPS: Final = (5, 10, 20, 25, 50)
MOST_INTERVALS: Final = 5
SMALLEST_TOP: Final = 10  # how high the axis reaches when there is nothing to show
LABELLED_COLUMNS: Final = 6  # the words of a standard need about this many months


@dataclass(frozen=True, slots=True)
class Axis:
    """The range of scores that is drawn, in whole steps; 0 always lies in it."""

    low: int
    high: int
    step: int

    @classmethod
    def around(cls, values: Iterable[float | Fraction]) -> "Axis":
        """Return the tightest range of round steps around 0 and `values`, none beyond ±100."""
        present = [0.0, *map(float, values)]
        lowest, highest = min(present), max(present)
        if lowest == highest:
            highest = SMALLEST_TOP
        for step in TICK_STEPS:
            low = step * int(lowest // step)
            high = -step * int(-highest // step)
            if (high - low) // step <= MOST_INTERVALS:
                break
        return cls(low, high, step)

    @property
    def ticks(self) -> list[int]:
        """Return the scores that get a line, highest first."""
        return list(range(self.high, self.low - 1, -self.step))

    def y(self, score: float | Fraction) -> float:
        """Return how far down a score stands; one outside the range stands at its edge."""
        within = min(max(float(score), self.low), self.high)
        return round(PLOT_TOP + PLOT_HEIGHT * (self.high - within) / (self.high - self.low), 1)

    def draws(self, score: float) -> bool:
        """Return whether a score lies inside the range."""
        return self.low <= score <= self.high


@dataclass(frozen=True, slots=True)
class Tick:
    """One line of the grid and the score beside it."""

    score: int
    y: float


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle from the zero line to a score."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Whisker:
    """A 95 % interval, cut where the drawing ends; only a real end is capped."""

    top: float
    bottom: float
    top_capped: bool
    bottom_capped: bool


@dataclass(frozen=True, slots=True)
class Column:
    """The place of one month; `bar`, `whisker` and `value_y` are None when nobody answered.

    `state` is "met", "missed", "few", "unjudged" (no standard) or "empty".
    """

    score: MonthScore
    state: str
    chosen: bool
    names_year: bool
    x: float
    centre: float
    bar: Bar | None
    whisker: Whisker | None
    value_y: float | None


@dataclass(frozen=True, slots=True)
class StandardLabel:
    """What a stretch of the standard line is called, and where that begins or ends."""

    standard: int
    x: float
    anchor: str


@dataclass(frozen=True, slots=True)
class HistoryChart:
    """All months of a shop as bars around a zero line, with the standard as a stepped line."""

    width: float
    height: float
    plot_top: float
    plot_height: float
    zero_y: float
    ticks: tuple[Tick, ...]
    columns: tuple[Column, ...]
    standard_path: str
    standard_labels: tuple[StandardLabel, ...]

    @property
    def plot_bottom(self) -> float:
        """Return where the drawing ends and the names of the months begin."""
        return self.plot_top + self.plot_height

    @property
    def measured(self) -> list[MonthScore]:
        """Return the months that have a score."""
        return [column.score for column in self.columns if column.bar]

    @property
    def met_count(self) -> int:
        """Return how many months met their standard."""
        return sum(column.state == "met" for column in self.columns)

    @property
    def judged_count(self) -> int:
        """Return how many months have a verdict."""
        return sum(column.state in ("met", "missed") for column in self.columns)


def history_chart(history: History, *, chosen: MonthScore) -> HistoryChart:
    """Return the bars of all months, with `chosen` marked."""
    months = history.months
    axis = _axis(months)
    return HistoryChart(
        width=_column_x(len(months)) + MARGIN,
        height=PLOT_TOP + PLOT_HEIGHT + MONTHS_HEIGHT,
        plot_top=PLOT_TOP,
        plot_height=PLOT_HEIGHT,
        zero_y=axis.y(0),
        ticks=tuple(Tick(score, axis.y(score)) for score in axis.ticks),
        columns=tuple(
            _column(month, axis, position=position, chosen=month == chosen)
            for position, month in enumerate(months)
        ),
        standard_path=_standard_path(months, axis),
        standard_labels=_standard_labels(months),
    )


def _axis(months: Iterable[MonthScore]) -> Axis:
    """Return the range that shows every score, every standard, and the intervals that count.

    Intervals of a handful of measurements would squeeze all the rest, so they only take part
    when there are no others.
    """
    measured = [month for month in months if month.nps is not None]
    intervals = [month.interval for month in measured if not month.indicative] or [
        month.interval for month in measured
    ]
    return Axis.around(
        [
            *(month.nps for month in measured if month.nps is not None),
            *(month.standard.value for month in months if month.standard),
            *(end for one in intervals if one for end in (one.low, one.high)),
        ]
    )


def _column_x(position: int) -> float:
    """Return where the place of a month begins."""
    return MARGIN + COLUMN_WIDTH * position


def _column(month: MonthScore, axis: Axis, *, position: int, chosen: bool) -> Column:
    x = _column_x(position)
    bar = _bar(month, axis, x=x)
    whisker = _whisker(month, axis)
    return Column(
        score=month,
        state=_state(month),
        chosen=chosen,
        names_year=month.month.month == 1 or (position == 0 and month.month.month != 12),
        x=x,
        centre=x + COLUMN_WIDTH / 2,
        bar=bar,
        whisker=whisker,
        value_y=min(bar.y, whisker.top) - VALUE_GAP if bar and whisker else None,
    )


def _state(month: MonthScore) -> str:
    if month.nps is None:
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


def _bar(month: MonthScore, axis: Axis, *, x: float) -> Bar | None:
    if month.nps is None:
        return None
    zero, end = axis.y(0), axis.y(month.nps)
    if month.nps < 0:
        top, bottom = zero, max(end, zero + LOWEST_BAR)
    else:
        top, bottom = min(end, zero - LOWEST_BAR), zero
    left = x + (COLUMN_WIDTH - BAR_WIDTH) / 2
    return Bar(x=left, y=round(top, 1), width=BAR_WIDTH, height=round(bottom - top, 1))


def _whisker(month: MonthScore, axis: Axis) -> Whisker | None:
    if month.interval is None:
        return None
    return Whisker(
        top=axis.y(month.interval.high),
        bottom=axis.y(month.interval.low),
        top_capped=axis.draws(month.interval.high),
        bottom_capped=axis.draws(month.interval.low),
    )


def _stretches(months: Iterable[MonthScore]) -> list[tuple[int | None, int, int]]:
    """Return the rows of months with one standard: (standard, first, one past the last)."""
    standards = [month.standard.value if month.standard else None for month in months]
    stretches = []
    start = 0
    for standard, row in groupby(standards):
        end = start + len(list(row))
        stretches.append((standard, start, end))
        start = end
    return stretches


def _standard_path(months: Iterable[MonthScore], axis: Axis) -> str:
    """Return the stepped line as SVG path data; it is interrupted where there is no standard."""
    commands: list[str] = []
    drawing = False
    for standard, start, end in _stretches(months):
        if standard is not None:
            y = axis.y(standard)
            commands.append(f"V{y}" if drawing else f"M{_column_x(start)} {y}")
            commands.append(f"H{_column_x(end)}")
        drawing = standard is not None
    return "".join(commands)


def _standard_labels(months: tuple[MonthScore, ...]) -> tuple[StandardLabel, ...]:
    """Return the names of the stretches: at their start, the last at the end.

    The last one is the one that matters, and stands where a phone opens the drawing. An earlier
    one needs some months of room.
    """
    labels = []
    for standard, start, end in _stretches(months):
        if standard is None:
            continue
        if end == len(months):
            labels.append(StandardLabel(standard, _column_x(end), "end"))
        elif end - start >= LABELLED_COLUMNS:
            labels.append(StandardLabel(standard, _column_x(start), "start"))
    return tuple(labels)
