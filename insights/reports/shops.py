"""All shops against the standard, for staff: the numbers that each reads on its own tab."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import reduce
from operator import add, itemgetter, sub
from typing import Any, Final

from django.conf import settings
from django.db.models import Count, F, Q, Sum
from django.db.models.expressions import CombinedExpression

from insights.models import CountingMark, MonthCount, holding_standards
from insights.standards import GUIDELINE, Standard, standard_for_month, standard_on
from queries.enums import ActorType
from sellers.models import Seller
from surveys.enums import Band
from surveys.models import SurveyResponse, SurveyResponses, in_band
from surveys.nps import BAND_SCORES, LOWEST_SCORE, Change, Interval, Tally, Verdict, displayed
from surveys.periods import day_start, month_start, months_back, previous_month

RECENT_DAYS: Final = 28
YEAR_MONTHS: Final = 12
STEP: Final = 10  # how many points of NPS one bar of the spread takes
LAST_STEP: Final = 90  # the bar that has +100 too

NOBODY: Final = Tally()
BANDS: Final = (Band.PROMOTER, Band.PASSIVE, Band.DETRACTOR)  # as in a tally


@dataclass(frozen=True, slots=True)
class Days:
    """A row of days in the marketplace's zone, both ends included."""

    first: date
    last: date

    def holds(self) -> Q:
        """Return the condition that a response was submitted on one of them."""
        start = day_start(self.first, settings.MARKETPLACE_ZONE)
        end = day_start(self.last + timedelta(days=1), settings.MARKETPLACE_ZONE)
        return Q(submitted_at__gte=start, submitted_at__lt=end)


@dataclass(frozen=True, slots=True)
class Months:
    """A row of calendar months, both ends included."""

    first: date
    last: date

    def holds(self) -> Q:
        """Return the condition that a response, or what is kept, is of one of them."""
        return Q(month__range=(self.first, self.last))


Stretch = Days | Months


@dataclass(frozen=True, slots=True)
class Period:
    """What is counted, and the stretch just before it that it is compared with."""

    counted: Stretch
    before: Stretch

    def standard(self, *, today: date) -> Standard | None:
        """Return the standard that it is judged by: that of its last day, or of today."""
        standards = holding_standards()
        if isinstance(self.counted, Days):
            return standard_on(standards, self.counted.last)
        return standard_for_month(standards, self.counted.last, today=today)


def recent_days(today: date) -> Period:
    """Return the last 28 days, today included."""
    length = timedelta(days=RECENT_DAYS)
    first = today - length + timedelta(days=1)
    return Period(counted=Days(first, today), before=Days(first - length, today - length))


def one_month(month: date) -> Period:
    """Return a calendar month."""
    earlier = previous_month(month)
    return Period(counted=Months(month, month), before=Months(earlier, earlier))


def twelve_months(today: date) -> Period:
    """Return twelve calendar months, the running one included."""
    months = months_back(month_start(today), 2 * YEAR_MONTHS)
    return Period(
        counted=Months(months[YEAR_MONTHS], months[-1]),
        before=Months(months[0], months[YEAR_MONTHS - 1]),
    )


@dataclass(frozen=True, slots=True)
class PeriodScore:
    """The counts of a period and of the one before, and the standard they are judged by."""

    tally: Tally
    before: Tally
    standard: Standard | None

    @property
    def shown(self) -> Decimal | None:
        """Return the NPS as people read it, never on the wrong side of the standard."""
        if self.tally.nps is None:
            return None
        return displayed(self.tally.nps, self.standard.value if self.standard else None)

    @property
    def interval(self) -> Interval | None:
        """Return the 95 % interval, or None when nobody answered."""
        return self.tally.interval

    @property
    def verdict(self) -> Verdict | None:
        """Return how it stands against the standard, or None without one."""
        if self.standard is None:
            return None
        return self.tally.verdict(self.standard.value, self.standard.minimum)

    @property
    def change(self) -> Change | None:
        """Return how the score changed since the period before; None when either has no score."""
        return self.tally.change_from(self.before)


@dataclass(frozen=True, slots=True)
class ShopScore(PeriodScore):
    """One shop among all."""

    seller_id: int
    name: str


class Order(StrEnum):
    """What the shops can be sorted by."""

    NAME = "name"
    MEASUREMENTS = "measurements"
    NPS = "nps"
    VERDICT = "verdict"
    CHANGE = "change"


@dataclass(frozen=True, slots=True)
class ShopScores:
    """All shops in a period, those without measurements too, and what they are together."""

    period: Period
    total: PeriodScore
    shops: tuple[ShopScore, ...]

    @property
    def verdicts(self) -> Mapping[Verdict | None, int]:
        """Return how many shops have each verdict."""
        return Counter(shop.verdict for shop in self.shops)

    @property
    def enough(self) -> int:
        """Return how many measurements make a score more than indicative."""
        standard = self.total.standard
        return max(1, standard.minimum if standard else GUIDELINE)

    @property
    def spread(self) -> Mapping[int, int]:
        """Return how many shops score from −100, −90 and so on up to the next.

        Has only the shops with measurements enough.
        """
        steps, enough = Counter[int](), self.enough
        for shop in self.shops:
            if shop.tally.total >= enough:
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
            and (verdict is None or shop.verdict is verdict)
        ]
        present = [each for each in keyed if each[0] is not None]
        present.sort(key=itemgetter(0), reverse=descending)
        absent = (each for each in keyed if each[0] is None)
        return [shop for _, shop in (*present, *absent)]


def shop_scores(period: Period, *, today: date) -> ShopScores:
    """Count all shops, by name; six statements, whatever their number.

    Of months what is kept is read, and what came after the counting mark; days are counted live.
    """
    standard = period.standard(today=today)
    counted = tallies(period.counted, period.before)
    nothing = [NOBODY, NOBODY]
    shops = []
    for seller_id, name in Seller.objects.values_list("pk", "name"):
        tally, before = counted.get(seller_id, nothing)
        shops.append(ShopScore(tally, before, standard, seller_id, name))
    shops.sort(key=SORT_KEYS[Order.NAME])
    total = PeriodScore(
        tally=_together([shop.tally for shop in shops]),
        before=_together([shop.before for shop in shops]),
        standard=standard,
    )
    return ShopScores(period, total, tuple(shops))


def tallies(*stretches: Stretch) -> dict[int, list[Tally]]:
    """Count the measurements of each shop that has any: {primary key: a tally per stretch}.

    The stretches follow each other in time, in whichever direction, and are all days or all
    months.
    """
    kind = type(stretches[0])
    whole = kind(min(each.first for each in stretches), max(each.last for each in stretches))
    responses = SurveyResponse.objects.filter(whole.holds(), closed_by=ActorType.SELLER)
    found, mark = _kept(whole, stretches) if isinstance(whole, Months) else ({}, 0)
    later = responses.filter(pk__gt=mark) if mark else responses
    for seller_id, late in _live(later, stretches):
        found[seller_id] = list(map(add, found[seller_id], late)) if seller_id in found else late
    for seller_id, excluded in _live(responses.excluded(), stretches):
        found[seller_id] = list(map(sub, found[seller_id], excluded))
    return found


def _kept(whole: Months, stretches: Iterable[Stretch]) -> tuple[dict[int, list[Tally]], int]:
    """Return what is kept of each shop, and the counting mark of the same moment."""
    sums = {
        f"{band}_{number}": Sum(_kept_of(band), filter=stretch.holds(), default=0)
        for number, stretch in enumerate(stretches)
        for band in BANDS
    }
    rows = (
        MonthCount.objects.filter(whole.holds())
        .order_by()
        .annotate(mark=CountingMark.objects.values("response_id")[:1])
        .values_list("seller", "mark")
        .annotate(**sums)
    )
    kept: dict[int, list[Tally]] = {}
    mark = 0  # when nothing is kept, every answer came later
    for seller_id, up_to, *counts in rows:
        kept[seller_id], mark = _tallies(counts), up_to
    return kept, mark


def _kept_of(band: Band) -> CombinedExpression | F:
    """Return how many answers of a band are kept of a month; `scores` begins at the lowest."""
    return reduce(add, (F(f"scores__{score - LOWEST_SCORE}") for score in BAND_SCORES[band]))


def _live(
    responses: SurveyResponses, stretches: Iterable[Stretch]
) -> Iterator[tuple[int, list[Tally]]]:
    # Count("score") and not "pk": the covering index has the score.
    counts = {
        f"{band}_{number}": Count("score", filter=stretch.holds() & in_band(band))
        for number, stretch in enumerate(stretches)
        for band in BANDS
    }
    rows = responses.order_by().values_list("seller").annotate(**counts)
    return ((seller_id, _tallies(found)) for seller_id, *found in rows)


def _tallies(counts: list[int]) -> list[Tally]:
    """Return the counts of the bands, three by three."""
    return [Tally(*three) for three in zip(*[iter(counts)] * len(BANDS), strict=True)]


def _together(tallies: Collection[Tally]) -> Tally:
    return Tally(
        sum(each.promoters for each in tallies),
        sum(each.passives for each in tallies),
        sum(each.detractors for each in tallies),
    )


def _nps(tally: Tally) -> float | None:
    # Good enough to sort by: equal fractions are equal floats, and others are far apart.
    return tally.balance / tally.total if tally.total else None


def _change(shop: ShopScore) -> float | None:
    now, before = _nps(shop.tally), _nps(shop.before)
    return None if now is None or before is None else now - before


# What needs attention comes first.
RANKS: Final = (Verdict.NOT_MET, Verdict.TOO_FEW, Verdict.MET, None)
SORT_KEYS: Final[Mapping[Order, Callable[[ShopScore], Any]]] = {
    Order.NAME: lambda shop: shop.name.casefold(),
    Order.MEASUREMENTS: lambda shop: shop.tally.total,
    Order.NPS: lambda shop: _nps(shop.tally),
    Order.VERDICT: lambda shop: RANKS.index(shop.verdict),
    Order.CHANGE: _change,
}
