"""The score of every month as a bar around a zero line, with the standard as a stepped line."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from typing import Final

from insights.charts.columns import (
    PLOT_HEIGHT,
    HistoryChart,
    Line,
    Mark,
    MonthSlot,
    StandardLabel,
    Tick,
    Whisker,
    column_x,
    month_slots,
)
from insights.charts.geometry import LOWEST_BAR
from insights.charts.shares import ShareColumn, shares_chart
from insights.reports.months import History, MonthScore
from insights.shifts import score_of
from insights.standards import Standard
from surveys.periods import last_day, month_start

VALUE_GAP: Final = 6.0
VALUE_HEIGHT: Final = 12.0  # of the digits, with some air above them
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
        """Return how far down a score lies; one outside the range lies at its edge."""
        within = min(max(float(score), self.low), self.high)
        return round(PLOT_HEIGHT * (self.high - within) / (self.high - self.low), 1)

    def contains(self, score: float) -> bool:
        """Return whether a score lies inside the range."""
        return self.low <= score <= self.high


@dataclass(frozen=True, slots=True)
class Bar:
    """How far a score reaches from the zero line; one that `hangs` goes down from it."""

    y: float
    height: float
    hangs: bool = False


@dataclass(frozen=True, slots=True)
class ScoreColumn:
    """The score of a month and its interval; None when nobody, or too few, answered."""

    slot: MonthSlot
    bar: Bar | None
    whisker: Whisker | None
    value_y: float | None

    @property
    def marks(self) -> tuple[Mark, ...]:
        """Return the bar, in the colour of its verdict."""
        if self.bar is None:
            return ()
        return (Mark(self.slot.kind, self.bar.y, self.bar.height),)


def history_chart(
    history: History, *, chosen: MonthScore, reading: str = "nps"
) -> HistoryChart[ScoreColumn] | HistoryChart[ShareColumn]:
    """Return the history as it is to be read, "nps" or "shares", with `chosen` marked."""
    draw = shares_chart if reading == "shares" else scores_chart
    return draw(history, chosen=chosen)


def scores_chart(history: History, *, chosen: MonthScore) -> HistoryChart[ScoreColumn]:
    """Return the bars of all months, with `chosen` marked."""
    months, coming = history.months, _coming_step(history)
    axis = _axis(months, coming)
    standard_lines = tuple(_standard_lines(months, axis, coming))
    levels = tuple((_years if history.is_small else _levels)(history, axis))
    lines = standard_lines + levels
    return HistoryChart(
        reading="nps",
        ticks=tuple(Tick(score, axis.y(score)) for score in axis.ticks),
        columns=tuple(_column(slot, axis, lines) for slot in month_slots(history, chosen=chosen)),
        standard_lines=standard_lines,
        standard_labels=_standard_labels(months),
        levels=levels,
    )


def _levels(history: History, axis: Axis) -> Iterator[Line]:
    """Yield where the score was between two shifts; nothing where too little is known."""
    count, places = len(history.months), {each.month: n for n, each in enumerate(history.months)}
    for regime in history.trend.reading.regimes:
        left, right = places[regime[0].month], places[regime[-1].month] + 1
        y = axis.y(score_of(regime))
        yield Line(column_x(left, count), column_x(right, count), y, y)


def _years(history: History, axis: Axis) -> Iterator[Line]:
    """Yield the way from month to month where twelve of them are more than an indication."""
    count = len(history.months)
    before: float | None = None
    for position, month in enumerate(history.months):
        year = history.twelve_months(month)
        y = None if year.nps is None or year.indicative else axis.y(year.nps)
        if before is not None and y is not None:
            left, right = column_x(position - 0.5, count), column_x(position + 0.5, count)
            yield Line(left, right, before, y)
        before = y


def _coming_step(history: History) -> Standard | None:
    """Return the standard that is to come in the running month, the last one that is drawn."""
    coming = history.coming
    if coming is None or month_start(coming.valid_from) != history.running.month:
        return None
    return coming


def _axis(months: Iterable[MonthScore], coming: Standard | None) -> Axis:
    """Return the range that shows every score, every standard, and the intervals that count.

    Intervals of a handful of measurements would squeeze all the rest, so they only take part
    when there are no others.
    """
    standards = {month.standard for month in months} | {coming}
    measured = [month for month in months if month.tally.total]
    certain = [month for month in measured if not month.indicative]
    values: list[float | Fraction] = [each.value for each in standards if each]
    values += [month.nps for month in measured if month.nps is not None]
    for month in certain or measured:
        if month.interval:
            values += [month.interval.low, month.interval.high]
    return Axis.around(values)


def _column(slot: MonthSlot, axis: Axis, lines: Iterable[Line]) -> ScoreColumn:
    bar = _bar(slot.score, axis)
    whisker = _whisker(slot.score, axis)
    value_y = None
    if bar:
        top = min(bar.y, whisker.top) if whisker else bar.y
        touching = [line for line in lines if slot.x <= line.x2 and line.x1 <= slot.x + slot.width]
        value_y = _value_y(top, touching)
    return ScoreColumn(slot=slot, bar=bar, whisker=whisker, value_y=value_y)


def _value_y(top: float, lines: Iterable[Line]) -> float:
    """Return where the score is written: above `top`, and above each line that it would lie on."""
    y = top - VALUE_GAP
    for line in sorted(lines, key=lambda line: -min(line.y1, line.y2)):
        highest, lowest = sorted((line.y1, line.y2))
        if highest < y + VALUE_GAP and lowest > y - VALUE_HEIGHT:
            y = highest - VALUE_GAP
    return round(y, 1)


def _bar(month: MonthScore, axis: Axis) -> Bar | None:
    nps = month.nps
    if nps is None:
        return None
    zero, end = axis.y(0), axis.y(nps)
    hangs = nps < 0 or axis.high == 0  # then 0 has no room above the line
    if hangs:
        top, bottom = zero, max(end, zero + LOWEST_BAR)
    else:
        top, bottom = min(end, zero - LOWEST_BAR), zero
    return Bar(y=round(top, 1), height=round(bottom - top, 1), hangs=hangs)


def _whisker(month: MonthScore, axis: Axis) -> Whisker | None:
    interval = month.interval
    if interval is None:
        return None
    return Whisker(
        top=axis.y(interval.high),
        bottom=axis.y(interval.low),
        top_capped=axis.contains(interval.high),
        bottom_capped=axis.contains(interval.low),
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


def _standard_lines(
    months: tuple[MonthScore, ...], axis: Axis, coming: Standard | None
) -> Iterator[Line]:
    """Yield the steps of the standard, from left to right; there are none where it is unknown."""
    stretches: list[tuple[int | None, float, float]] = [*_stretches(months)]
    if coming:
        standard, start, end = stretches.pop()
        step = end - 1 + (coming.valid_from.day - 1) / last_day(coming.valid_from).day
        stretches += [(standard, start, step), (coming.value, step, end)]
    before: float | None = None
    for standard, start, end in stretches:
        y = None if standard is None else axis.y(standard)
        if y is not None:
            left, right = column_x(start, len(months)), column_x(end, len(months))
            if before is not None:
                yield Line(left, left, before, y)
            yield Line(left, right, y, y)
        before = y


def _standard_labels(months: tuple[MonthScore, ...]) -> tuple[StandardLabel, ...]:
    """Return the names of the stretches: at their start, the last at the end.

    The last one is the one that matters, and is where a phone opens the drawing. An earlier
    one needs some months of room.
    """
    labels = []
    for standard, start, end in _stretches(months):
        if standard is None:
            continue
        if end == len(months):
            labels.append(StandardLabel(standard, column_x(end, len(months)), "end"))
        elif end - start >= LABELLED_COLUMNS:
            labels.append(StandardLabel(standard, column_x(start, len(months)), "start"))
    return tuple(labels)
