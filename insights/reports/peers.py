"""A shop's place among the others, told without telling of any other."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Final

from django.core.cache import cache

from insights.counts import answers_by_month
from insights.reports.shops import YEAR_MONTHS, Months, tallies
from insights.standards import GUIDELINE
from sellers.models import Seller
from surveys.nps import displayed
from surveys.periods import month_start, months_back, previous_month

LEAST_SHOPS: Final = 10  # that take part; a place among fewer would tell of the others
MIDDLE_FROM: Final = 20  # shops, so that five or more score below the middle half
ROUNDED_TO: Final = 5  # points of NPS: no score of another shop is told as it is
TENTHS: Final = 10
HUNDRED: Final = 100
KEPT_FOR: Final = timedelta(days=1)

# Of each shop that takes part: promoters less detractors, and measurements.
Counted = dict[int, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a shop stands: better than how many of the others.

    `tenth` is in which tenth of all places that is, 0 for the lowest. `middle` is between which
    scores the middle half of the shops lie, about; None when too few take part to tell.
    """

    shown: Decimal
    better_than: int
    others: int
    tenth: int
    middle: tuple[int, int] | None

    @property
    def told(self) -> tuple[int, int]:
        """Return better than how many of how many; of each hundred when there are more."""
        if self.others <= HUNDRED:
            return self.better_than, self.others
        return HUNDRED * self.better_than // self.others, HUNDRED


@dataclass(frozen=True, slots=True)
class Peers:
    """The comparison over a row of finished months.

    `place` is None when too few `shops` take part, or when the shop has too few `measurements`.
    """

    months: Months
    shops: int
    measurements: int
    place: Place | None


def peers(seller: Seller, *, today: date) -> Peers:
    """Compare a shop with all others over the twelve finished months before the day.

    Twelve months together, for most shops have too few measurements in a single one; finished, so
    that a place holds for a month. All shops are counted once a day.
    """
    running = month_start(today)
    finished = months_back(previous_month(running), YEAR_MONTHS)
    months = Months(finished[0], finished[-1])
    counted = _counted_today(months, today)
    own = counted.get(seller.pk)
    if own is None:
        answered = answers_by_month(seller, first=months.first, last=months.last).values()
        return Peers(months, len(counted), sum(one.scores.total() for one in answered), None)
    enough = len(counted) >= LEAST_SHOPS
    return Peers(months, len(counted), own[1], _place(own, counted) if enough else None)


def _counted_today(months: Months, today: date) -> Counted:
    key = f"insights:peers:{today:%Y-%m-%d}"
    counted: Counted | None = cache.get(key)
    if counted is None:
        counted = _counted(months)
        cache.set(key, counted, KEPT_FOR.total_seconds())
    return counted


def _counted(months: Months) -> Counted:
    return {
        seller_id: (tally.balance, tally.total)
        for seller_id, (tally,) in tallies(months).items()
        if tally.total >= GUIDELINE
    }


def _place(own: tuple[int, int], counted: Counted) -> Place:
    # Equal fractions are equal floats, and different ones are far apart.
    scores = sorted(balance / total for balance, total in counted.values())
    score = own[0] / own[1]
    better_than = bisect_left(scores, score)
    level = bisect_right(scores, score) - better_than - 1  # without the shop itself
    others = len(scores) - 1
    tenth = TENTHS * (2 * better_than + level) // (2 * others)
    return Place(
        shown=displayed(Fraction(100 * own[0], own[1])),
        better_than=better_than,
        others=others,
        tenth=min(tenth, TENTHS - 1),
        middle=_middle(scores) if len(scores) >= MIDDLE_FROM else None,
    )


def _middle(scores: list[float]) -> tuple[int, int]:
    """Return about where the lowest and the highest of the middle half score."""
    outside = len(scores) // 4
    low, high = (
        ROUNDED_TO * round(100 * score / ROUNDED_TO)
        for score in (scores[outside], scores[-1 - outside])
    )
    return low, high
