"""A score as it is judged: counts beside a standard and beside an earlier score."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Final

from insights.standards import GUIDELINE, Standard
from surveys.nps import Change, Interval, Shift, Tally, Verdict, displayed

LEAST_FOR_INTERVAL: Final = 5  # measurements: below it an interval says next to nothing
REACHABLE: Final = 4  # the distance to a standard is said up to one in so many measurements


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedScore:
    """The score of some measurements, the standard they are judged by, and the score before.

    Month, days, twelve months, shop, segment and marketplace are all judged here and nowhere else.
    `standard` is None where none holds, or where a standard says nothing: it is about months.
    """

    tally: Tally
    standard: Standard | None = None
    before: "JudgedScore | None" = field(default=None, repr=False, compare=False)

    @property
    def nps(self) -> Fraction | None:
        """Return the exact NPS, or None when nobody answered."""
        return self.tally.nps

    @property
    def displayed(self) -> Decimal | None:
        """Return the NPS as people read it, never on the wrong side of the standard."""
        nps = self.nps
        if nps is None:
            return None
        return displayed(nps, self.standard.value if self.standard else None)

    @property
    def interval(self) -> Interval | None:
        """Return the 95 % interval, or None when fewer than 5 answered."""
        return self.tally.interval if self.tally.total >= LEAST_FOR_INTERVAL else None

    @property
    def verdict(self) -> Verdict | None:
        """Return whether the standard is met, or None without a standard."""
        if self.standard is None:
            return None
        return self.tally.verdict(self.standard.value, self.standard.minimum)

    @property
    def minimum(self) -> int:
        """Return from how many measurements on the score is more than indicative."""
        return self.standard.minimum if self.standard else GUIDELINE

    @property
    def indicative(self) -> bool:
        """Return whether there are too few measurements for more than an indication."""
        return self.tally.total < self.minimum

    @property
    def could_be_chance(self) -> bool:
        """Return whether the standard lies inside the interval."""
        interval = self.tally.interval  # also where there are too few to show it
        if self.standard is None or interval is None:
            return False
        return interval.contains(self.standard.value)

    @property
    def is_surely_met(self) -> bool | None:
        """Return on which side of the standard the whole interval lies; None when on neither."""
        if self.verdict in (None, Verdict.TOO_FEW) or self.could_be_chance:
            return None
        return self.verdict == Verdict.MET

    @property
    def promoters_short(self) -> int | None:
        """Return how many more promoters would reach the standard; None when none need to.

        None, too, where the distance means nothing: below 25 measurements, and when more promoters
        would be needed than a quarter of all who answered.
        """
        if self.standard is None or self.tally.total < GUIDELINE:
            return None
        short = self.tally.promoters_short_of(self.standard.value)
        return short if short and REACHABLE * short <= self.tally.total else None

    @property
    def distance(self) -> Decimal | None:
        """Return how far from the standard the score is as people read it; negative below it."""
        if self.displayed is None or self.standard is None:
            return None
        return self.displayed - self.standard.value

    @property
    def change(self) -> Change | None:
        """Return how the score changed since the one before; None when either is no score."""
        return self.tally.change_from(self.before.tally) if self.before else None

    @property
    def shift(self) -> Shift | None:
        """Return what the passives did since the score before; None when nothing can be said."""
        if self.before is None:
            return None
        minimum = max(self.minimum, self.before.minimum)
        return self.tally.shift_from(self.before.tally, minimum=minimum)


def crossed(months: Sequence[JudgedScore]) -> bool | None:
    """Return to which side of the standard the last of some months came, and surely: met or not.

    None when it could be chance, and when no month before it surely was on the other side after
    all that surely were on its own.
    """
    last = months[-1].is_surely_met
    sure = (month.is_surely_met for month in reversed(months[:-1]))
    before = next((side for side in sure if side is not None), None)
    return None if before is None or last == before else last
