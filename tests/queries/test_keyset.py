"""Where a page of a long list begins."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from insights.reports.measurements import Sort
from queries.keyset import following, reversed_order
from sellers.models import Seller
from surveys.models import SurveyResponse, SurveyResponses
from tests.conftest import NOON
from tests.measurements import imported

ORDERS = [pytest.param(sort.keys, id=sort.value) for sort in Sort]


@pytest.fixture
def alike(fietsenzo: Seller) -> SurveyResponses:
    """Twelve measurements: three scores, two moments, and each pair of them twice."""
    for minute in range(2):
        moment = NOON + timedelta(minutes=minute)
        imported(fietsenzo, *(0, 7, 10) * 2, submitted_at=moment)
    return SurveyResponse.objects.all()


@pytest.mark.parametrize("keys", ORDERS)
def test_following_has_what_comes_after_each_row(
    alike: SurveyResponses, keys: Sequence[str]
) -> None:
    ordered = list(alike.order_by(*keys))

    assert len(ordered) == 12
    for position, row in enumerate(ordered):
        assert list(following(alike, keys, row=row)) == ordered[position + 1 :]


@pytest.mark.parametrize("keys", ORDERS)
def test_following_the_other_way_has_what_comes_before_each_row(
    alike: SurveyResponses, keys: Sequence[str]
) -> None:
    ordered = list(alike.order_by(*keys))

    for position, row in enumerate(ordered):
        assert list(following(alike, reversed_order(keys), row=row)) == ordered[:position][::-1]


def test_following_of_a_row_that_is_not_among_them_begins_where_it_would_be(
    alike: SurveyResponses,
) -> None:
    passive = alike.filter(score=7)
    detractor = alike.filter(score=0).first()
    assert detractor

    assert set(following(passive, Sort.LOWEST.keys, row=detractor)) == set(passive)
    assert not following(passive, Sort.HIGHEST.keys, row=detractor).exists()


def test_reversed_order_is_the_opposite_order() -> None:
    assert reversed_order(("-score", "submitted_at", "-pk")) == ("score", "-submitted_at", "pk")
