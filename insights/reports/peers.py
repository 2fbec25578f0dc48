"""A shop's rank among the others, without a word of any other."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Final

from django.core.cache import cache

from insights.counts import answers_by_month, tallies_by_shop
from insights.reports.months import POOLED_MONTHS
from insights.standards import GUIDELINE
from sellers.models import Seller
from surveys.nps import displayed
from surveys.periods import Period, month_start, months_back, previous_month

LEAST_SHOPS: Final = 10  # that take part; a rank among fewer would give the others away
MIDDLE_FROM: Final = 20  # shops, so that five or more score below the middle half
ROUNDED_TO: Final = 5  # points of NPS: no score of another shop is shown as it is
TENTHS: Final = 10
HUNDRED: Final = 100
KEPT_FOR: Final = timedelta(days=1)

# Of each shop that takes part: promoters less detractors, and measurements.
Counted = dict[int, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Rank:
    """Better than how many of the others a shop scores.

    `tenth` is in which tenth of all ranks that is, 0 for the lowest. `middle` is between which
    scores the middle half of the shops lie, about; None when too few take part for that.
    """

    displayed: Decimal
    better_than: int
    others: int
    tenth: int
    middle: tuple[int, int] | None

    @property
    def readable(self) -> tuple[int, int]:
        """Return better than how many of how many; of each hundred when there are more."""
        if self.others <= HUNDRED:
            return self.better_than, self.others
        return HUNDRED * self.better_than // self.others, HUNDRED


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
    that a rank holds for a month. All shops are counted once a day.
    """
    finished = months_back(previous_month(month_start(today)), POOLED_MONTHS)
    months = Period.of_months(finished[0], finished[-1])
    counted = _counted_today(months, today)
    own = counted.get(seller.pk)
    if own is None:
        answered = answers_by_month(seller, first=finished[0], last=finished[-1]).values()
        return Peers(months, len(counted), sum(one.scores.total() for one in answered), None)
    enough = len(counted) >= LEAST_SHOPS
    return Peers(months, len(counted), own[1], _rank(own, counted) if enough else None)


def _counted_today(months: Period, today: date) -> Counted:
    key = f"insights:peers:{today:%Y-%m-%d}"
    counted: Counted | None = cache.get(key)
    if counted is None:
        counted = _counted(months)
        cache.set(key, counted, KEPT_FOR.total_seconds())
    return counted


def _counted(months: Period) -> Counted:
    return {
        seller_id: (tally.balance, tally.total)
        for (seller_id, _), tally in tallies_by_shop(months).items()
        if tally.total >= GUIDELINE
    }


def _rank(own: tuple[int, int], counted: Counted) -> Rank:
    # Equal fractions are equal floats, and different ones are far apart.
    scores = sorted(balance / total for balance, total in counted.values())
    score = own[0] / own[1]
    better_than = bisect_left(scores, score)
    level = bisect_right(scores, score) - better_than - 1  # without the shop itself
    others = len(scores) - 1
    tenth = TENTHS * (2 * better_than + level) // (2 * others)
    return Rank(
        displayed=displayed(Fraction(100 * own[0], own[1])),
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
