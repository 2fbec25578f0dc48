"""Where a page of a long list begins."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from insights.reports.measurements import Sort
from sellers.keyset import following, page_of, reversed_order
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


def found_again(few: SurveyResponses) -> SurveyResponses:
    """Fetch what a list would show of a few."""
    return SurveyResponse.objects.filter(pk__in=few.values("pk"))


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


@pytest.mark.parametrize("keys", ORDERS)
@pytest.mark.parametrize("size", [1, 5, 12, 25])
def test_pages_go_forth_and_back_without_gaps(
    alike: SurveyResponses, keys: Sequence[str], size: int
) -> None:
    ordered, pages = list(alike.order_by(*keys)), []

    page = page_of(alike, keys, size=size, fetch=found_again)
    pages.append(page)
    while page.has_next:
        page = page_of(alike, keys, size=size, fetch=found_again, after=page.rows[-1])
        pages.append(page)
    back = [page]
    while page.has_previous:
        page = page_of(alike, keys, size=size, fetch=found_again, before=page.rows[0])
        back.append(page)

    assert [row for each in pages for row in each.rows] == ordered
    assert [each.has_previous for each in pages] == [False, *[True] * (len(pages) - 1)]
    assert [row for each in back[::-1] for row in each.rows] == ordered


def test_nothing_comes_after_the_last_but_the_first_page(alike: SurveyResponses) -> None:
    last = alike.order_by("pk").last()

    page = page_of(alike, ("pk",), size=5, fetch=found_again, after=last)

    assert list(page.rows) == list(alike.order_by("pk")[:5])
    assert (page.has_previous, page.has_next) == (False, True)


def test_reversed_order_is_the_opposite_order() -> None:
    assert reversed_order(("-score", "submitted_at", "-pk")) == ("score", "-submitted_at", "pk")
