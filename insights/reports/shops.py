"""All shops against the standard, for staff: the numbers that each reads on its own tab."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from operator import itemgetter
from typing import Any, Final

from insights.counts import tallies_by_month, tallies_by_shop
from insights.models import holding_standards
from insights.reports.handling import Handling, handling_by_shop
from insights.reports.months import HISTORY_MONTHS
from insights.scores import JudgedScore
from insights.standards import Standard, standard_for_month, standard_on
from insights.trend import in_a_row
from sellers.models import Seller
from surveys.nps import Tally, Verdict
from surveys.periods import Period, months_back

STEP: Final = 10  # how many points of NPS one bar of the spread takes
LAST_STEP: Final = 90  # the bar that has +100 too

NOBODY: Final = Tally()
NOTHING: Final = Handling()


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopScore(JudgedScore):
    """One shop among all, compared with itself in the period before.

    `months_below` is how many months in a row did not meet their standard, where asked for.
    """

    seller_id: int
    name: str
    handling: Handling = NOTHING
    months_below: int = 0


class Order(StrEnum):
    """What the shops can be sorted by."""

    NAME = "name"
    MEASUREMENTS = "measurements"
    NPS = "nps"
    VERDICT = "verdict"
    CHANGE = "change"
    HANDED_OVER = "handed_over"
    CLOSED_BY_ITSELF = "closed_by_itself"
    NEVER_CLOSED = "never_closed"


@dataclass(frozen=True, slots=True)
class ShopScores:
    """All shops in a period, those without measurements too, and what they are together."""

    period: Period
    total: JudgedScore
    shops: tuple[ShopScore, ...]

    @property
    def verdicts(self) -> Counter[Verdict | None]:
        """Return how many shops have each verdict; those without measurements have none."""
        return Counter(shop.verdict for shop in self.shops if shop.tally.total)

    @property
    def without_measurements(self) -> int:
        """Return how many shops nobody answered about."""
        return sum(not shop.tally.total for shop in self.shops)

    @property
    def clearly_below(self) -> list[ShopScore]:
        """Return the shops whose whole interval lies below the standard, the lowest score first."""
        below = [shop for shop in self.shops if shop.is_surely_met is False]
        return sorted(below, key=SORT_KEYS[Order.NPS])

    def would_not_meet(self, standard: Standard) -> int:
        """Return how many of the shops that met their standard would not have met this one."""
        return sum(
            shop.verdict is Verdict.MET
            and shop.tally.verdict(standard.value, standard.minimum) is Verdict.NOT_MET
            for shop in self.shops
        )

    @property
    def judged(self) -> int:
        """Return how many shops have measurements enough for a verdict."""
        return self.verdicts[Verdict.MET] + self.verdicts[Verdict.NOT_MET]

    @property
    def least_measurements(self) -> int:
        """Return how many measurements make a score more than indicative."""
        return max(1, self.total.minimum)

    @property
    def spread(self) -> Mapping[int, int]:
        """Return how many shops score from −100, −90 and so on up to the next.

        Has only the shops with measurements enough.
        """
        steps, least = Counter[int](), self.least_measurements
        for shop in self.shops:
            if shop.tally.total >= least:
                step = 100 * shop.tally.balance // shop.tally.total // STEP * STEP
                steps[min(step, LAST_STEP)] += 1
        return steps

    def listed(
        self, *, search: str, verdict: Verdict | None, order: Order, descending: bool
    ) -> list[ShopScore]:
        """Return the shops with these letters in their name, of one verdict or all, sorted.

        A shop that has not what is sorted by comes last in both directions.
        """
        letters, key = search.casefold(), SORT_KEYS[order]
        keyed = [
            (key(shop), shop)
            for shop in self.shops
            if (not letters or letters in shop.name.casefold())
            and (verdict is None or (shop.verdict is verdict and shop.tally.total))
        ]
        present = [each for each in keyed if each[0] is not None]
        present.sort(key=itemgetter(0), reverse=descending)
        absent = (each for each in keyed if each[0] is None)
        return [shop for _, shop in (*present, *absent)]


def shop_scores(period: Period, *, today: date) -> ShopScores:
    """Count all shops, by name; five statements, whatever their number.

    They are judged by the standard of the last day of the period, or of today until that has come.
    """
    assert period.last is not None
    standard = standard_on(holding_standards(), min(period.last, today))
    counted = tallies_by_shop(period, period.before)
    shops = [
        ShopScore(
            seller_id=seller_id,
            name=name,
            tally=counted.get((seller_id, 0), NOBODY),
            standard=standard,
            before=JudgedScore(tally=counted.get((seller_id, 1), NOBODY)),
        )
        for seller_id, name in Seller.objects.values_list("pk", "name")
    ]
    shops.sort(key=SORT_KEYS[Order.NAME])
    together, before = (_total_tally(counted, position) for position in (0, 1))
    total = JudgedScore(tally=together, standard=standard, before=JudgedScore(tally=before))
    return ShopScores(period, total, tuple(shops))


def with_months_below(shops: Collection[ShopScore], last: date, *, today: date) -> list[ShopScore]:
    """Return these shops with how many months up to `last` in a row each was below its standard."""
    months = months_back(last, HISTORY_MONTHS - 1)
    sellers = [shop.seller_id for shop in shops]
    counted = tallies_by_month(sellers, first=months[0], last=last) if shops else {}
    standards = holding_standards()
    judged = {month: standard_for_month(standards, month, today=today) for month in months}
    return [
        replace(
            shop,
            months_below=in_a_row(
                [
                    JudgedScore(
                        tally=counted.get((shop.seller_id, month), NOBODY), standard=judged[month]
                    )
                    for month in months
                ],
                Verdict.NOT_MET,
            ),
        )
        for shop in shops
    ]


def with_handling(
    shops: Collection[ShopScore], period: Period, *, now: datetime
) -> list[ShopScore]:
    """Return these shops with what became of their queries."""
    sellers = [shop.seller_id for shop in shops]
    found = handling_by_shop(period, sellers=sellers, now=now)
    return [replace(shop, handling=found.get(shop.seller_id, NOTHING)) for shop in shops]


def _total_tally(counted: Mapping[tuple[int, int], Tally], position: int) -> Tally:
    tallies = [tally for (_seller, period), tally in counted.items() if period == position]
    return Tally(
        sum(each.promoters for each in tallies),
        sum(each.passives for each in tallies),
        sum(each.detractors for each in tallies),
    )


def _nps(tally: Tally) -> float | None:
    # Good enough to sort by: equal fractions are equal floats, and others are far apart.
    return tally.balance / tally.total if tally.total else None


def _change(shop: ShopScore) -> float | None:
    now, before = _nps(shop.tally), _nps(shop.before.tally) if shop.before else None
    return None if now is None or before is None else now - before


# What needs attention comes first.
RANKS: Final = (Verdict.NOT_MET, Verdict.TOO_FEW, Verdict.MET, None)
SORT_KEYS: Final[Mapping[Order, Callable[[ShopScore], Any]]] = {
    Order.NAME: lambda shop: shop.name.casefold(),
    Order.MEASUREMENTS: lambda shop: shop.tally.total,
    Order.NPS: lambda shop: _nps(shop.tally),
    Order.VERDICT: lambda shop: RANKS.index(shop.verdict),
    Order.CHANGE: _change,
    Order.HANDED_OVER: lambda shop: shop.handling.handed_over.fraction,
    Order.CLOSED_BY_ITSELF: lambda shop: shop.handling.closed_by_itself.fraction,
    Order.NEVER_CLOSED: lambda shop: shop.handling.never_closed.fraction,
}
