"""How often the page claims something that is not there, and how soon it says what is.

Shops in which nothing changes are drawn, and read by the product's own code; so are shops that drop
by 20 points, and tables in which no row differs. docs/decisions/0027 has what was found before:
each rate may be one percentage point above that.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from insights.chance import beyond_chance, p_value
from insights.levels import month_numbered, number_of
from insights.shifts import Reading, read
from surveys.nps import Tally
from tests.bench.measuring import Figure, at_least, at_most

START: Final = number_of(date(2024, 12, 1))
SHOPS: Final = 5_000
DROPPED_SHOPS: Final = 2_000
PAGES: Final = 2_000
MONTHS: Final = 23
SEED: Final = 907
ALLOWED: Final = 1.0  # percentage points above what was found before
MOST_FALSE_TABLES: Final = 2.5  # percent
DROP: Final = 20.0  # points, at the month after AFTER
AFTER: Final = 22
NEAR: Final = 3  # months from where it really was

Counts = NDArray[np.int_]  # shop × month × (promoters, passives, detractors)


@dataclass(frozen=True, slots=True)
class Shops:
    """What shops are drawn: n a month (0: mixed, 10 to 2,000), what varies, over how many months.

    `real` is the standard deviation between months in points; `wave` half the height of a yearly
    wave, with which a `dip` of two months is as deep. `before` is what was found, in percent.
    """

    before: float
    n: int = 0
    real: float = 0.0
    wave: float = 0.0
    dip: bool = False
    months: int = MONTHS

    @property
    def name(self) -> str:
        """Return what is drawn in a few words."""
        size = f"n {self.n:,}" if self.n else "mixed n"
        parts = [size, f"real variation {self.real:g}"]
        if self.wave:
            parts.append(f"{'dip' if self.dip else 'wave'} {self.wave:g}")
        if self.months != MONTHS:
            parts.append(f"{self.months} months")
        return ", ".join(parts)


UNCHANGED: Final = (
    Shops(1.9),
    Shops(4.3, real=3),
    Shops(3.3, wave=5),
    Shops(5.4, real=3, wave=5),
    Shops(7.4, wave=5, dip=True),
    Shops(8.4, real=3, wave=5, dip=True),
    *(
        Shops(before, n, real=3)
        for n, before in ((30, 3.4), (50, 3.7), (100, 4.3), (200, 4.7), (500, 6.3), (2_000, 4.0))
    ),
    *(
        Shops(before, n, real=3, wave=5)
        for n, before in ((30, 4.9), (50, 6.0), (100, 6.2), (200, 7.7), (500, 5.3), (2_000, 1.6))
    ),
    Shops(7.1, real=6),
    Shops(1.3, months=12),
    Shops(8.0, wave=5, months=12),
    Shops(1.5, months=15),
    Shops(3.8, wave=5, months=15),
)


def reading_figures() -> Iterator[Figure]:
    """Measure what is claimed of months and tables."""
    rng = np.random.default_rng(SEED)
    for shops in UNCHANGED:
        counts = _drawn(rng, shops, SHOPS)
        readings = [found for each in counts if (found := _reading(each)).is_read]
        told = sum(bool(each.shifts or each.odd_months) for each in readings)
        percent = 100 * told / len(readings)
        yield Figure(
            name=f"false shift or odd month, %: {shops.name}",
            value=percent,
            against=f"found before: {shops.before:g}",
            goal=at_most(shops.before + ALLOWED, percent),
            count=len(readings),
        )
    for real, wanted in ((0.0, 78), (3.0, 70)):
        percent = 100 * float(np.mean([_is_told(each) for each in _dropped(rng, real)]))
        yield Figure(
            name=f"20 points lower at n = 100 told within 3 months, %: real variation {real:g}",
            value=percent,
            goal=at_least(wanted, percent),
            count=DROPPED_SHOPS,
        )
    for size in (150, 300, 1_000, 3_000):
        percent = 100 * float(np.mean([_claims(rng, size) for _ in range(PAGES)]))
        yield Figure(
            name=f"some false claim in the tables of a month, %: n = {size:,}",
            value=percent,
            goal=at_most(MOST_FALSE_TABLES, percent),
            count=PAGES,
        )


def _drawn(
    rng: np.random.Generator,
    shops: Shops,
    number: int,
    change: Callable[[NDArray[np.float64]], None] | None = None,
) -> Counts:
    """Draw the answers of shops with an NPS from −10 to +60 and 20 to 35 % passives."""
    shape = (number, shops.months)
    if shops.n:
        sizes = np.full(shape, shops.n)
    else:
        usual = np.exp(rng.uniform(np.log(10), np.log(2_000), (number, 1)))
        sizes = np.minimum(rng.poisson(usual * np.exp(rng.normal(0, 0.3, shape))), 4_000)
    nps = np.repeat(rng.uniform(-10, 60, (number, 1)), shops.months, axis=1)
    passives = rng.uniform(0.2, 0.35, (number, 1))
    month = np.arange(shops.months) + rng.uniform(0, 12, (number, 1))
    if shops.dip:
        nps -= 2 * shops.wave * (np.floor(month) % 12 < 2)
    else:
        nps += shops.wave * np.sin(2 * np.pi * month / 12)
    nps += rng.normal(0, shops.real, shape) if shops.real else 0
    if change:
        change(nps)
    return _answers(rng, sizes, nps, passives)


def _answers(
    rng: np.random.Generator, sizes: Any, nps: NDArray[np.float64], passives: Any
) -> Counts:
    score = np.clip(nps / 100, -0.78, 0.78)
    middle = np.minimum(passives, 0.99 - abs(score))
    shares = np.stack([(1 - middle + score) / 2, middle, (1 - middle - score) / 2], axis=-1)
    drawn: Counts = rng.multinomial(sizes, shares)
    return drawn


def _reading(counts: Counts, first: int = 0) -> Reading:
    """Read the months of one shop."""
    return read(
        [
            (month_numbered(START + first + place), Tally(*map(int, each)))
            for place, each in enumerate(counts)
        ]
    )


def _dropped(rng: np.random.Generator, real: float) -> Counts:
    """Draw shops that are 20 points lower from a month on."""

    def drop(nps: NDArray[np.float64]) -> None:
        nps[:, AFTER:] -= DROP

    shops = Shops(0, n=100, real=real, months=AFTER + 3)
    return _drawn(rng, shops, DROPPED_SHOPS, drop)


def _is_told(counts: Counts) -> bool:
    """Return whether one of the first three months that are lower leads to a shift about there."""
    for seen in (1, 2, 3):
        shifts = _reading(counts[seen - 1 : AFTER + seen], first=seen - 1).shifts
        if any(
            shift.size < 0 and abs(number_of(shift.month) - START - AFTER) <= NEAR
            for shift in shifts
        ):
            return True
    return False


def _claims(rng: np.random.Generator, size: int) -> bool:
    """Return whether something is claimed of a month in which no row of any table differs.

    Seven topics that overlap, with the month before; five channels, six subjects, eight agents,
    two languages, new and returning customers.
    """
    nps, passives = rng.uniform(-10, 60), rng.uniform(0.2, 0.35)
    now, before = (
        _answers(rng, 1, np.full(size, nps), passives) for _month in ("this", "the one before")
    )
    ticked = [rng.random((size, 7)) < [0.35, 0.15, 0.2, 0.3, 0.2, 0.15, 0.1] for _ in range(2)]
    topics: dict[object, float | None] = {}
    for topic in range(7):
        here, there = now[ticked[0][:, topic]], before[ticked[1][:, topic]]
        topics[topic] = p_value(_tally(here), _tally(now[~ticked[0][:, topic]]))
        topics[topic, "trend"] = p_value(_tally(here), _tally(there))
    segments: dict[object, float | None] = {}
    for dimension, number in enumerate((5, 6, 8, 2, 2)):
        groups = rng.choice(number, size, p=rng.dirichlet(np.full(number, 3.0)))
        for group in range(number):
            inside = groups == group
            segments[dimension, group] = p_value(_tally(now[inside]), _tally(now[~inside]))
    return bool(beyond_chance(topics) or beyond_chance(segments))


def _tally(answers: Counts) -> Tally:
    return Tally(*map(int, answers.sum(axis=0)))
