"""The arithmetic of the Net Promoter Score.

Counts are stored and added; every score is derived from counts at the very end, exactly.
"""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final, NamedTuple

from surveys.enums import Band

LOWEST_SCORE: Final = 0
HIGHEST_SCORE: Final = 10
PASSIVE_FROM: Final = 7
PROMOTER_FROM: Final = 9

BAND_SCORES: Final[Mapping[Band, range]] = {
    Band.PROMOTER: range(PROMOTER_FROM, HIGHEST_SCORE + 1),
    Band.PASSIVE: range(PASSIVE_FROM, PROMOTER_FROM),
    Band.DETRACTOR: range(LOWEST_SCORE, PASSIVE_FROM),
}

# The two-sided 95 % point of the normal distribution, as Rocks (2016) rounds it.
Z_95: Final = 1.96

# How many imaginary answers are added before an interval is computed (Rocks, 2016): one quarter
# of them promoters, one half passives, one quarter detractors.
IMAGINARY: Final = 3.0

# By so much can a share change without anything having changed but its rounding.
ROUNDING: Final = Fraction(1, 100)


class Verdict(StrEnum):
    """How a score compares with a standard."""

    MET = "met"
    NOT_MET = "not_met"
    TOO_FEW = "too_few"


class Answer(NamedTuple):
    """What one customer answered, as far as it is counted: the topics ticked, and the score.

    `topics` are the primary keys of the topics, in rising order.
    """

    topics: tuple[int, ...]
    score: int


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95 % confidence interval, both ends included."""

    low: float
    high: float

    def contains(self, standard: float | Fraction) -> bool:
        """Return whether `standard` lies inside, so that the difference could be chance."""
        return self.low <= standard <= self.high


@dataclass(frozen=True, slots=True)
class Estimate:
    """The parts of promoters and detractors, 0-1, of answers and imaginary answers together.

    Adding a few imaginary answers makes the interval right for small groups too. They draw it
    towards 0.
    """

    total: float
    promoters: float
    detractors: float

    @property
    def centre(self) -> float:
        """Return the middle of the interval, -1 to 1."""
        return self.promoters - self.detractors

    @property
    def variance(self) -> float:
        """Return the variance of the centre."""
        return (self.promoters + self.detractors - self.centre**2) / self.total

    @property
    def points(self) -> float:
        """Return the middle of the interval in points of NPS."""
        return 100 * self.centre

    @property
    def half_width(self) -> float:
        """Return how far the interval reaches to each side, in points of NPS."""
        return 100 * Z_95 * math.sqrt(self.variance)


@dataclass(frozen=True, slots=True)
class Change:
    """How far the NPS of one group lies from that of another, exactly."""

    exact: Fraction

    @property
    def points(self) -> int:
        """Return the change in whole points, half away from zero."""
        return _rounded(self.exact)


@dataclass(frozen=True, slots=True)
class Shift:
    """How the share of passives changed, and which band made room or took their place.

    With `more` passives the share of the `other` band fell, else it rose.
    """

    more: bool
    other: Band


@dataclass(frozen=True, slots=True)
class Shares:
    """Whole percentages per band that add up to 100."""

    promoters: int
    passives: int
    detractors: int

    def of(self, band: Band) -> int:
        """Return the share of `band`."""
        match band:
            case Band.PROMOTER:
                return self.promoters
            case Band.PASSIVE:
                return self.passives
            case Band.DETRACTOR:
                return self.detractors


@dataclass(frozen=True, slots=True)
class Tally:
    """How many answers fell in each band. Tallies add; scores do not."""

    promoters: int = 0
    passives: int = 0
    detractors: int = 0

    @classmethod
    def from_scores(cls, counts: Mapping[int, int]) -> "Tally":
        """Return the tally of a histogram: how often each score 0-10 was given.

        Raises ValueError for a score outside 0-10.
        """
        in_band = Counter[Band]()
        for score, count in counts.items():
            in_band[band(score)] += count
        return cls(in_band[Band.PROMOTER], in_band[Band.PASSIVE], in_band[Band.DETRACTOR])

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.promoters + other.promoters,
            self.passives + other.passives,
            self.detractors + other.detractors,
        )

    def __sub__(self, other: "Tally") -> "Tally":
        return Tally(
            self.promoters - other.promoters,
            self.passives - other.passives,
            self.detractors - other.detractors,
        )

    def is_part_of(self, other: "Tally") -> bool:
        """Return whether no band has more of these answers than of others."""
        return (
            self.promoters <= other.promoters
            and self.passives <= other.passives
            and self.detractors <= other.detractors
        )

    @property
    def total(self) -> int:
        """Return how many customers answered."""
        return self.promoters + self.passives + self.detractors

    @property
    def balance(self) -> int:
        """Return how many more promoters than detractors there are."""
        return self.promoters - self.detractors

    @property
    def nps(self) -> Fraction | None:
        """Return the exact NPS, -100 to 100, or None when nobody answered."""
        if not self.total:
            return None
        return Fraction(100 * self.balance, self.total)

    @property
    def interval(self) -> Interval | None:
        """Return the adjusted Wald interval, or None when nobody answered.

        Rocks, "Interval Estimation for the Net Promoter Score" (2016, arXiv 1601.07235): adds
        three imaginary answers, ¾ promoter, 1½ passive and ¾ detractor. They draw the interval
        towards 0, so far that the interval of one single answer of ±100 leaves out that score
        itself. From two answers on the NPS always lies inside.
        """
        estimate = self.estimate()
        if estimate is None:
            return None
        centre, half_width = estimate.points, estimate.half_width
        return Interval(max(-100.0, centre - half_width), min(100.0, centre + half_width))

    @property
    def shares(self) -> Shares | None:
        """Return the share of each band, or None when nobody answered.

        Rounds by the largest remainder, so that the three add up to 100. Of equal remainders
        the promoters go first, then the passives.
        """
        if not self.total:
            return None
        counts = (self.promoters, self.passives, self.detractors)
        percentages = [100 * count // self.total for count in counts]
        remainders = [100 * count % self.total for count in counts]
        largest_first = sorted(range(len(counts)), key=remainders.__getitem__, reverse=True)
        for position in largest_first[: 100 - sum(percentages)]:
            percentages[position] += 1
        return Shares(*percentages)

    def estimate(self, imaginary: float = IMAGINARY) -> Estimate | None:
        """Return what an interval is computed from, or None when nobody answered."""
        if not self.total:
            return None
        total = self.total + imaginary
        return Estimate(
            total=total,
            promoters=(self.promoters + imaginary / 4) / total,
            detractors=(self.detractors + imaginary / 4) / total,
        )

    def count(self, band: Band) -> int:
        """Return how many answers fell in `band`."""
        match band:
            case Band.PROMOTER:
                return self.promoters
            case Band.PASSIVE:
                return self.passives
            case Band.DETRACTOR:
                return self.detractors

    def meets(self, standard: int) -> bool | None:
        """Return whether the NPS is at least `standard`, or None when nobody answered.

        Compares whole numbers, so 24.6 never counts as 25.
        """
        if not self.total:
            return None
        return 100 * self.balance >= standard * self.total

    def verdict(self, standard: int, minimum: int) -> Verdict:
        """Return how the NPS compares with `standard`, given at least `minimum` answers."""
        met = self.meets(standard)
        if met is None or self.total < minimum:
            return Verdict.TOO_FEW
        return Verdict.MET if met else Verdict.NOT_MET

    def change_from(self, earlier: "Tally") -> Change | None:
        """Return how far the NPS moved since an earlier group, or None when either is empty."""
        if self.nps is None or earlier.nps is None:
            return None
        return Change(self.nps - earlier.nps)

    def shift_from(self, earlier: "Tally", *, minimum: int) -> Shift | None:
        """Return what the share of passives did since an earlier group, or None: nothing to say.

        There is only something to say when both groups have `minimum` answers, the passives and
        one other band each moved by more than a rounding, a whole percent, and that band moved at
        least twice as far as the third did in the same direction.
        """
        if min(self.total, earlier.total) < max(minimum, 1):
            return None
        moved = {
            each: Fraction(self.count(each), self.total)
            - Fraction(earlier.count(each), earlier.total)
            for each in Band
        }
        passives = moved.pop(Band.PASSIVE)
        more = passives > 0
        # How far each of the others went the other way.
        against = {each: -change if more else change for each, change in moved.items()}
        other, third = sorted(against, key=against.__getitem__, reverse=True)
        if min(abs(passives), against[other]) <= ROUNDING or against[other] < 2 * against[third]:
            return None
        return Shift(more, other)

    def promoters_short_of(self, standard: int) -> int | None:
        """Return the fewest extra promoters, and nobody else, with which `standard` is met.

        Returns None when no number is enough: an NPS of 100 after anyone who is no promoter.
        """
        if not self.total:
            return 1  # one promoter alone is an NPS of 100
        # With k more promoters the standard s is met when 100 (P - D + k) ≥ s (n + k), that is,
        # when k (100 - s) ≥ s n - 100 (P - D). The right side is today's shortfall. The left side
        # grows with k while s < 100, so the smallest k is the quotient rounded up; for s = 100
        # it stays 0.
        shortfall = standard * self.total - 100 * self.balance
        if shortfall <= 0:
            return 0
        if standard >= 100:
            return None
        return -(-shortfall // (100 - standard))


def band(score: int) -> Band:
    """Return the band of one score; raises ValueError outside 0-10."""
    for candidate, scores in BAND_SCORES.items():
        if score in scores:
            return candidate
    raise ValueError(
        f"A score is a whole number from {LOWEST_SCORE} to {HIGHEST_SCORE}, not {score!r}."
    )


def displayed(nps: Fraction, standard: int | None = None) -> Decimal:
    """Return the NPS as people read it: whole, rounded half away from zero.

    Has one decimal where the NPS is broken and within 1 of `standard`. Is never on the other side
    of `standard` than the NPS itself: 24.96 reads 24.9 beside 25.
    """
    above, below = nps.numerator, nps.denominator
    if standard is None or below == 1 or abs(above - standard * below) >= below:
        return Decimal(_rounded(nps))
    tenths = _rounded(10 * nps)
    if nps < standard:
        tenths = min(tenths, 10 * standard - 1)
    return Decimal(tenths).scaleb(-1)


def _rounded(number: Fraction) -> int:
    """Return the nearest whole number, half away from zero; `round` takes half to even."""
    magnitude = (2 * abs(number.numerator) + number.denominator) // (2 * number.denominator)
    return magnitude if number >= 0 else -magnitude
