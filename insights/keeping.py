"""Keeping what is counted, and mending it: docs/decisions/0007-kept-counts.md."""

import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from heapq import merge
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.core.cache import cache
from django.db import connection, transaction

from insights.counts import SCORES, WRONG, answers_in, scores_in
from insights.models import MonthCount
from surveys.models import SurveyResponse
from surveys.nps import Answer

logger = logging.getLogger(__name__)


def keep_counts() -> int:
    """Count what came since the last time into what is kept; return how many shops had any.

    Meant to run often; a second one beside it does nothing, nor does one while somebody takes long
    to store answers, as during a large import: the next time will do.
    """
    total = 0
    while (shops := _called("insights_keep_counts()")) is not None:
        total += shops
    if noticed := cache.get(WRONG, ()):
        cache.delete(WRONG)
        mend(noticed)
    return total


def mend(sellers: Iterable[int]) -> None:
    """Count shops again, by their primary keys, and say so in the log."""
    for seller in sellers:
        recount(seller)
        logger.warning("What is kept of shop %s was wrong: it was counted again.", seller)


def recount(seller: int) -> None:
    """Count a shop, by its primary key, again as far as the mark reaches."""
    _called("insights_recount(%s)", seller)


@transaction.atomic
def wrong_shops() -> set[int]:
    """Return the primary keys of the shops of which something else is kept than was answered.

    Two statements for all shops, read side by side, so that neither is ever whole in memory.
    """
    mark = _called("insights_held_mark()")
    kept_of = SurveyResponse.objects.for_shops().filter(pk__lte=mark)
    rows = kept_of.count_answers("seller", "month")
    in_order = rows.order_by("seller", "month").iterator()
    right = (
        (*shop_and_month, *_as_kept(answers_in(found)))
        for shop_and_month, found in groupby(in_order, itemgetter(0, 1))
    )
    kept = MonthCount.objects.order_by("seller", "month").values_list(
        "seller", "month", "scores", "choices"
    )
    both = merge(right, kept.iterator(), key=itemgetter(0, 1))
    return {
        seller
        for (seller, _month), rows_of_month in groupby(both, itemgetter(0, 1))
        if not _counts_match([tuple(columns) for _seller, _month, *columns in rows_of_month])
    }


def _called(function: str, *arguments: int) -> Any:
    """Return what a function of the owner's says: nobody else may write what is kept."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}", arguments)
        return cursor.fetchone()[0]


def _as_kept(answers: Counter[Answer]) -> tuple[list[int], list[list[Any]]]:
    """Return the columns `scores` and `choices` of what was answered in a month."""
    scores = scores_in(answers)
    choices = [[list(answer.topics), answer.score, n] for answer, n in sorted(answers.items())]
    return [scores[score] for score in SCORES], choices


def _counts_match(found: Sequence[object]) -> bool:
    """Return whether a month was both answered and kept, and alike."""
    answered_and_kept = 2
    return len(found) == answered_and_kept and found[0] == found[1]
