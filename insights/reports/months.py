"""The score of each month: counted once, judged once, the same wherever it is shown."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from operator import add

from insights.counts import MonthAnswers, answers_by_month
from insights.models import holding_standards
from insights.standards import GUIDELINE, Standard, coming_standard, standard_for_month
from sellers.models import Seller
from surveys.nps import Answer, Change, Interval, Shift, Tally, Verdict, displayed
from surveys.periods import last_day, month_start, months_back

HISTORY_MONTHS = 24
POOLED_MONTHS = 12


@dataclass(frozen=True, slots=True)
class MonthScore:
    """One month of one shop: the counts, and the standard they are judged by.

    `scores` is how often each score was given: {score: count}, scores nobody gave left out.
    `answers` is how often each choice of topics came with each score; only where it was asked for.
    `excluded` is how many measurements staff let not count.
    """

    month: date
    scores: Mapping[int, int]
    tally: Tally
    standard: Standard | None
    running: bool
    answers: Mapping[Answer, int] = field(default_factory=dict)
    excluded: int = 0

    @property
    def nps(self) -> Fraction | None:
        """Return the exact NPS, or None when nobody answered."""
        return self.tally.nps

    @property
    def shown(self) -> Decimal | None:
        """Return the NPS as people read it, never on the wrong side of the standard."""
        nps = self.nps
        if nps is None:
            return None
        return displayed(nps, self.standard.value if self.standard else None)

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
    def last_day(self) -> date:
        """Return the last day of the month."""
        return last_day(self.month)

    @property
    def minimum(self) -> int:
        """Return from how many measurements on the score is more than indicative."""
        return self.standard.minimum if self.standard else GUIDELINE

    @property
    def indicative(self) -> bool:
        """Return whether there are too few measurements for more than an indication."""
        return self.tally.total < self.minimum

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

    def change_from(self, earlier: "MonthScore") -> Change | None:
        """Return how the score changed since another month; None when either has no score."""
        return self.tally.change_from(earlier.tally)

    def shift_from(self, earlier: "MonthScore") -> Shift | None:
        """Return what the passives did since another month; None when nothing can be said."""
        minimum = max(self.minimum, earlier.minimum)
        return self.tally.shift_from(earlier.tally, minimum=minimum)


@dataclass(frozen=True, slots=True)
class History:
    """The calendar months of one shop, oldest first, the last one running.

    `earlier` are the tallies of the months before, as many as twelve months together need.
    `coming` is the next standard, when sellers are told of it already.
    """

    months: tuple[MonthScore, ...]
    earlier: tuple[Tally, ...] = ()
    coming: Standard | None = None

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
        tallies = [*self.earlier, *(one.tally for one in self.months[:end])]
        return reduce(add, tallies[-POOLED_MONTHS:])


def history(seller: Seller, *, today: date, detailed: Collection[date] = ()) -> History:
    """Count the measurements of a shop per month: 24 months, the running one included.

    The `detailed` months have their answers too.
    """
    every = months_back(month_start(today), HISTORY_MONTHS + POOLED_MONTHS - 1)
    months, earlier = every[-HISTORY_MONTHS:], every[:-HISTORY_MONTHS]
    counted = answers_by_month(seller, first=every[0], last=every[-1], detailed=detailed)
    standards = holding_standards()
    return History(
        months=tuple(
            _score(
                month,
                counted.get(month, MonthAnswers()),
                standard_for_month(standards, month, today=today),
                running=month == months[-1],
            )
            for month in months
        ),
        earlier=tuple(
            Tally.from_scores(counted[month].scores) if month in counted else Tally()
            for month in earlier
        ),
        coming=coming_standard(standards, today=today),
    )


def _score(
    month: date, counted: MonthAnswers, standard: Standard | None, *, running: bool
) -> MonthScore:
    return MonthScore(
        month=month,
        scores=counted.scores,
        tally=Tally.from_scores(counted.scores),
        standard=standard,
        running=running,
        answers=counted.answers,
        excluded=counted.excluded,
    )
