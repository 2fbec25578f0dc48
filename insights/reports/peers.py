"""Between which places a shop is among the others, without a word of any other.

A score is uncertain, and so is a place: a shop is surely below those whose whole 95 % interval lies
above its own, and surely above those whose whole interval lies below it. The true place lies within
that range in 99–100 % of cases on average, simulated.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from django.core.cache import cache

from insights.counts import answers_by_month, tallies_by_shop
from insights.reports.months import POOLED_MONTHS
from insights.standards import GUIDELINE
from sellers.models import Seller
from surveys.nps import Interval, Tally, displayed
from surveys.periods import Period, month_start, months_back, previous_month

LEAST_SHOPS: Final = 10  # that take part; a place among fewer would give the others away
MIDDLE_FROM: Final = 20  # shops, so that five or more score below the middle half
ROUNDED_TO: Final = 5  # points of NPS, or percents of the places: no other shop is shown as it is
PERCENT_FROM: Final = 100  # shops
KEPT_FOR: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Places:
    """The best and the worst place that a shop may have among all `shops`, 1 for the highest score.

    Both are counted from the top.
    """

    best: int
    worst: int
    shops: int

    @property
    def is_open(self) -> bool:
        """Return whether that is more than half of all places: too close to call."""
        return 2 * (self.worst - self.best + 1) > self.shops

    @property
    def percents(self) -> tuple[int, int] | None:
        """Return which part of all places that is, from the top, 0–100, rounded outward to 5.

        None below 100 shops: then places are read.
        """
        if self.shops < PERCENT_FROM:
            return None
        above = 100 * (self.best - 1) // (self.shops * ROUNDED_TO)
        up_to = -(-100 * self.worst // (self.shops * ROUNDED_TO))
        return ROUNDED_TO * above, ROUNDED_TO * up_to


@dataclass(frozen=True, slots=True)
class Rank:
    """Between which `places` a shop is.

    `middle` is between which scores the middle half of the shops lie, about; None when too few take
    part for that.
    """

    displayed: Decimal
    places: Places
    middle: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Counted:
    """All shops that take part: their tallies by primary key, and the ends of their intervals.

    `lows` and `highs` are in rising order, each by itself.
    """

    tallies: Mapping[int, Tally]
    lows: tuple[float, ...]
    highs: tuple[float, ...]

    @classmethod
    def of(cls, tallies: Mapping[int, Tally]) -> "Counted":
        """Return what is kept of the tallies of some shops; each has answers."""
        intervals = [each.interval for each in tallies.values()]
        return cls(
            tallies,
            tuple(sorted(each.low for each in intervals if each)),
            tuple(sorted(each.high for each in intervals if each)),
        )

    def places(self, own: Interval) -> Places:
        """Return where a shop with this interval is; it takes part itself."""
        shops = len(self.tallies)
        above = shops - bisect_right(self.lows, own.high)
        below = bisect_left(self.highs, own.low)
        return Places(1 + above, shops - below, shops)


@dataclass(frozen=True, slots=True)
class Peers:
    """The comparison over a row of finished months.

    `rank` is None when too few `shops` take part, or when the shop has too few `measurements`.
    """

    months: Period
    shops: int
    measurements: int
    rank: Rank | None


def compare_with_peers(seller: Seller, *, today: date) -> Peers:
    """Compare a shop with all others over the twelve finished months before the day.

    Twelve months together, for most shops have too few measurements in a single one; finished, so
    that a place holds for a month. All shops are counted once a day.
    """
    finished = months_back(previous_month(month_start(today)), POOLED_MONTHS)
    months = Period.of_months(finished[0], finished[-1])
    counted = _counted_today(months, today)
    own, shops = counted.tallies.get(seller.pk), len(counted.tallies)
    if own is None:
        answered = answers_by_month(seller, first=finished[0], last=finished[-1]).values()
        return Peers(months, shops, sum(one.scores.total() for one in answered), None)
    enough = shops >= LEAST_SHOPS
    return Peers(months, shops, own.total, _rank(own, counted) if enough else None)


def _counted_today(months: Period, today: date) -> Counted:
    key = f"insights:places:{today:%Y-%m-%d}"
    counted: Counted | None = cache.get(key)
    if counted is None:
        counted = _counted(months)
        cache.set(key, counted, KEPT_FOR.total_seconds())
    return counted


def _counted(months: Period) -> Counted:
    return Counted.of(
        {
            seller_id: tally
            for (seller_id, _), tally in tallies_by_shop(months).items()
            if tally.total >= GUIDELINE
        }
    )


def _rank(own: Tally, counted: Counted) -> Rank:
    nps, interval = own.nps, own.interval
    assert nps is not None  # who takes part has measurements
    assert interval is not None
    enough = len(counted.tallies) >= MIDDLE_FROM
    return Rank(
        displayed=displayed(nps),
        places=counted.places(interval),
        middle=_middle(counted) if enough else None,
    )


def _middle(counted: Counted) -> tuple[int, int]:
    """Return about where the lowest and the highest of the middle half score."""
    scores = sorted(each.balance / each.total for each in counted.tallies.values())
    outside = len(scores) // 4
    low, high = (
        ROUNDED_TO * round(100 * score / ROUNDED_TO)
        for score in (scores[outside], scores[-1 - outside])
    )
    return low, high
