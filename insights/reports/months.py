"""The score of each month: counted once, judged once, the same wherever it is shown."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, reduce
from operator import add

from insights.counts import MonthAnswers, answers_by_month
from insights.models import standards_and_notes
from insights.scores import JudgedScore
from insights.standards import Standard, coming_standard, standard_for_month
from insights.trend import Trend, trend_of
from sellers.models import Seller
from surveys.nps import Answer, Tally
from surveys.periods import Period, last_day, month_start, months_back

HISTORY_MONTHS = 24
POOLED_MONTHS = 12
SMALL_MONTHS = 3  # finished months in a row with too few measurements make a small shop


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodScore(JudgedScore):
    """So many `months` of one shop together, `month` the last of them; `running` when that runs.

    `scores` is how often each score was given: {score: count}, scores nobody gave left out.
    `answers` is how often each choice of topics came with each score; only where it was asked for.
    `excluded` is how many measurements staff excluded, `imported` whether any were imported.
    """

    month: date
    months: int = 1
    running: bool
    scores: Mapping[int, int]
    answers: Mapping[Answer, int] = field(default_factory=dict)
    excluded: int = 0
    imported: bool = False
    before: "PeriodScore | None" = field(default=None, repr=False, compare=False)

    @property
    def period(self) -> Period:
        """Return the days that are counted."""
        return Period.of_months(months_back(self.month, self.months)[0], self.month)

    @property
    def last_day(self) -> date:
        """Return the last day of the last month."""
        return last_day(self.month)


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthScore(PeriodScore):
    """One month, judged by its standard and compared with the month before.

    `note` is what the owner says of it, empty where nothing is said.
    """

    note: str = ""
    before: "MonthScore | None" = field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class History:
    """The calendar months of one shop, oldest first, the last one running.

    `earlier` are the tallies of the months before, as many as twelve months together need.
    `coming` is the next standard, when sellers know of it already.
    """

    months: tuple[MonthScore, ...]
    earlier: tuple[Tally, ...] = ()
    coming: Standard | None = None

    @property
    def running(self) -> MonthScore:
        """Return the month that today is in."""
        return self.months[-1]

    @property
    def measured(self) -> bool:
        """Return whether there ever was a measurement, also if none of them counts."""
        return any(one.tally.total or one.excluded for one in self.months) or any(
            tally.total for tally in self.earlier
        )

    @property
    def is_small(self) -> bool:
        """Return whether the last finished months each have too few to say much by themselves."""
        return all(month.indicative for month in self.finished[-SMALL_MONTHS:])

    @property
    def leading(self) -> MonthScore:
        """Return the month to begin with: the last finished one until the running one has enough.

        Of a small shop it is the running one, after the twelve months together.
        """
        if self.is_small or not self.running.indicative:
            return self.running
        return self.months[-2]

    @property
    def opening(self) -> MonthScore:
        """Return the month that a page of one month begins with, where none is asked for.

        It is the running one when it has enough, or when nobody answered in the one before.
        """
        last = self.months[-2]
        return last if self.running.indicative and last.tally.total else self.running

    @property
    def finished(self) -> Sequence[MonthScore]:
        """Return the months but the running one."""
        return self.months[:-1]

    @cached_property
    def trend(self) -> Trend:
        """Return what the finished months come down to."""
        return trend_of(self.finished)

    def find(self, month: date) -> MonthScore | None:
        """Return one of the months, or None when it is not among them."""
        return next((one for one in self.months if one.month == month), None)

    def twelve_months(self, last: MonthScore) -> JudgedScore:
        """Return the twelve months up to and including `last` together."""
        end = self.months.index(last) + 1
        tallies = [*self.earlier, *(one.tally for one in self.months[:end])]
        return JudgedScore(tally=reduce(add, tallies[-POOLED_MONTHS:]), standard=last.standard)


def twelve_months_together(seller: Seller, history: History) -> PeriodScore:
    """Return the last twelve months of a shop as one, with their answers; the last one runs.

    Where not all of them came with the history, the months are counted anew.
    """
    running = history.running
    parts: Collection[MonthScore | MonthAnswers] = history.months[-POOLED_MONTHS:]
    if any(sum(one.answers.values()) != sum(one.scores.values()) for one in parts):
        months = months_back(running.month, POOLED_MONTHS)
        parts = answers_by_month(seller, first=months[0], last=months[-1], detailed=months).values()
    scores = reduce(add, (Counter(part.scores) for part in parts), Counter[int]())
    return PeriodScore(
        tally=Tally.from_scores(scores),
        standard=running.standard,
        month=running.month,
        months=POOLED_MONTHS,
        running=True,
        scores=scores,
        answers=reduce(add, (Counter(part.answers) for part in parts), Counter[Answer]()),
        excluded=sum(part.excluded for part in parts),
        imported=any(part.imported for part in parts),
    )


def history_month(written: str, *, today: date) -> date | None:
    """Return the month of the history that is written like this (2026-08), None if none is."""
    try:
        month = date.fromisoformat(f"{written}-01")
    except ValueError:
        return None
    return month if month in history_months(today) else None


def history_months(today: date) -> list[date]:
    """Return the months of the history, oldest first, the last one running."""
    return months_back(month_start(today), HISTORY_MONTHS)


def shop_history(
    seller: Seller, *, today: date, detailed: Collection[date] = (), short: int = 0
) -> History:
    """Count the measurements of a shop per month: 24 months, the running one included.

    The `detailed` months have their answers too, and those with fewer than `short` different ones.
    """
    every = months_back(month_start(today), HISTORY_MONTHS + POOLED_MONTHS - 1)
    counted = answers_by_month(
        seller, first=every[0], last=every[-1], detailed=detailed, short=short
    )
    standards, notes = standards_and_notes(seller)
    months: list[MonthScore] = []
    for month in every[-HISTORY_MONTHS:]:
        answered = counted.get(month, MonthAnswers())
        months.append(
            MonthScore(
                month=month,
                running=month == every[-1],
                tally=Tally.from_scores(answered.scores),
                standard=standard_for_month(standards, month, today=today),
                before=months[-1] if months else None,
                scores=answered.scores,
                answers=answered.answers,
                excluded=answered.excluded,
                imported=answered.imported,
                note=notes.get(month, ""),
            )
        )
    return History(
        months=tuple(months),
        earlier=tuple(
            Tally.from_scores(counted[month].scores) if month in counted else Tally()
            for month in every[:-HISTORY_MONTHS]
        ),
        coming=coming_standard(standards, today=today),
    )
