"""Whether unhappy customers came back happier, beside those whom nobody contacted.

Plain arithmetic. A difference of shares gets the interval of Agresti and Caffo (2000), "Simple and
effective confidence intervals for proportions and differences of proportions result from adding
two successes and two failures", The American Statistician 54 (4), 280-288: one success and one
failure are added to each group, p = (x + 1) / (n + 2), and the half-width is
1.96 · √(p₁(1 - p₁)/(n₁ + 2) + p₂(1 - p₂)/(n₂ + 2)).
"""

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

Z_95: Final = 1.96
LEAST: Final = 25  # customers on each side


@dataclass(frozen=True, slots=True)
class Returned:
    """How many low scores were followed by another of the same customer, and how many rose a band.

    `of` counts those that were followed at all.
    """

    better: int = 0
    of: int = 0

    @property
    def share(self) -> Fraction | None:
        """Return the share that came back better, exact; None of nobody."""
        return Fraction(self.better, self.of) if self.of else None


@dataclass(frozen=True, slots=True)
class Difference:
    """How far two shares lie apart in points of a hundred: exact, and its 95 % interval."""

    exact: Fraction
    low: float
    high: float

    @property
    def could_be_chance(self) -> bool:
        """Return whether no difference at all lies inside the interval."""
        return self.low <= 0 <= self.high


def difference(contacted: Returned, others: Returned) -> Difference | None:
    """Return how many points more of the contacted came back better; None below 25 on a side."""
    if contacted.share is None or others.share is None or min(contacted.of, others.of) < LEAST:
        return None
    first, second = _estimate(contacted), _estimate(others)
    variance = sum(
        share * (1 - share) / (group.of + 2)
        for share, group in ((first, contacted), (second, others))
    )
    half = 100 * Z_95 * math.sqrt(variance)
    middle = 100 * (first - second)
    return Difference(
        exact=100 * (contacted.share - others.share),
        low=max(middle - half, -100.0),
        high=min(middle + half, 100.0),
    )


def _estimate(group: Returned) -> float:
    return (group.better + 1) / (group.of + 2)
