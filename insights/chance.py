"""Which differences in a table are more than chance: few are claimed, or luck would be.

Rows are compared with all answers that are not in them. All rows of all tables that belong together
are one family: where nothing differs, at most ALPHA of the families claim anything at all (Holm, "A
simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6, 1979).

A month has two families: its topics with their changes, and the segments of every dimension. They
are on two pages, and each would have to be counted for the other; so that both together claim
something by luck in at most 2 % of the months, each has half of that. The words of customers are a
third page with a family of its own, of half a per cent (insights/reports/words.py).
"""

import math
from collections.abc import Hashable, Mapping
from typing import Final, TypeVar

from insights.standards import GUIDELINE
from surveys.nps import Tally

ALPHA: Final = 0.01
NEGLIGIBLE: Final = 1e-15  # of a sum

K = TypeVar("K", bound=Hashable)


def p_value(one: Tally, other: Tally) -> float | None:
    """Return how probable so large a difference of NPS is when two groups do not differ, 0 to 1.

    The groups share no answer. None when one of them is smaller than the guideline, or when all
    answers are of one band. Two-sided, by the normal distribution, with the variance of one answer
    over both groups together: without a difference they share it.
    """
    if min(one.total, other.total) < GUIDELINE:
        return None
    both = one + other
    mean = both.balance / both.total
    variance = (both.promoters + both.detractors) / both.total - mean**2
    variance *= both.total / (both.total - 1)
    if variance <= 0:
        return None
    difference = one.balance / one.total - other.balance / other.total
    error = math.sqrt(variance * (1 / one.total + 1 / other.total))
    return math.erfc(abs(difference) / error / math.sqrt(2))


def share_p_value(one: int, of_one: int, other: int, of_other: int) -> float | None:
    """Return how probable so many, or more, of the first group are when both do alike, 0 to 1.

    `one` of `of_one` people did something, and `other` of `of_other`. None when a group is smaller
    than the guideline. Fisher's exact test, one-sided: the tail of the hypergeometric distribution
    (Fisher, "The Logic of Inductive Inference", Journal of the Royal Statistical Society 98, 1935).
    """
    if min(of_one, of_other) < GUIDELINE:
        return None
    both = one + other
    term = math.exp(
        _log_choices(of_one, one)
        + _log_choices(of_other, other)
        - _log_choices(of_one + of_other, both)
    )
    tail = 0.0
    for more in range(one, min(of_one, both) + 1):
        tail += term
        left = both - more
        term *= (of_one - more) * left / ((more + 1) * (of_other - left + 1))
        if term < tail * NEGLIGIBLE and more * (of_one + of_other) > both * of_one:
            break
    return min(1.0, tail)


def _log_choices(of: int, chosen: int) -> float:
    """Return the logarithm of the number of ways to choose so many."""
    return math.lgamma(of + 1) - math.lgamma(chosen + 1) - math.lgamma(of - chosen + 1)


def side_of(one: Tally, other: Tally) -> str:
    """Return "above" or "below" where one group scores higher or lower than another, else ""."""
    if one.nps is None or other.nps is None or one.nps == other.nps:
        return ""
    return "above" if one.nps > other.nps else "below"


def beyond_chance(p_values: Mapping[K, float | None], *, alpha: float = ALPHA) -> frozenset[K]:
    """Return which differences of a family are more than chance, by Holm's method.

    What could not be tested, None, is no part of the family.
    """
    tested = sorted(
        (p, place, key) for place, (key, p) in enumerate(p_values.items()) if p is not None
    )
    found = set[K]()
    for passed, (p, _place, key) in enumerate(tested):
        if p > alpha / (len(tested) - passed):
            break
        found.add(key)
    return frozenset(found)
