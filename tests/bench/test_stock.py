"""What the benchmark measures on is a marketplace that the portal itself could have made."""

import pytest
from django.db import connection

from insights.integrity import check_all
from queries.models import Closing
from surveys.models import SurveyResponse
from tests.bench.stock import EMPTY_SHOP, LARGEST_SHOP, MEDIAN, NOW, SCALES, Scale, fill

TINY = Scale(
    "tiny",
    sellers=12,
    measurements=6_000,
    largest=2_000,
    decided=2_000,
    due=200,
    customers=1_500,
    inbox=2_000,
)
# What fails when a row breaks a check or refers to nothing: filling does not look at references.
MAKE_AGAIN = """
SELECT format('ALTER TABLE %s DROP CONSTRAINT %I, ADD CONSTRAINT %2$I %s',
    conrelid::regclass, conname, pg_get_constraintdef(oid))
FROM pg_constraint
WHERE contype IN ('c', 'f') AND connamespace = 'public'::regnamespace
"""


@pytest.fixture
def stock(owner_db: None, db: None) -> None:
    """A very small marketplace, which its owner made."""
    fill(TINY)


@pytest.mark.usefixtures("stock")
def test_stock_keeps_every_promise() -> None:
    found = [finding.check.name for finding in check_all() if finding.count]

    assert found == []


@pytest.mark.usefixtures("stock")
def test_stock_keeps_every_constraint() -> None:
    with connection.cursor() as cursor:
        cursor.execute(MAKE_AGAIN)
        statements = [statement for (statement,) in cursor.fetchall()]
        for statement in statements:
            cursor.execute(statement)

    assert len(statements) > 60


@pytest.mark.usefixtures("stock")
def test_stock_has_what_its_scale_says() -> None:
    undecided = Closing.objects.undecided()
    measured = SurveyResponse.objects.filter(submitted_at__lte=NOW)

    assert undecided.count() == undecided.filter(closed_at__lte=NOW).count() == TINY.due
    assert Closing.objects.exclude(survey_decided_at=None).count() == TINY.decided
    assert measured.count() == TINY.measurements
    assert measured.filter(seller=LARGEST_SHOP).count() == TINY.largest
    assert not measured.filter(seller=EMPTY_SHOP).exists()


@pytest.mark.parametrize("scale", [pytest.param(each, id=each.name) for each in SCALES.values()])
def test_shop_sizes_have_the_shape_that_was_asked_for(scale: Scale) -> None:
    sizes = scale.shop_sizes()

    assert (len(sizes), sum(sizes)) == (scale.sellers, scale.measurements)
    assert (sizes[LARGEST_SHOP - 1], max(sizes)) == (scale.largest, scale.largest)
    assert sizes[EMPTY_SHOP - 1] == min(sizes) == 0
    assert sizes[scale.median_shop() - 1] == pytest.approx(MEDIAN, rel=0.02)
