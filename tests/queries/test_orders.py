"""Orders beside the conversation: what the database refuses, and what the shop sees."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from queries.customers import erase_customer
from queries.models import Customer, Order, OrderItem
from queries.privacy import erase_texts
from queries.templatetags.queries import euros
from sellers.events import Actor
from tests.conftest import NOON, Market, admin_url, refused_by, text

ORDERED = NOON.date() - timedelta(days=30)


# What the database refuses


@pytest.mark.parametrize(
    ("guard", "change"),
    [
        ("order_reference_given", {"reference": ""}),
        ("order_delivered_later", {"delivered_on": ORDERED - timedelta(days=1)}),
        ("order_tracking_is_https", {"tracking_url": "http://carrier.example/3S1"}),
        ("order_tracking_is_https", {"tracking_url": "javascript:alert(1)//https://a.example"}),
        ("order_tracking_is_https", {"tracking_url": "https://"}),
        ("order_tracking_is_https", {"tracking_url": "https://carrier.example@evil.example"}),
        ("order_tracking_is_https", {"tracking_url": "https://carrier.example/\nhttp://a"}),
    ],
)
def test_order_refuses(market: Market, guard: str, change: dict[str, Any]) -> None:
    with refused_by(guard):
        market.order(**change)


@pytest.mark.parametrize(
    "url", ["", "https://carrier.example", "https://carrier.example/nl/?code=3S1&zip=1234AB#@"]
)
def test_order_takes_a_page_of_a_carrier(market: Market, url: str) -> None:
    assert market.order(tracking_url=url).tracking_url == url


@pytest.mark.parametrize(
    ("guard", "change"),
    [
        ("orderitem_name_given", {"name": ""}),
        ("orderitem_one_or_more", {"quantity": 0}),
        ("orderitem_price_not_negative", {"price": Decimal("-0.01")}),
        ("orderitem_position_once", {"position": 1}),
    ],
)
def test_order_item_refuses(market: Market, guard: str, change: dict[str, Any]) -> None:
    order = market.order()

    with refused_by(guard):
        OrderItem.objects.create(**{"order": order, "position": 2, "name": "Lamp"} | change)


def test_reference_is_once_per_shop(market: Market, other_market: Market) -> None:
    market.order("4711")
    other_market.order("4711")

    with refused_by("order_reference_once_per_shop"):
        market.order("4711")


@pytest.mark.parametrize("change", ["seller", "reference"])
def test_order_stays_the_same_one(market: Market, other_market: Market, change: str) -> None:
    order = market.order()
    changed: dict[str, Any] = {"seller": other_market.shop, "reference": "4712"}

    with refused_by("order_stays_the_same_one"):
        Order.objects.filter(pk=order.pk).update(**{change: changed[change]})


def test_item_stays_in_its_order(market: Market, other_market: Market) -> None:
    item = market.order().items.get()

    with refused_by("orderitem_stays_in_its_order"):
        OrderItem.objects.filter(pk=item.pk).update(order=other_market.order(items=0))


def test_order_is_of_a_customer_who_is_there(market: Market, customer: Customer) -> None:
    order = market.order("4711")
    erase_customer(customer, by=Actor.SYSTEM, now=NOON)
    merged = market.new_customer()
    Customer.objects.filter(pk=merged.pk).update(merged_into=market.new_customer())

    for gone in (customer, merged):
        with refused_by("order_customer_is_there"):
            market.order("4712", customer=gone)
        with refused_by("order_customer_is_there"):
            Order.objects.filter(pk=order.pk).update(customer=gone)


# Beside the conversation


def test_order_shows_all_that_is_known(bob_s: Client, market: Market) -> None:
    order = market.order(
        "1559378960",
        items=0,
        delivered_on=date(2026, 2, 14),
        carrier="PostNL",
        tracking_code="3SABCD1234567",
        tracking_url="https://carrier.example/3SABCD1234567",
    )
    OrderItem.objects.create(
        order=order,
        position=1,
        name="E-bike Tour 500",
        price=Decimal("1849.00"),
        warranty_until=date(2028, 2, 14),
        serial_number="AX48-77120",
    )
    OrderItem.objects.create(
        order=order, position=2, name="Pannier", quantity=2, price=Decimal("39.95")
    )

    page = bob_s.get(market.query(order_reference="1559378960").get_absolute_url())

    link = (
        '<a href="https://carrier.example/3SABCD1234567" target="_blank" rel="noopener noreferrer">'
    )
    rail = text(page)[text(page).index('id="order"') :]
    assert link in page.content.decode()
    for said in (
        "E-bike Tour 500</b> · €1,849",
        "2 × Pannier</b> · €39.95 each",
        "8 February 2026",
        "14 February 2026",
        "14 February 2028",
        "AX48-77120",
        "PostNL",
        "3SABCD1234567",
    ):
        assert said in rail
    assert "only the number is known" not in rail


def test_order_shows_nothing_that_is_not_known(bob_s: Client, market: Market) -> None:
    market.order()

    page = text(bob_s.get(market.query(order_reference="4711").get_absolute_url()))

    assert "Lamp 1" in page
    for unsaid in ("Delivered", "Warranty until", "Serial number", "Shipped with", "Track the"):
        assert unsaid not in page


@pytest.mark.parametrize(
    ("reference", "said"),
    [("4711", "Of this order only the number is known."), ("", "No order number was given.")],
)
def test_order_that_the_platform_told_nothing_of(
    bob_s: Client, market: Market, other_market: Market, reference: str, said: str
) -> None:
    other_market.order("4711")  # of the same number, at another shop

    page = text(bob_s.get(market.query(order_reference=reference).get_absolute_url()))

    assert said in page
    assert "Lamp 1" not in page


def test_order_of_an_erased_query_is_not_spoken_of(bob_s: Client, market: Market) -> None:
    query = market.closing().query
    erase_texts(type(query).objects.filter(pk=query.pk), by=Actor.SYSTEM, now=NOON)

    page = text(bob_s.get(query.get_absolute_url()))

    assert "No order number was given." not in page


@pytest.mark.parametrize("count", [1, 3])
def test_items_cost_as_much_as_one(
    market: Market, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    query = market.query(order_reference="4711")
    market.order("4711", items=count)

    with django_assert_num_queries(2):
        order = Order.objects.for_seller(market.shop).named_by(query).with_items().get()
        names = [item.name for item in order.items.all()]

    assert names == ["Lamp 1", "Lamp 2", "Lamp 3"][:count]


@pytest.mark.parametrize(
    ("amount", "english", "dutch"),
    [
        ("1849.00", "€1,849", "€\N{NO-BREAK SPACE}1.849"),
        ("39.95", "€39.95", "€\N{NO-BREAK SPACE}39,95"),
        ("0.50", "€0.50", "€\N{NO-BREAK SPACE}0,50"),
        ("0", "€0", "€\N{NO-BREAK SPACE}0"),
    ],
)
def test_amounts_are_written_as_shops_do(amount: str, english: str, dutch: str) -> None:
    assert euros(Decimal(amount)) == english
    with translation.override("nl"):
        assert euros(Decimal(amount)) == dutch


# Staff


def test_staff_find_an_order_and_read_what_was_bought(staff_s: Client, market: Market) -> None:
    order = market.order("100482917", customer=market.new_customer(name="Anouk"), items=2)
    market.order("100482918")

    found = staff_s.get(admin_url(Order, "changelist"), {"q": "100482917"})
    page = staff_s.get(admin_url(Order, "change", order.pk))

    assert list(found.context["cl"].result_list) == [order]
    assert "Anouk" in text(found)
    assert "Lamp 1" in text(page)
    assert "Lamp 2" in text(page)
    assert 'name="_save"' not in page.content.decode()
