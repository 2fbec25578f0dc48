"""Which row a person is, and what becomes of two that turn out to be one."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import transaction

from queries import actions
from queries.customers import erase_customer, export_customer
from queries.enums import Channel, QueryEvent
from queries.identity import (
    CannotMerge,
    find_or_create_customer,
    lock_customer,
    merge_customers,
    people,
)
from queries.models import Closing, Customer, CustomerQuery
from sellers.events import Actor
from sellers.models import Event
from tests.conftest import NOON, Market, at_once, refused_by

LATER = NOON + timedelta(hours=1)
KLAAS = "klaas@klant.example"
PURCHASING = "inkoop@bedrijf.example"


def find(number: str | None = None, email: str = KLAAS, **given: Any) -> Customer:
    """Return who asks."""
    fields = {"name": "", "language": "en", "by": Actor.SYSTEM, "now": NOON} | given
    return find_or_create_customer(external_id=number, email=email, **fields)


def merge(customer: Customer, into: Customer) -> None:
    """Let a customer be another one."""
    merge_customers(customer, into=into, by=Actor.SYSTEM, now=LATER)


def happened() -> list[tuple[str, int, dict[str, Any]]]:
    """Return what was written, of which row, with its details."""
    return list(Event.objects.order_by("pk").values_list("kind", "object_pk", "details"))


# Found or made


@pytest.mark.django_db
def test_who_is_not_known_is_made() -> None:
    customer = find("K-1", " Klaas@BÜCHER.example", name="Klaas", language="nl", shares_email=True)

    customer.refresh_from_db()
    assert (customer.external_id, customer.email) == ("K-1", "klaas@xn--bcher-kva.example")
    assert (customer.name, customer.language, customer.shares_email) == ("Klaas", "nl", True)
    assert happened() == [(QueryEvent.CUSTOMER_CREATED, customer.pk, {})]


@pytest.mark.django_db
def test_three_masked_addresses_of_one_number_are_one_customer() -> None:
    customers = {find("K-1", f"order{number}@masked.example").pk for number in range(3)}

    (pk,) = customers
    assert Customer.objects.get().email == "order2@masked.example"
    assert happened()[1:] == [(QueryEvent.CUSTOMER_CHANGED, pk, {"changes": {"email": None}})] * 2


@pytest.mark.django_db
def test_three_buyers_behind_one_shared_address_are_three_customers() -> None:
    customers = {find(f"K-{number}", PURCHASING, shares_email=True).pk for number in range(3)}

    assert len(customers) == 3
    assert {find(f"K-{number}", PURCHASING, shares_email=True).pk for number in range(3)} == (
        customers
    )


@pytest.mark.django_db
def test_who_is_one_person_is_found_by_keys_alone() -> None:
    """An "or" with a query in it reads all customers, however few it finds."""
    one, other = find("K-1"), find("K-2")

    people = Customer.objects.one_person_with(one)

    assert set(people) == {one, other}
    assert str(people.query).count("SELECT") == 1


@pytest.mark.django_db
def test_two_numbers_with_one_address_are_two_customers() -> None:
    assert find("K-1") != find("K-2")
    assert Customer.objects.filter(email=KLAAS).count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize("email", [KLAAS, "KLAAS@Klant.example ", "klaas@klant。example"])
def test_without_a_number_the_address_is_the_key(email: str) -> None:
    assert find(email=KLAAS) == find(email=email)
    assert Customer.objects.count() == 1


@pytest.mark.django_db
def test_umlaut_domain_is_its_encoded_form() -> None:
    assert find(email="klaas@bücher.example") == find(email="klaas@xn--bcher-kva.example")


@pytest.mark.django_db
def test_without_number_and_address_everybody_is_somebody_new() -> None:
    assert find(email="") != find(email="")


@pytest.mark.django_db
def test_new_number_is_given_to_who_was_known_by_the_address() -> None:
    before = find(name="Klaas")

    now_with_number = find("K-1")

    assert now_with_number == before
    assert Customer.objects.get().external_id == "K-1"
    assert happened()[1:] == [
        (QueryEvent.CUSTOMER_CHANGED, before.pk, {"changes": {"external_id": None}})
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("who_says_so", ["the marketplace", "staff"])
def test_new_number_is_nobody_known_when_the_address_is_shared(who_says_so: str) -> None:
    before = find()
    if who_says_so == "staff":
        Customer.objects.update(shares_email=True)

    assert find("K-1", shares_email=who_says_so == "the marketplace") != before
    assert Customer.objects.get(pk=before.pk).external_id is None


@pytest.mark.django_db
def test_without_a_number_the_only_one_with_the_address_is_meant() -> None:
    numbered = find("K-1")

    assert find() == numbered
    assert Customer.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("why", ["two numbers", "shared"])
def test_without_a_number_nobody_is_meant_when_it_could_be_several(why: str) -> None:
    find("K-1", shares_email=why == "shared")
    if why == "two numbers":
        find("K-2")

    assert find().external_id is None


@pytest.mark.django_db
def test_known_number_brings_what_is_new_and_keeps_what_is_not_said() -> None:
    find("K-1", name="Klaas", shares_email=True)

    customer = find("K-1", "", name="", language="nl")
    assert (customer.name, customer.email, customer.shares_email) == ("Klaas", KLAAS, True)
    assert customer.language == "nl"

    customer = find("K-1", "vaak@klant.example", name="Klaas Vaak")
    customer.refresh_from_db()
    assert (customer.name, customer.email) == ("Klaas Vaak", "vaak@klant.example")
    assert customer.shares_email is False


@pytest.mark.django_db
def test_without_a_number_what_is_known_stays() -> None:
    find("K-1", name="Klaas", shares_email=False)

    customer = find(name="Somebody", shares_email=False)

    assert (customer.name, customer.external_id) == ("Klaas", "K-1")


@pytest.mark.django_db
def test_nothing_new_is_no_event() -> None:
    find("K-1", name="Klaas")
    before = happened()

    find("K-1", name="Klaas")

    assert happened() == before


@pytest.mark.django_db
def test_who_was_erased_comes_back_as_somebody_new() -> None:
    erased = find("K-1")
    erase_customer(erased, by=Actor.SYSTEM, now=LATER)

    assert find("K-1") != erased


@pytest.mark.parametrize("known", ["nobody", "by address"])
@pytest.mark.parametrize("number", ["K-1", None], ids=["number", "no number"])
def test_two_requests_at_once_find_one_customer(
    committed_db: None, number: str | None, known: str
) -> None:
    if known == "by address":
        find()

    for _round in range(5):
        found = at_once(*[partial(find, number, name="Klaas")] * 4)

        assert len({customer.pk for customer in found}) == 1
    assert Customer.objects.count() == 1


def test_finding_beside_merging_never_finds_who_is_gone(committed_db: None, market: Market) -> None:
    for pair in range(10):
        stays, goes = find(f"A-{pair}", "a@klant.example"), find(f"B-{pair}", "b@klant.example")

        def asks(pair: int = pair) -> None:
            actions.ask(
                market.shop,
                customer=find(f"B-{pair}", "b@klant.example"),
                subject="Where?",
                body="Where is it?",
                channel=Channel.WEB,
                by=Actor.CUSTOMER,
                now=NOON,
            )

        at_once(transaction.atomic(asks), partial(merge, goes, stays))

        assert CustomerQuery.objects.filter(customer=stays).count() == 1
        assert not CustomerQuery.objects.filter(customer=goes).exists()


# Merged


@pytest.fixture
def two(market: Market) -> tuple[Customer, Customer]:
    """Two customers with a closing each; the second is to go."""
    stays = market.new_customer(external_id="K-1", email="one@klant.example", name="Klaas")
    goes = market.new_customer(external_id="K-2", email="two@klant.example", name="K. Vaak")
    for customer in (stays, goes):
        market.closing(customer)
    return stays, goes


def test_history_moves_along(two: tuple[Customer, Customer]) -> None:
    stays, goes = two

    merge(goes, stays)

    assert CustomerQuery.objects.filter(customer=stays).count() == 2
    assert Closing.objects.filter(customer=stays).count() == 2
    goes.refresh_from_db()
    assert (goes.merged_into, goes.external_id, goes.email, goes.name) == (stays, "K-2", "", "")
    assert happened()[-1] == (QueryEvent.CUSTOMER_MERGED, stays.pk, {"customer": goes.pk})


def test_number_of_who_was_merged_finds_who_stays(two: tuple[Customer, Customer]) -> None:
    stays, goes = two
    merge(goes, stays)

    assert find("K-2", "new@klant.example") == stays

    stays.refresh_from_db()
    assert (stays.external_id, stays.email) == ("K-1", "new@klant.example")


def test_address_of_who_was_merged_finds_who_stays(market: Market) -> None:
    stays, goes = market.new_customer(), market.new_customer(email=KLAAS)
    merge(goes, stays)

    assert find() == stays
    assert find("K-9") == stays  # a new number, too

    stays.refresh_from_db()
    assert stays.external_id == "K-9"


def test_who_stays_takes_over_what_it_lacks(market: Market) -> None:
    stays = market.new_customer(email="", name="")
    goes = market.new_customer(external_id="K-2", email=KLAAS, name="Klaas", shares_email=True)

    merge(goes, stays)

    stays.refresh_from_db()
    goes.refresh_from_db()
    assert (stays.external_id, stays.email, stays.name) == ("K-2", KLAAS, "Klaas")
    assert stays.shares_email
    assert (goes.external_id, goes.email, goes.name) == (None, "", "")
    assert find("K-2") == stays


@pytest.mark.django_db
def test_address_of_who_gives_its_number_away_stays_free_for_who_has_it() -> None:
    stays = find(email="other@klant.example")
    goes = find("K-2", "third@klant.example")
    by_address = find()
    find("K-2", KLAAS)  # the number now has the address of somebody without one

    merge(goes, stays)

    assert find("K-2", KLAAS) == stays
    assert find("K-3") == by_address


def test_who_merged_before_moves_along(two: tuple[Customer, Customer], market: Market) -> None:
    stays, goes = two
    merge(goes, stays)
    last = market.new_customer(external_id="K-3")

    merge(stays, last)

    assert {find(number, "") for number in ("K-1", "K-2", "K-3")} == {last}
    assert {lock_customer(each) for each in (goes, stays, last)} == {last}
    assert list(people(Customer.objects.all())) == [last]
    assert last.queries.count() == 2


@pytest.mark.parametrize("case", ["itself", "merged", "into merged", "erased", "into erased"])
def test_who_is_nobody_is_not_merged(
    two: tuple[Customer, Customer], market: Market, case: str
) -> None:
    stays, goes = two
    if case == "itself":
        goes = stays
    elif "merged" in case:
        merge(goes if case == "merged" else stays, market.new_customer())
    else:
        erase_customer(goes if case == "erased" else stays, by=Actor.SYSTEM, now=NOON)
    before = list(Customer.objects.order_by("pk").values())

    with pytest.raises(CannotMerge):
        merge(goes, stays)

    assert list(Customer.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("chosen", ["stays", "goes"])
def test_erasing_takes_all_rows_of_a_person(two: tuple[Customer, Customer], chosen: str) -> None:
    stays, goes = two
    merge(goes, stays)

    erase_customer(stays if chosen == "stays" else goes, by=Actor.SYSTEM, now=LATER)

    for customer in Customer.objects.all():
        assert (customer.external_id, customer.email, customer.name) == (None, "", "")
        assert customer.erased_at == LATER
    assert not CustomerQuery.objects.with_texts().exists()
    assert find("K-2").pk not in {stays.pk, goes.pk}


def test_export_of_who_was_merged_is_of_who_stays(two: tuple[Customer, Customer]) -> None:
    stays, goes = two
    merge(goes, stays)
    goes.refresh_from_db()

    export_customer(goes, by=Actor.SYSTEM, now=LATER)

    assert happened()[-1] == (QueryEvent.CUSTOMER_EXPORTED, stays.pk, {})


# What the database refuses, however it is asked


@pytest.mark.parametrize(
    ("model", "guard"),
    [
        (CustomerQuery, "query_customer_only_merged"),
        (Closing, "closing_customer_only_merged"),
    ],
)
def test_history_moves_only_to_who_it_was_merged_into(
    two: tuple[Customer, Customer], market: Market, model: Any, guard: str
) -> None:
    stays, goes = two
    theirs = model.objects.filter(customer=goes)

    with refused_by(guard):
        theirs.update(customer=stays)

    Customer.objects.filter(pk=goes.pk).update(merged_into=stays)
    with refused_by(guard):
        theirs.update(customer=market.new_customer())
    assert theirs.update(customer=stays) == 1

    with refused_by(guard):
        model.objects.filter(customer=stays).update(customer=goes)


def test_merged_customer_asks_nothing_any_more(
    two: tuple[Customer, Customer], market: Market
) -> None:
    stays, goes = two
    merge(goes, stays)

    with refused_by("query_customer_is_there"):
        market.query(goes)


@pytest.mark.parametrize("case", ["undone", "elsewhere", "itself", "into merged", "into erased"])
def test_customer_is_merged_once(two: tuple[Customer, Customer], market: Market, case: str) -> None:
    stays, goes = two
    merge(goes, stays)
    other = market.new_customer()
    changed = goes if case in {"undone", "elsewhere"} else other
    if case == "into erased":
        erase_customer(stays, by=Actor.SYSTEM, now=LATER)
    to = {"undone": None, "elsewhere": other, "itself": other, "into merged": goes}

    with refused_by("customer_merged_once"):
        Customer.objects.filter(pk=changed.pk).update(merged_into=to.get(case, stays))
