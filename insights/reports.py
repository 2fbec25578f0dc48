"""The numbers of the NPS tab: counted once, judged once, the same wherever they are shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from operator import add

from insights.models import holding_standards
from insights.standards import Standard, standard_for_month
from sellers.models import Seller
from surveys.models import SurveyResponse
from surveys.nps import Interval, Tally, Verdict, displayed
from surveys.periods import month_start, months_back

HISTORY_MONTHS = 24
POOLED_MONTHS = 12


@dataclass(frozen=True, slots=True)
class MonthScore:
    """One month of one shop: the counts, and the standard they are judged by.

    `scores` is how often each score was given: {score: count}, scores nobody gave left out.
    """

    month: date
    scores: Mapping[int, int]
    tally: Tally
    standard: Standard | None
    running: bool

    @property
    def nps(self) -> Fraction | None:
        """Return the exact NPS, or None when nobody answered."""
        return self.tally.nps

    @property
    def shown(self) -> Decimal | None:
        """Return the NPS as people read it, never on the wrong side of the standard."""
        if self.nps is None:
            return None
        return displayed(self.nps, self.standard.value if self.standard else None)

    @property
    def interval(self) -> Interval | None:
        """Return the 95 % interval, or None when nobody answered."""
        return self.tally.interval

    @property
    def verdict(self) -> Verdict | None:
        """Return how the month stands against its standard, or None without a standard."""
        if self.standard is None:
            return None
        return self.tally.verdict(self.standard.value, self.standard.minimum)

    @property
    def indicative(self) -> bool:
        """Return whether there are fewer measurements than the standard asks for."""
        return self.verdict is Verdict.TOO_FEW

    @property
    def could_be_chance(self) -> bool:
        """Return whether the standard lies inside the interval."""
        if self.standard is None or self.interval is None:
            return False
        return self.interval.contains(self.standard.value)

    @property
    def promoters_short(self) -> int | None:
        """Return how many more promoters would reach the standard; None when none can or needs."""
        if self.standard is None:
            return None
        return self.tally.promoters_short_of(self.standard.value) or None

    def change_from(self, earlier: "MonthScore") -> int | None:
        """Return the change in whole points since another month; None when either has no score."""
        if self.nps is None or earlier.nps is None:
            return None
        return int(displayed(self.nps - earlier.nps))


@dataclass(frozen=True, slots=True)
class History:
    """The calendar months of one shop, oldest first, the last one running."""

    months: tuple[MonthScore, ...]

    @property
    def running(self) -> MonthScore:
        """Return the month that today is in."""
        return self.months[-1]

    def find(self, month: date) -> MonthScore | None:
        """Return one of the months, or None when it is not among them."""
        return next((one for one in self.months if one.month == month), None)

    def before(self, month: MonthScore) -> MonthScore | None:
        """Return the month before one of these, or None for the first."""
        position = self.months.index(month)
        return self.months[position - 1] if position else None

    def pooled(self, last: MonthScore) -> Tally:
        """Return the sum of the twelve months up to and including `last`."""
        end = self.months.index(last) + 1
        return reduce(add, (one.tally for one in self.months[max(0, end - POOLED_MONTHS) : end]))


def history(seller: Seller, *, today: date) -> History:
    """Count the measurements of a shop per month: 24 months, the running one included."""
    months = months_back(month_start(today), HISTORY_MONTHS)
    counted = (
        SurveyResponse.objects.for_seller(seller).in_months(months[0], months[-1]).scores_by_month()
    )
    standards = holding_standards()
    return History(
        tuple(
            MonthScore(
                month=month,
                scores=counted.get(month, {}),
                tally=Tally.from_scores(counted.get(month, {})),
                standard=standard_for_month(standards, month, today=today),
                running=month == months[-1],
            )
            for month in months
        )
    )
