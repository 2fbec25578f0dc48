"""The answers of each shop and month, counted once and kept: docs/decisions/0007-kept-counts.md.

What is kept holds every answer up to the counting mark, a primary key; what came later is counted
when it is asked for, and is little. Exclusions are no part of it: they are taken off when reading.
Only `keeping.py` knows of the mark besides.
"""

import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import reduce
from operator import add
from typing import Any, Final, Protocol, Self, TypeVar

from django.core.cache import cache
from django.db.models import (
    BooleanField,
    Case,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Sum,
    When,
)
from django.db.models.lookups import LessThan

from insights.models import CountingMark, MonthCount
from sellers.made_once import ValuesOnce
from sellers.models import Seller
from surveys.enums import Band
from surveys.models import (
    IMPORTED,
    SurveyResponse,
    SurveyResponses,
    in_band,
    in_months,
    submitted_in,
)
from surveys.nps import BAND_SCORES, HIGHEST_SCORE, LOWEST_SCORE, Answer, Tally
from surveys.periods import Period

logger = logging.getLogger(__name__)

SCORES: Final = range(LOWEST_SCORE, HIGHEST_SCORE + 1)
# Of what is no array, as only a mistake would write it: short enough to be looked at.
LENGTH: Final = (
    "CASE jsonb_typeof(%(expressions)s) WHEN 'array' THEN jsonb_array_length(%(expressions)s)"
    " ELSE 0 END"
)
WRONG: Final = "wrong-counts"  # in the cache: the shops to be counted again


class Addable(Protocol):
    """Counts of any shape."""

    def __add__(self, other: Self, /) -> Self: ...
    def __sub__(self, other: Self, /) -> Self: ...
    def is_part_of(self, other: Self, /) -> bool: ...  # noqa: D102


class WrongCounts(Exception):
    """What is kept of a shop cannot be what was answered."""

    def __init__(self, seller: int) -> None:
        super().__init__(seller)
        self.seller = seller


KeyT = TypeVar("KeyT", bound=Hashable)
CountsT = TypeVar("CountsT", bound=Addable)


@dataclass(frozen=True, slots=True)
class MonthAnswers:
    """What customers answered in one month, as far as it counts.

    `scores` is how often each score was given; `answers` how often each choice of topics came
    with each score, whole only where it was asked for; `excluded` is how many were taken off,
    `imported` whether any that counts came by an import.
    """

    scores: Counter[int] = field(default_factory=Counter)
    answers: Counter[Answer] = field(default_factory=Counter)
    excluded: int = 0
    imported: bool = False

    def __add__(self, other: "MonthAnswers") -> "MonthAnswers":
        return MonthAnswers(
            self.scores + other.scores,
            self.answers + other.answers,
            self.excluded,
            self.imported or other.imported,
        )

    def __sub__(self, other: "MonthAnswers") -> "MonthAnswers":
        return MonthAnswers(
            self.scores - other.scores,
            self.answers - other.answers,
            self.excluded + other.scores.total(),
            self.imported,
        )

    def is_part_of(self, other: "MonthAnswers") -> bool:
        """Return whether all of these answers are among others."""
        return self.scores <= other.scores


# Reading


def answers_by_month(
    seller: Seller, *, first: date, last: date, detailed: Collection[date] = (), short: int = 0
) -> Mapping[date, MonthAnswers]:
    """Count the answers of a shop in a row of months, with the topics of the `detailed` ones.

    `detailed` are months in a row. So have months of which fewer than `short` different answers
    are kept, or came later. Months without answers are left out. At most three statements,
    whatever the number of answers; one more where what was imported is excluded.
    """
    months = {"seller": seller.pk, "first": first, "last": last}

    def count(rows: Iterable[tuple[Any, ...]]) -> dict[date, MonthAnswers]:
        every, imported = defaultdict[date, Counter[Answer]](Counter), set[date]()
        for month, is_imported, topics, score, times in rows:
            every[month][Answer(tuple(topics), score)] += times
            imported |= {month} if is_imported else set()
        return {
            month: MonthAnswers(
                scores_in(answers),
                answers if month in detailed or len(answers) < short else Counter(),
                imported=month in imported,
            )
            for month, answers in every.items()
        }

    excluded = dict[date, MonthAnswers]()

    def count_excluded() -> dict[date, MonthAnswers]:
        excluded.update(count(EXCLUDED_ANSWERS.all(**months)))
        return excluded

    counted = _kept_and_later(
        _kept_months(months, detailed, short),
        lambda mark: count(LATER_ANSWERS.all(**months, mark=mark)),
        count_excluded,
        seller=seller.pk,
    )
    return counted | _without_imports(
        seller, {month: counted[month] for month, out in excluded.items() if out.imported}
    )


def _without_imports(
    seller: Seller, months: Mapping[date, MonthAnswers]
) -> dict[date, MonthAnswers]:
    """Return those of the months, in which imported answers are excluded, that have no other."""
    if not months:
        return {}
    imported = SurveyResponse.objects.for_seller(seller).filter(IMPORTED, month__in=months)
    left = imported.counting().order_by().values_list("month", flat=True).distinct()
    gone = months.keys() - set(left)
    return {month: replace(months[month], imported=False) for month in gone}


def tallies_by_shop(*periods: Period) -> Mapping[tuple[int, int], Tally]:
    """Count all shops in each of some periods: {(primary key, position of the period): tally}.

    Shops without answers in a period are left out. At most three statements, whatever the number
    of shops. Of whole months what is kept is read; other days are counted live.
    """
    by_months = all(period.months for period in periods)
    condition = in_months if by_months else submitted_in
    whole = Period(
        min(period.first for period in periods if period.first),
        max(period.last for period in periods if period.last),
    )

    def count(responses: SurveyResponses) -> dict[tuple[int, int], Tally]:
        # Count("score") and not "pk": the covering index has the score.
        counts = {
            f"{band}_{position}": Count("score", filter=condition(period) & in_band(band))
            for position, period in enumerate(periods)
            for band in Band
        }
        rows = responses.order_by().values_list("seller").annotate(**counts)
        return {key: tally for seller, *bands in rows for key, tally in _tallies(seller, bands)}

    return _kept_and_later(
        _kept_shops(periods, whole) if by_months else (),
        *_counters(SurveyResponse.objects.for_shops().filter(condition(whole)), count),
    )


def tallies_by_month(
    sellers: Collection[int], *, first: date, last: date
) -> Mapping[tuple[int, date], Tally]:
    """Count some shops in a row of months: {(primary key, month): tally}, in three statements."""

    def count(responses: SurveyResponses) -> dict[tuple[int, date], Tally]:
        counted: dict[tuple[int, date], Counter[int]] = defaultdict(Counter)
        rows = responses.order_by().values_list("seller", "month", "score")
        for seller, month, score, number in rows.annotate(count=Count("score")):
            counted[seller, month][score] = number
        return {key: Tally.from_scores(scores) for key, scores in counted.items()}

    responses = SurveyResponse.objects.for_shops().filter(seller__in=sellers)
    return _kept_and_later(
        _kept_months_of(sellers, first, last),
        *_counters(responses.in_months(first, last), count),
    )


def _counters(
    responses: SurveyResponses, count: Callable[[SurveyResponses], Mapping[KeyT, CountsT]]
) -> tuple[Callable[[int], Mapping[KeyT, CountsT]], Callable[[], Mapping[KeyT, CountsT]]]:
    """Return what counts those of some responses that came after a mark, and those excluded."""
    return (
        lambda mark: count(responses.filter(pk__gt=mark) if mark else responses),
        lambda: count(responses.excluded()),
    )


def _kept_and_later(
    kept: Iterable[tuple[KeyT, CountsT, int]],
    count_later: Callable[[int], Mapping[KeyT, CountsT]],
    count_excluded: Callable[[], Mapping[KeyT, CountsT]],
    *,
    seller: int | None = None,
) -> dict[KeyT, CountsT]:
    """Add what came after the counting mark to what is kept, and take off what staff excluded.

    Each of the `kept` comes with the mark of the same moment. Where that cannot be right, all is
    counted live.
    """
    counted: dict[KeyT, CountsT] = {}
    try:
        counted = _added_up(kept, count_later)
        excluded = count_excluded() if counted else {}
        for key, counts in excluded.items():
            if key not in counted or not counts.is_part_of(counted[key]):
                raise WrongCounts(seller or key[0])  # type: ignore[index]  # of many shops
    except WrongCounts as wrong:
        _note_wrong(wrong.seller)
        counted, excluded = _added_up((), count_later), count_excluded()
    for key, counts in excluded.items():
        if key in counted:  # else it was answered and excluded between two statements
            counted[key] = counted[key] - counts
    return counted


def _added_up(
    kept: Iterable[tuple[KeyT, CountsT, int]], count_later: Callable[[int], Mapping[KeyT, CountsT]]
) -> dict[KeyT, CountsT]:
    """Add what came later to what is kept, of nothing everything. Raises WrongCounts."""
    counted: dict[KeyT, CountsT] = {}
    mark = 0  # when nothing is kept, every answer came later
    for key, counts, up_to in kept:
        counted[key], mark = counts, up_to
    for key, later in count_later(mark).items():
        counted[key] = counted[key] + later if key in counted else later
    return counted


def _note_wrong(seller: int) -> None:
    """Let the next who keeps counts mend a shop, and say so once in the log."""
    known = cache.get(WRONG, ())
    if seller not in known:
        logger.error("What is kept of shop %s is wrong: its months are counted live.", seller)
        cache.set(WRONG, (*known, seller), None)


def _kept_months(
    months: Mapping[str, Any], detailed: Collection[date], short: int
) -> Iterator[tuple[date, MonthAnswers, int]]:
    """Yield what is kept of the months of a shop."""
    wanted = {"since": min(detailed, default=None), "until": max(detailed, default=None)}
    kept = KEPT_MONTHS.all(**months, **wanted, short=short)
    for month, scores, choices, mark, is_imported in kept:
        counts = +Counter(dict(zip(SCORES, scores, strict=True)))
        answers = Counter[Answer]() if choices is None else _kept_answers(choices)
        if choices is not None and (answers is None or scores_in(answers) != counts):
            raise WrongCounts(months["seller"])
        yield month, MonthAnswers(counts, answers or Counter(), imported=is_imported), mark


def _kept_answers(choices: Any) -> Counter[Answer] | None:
    """Return what is kept of the choices of a month; None when it is nothing of the kind."""
    try:
        answers = answers_in(choices)
        return answers if all(count > 0 for count in answers.values()) else None
    except (TypeError, ValueError):
        return None


def _kept_rows(
    *, seller: int, first: date, last: date, since: date, until: date, short: int
) -> QuerySet[MonthCount, tuple[Any, ...]]:
    """Return the months that are kept of a shop, with the choices of some; the mark; imports."""
    length = Func("choices", template=LENGTH, output_field=IntegerField())
    is_wanted = Q(month__range=(since, until)) | Q(LessThan(length, short))
    detail = Case(When(is_wanted, then="choices"))
    imported = SurveyResponse.objects.for_shops().filter(
        IMPORTED, seller=OuterRef("seller"), month=OuterRef("month")
    )
    rows = MonthCount.objects.filter(seller=seller, month__range=(first, last)).annotate(
        mark=CountingMark.objects.values("response_id")[:1],
        detail=detail,
        imported=Exists(imported),
    )
    return rows.values_list("month", "scores", "detail", "mark", "imported")


def _live(*, seller: int, first: date, last: date) -> SurveyResponses:
    """Return the answers of a shop in a row of months."""
    return SurveyResponse.objects.for_shops().filter(seller=seller).in_months(first, last)


def _later_answers(*, mark: int, **months: Any) -> QuerySet[SurveyResponse, tuple[Any, ...]]:
    return _counted_rows(_live(**months).filter(pk__gt=mark))


def _excluded_answers(**months: Any) -> QuerySet[SurveyResponse, tuple[Any, ...]]:
    # Side by side: an import may be large, and to find its rows once more takes longer than this.
    one, many = map(_counted_rows, _live(**months).ways_out())
    return one.union(many, all=True)


def _counted_rows(responses: SurveyResponses) -> QuerySet[SurveyResponse, tuple[Any, ...]]:
    """Return rows of a month, whether they were imported, and what `count_answers` says."""
    came = responses.annotate(came=ExpressionWrapper(IMPORTED, BooleanField()))
    return came.count_answers("month", "came")


MONTHS: Final = {"seller": int, "first": date, "last": date}
KEPT_MONTHS: Final = ValuesOnce({**MONTHS, "since": date, "until": date, "short": int}, _kept_rows)
LATER_ANSWERS: Final = ValuesOnce({**MONTHS, "mark": int}, _later_answers)
EXCLUDED_ANSWERS: Final = ValuesOnce(MONTHS, _excluded_answers)


def _kept_months_of(
    sellers: Collection[int], first: date, last: date
) -> Iterator[tuple[tuple[int, date], Tally, int]]:
    """Yield what is kept of each month of some shops."""
    rows = MonthCount.objects.filter(seller__in=sellers, month__range=(first, last))
    mark = CountingMark.objects.values("response_id")[:1]
    for seller, month, scores, up_to in rows.annotate(mark=mark).values_list(
        "seller", "month", "scores", "mark"
    ):
        yield (seller, month), Tally.from_scores(dict(zip(SCORES, scores, strict=True))), up_to


def _kept_shops(
    periods: Collection[Period], whole: Period
) -> Iterator[tuple[tuple[int, int], Tally, int]]:
    """Yield what is kept of each shop in periods of whole months."""
    sums = {
        f"{band}_{position}": Sum(_kept_of(band), filter=in_months(period), default=0)
        for position, period in enumerate(periods)
        for band in Band
    }
    rows = (
        MonthCount.objects.filter(in_months(whole))
        .order_by()
        .annotate(mark=CountingMark.objects.values("response_id")[:1])
        .values_list("seller", "mark")
        .annotate(**sums)
    )
    for seller, mark, *bands in rows:
        for key, tally in _tallies(seller, bands):
            yield key, tally, mark


def _kept_of(band: Band) -> Any:
    """Return how many answers of a band are kept of a month; `scores` begins at the lowest."""
    return reduce(add, (F(f"scores__{score - LOWEST_SCORE}") for score in BAND_SCORES[band]))


def _tallies(seller: int, counts: Collection[int]) -> Iterator[tuple[tuple[int, int], Tally]]:
    """Yield the tally of each period: its bands follow each other as in a tally."""
    for position, bands in enumerate(zip(*[iter(counts)] * len(Band), strict=True)):
        yield (seller, position), Tally(*bands)


def answers_in(rows: Iterable[tuple[Any, ...]]) -> Counter[Answer]:
    """Return how often each answer came, of rows that end with its topics, its score and that."""
    return Counter({Answer(tuple(topics), score): n for *_, topics, score, n in rows})


def scores_in(answers: Counter[Answer]) -> Counter[int]:
    """Return how often each score was given."""
    scores = Counter[int]()
    for answer, count in answers.items():
        scores[answer.score] += count
    return scores
