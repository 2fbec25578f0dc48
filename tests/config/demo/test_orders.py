"""The demo's orders, from which a customer asks a seller."""

import re
from datetime import date
from html import unescape

import pytest
from django.conf import LazySettings
from django.test import Client

from config.demo.orders import ORDERS, public_demo_key
from queries.models import Customer, CustomerQuery
from sellers.models import Seller
from tests.conftest import text

ORDERS_PAGE = "/demo/shop/"


@pytest.fixture(autouse=True)
def _shops(db: None) -> None:
    """The shops at which was ordered."""
    for name in {order.shop for order in ORDERS}:
        Seller.objects.create(
            name=name,
            country="NL",
            contact_email="info@winkel.example",
            joined_on=date(2024, 1, 1),
        )


def statements(client: Client) -> list[str]:
    """Return what the buttons say."""
    page = client.get(ORDERS_PAGE).content.decode()
    return re.findall(r'name="statement" value="([^"]+)"', page)


def test_each_button_leads_to_a_question(client: Client) -> None:
    for statement, order in zip(statements(client), ORDERS, strict=True):
        page = client.post("/ask/", {"statement": statement})
        assert f"Ask {order.shop}" in text(page)
        kept = re.findall(r'name="kept" value="([^"]+)"', page.content.decode())[0]

        client.post("/ask/", {"kept": unescape(kept), "subject": "Where?", "body": "Where?"})

    asked = CustomerQuery.objects.order_by("pk")
    assert [query.order_reference for query in asked] == [order.number for order in ORDERS]
    assert [query.language for query in asked] == ["en"] * len(ORDERS)
    assert Customer.objects.count() == 4  # one of them with two masked addresses


def test_button_of_another_demo_is_refused(client: Client, settings: LazySettings) -> None:
    theirs = statements(client)[0]
    settings.SECRET_KEY = "another"
    settings.ASK_KEYS = [public_demo_key()]

    assert client.post("/ask/", {"statement": theirs}).status_code == 400


def test_orders_of_shops_that_are_not_there_are_left_out(client: Client) -> None:
    Seller.objects.exclude(name=ORDERS[0].shop).delete()

    assert {order.shop for order, _ in client.get(ORDERS_PAGE).context["rows"]} == {ORDERS[0].shop}


def test_banner_leads_to_the_orders(client: Client) -> None:
    assert f'href="{ORDERS_PAGE}"' in text(client.get("/demo/mailbox/"))
