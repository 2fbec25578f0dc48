"""The answers of each shop and month, counted once and kept: docs/decisions/0007-kept-counts.md.

What is kept holds every answer up to the counting mark, a primary key; what came later is counted
when it is asked for, and is little. Exclusions are no part of it: they are taken off when reading.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import Case, JSONField, Max, Value, When

from insights.models import CountingMark, MonthCount
from queries.enums import ActorType
from sellers.models import Seller
from surveys.models import SurveyResponse
from surveys.nps import HIGHEST_SCORE, LOWEST_SCORE, Answer

SCORES: Final = range(LOWEST_SCORE, HIGHEST_SCORE + 1)
LONGEST_WAIT: Final = "200ms"  # of a customer's answer, for the mark


@dataclass(frozen=True, slots=True)
class MonthAnswers:
    """What customers answered in one month, as far as it counts.

    `scores` is how often each score was given; `answers` how often each choice of topics came
    with each score, empty unless it was asked for; `excluded` is how many do not count.
    """

    scores: Counter[int] = field(default_factory=Counter)
    answers: Counter[Answer] = field(default_factory=Counter)
    excluded: int = 0


def answers_by_month(
    seller: Seller, *, first: date, last: date, detailed: Collection[date] = ()
) -> Mapping[date, MonthAnswers]:
    """Count the answers of a shop in a row of months, with the topics of the `detailed` ones.

    Months without answers are left out. At most three statements, whatever the number of answers.
    """
    scores = defaultdict[date, Counter[int]](Counter)
    answers = defaultdict[date, Counter[Answer]](Counter)
    mark = 0  # when nothing is kept, every answer came later
    for month, kept_scores, choices, up_to in _kept(seller, first, last, detailed):
        mark = up_to
        scores[month] = Counter(dict(zip(SCORES, kept_scores, strict=True)))
        answers[month] = Counter(_answers(choices))
    responses = SurveyResponse.objects.for_seller(seller).in_months(first, last)
    for month, late in responses.filter(pk__gt=mark).answers_by_month().items():
        scores[month] += _scores(late)
        answers[month] += late
    excluded = responses.excluded().answers_by_month() if scores else {}
    for month, taken_off in excluded.items():
        scores[month] -= _scores(taken_off)
        answers[month] -= taken_off
    return {
        month: MonthAnswers(
            scores=+scores[month],
            answers=answers[month] if month in detailed else Counter(),
            excluded=excluded.get(month, Counter()).total(),
        )
        for month in scores
    }


def keep_counts() -> int:
    """Count what came since the last time into what is kept; return how many shops had any.

    Meant to run often; a second one beside it does nothing.
    """
    mark_now = CountingMark.objects.values("response_id")
    if not SurveyResponse.objects.filter(pk__gt=mark_now).exists():
        return 0
    newest = _newest_response()
    with transaction.atomic():
        mark = CountingMark.objects.select_for_update(skip_locked=True).first()
        if mark is None or mark.response_id >= newest:
            return 0
        fresh = SurveyResponse.objects.filter(closed_by=ActorType.SELLER).filter(
            pk__gt=mark.response_id, pk__lte=newest
        )
        touched = defaultdict[int, list[date]](list)
        for seller_id, month in fresh.order_by().values_list("seller", "month").distinct():
            touched[seller_id].append(month)
        for seller_id, months in touched.items():
            _keep(seller_id, _count(seller_id, up_to=newest, months=months))
        mark.response_id = newest
        mark.save(update_fields=["response_id"])
    return len(touched)


@transaction.atomic
def recount(seller_id: int) -> bool:
    """Count a shop again as far as the mark reaches; return whether what was kept was wrong."""
    mark = CountingMark.objects.select_for_update().get()
    right = _count(seller_id, up_to=mark.response_id)
    if _is_kept(seller_id, right):
        return False
    MonthCount.objects.filter(seller=seller_id).delete()
    _keep(seller_id, right)
    return True


@transaction.atomic
def is_right(seller_id: int) -> bool:
    """Return whether what is kept of a shop is what its customers answered."""
    mark = CountingMark.objects.select_for_update().get()
    return _is_kept(seller_id, _count(seller_id, up_to=mark.response_id))


def _newest_response() -> int:
    """Return the highest primary key below which nothing can appear any more.

    A response that is being stored has its number before others see it. So wait, with a lock that
    is held for this one look, until nobody is storing any. Raises OperationalError when that takes
    too long, as during a large import: the next time will do.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [LONGEST_WAIT])
        cursor.execute("LOCK TABLE surveys_surveyresponse IN SHARE MODE")
        newest: int = SurveyResponse.objects.aggregate(newest=Max("pk", default=0))["newest"]
        return newest


def _count(
    seller_id: int, *, up_to: int, months: Collection[date] | None = None
) -> dict[date, Counter[Answer]]:
    """Count the answers of a shop, all months or some, as far as the mark reaches."""
    responses = SurveyResponse.objects.filter(
        seller=seller_id, closed_by=ActorType.SELLER, pk__lte=up_to
    )
    if months is not None:
        responses = responses.filter(month__in=months)
    return responses.answers_by_month()


def _keep(seller_id: int, counted: Mapping[date, Counter[Answer]]) -> None:
    MonthCount.objects.bulk_create(
        [_as_row(seller_id, month, answers) for month, answers in counted.items()],
        update_conflicts=True,
        unique_fields=["seller", "month"],
        update_fields=["scores", "choices"],
    )


def _is_kept(seller_id: int, right: Mapping[date, Counter[Answer]]) -> bool:
    kept = MonthCount.objects.filter(seller=seller_id)
    rows = (_as_row(seller_id, month, answers) for month, answers in right.items())
    return {(row.month, str(row.scores), str(row.choices)) for row in kept} == {
        (row.month, str(row.scores), str(row.choices)) for row in rows
    }


def _as_row(seller_id: int, month: date, answers: Counter[Answer]) -> MonthCount:
    scores = _scores(answers)
    return MonthCount(
        seller_id=seller_id,
        month=month,
        scores=[scores[score] for score in SCORES],
        choices=[[list(answer.topics), answer.score, n] for answer, n in sorted(answers.items())],
    )


def _kept(
    seller: Seller, first: date, last: date, detailed: Collection[date]
) -> Iterable[tuple[date, list[int], list[Any], int]]:
    """Fetch what is kept of a row of months, and in the same moment the mark."""
    rows = MonthCount.objects.filter(seller=seller, month__range=(first, last)).annotate(
        mark=CountingMark.objects.values("response_id")[:1],
        detail=Case(When(month__in=list(detailed), then="choices"), default=Value([], JSONField())),
    )
    return rows.values_list("month", "scores", "detail", "mark")


def _answers(choices: Iterable[tuple[list[int], int, int]]) -> dict[Answer, int]:
    return {Answer(tuple(topics), score): count for topics, score, count in choices}


def _scores(answers: Counter[Answer]) -> Counter[int]:
    scores = Counter[int]()
    for answer, count in answers.items():
        scores[answer.score] += count
    return scores
