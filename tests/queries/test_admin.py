"""Lists of many rows are estimated, and still in pages."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from queries.admin import COUNTED_EXACTLY
from queries.models import Customer
from tests.conftest import admin_url

pytestmark = pytest.mark.usefixtures("owner_db")


@pytest.fixture
def many_customers(db: None) -> int:
    """Store more customers than are counted one by one, and let PostgreSQL estimate them."""
    count = COUNTED_EXACTLY + 500
    store_customers(count)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE queries_customer")
    return count


def store_customers(count: int) -> None:
    """Store this many, all but the first 10,200 in English."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO queries_customer (name, email, language) SELECT 'Klant ' || number, '', "
            "CASE WHEN number <= 10200 THEN 'nl' ELSE 'en' END FROM generate_series(1, %s) number",
            [count],
        )


def test_large_list_is_estimated_and_starts_with_the_latest(
    staff_s: Client, many_customers: int
) -> None:
    with CaptureQueriesContext(connection) as captured:
        page = staff_s.get(admin_url(Customer, "changelist"))

    assert page.context["cl"].result_count == pytest.approx(many_customers, rel=0.02)
    assert page.context["cl"].result_list[0].name == f"Klant {many_customers}"
    counts = [each["sql"] for each in captured if "COUNT(" in each["sql"]]
    assert len(counts) == 1
    assert f"LIMIT {COUNTED_EXACTLY}" in counts[0]


def test_large_list_is_counted_exactly_when_narrowed(staff_s: Client, many_customers: int) -> None:
    page = staff_s.get(admin_url(Customer, "changelist"), {"language__exact": "nl"})

    assert page.context["cl"].result_count == 10_200


def test_large_list_without_an_estimate_is_still_in_pages(staff_s: Client) -> None:
    with connection.cursor() as cursor:  # nobody ever looked at a new table
        cursor.execute("ALTER TABLE queries_customer RENAME TO old")
        cursor.execute("CREATE TABLE queries_customer (LIKE old INCLUDING ALL)")
    store_customers(COUNTED_EXACTLY + 500)

    page = staff_s.get(admin_url(Customer, "changelist"))

    assert page.context["cl"].result_count == COUNTED_EXACTLY
    assert len(page.context["cl"].result_list) == 100
