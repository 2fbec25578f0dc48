"""Who did not answer: how often customers answered per channel, and what that may hide.

Only surveys that can no longer be answered are counted. Neither finding changes the score.
"""

import math
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from operator import add
from typing import Final

from insights.scores import JudgedScore
from insights.standards import GUIDELINE
from insights.topics import HIDDEN_BELOW
from surveys.nps import Tally, Verdict, displayed

LOW_BELOW: Final = Fraction(1, 5)
LARGEST_GAP: Final = 100  # points: nobody scores further away than that
LOPSIDED_BY: Final = 3  # points of NPS
LOPSIDED_P: Final = 0.01


@dataclass(frozen=True, slots=True)
class Answered:
    """So many of the surveys sent were answered; `tally` has the answers that count."""

    sent: int = 0
    answered: int = 0
    tally: Tally = field(default_factory=Tally)

    def __add__(self, other: "Answered") -> "Answered":
        return Answered(
            self.sent + other.sent, self.answered + other.answered, self.tally + other.tally
        )

    @property
    def rate(self) -> Fraction | None:
        """Return which part was answered, 0 to 1, or None when nothing was sent."""
        return Fraction(self.answered, self.sent) if self.sent else None

    @property
    def displayed(self) -> Decimal | None:
        """Return the NPS of these answers as people read it, None below 5: of so few none is."""
        nps = self.tally.nps
        return None if nps is None or self.tally.total < HIDDEN_BELOW else displayed(nps)


@dataclass(frozen=True, slots=True)
class ChannelResponse(Answered):
    """The surveys after the closings of one channel."""

    channel: str = ""


@dataclass(frozen=True, slots=True)
class Low:
    """So few answered that the others decide: with a score `gap` points away they turn the verdict.

    `gap` is positive, the fewest whole points with which it turns; `met` is the verdict now.
    """

    rate: Fraction
    gap: int
    met: bool


@dataclass(frozen=True, slots=True)
class Lopsided:
    """One channel answers more often than another, and they score differently.

    `nps` is the score as it was answered, `levelled` as it would be had all answered equally often.
    """

    most: str
    least: str
    nps: Fraction
    levelled: Fraction


@dataclass(frozen=True, slots=True)
class ResponseRates:
    """The surveys of a period by channel, the one with the most first; all were sent."""

    channels: tuple[ChannelResponse, ...] = ()

    @property
    def total(self) -> Answered:
        """Return all channels together."""
        return reduce(add, self.channels, Answered())

    @property
    def lopsided(self) -> Lopsided | None:
        """Return how unequal channels bend the score; None when that is small or could be chance.

        Each channel needs as many answers as the guideline asks.
        """
        nps = self.total.tally.nps
        answering = [each.tally.total for each in self.channels]
        if nps is None or len(answering) == 1 or min(answering) < GUIDELINE:
            return None
        levelled = sum(
            each.sent * Fraction(100 * each.tally.balance, each.tally.total)
            for each in self.channels
        ) / Fraction(self.total.sent)
        if abs(nps - levelled) < LOPSIDED_BY or self.p_value >= LOPSIDED_P:
            return None
        by_rate = sorted(self.channels, key=lambda each: Fraction(each.answered, each.sent))
        return Lopsided(by_rate[-1].channel, by_rate[0].channel, nps, levelled)

    @property
    def p_value(self) -> float:
        """Return how probable rates so unequal are when all channels answer equally often.

        Pearson's χ² test of answered × channel.
        """
        rate = self.total.rate
        if rate is None or not 0 < rate < 1:
            return 1.0
        expected = float(rate)
        squares = (
            (each.answered - each.sent * expected) ** 2 / (each.sent * expected * (1 - expected))
            for each in self.channels
        )
        return chi_square_tail(sum(squares), len(self.channels) - 1)

    def low(self, score: JudgedScore) -> Low | None:
        """Return what the silent majority could turn, beside the score of the same period.

        None when enough answered, when the score has no verdict, or when the others would have to
        score further away than anybody can.
        """
        rate, nps = self.total.rate, score.nps
        if rate is None or rate >= LOW_BELOW or score.tally.total < GUIDELINE:
            return None
        if score.standard is None or nps is None or score.verdict is Verdict.TOO_FEW:
            return None
        met = score.verdict is Verdict.MET
        turning = abs(nps - score.standard.value) / (1 - rate)
        # Exactly at the standard is met: from above a little more is needed.
        gap = math.floor(turning) + 1 if met else math.ceil(turning)
        others = nps - gap if met else nps + gap
        if gap > LARGEST_GAP or abs(others) > LARGEST_GAP:
            return None
        return Low(rate, gap, met)


def chi_square_tail(value: float, freedom: int) -> float:
    """Return how probable a χ² of `freedom` degrees is at least `value`, 0 to 1.

    Closed form by recurrence from one and two degrees (Abramowitz and Stegun, 26.4.4–26.4.5).
    """
    if freedom < 1:
        return 1.0
    half = value / 2
    if freedom % 2:
        tail, term = math.erfc(math.sqrt(half)), 0.5
    else:
        tail, term = math.exp(-half), 1.0
    while 2 * term < freedom:
        tail += half**term * math.exp(-half) / math.gamma(term + 1)
        term += 1
    return min(tail, 1.0)
