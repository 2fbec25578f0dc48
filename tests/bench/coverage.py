"""How often the 95 % interval of an NPS really holds the truth.

Not drawn but added up: over every way in which n customers can answer, the chance of that way
when the interval around its NPS holds the true one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import exp, lgamma, log
from typing import Final

from surveys.nps import Tally
from tests.bench.measuring import Figure, at_least, at_most

SIZES: Final = (5, 25, 100, 500)
TRUE_SCORES: Final = (-50, -25, 0, 10, 25, 40, 60, 80)
# Of the customers who may be passive at all, given the true NPS: at most 1 - |NPS|.
PASSIVES: Final = (0.2, 0.5, 0.8)


@dataclass(frozen=True, slots=True)
class Coverage:
    """The chance that the interval of n answers holds the true NPS, for one kind of shop."""

    size: int
    true_nps: int
    passives: float
    chance: float


def coverages() -> Iterator[Coverage]:
    """Yield every size with every kind of shop."""
    for size in SIZES:
        outcomes = list(_outcomes(size))
        for nps in TRUE_SCORES:
            for part in PASSIVES:
                passives = part * (1 - abs(nps) / 100)
                promoters = (1 - passives + nps / 100) / 2
                yield Coverage(size, nps, passives, _chance(outcomes, nps, promoters, passives))


def coverage_figures(found: Sequence[Coverage]) -> Iterator[Figure]:
    """Measure how far from 95 % the interval is, from 25 answers on."""
    chances = [100 * one.chance for one in found if one.size >= 25]
    least, most, count = min(chances), max(chances), len(chances)
    yield Figure("95 % interval, least coverage, %", least, goal=at_least(93, least), count=count)
    yield Figure("95 % interval, most coverage, %", most, goal=at_most(97, most), count=count)


def coverage_table(found: Sequence[Coverage]) -> str:
    """Return a line per size and true NPS, a column per share of passives."""
    lines = ["   n  true NPS  " + "".join(f"{part:>10.0%}" for part in PASSIVES)]
    for size in SIZES:
        for nps in TRUE_SCORES:
            cells = [one.chance for one in found if (one.size, one.true_nps) == (size, nps)]
            lines.append(f"{size:>4}  {nps:>+8}  " + "".join(f"{cell:>10.1%}" for cell in cells))
    return "\n".join(lines)


def _outcomes(size: int) -> Iterator[tuple[int, int, int, float, float, float]]:
    """Yield promoters, passives, detractors, the logarithm of the ways, and the interval."""
    for promoters in range(size + 1):
        for passives in range(size + 1 - promoters):
            detractors = size - promoters - passives
            ways = (
                lgamma(size + 1)
                - lgamma(promoters + 1)
                - lgamma(passives + 1)
                - lgamma(detractors + 1)
            )
            interval = Tally(promoters, passives, detractors).interval
            assert interval is not None
            yield promoters, passives, detractors, ways, interval.low, interval.high


def _chance(
    outcomes: list[tuple[int, int, int, float, float, float]],
    nps: int,
    promoters: float,
    passives: float,
) -> float:
    """Return the chance of all outcomes whose interval holds the true NPS."""
    by_promoter, by_passive = log(promoters), log(passives)
    by_detractor = log(1 - promoters - passives)
    return sum(
        exp(ways + p * by_promoter + n * by_passive + d * by_detractor)
        for p, n, d, ways, low, high in outcomes
        if low <= nps <= high
    )
