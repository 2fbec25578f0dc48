"""An erased person stays erased, whoever writes; and is found by primary key only."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from queries import actions, privacy
from queries.enums import ActorType, Channel, QueryState
from queries.files import attach
from queries.identity import merge_customers
from queries.models import (
    Attachment,
    Closing,
    Customer,
    CustomerQuery,
    Message,
    Order,
    OrderItem,
)
from queries.privacy import erase_texts, lock_person
from sellers.events import Actor
from tests.conftest import NOON, NOTE, Market, refused_by

LATER = NOON + timedelta(hours=3)


@transaction.atomic
def erase(customer: Customer) -> None:
    """Erase what this app knows."""
    lock_person(customer)
    privacy.erase(customer, by=Actor.SYSTEM, now=LATER)


@pytest.fixture
def erased(market: Market, customer: Customer) -> CustomerQuery:
    """A closed query of an erased customer."""
    query = market.closing(customer).query
    erase(customer)
    query.refresh_from_db()
    return query


def test_erased_query_says_nothing_but_stays(erased: CustomerQuery) -> None:
    assert (erased.subject, erased.order_reference, str(erased)) == ("", "", "Erased query")
    assert (erased.erased_at, erased.asked_at) == (LATER, NOON - timedelta(hours=1))
    assert str(erased.closings.get()) == "Erased query"
    assert not Message.objects.exists()
    assert str(erased.customer) == "Erased customer"


def test_open_queries_are_closed_by_the_system(market: Market, customer: Customer) -> None:
    query = market.query(customer)

    erase(customer)

    closing = Closing.objects.get()
    query.refresh_from_db()
    assert query.state == QueryState.CLOSED
    assert (closing.closed_by, closing.closed_at, closing.subject) == (ActorType.SYSTEM, LATER, "")


@pytest.mark.parametrize("known_by", ["", "Klaas", "klaas@klant.example", "nobody@klant.example"])
def test_erased_customer_is_not_found_by_words(erased: CustomerQuery, known_by: str) -> None:
    assert not Customer.objects.by_pk_or_email(known_by).exists()
    assert Customer.objects.by_pk_or_email(str(erased.customer_id)).get() == erased.customer


@pytest.mark.parametrize(
    "known_by", ["klaas@klant.example", " KLAAS@klant.example ", "pk", "9" * 30]
)
def test_customer_is_found_by_email_or_pk(customer: Customer, known_by: str) -> None:
    text = str(customer.pk) if known_by == "pk" else known_by

    found = list(Customer.objects.by_pk_or_email(text))

    assert found == ([] if known_by == "9" * 30 else [customer])


def test_customer_is_found_by_the_index_of_emails(customer: Customer) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")

    plan = Customer.objects.by_pk_or_email("klaas@klant.example").explain()

    assert "customer_address" in plan


@pytest.mark.parametrize("change", [{"name": "Klaas"}, {"email": "klaas@klant.example"}])
def test_erased_customer_is_nobody(erased: CustomerQuery, change: dict[str, str]) -> None:
    with refused_by("customer_erased_is_nobody"):
        Customer.objects.filter(pk=erased.customer_id).update(**change)


def test_customer_stays_erased(erased: CustomerQuery) -> None:
    with refused_by("customer_stays_erased"):
        Customer.objects.filter(pk=erased.customer_id).update(erased_at=None)


def test_query_stays_erased(erased: CustomerQuery) -> None:
    with refused_by("query_stays_erased"):
        CustomerQuery.objects.filter(pk=erased.pk).update(erased_at=None, subject="Hello?")


def test_erased_query_is_closed(erased: CustomerQuery) -> None:
    with refused_by("query_erased_is_closed_and_empty"):
        CustomerQuery.objects.filter(pk=erased.pk).update(state=QueryState.YOUR_TURN)


@pytest.mark.parametrize("left", ["subject", "order_reference", "contact_email"])
def test_erased_query_is_empty(market: Market, left: str) -> None:
    query = market.query(order_reference="4711", contact_email="klaas@masked.example")
    actions.close(query, by=market.actor, now=NOON)
    erasing: dict[str, Any] = {"subject": "", "order_reference": "", "contact_email": ""}
    erasing["erased_at"] = LATER
    del erasing[left]

    with refused_by("query_erased_is_closed_and_empty"):
        CustomerQuery.objects.filter(pk=query.pk).update(**erasing)


def test_erased_customer_asks_nothing(erased: CustomerQuery) -> None:
    with refused_by("query_customer_is_there"):
        actions.ask(
            erased.seller,
            customer=erased.customer,
            subject="Hello?",
            body="Is anybody there?",
            channel=Channel.WEB,
            by=Actor.CUSTOMER,
            now=LATER,
        )


def test_erased_query_is_not_opened_again(erased: CustomerQuery) -> None:
    with pytest.raises(actions.QueryIsErased):
        actions.reopen(erased, by=Actor.CUSTOMER, now=LATER)
    with pytest.raises(actions.QueryIsErased):
        actions.receive_reaction(erased, body="Is anybody there?", by=Actor.CUSTOMER, now=LATER)

    assert not Message.objects.exists()


def test_history_of_the_admin_forgets_the_name(market: Market, customer: Customer) -> None:
    of_customers = ContentType.objects.get_for_model(Customer)
    for pk in (customer.pk, customer.pk + 1):
        LogEntry.objects.create(
            user=market.agent,
            content_type=of_customers,
            object_id=str(pk),
            object_repr="Klaas",
            action_flag=CHANGE,
        )

    erase(customer)

    shown = LogEntry.objects.order_by("pk").values_list("object_repr", flat=True)
    assert list(shown) == [f"#{customer.pk}", "Klaas"]


@pytest.mark.parametrize("count", [1, 3])
def test_texts_of_many_queries_cost_as_much_as_of_one(market: Market, count: int) -> None:
    for number in range(count):
        market.order(f"471{number}", items=count)
        query = market.query(order_reference=f"471{number}")
        attach(query.messages.get(), [NOTE])
        actions.close(query, by=market.actor, now=NOON)

    with CaptureQueriesContext(connection) as captured:
        erased = erase_texts(CustomerQuery.objects.all(), by=Actor.SYSTEM, now=LATER)

    assert erased == count
    assert len(captured) == 31
    assert not Attachment.objects.exists()
    assert not OrderItem.objects.exists()


# Orders


def test_orders_of_a_person_go_with_them(
    market: Market, other_market: Market, customer: Customer
) -> None:
    market.query(customer, order_reference="named")
    market.order("named")
    market.order("bought", customer=customer)
    other_market.order("elsewhere", customer=customer)

    erase(customer)

    assert not Order.objects.exists()
    assert not OrderItem.objects.exists()


def test_orders_of_others_stay(market: Market, other_market: Market, customer: Customer) -> None:
    market.query(customer, order_reference="4711")
    market.order("4711", customer=market.new_customer())
    market.order("4712")
    other_market.order("4711")

    erase(customer)

    assert Order.objects.count() == 3


def test_order_of_nobody_known_goes_though_another_names_it_too(
    market: Market, customer: Customer
) -> None:
    market.order("4711")
    for each in (customer, market.new_customer()):
        market.query(each, order_reference="4711")

    erase(customer)

    assert not Order.objects.exists()


def test_orders_move_with_a_merge(market: Market, customer: Customer) -> None:
    other = market.new_customer()
    order = market.order(customer=customer)

    merge_customers(customer, into=other, by=Actor.SYSTEM, now=LATER)
    order.refresh_from_db()

    assert order.customer == other


def test_order_goes_with_the_last_query_that_names_it(market: Market, customer: Customer) -> None:
    market.order("4711")
    market.order("4712", customer=market.new_customer())
    first, last = (market.query(customer, order_reference="4711") for _ in range(2))
    other = market.query(customer, order_reference="4712")  # somebody else's

    def orders_without(*queries: CustomerQuery) -> set[str]:
        for query in queries:
            actions.close(query, by=market.actor, now=NOON)
        pks = [query.pk for query in queries]
        erase_texts(CustomerQuery.objects.filter(pk__in=pks), by=Actor.SYSTEM, now=LATER)
        return set(Order.objects.values_list("reference", flat=True))

    assert orders_without(first) == {"4711", "4712"}
    assert orders_without(last, other) == {"4712"}
