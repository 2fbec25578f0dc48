"""Contacts by phone, written down: where they come from and what becomes of them."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from queries import actions
from queries.customers import erase_customer
from queries.enums import Channel, QueryState
from queries.models import Customer, CustomerQuery, Message
from sellers.events import Actor
from tests.conftest import Market, text
from tests.queries.conftest import NOW

pytestmark = pytest.mark.usefixtures("_one_o_clock")


def test_log_phone_stores_a_closed_query(bob_s: Client, market: Market) -> None:
    page = bob_s.post(
        reverse("queries:log_phone"),
        {"name": "Klaas", "subject": "Squeaking brakes", "note": "Oil them."},
        follow=True,
    )

    assert "The phone contact is logged." in text(page)
    query = CustomerQuery.objects.get()
    assert (query.seller, query.channel, query.state) == (
        market.shop,
        Channel.PHONE,
        QueryState.CLOSED,
    )


def test_what_was_logged_was_not_sent_and_cannot_be_taken_back(
    bob_s: Client, market: Market
) -> None:
    call = {"name": "Klaas", "subject": "Squeaking brakes", "note": "Oil them."}
    page = bob_s.post(reverse("queries:log_phone"), call, follow=True)
    note = Message.objects.get()

    assert "data-undo-until" not in text(page)
    page = bob_s.post(
        reverse("queries:undo", args=[note.query_id]), {"message": note.pk}, follow=True
    )

    assert "Too late" in text(page)
    note.refresh_from_db()
    assert (note.withdrawn_at, note.query.state) == (None, QueryState.CLOSED)


def test_log_phone_with_nothing_filled_in_says_what_is_missing(
    bob_s: Client, market: Market
) -> None:
    page = bob_s.post(reverse("queries:log_phone"), {"name": "", "order_reference": "47-11"})

    assert page.status_code == 422
    assert set(page.context["form"].errors) == {"name", "subject", "note"}
    assert "47-11" in text(page)
    assert not CustomerQuery.objects.exists()


CALL = {"subject": "Broken lamp", "note": "New one sent."}


@pytest.mark.parametrize(
    "typed",
    [
        {"name": "vries"},
        {"name": "Vries@klant.example"},
        {"name": "br 2026 00017"},
        {"name": "Somebody", "order_reference": "BR202600017"},
    ],
    ids=["name", "email", "order", "order number"],
)
def test_log_phone_asks_who_of_those_who_asked_before_called(
    bob_s: Client, market: Market, other_market: Market, typed: dict[str, str]
) -> None:
    customer = market.new_customer(name="Mevrouw de Vries", email="vries@klant.example")
    earlier = market.query(customer, order_reference="BR-2026-00017")
    market.query(market.new_customer(name="Mevrouw Jansen"))
    other_market.query(customer, order_reference="BR-2026-00017")
    url = reverse("queries:log_phone")

    asked = bob_s.post(url, CALL | typed)

    assert asked.status_code == 422
    assert list(asked.context["form"].offered) == [str(earlier.pk)]
    assert "Choose who called, or somebody new." in text(asked)
    assert "New one sent." in text(asked)
    assert CustomerQuery.objects.count() == 3

    stored = bob_s.post(url, CALL | typed | {"earlier": str(earlier.pk), "predicted_score": "9"})

    assert stored.status_code == 302
    query = CustomerQuery.objects.latest("pk")
    assert query.customer == customer
    assert query.order_reference == typed.get("order_reference", "BR-2026-00017")
    assert query.closings.get().predicted_score == 9


@pytest.mark.parametrize("count", [1, 3])
def test_log_phone_asks_the_database_as_often_for_many_as_for_one(
    bob_s: Client, market: Market, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    for number in range(count):
        market.query(market.new_customer(name="Mevrouw de Vries"), order_reference=f"BR-{number}")

    with django_assert_num_queries(7):
        page = bob_s.post(reverse("queries:log_phone"), CALL | {"name": "vries"})

    assert len(page.context["form"].offered) == count


def test_log_phone_of_somebody_new_with_a_known_name(bob_s: Client, market: Market) -> None:
    market.query(market.new_customer(name="Mevrouw de Vries"))

    bob_s.post(reverse("queries:log_phone"), CALL | {"name": "De Vries", "earlier": "new"})

    query = CustomerQuery.objects.latest("pk")
    assert (query.customer.name, query.customer.email) == ("De Vries", "")


@pytest.mark.parametrize("box", ["name", "order_reference"])
def test_log_phone_offers_whose_order_it_is(
    bob_s: Client, market: Market, other_market: Market, box: str
) -> None:
    customer = market.new_customer(name="Mevrouw de Vries", email="vries@klant.example")
    order = market.order("100482917", customer=customer)
    other_market.order("100482917", customer=market.new_customer(name="Mevrouw Jansen"))
    market.order("100482918")
    url = reverse("queries:log_phone")
    call = CALL | {"name": "Somebody"} | {box: " 100482917 "}

    asked = bob_s.post(url, call)
    bob_s.post(url, call | {"earlier": f"order-{order.pk}"})

    assert asked.status_code == 422
    assert list(asked.context["form"].offered) == [f"order-{order.pk}"]
    assert "Mevrouw de Vries · 100482917 · Lamp 1" in text(asked)
    query = CustomerQuery.objects.get()
    assert (query.customer, query.order_reference) == (customer, "100482917")
    assert query.logged_by_seller


def test_log_phone_offers_an_order_that_was_asked_about_once(
    bob_s: Client, market: Market, customer: Customer
) -> None:
    market.order("4711", customer=customer)
    query = market.query(customer, order_reference="4711")

    asked = bob_s.post(reverse("queries:log_phone"), CALL | {"name": "4711"})

    assert list(asked.context["form"].offered) == [str(query.pk)]


def test_log_phone_shows_no_address_of_whose_order_it_is(bob_s: Client, market: Market) -> None:
    market.order(customer=market.new_customer(name="", email="vries@klant.example"))
    market.order("4712")

    page = text(bob_s.post(reverse("queries:log_phone"), CALL | {"name": "4711"}))
    nobody_s = bob_s.post(reverse("queries:log_phone"), CALL | {"name": "4712\0"})

    assert "v•••@klant.example · 4711 · Lamp 1" in page
    assert "vries@" not in page
    assert nobody_s.status_code == 302


def test_log_phone_of_somebody_who_was_erased_meanwhile(market: Market, customer: Customer) -> None:
    order = market.order(customer=customer)
    erase_customer(customer, by=Actor.SYSTEM, now=NOW)

    with pytest.raises(actions.CustomerIsGone):
        actions.log_phone_contact(
            market.shop, name="", earlier=order, by=market.actor, now=NOW, **CALL
        )

    assert not CustomerQuery.objects.exists()


def test_log_phone_offers_nobody_of_another_shop(
    bob_s: Client, market: Market, other_market: Market
) -> None:
    theirs = other_market.query(other_market.new_customer(name="Mevrouw de Vries"))
    market.query(market.new_customer(name="Mevrouw Jansen"), subject="About De Vries")

    page = bob_s.post(
        reverse("queries:log_phone"),
        CALL | {"name": "De Vries", "earlier": str(theirs.pk)},
    )

    assert page.status_code == 422
    assert not page.context["form"].offered
    assert "de Vries" not in text(page).replace('value="De Vries"', "")


def test_log_phone_wants_a_name_of_somebody_new(bob_s: Client, market: Market) -> None:
    page = bob_s.post(reverse("queries:log_phone"), CALL | {"name": "klaas@klant.example"})

    assert page.status_code == 422
    assert set(page.context["form"].errors) == {"name"}
    assert not CustomerQuery.objects.exists()
