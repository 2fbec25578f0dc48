"""Lists of many rows are estimated, and still in pages."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from queries import admin as queries_admin
from queries.models import Customer
from tests.conftest import admin_url


@pytest.fixture
def many_customers(db: None) -> int:
    """Store more customers than are counted one by one, and let PostgreSQL estimate them."""
    count = queries_admin.COUNTED_EXACTLY + 500
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO queries_customer (name, email, language) SELECT 'Klant ' || number, '', "
            "CASE WHEN number <= 10200 THEN 'nl' ELSE 'en' END FROM generate_series(1, %s) number",
            [count],
        )
        cursor.execute("ANALYZE queries_customer")
    return count


def test_large_list_is_estimated_and_starts_with_the_latest(
    staff_s: Client, many_customers: int
) -> None:
    with CaptureQueriesContext(connection) as captured:
        page = staff_s.get(admin_url(Customer, "changelist"))

    assert page.context["cl"].result_count == pytest.approx(many_customers, rel=0.02)
    assert page.context["cl"].result_list[0].name == f"Klant {many_customers}"
    counts = [each["sql"] for each in captured if "COUNT(" in each["sql"]]
    assert len(counts) == 1
    assert f"LIMIT {queries_admin.COUNTED_EXACTLY}" in counts[0]


def test_large_list_is_counted_exactly_when_narrowed(staff_s: Client, many_customers: int) -> None:
    page = staff_s.get(admin_url(Customer, "changelist"), {"language__exact": "nl"})

    assert page.context["cl"].result_count == 10_200


def test_large_list_without_an_estimate_is_still_in_pages(
    staff_s: Client, many_customers: int
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE pg_class SET reltuples = -1 WHERE oid = 'queries_customer'::regclass"
        )

    page = staff_s.get(admin_url(Customer, "changelist"))

    assert page.context["cl"].result_count == queries_admin.COUNTED_EXACTLY
    assert len(page.context["cl"].result_list) == 100
