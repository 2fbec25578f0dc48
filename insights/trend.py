"""What the finished months of a shop come down to: a run, and the one thing to say beside it.

Pure; insights/trend_wording.py says it, insights/shifts.py reads the months. A run is a plain fact
and no test: the latest months in a row on one side of the standard.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import dropwhile, takewhile
from typing import Final, Protocol

from insights.levels import number_of
from insights.shifts import LevelShift, OddMonth, Reading, read
from insights.standards import Standard
from surveys.nps import Tally, Verdict

LEAST_RUN: Final = {Verdict.NOT_MET: 3, Verdict.MET: 6}  # months in a row, before it is told
RECENT_MONTHS: Final = 12  # in which a shift is news
LATEST_MONTHS: Final = 3  # in which an odd month is news, and of which one has to be read
STEADY_WITHIN: Final = 25.0  # points: a change over three months that would have been told


class Judged(Protocol):
    """What is compared with a standard."""

    @property
    def verdict(self) -> Verdict | None:
        """Return how it compares."""


class FinishedMonth(Judged, Protocol):
    """A month as it is judged."""

    @property
    def month(self) -> date:
        """Return which it is."""

    @property
    def tally(self) -> Tally:
        """Return how often each band was given."""

    @property
    def standard(self) -> Standard | None:
        """Return what it is judged by."""


class Claim(StrEnum):
    """What is said of the months beside a run."""

    TOO_FEW = "too_few"
    SHIFT = "shift"
    ODD_MONTH = "odd_month"
    SEASON = "season"
    STEADY = "steady"
    NO_CHANGE = "no_change"  # that stands out from chance


@dataclass(frozen=True, slots=True)
class Run:
    """So many latest months in a row, `since` the first of them, with the same `verdict`.

    `of_all` when there are no other months. `rose_to` is the standard when it rose in `since`.
    """

    months: int
    verdict: Verdict
    since: date
    of_all: bool = False
    rose_to: int | None = None


@dataclass(frozen=True, slots=True)
class Trend:
    """What is said of some finished months, of which `last` is the last one.

    `run` is only there when it is told, and so are `shift` and `odd_month`.
    """

    claim: Claim
    reading: Reading
    last: date | None = None
    run: Run | None = None
    shift: LevelShift | None = None
    odd_month: OddMonth | None = None

    @property
    def since(self) -> date:
        """Return the first month of the level that the score has now."""
        return self.reading.regimes[-1][0].month

    @property
    def until(self) -> date | None:
        """Return the last month that was read, when too few answered in the latest ones to read."""
        read_last = self.reading.regimes[-1][-1].month
        behind = number_of(self.last) - number_of(read_last) if self.last else 0
        return read_last if behind >= LATEST_MONTHS else None


def trend_of(months: Sequence[FinishedMonth]) -> Trend:
    """Return what to say of finished months, oldest first and without gaps."""
    measured = list(dropwhile(lambda one: not one.tally.total, months))
    reading = read([(one.month, one.tally) for one in measured])
    run = _run(measured)
    is_below = run is not None and run.verdict is Verdict.NOT_MET
    last = measured[-1].month if measured else None
    if last is None or not reading.is_read:
        return Trend(Claim.TOO_FEW, reading, last, run if is_below else None)
    if shift := _told_shift(reading, last, is_below=is_below):
        agrees = is_below or shift.size > 0  # a run on the good side is no news beside a fall
        return Trend(Claim.SHIFT, reading, last, run if agrees else None, shift)
    if odd := _told_odd_month(reading, last):
        return Trend(Claim.ODD_MONTH, reading, last, run if is_below else None, odd_month=odd)
    if reading.season:
        return Trend(Claim.SEASON, reading, last, run if is_below else None)
    claim = Claim.STEADY if reading.reach <= STEADY_WITHIN else Claim.NO_CHANGE
    return Trend(claim, reading, last, run)


def agreed_shift(months: Sequence[FinishedMonth]) -> LevelShift | None:
    """Return the shift that a mail may tell: one that the months told without the last one too.

    A shift that one month alone shows comes and goes; what was mailed cannot be taken back. The
    same months are read but the last one: a month ago there was one more at the other end.
    """
    now, before = trend_of(months).shift, trend_of(months[:-1]).shift
    if now is None or before is None or (now.size > 0) is not (before.size > 0):
        return None
    return now if abs(number_of(now.month) - number_of(before.month)) <= 1 else None


def in_a_row(months: Sequence[Judged], verdict: Verdict | None) -> int:
    """Return how many of the latest months follow each other with this verdict."""
    return sum(1 for _ in takewhile(lambda one: one.verdict is verdict, reversed(months)))


def _run(months: Sequence[FinishedMonth]) -> Run | None:
    """Return the latest months with the verdict of the last one, when they are enough to tell."""
    verdict = months[-1].verdict if months else None
    if verdict not in LEAST_RUN:
        return None
    count = in_a_row(months, verdict)
    if count < LEAST_RUN[verdict]:
        return None
    of_all = count == len(months)
    first = months[-count]
    before = None if of_all else months[-count - 1].standard
    rose = (
        verdict is Verdict.NOT_MET
        and before is not None
        and first.standard is not None
        and first.standard.value > before.value
    )
    rose_to = first.standard.value if rose and first.standard else None
    return Run(count, verdict, first.month, of_all, rose_to)


def _told_shift(reading: Reading, last: date, *, is_below: bool) -> LevelShift | None:
    """Return the latest shift while it is news, or explains the run below the standard."""
    if not reading.shifts:
        return None
    latest = reading.shifts[-1]
    is_recent = number_of(last) - number_of(latest.month) < RECENT_MONTHS
    return latest if is_recent or (is_below and latest.size < 0) else None


def _told_odd_month(reading: Reading, last: date) -> OddMonth | None:
    """Return the latest odd month while it is news."""
    if not reading.odd_months:
        return None
    latest = reading.odd_months[-1]
    is_recent = number_of(last) - number_of(latest.month) < LATEST_MONTHS
    return latest if is_recent else None
