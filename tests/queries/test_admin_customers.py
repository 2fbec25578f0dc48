"""What staff do for a customer who wants a copy or to be forgotten."""

from io import BytesIO
from zipfile import ZipFile

import pytest
from django.contrib.auth.models import Permission
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from queries.enums import QueryEvent
from queries.models import Customer
from sellers.models import Event, User
from tests.conftest import Market, text

LIST = reverse("admin:queries_customer_changelist")


def browser_of(*permissions: str) -> Client:
    """Return the browser of one of the staff who may do just this."""
    user = User.objects.create_user(
        "staff@markt.example", name="Staff", language="en", is_staff=True
    )
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    browser = Client()
    browser.force_login(user)
    return browser


@pytest.fixture
def staff_s(db: None) -> Client:
    """The browser of one of the staff who may change customers."""
    return browser_of("view_customer", "change_customer")


def choose(browser: Client, action: str, *customers: Customer, **more: str) -> HttpResponse:
    """Take an action of the list of customers."""
    chosen = {"_selected_action": [customer.pk for customer in customers]}
    return browser.post(LIST, {"action": action, **chosen, **more}, follow=True)


def test_erasing_first_says_what_goes_and_what_stays(staff_s: Client, customer: Customer) -> None:
    page = choose(staff_s, "erase", customer)

    customer.refresh_from_db()
    shown = page.content.decode()
    assert customer.erased_at is None
    assert "Klaas · klaas@klant.example" in shown
    assert "What goes, for good" in shown
    assert "What stays, without a name" in shown


def test_erasing_is_done_when_confirmed_and_noted_without_a_name(
    staff_s: Client, market: Market, customer: Customer
) -> None:
    other = market.new_customer()

    page = choose(staff_s, "erase", customer, confirmed="yes")

    customer.refresh_from_db()
    other.refresh_from_db()
    assert customer.erased_at
    assert other.erased_at is None
    assert "It cannot be undone" in page.content.decode()
    event = Event.objects.get()
    assert (event.kind, event.object_pk) == (QueryEvent.CUSTOMER_ERASED, customer.pk)
    assert event.user == User.objects.get(email="staff@markt.example")
    assert (event.seller, event.details) == (None, {})


def test_erasing_many_at_once_is_refused(staff_s: Client, market: Market) -> None:
    customers = [market.new_customer() for _ in range(21)]

    page = choose(staff_s, "erase", *customers, confirmed="yes")

    assert "Choose at most 20 customers to erase." in page.content.decode()
    assert not Customer.objects.exclude(erased_at=None).exists()


def test_exporting_gives_a_zip_and_is_noted(staff_s: Client, customer: Customer) -> None:
    answer = choose(staff_s, "export", customer)

    assert answer["Content-Type"] == "application/zip"
    assert f'"customer-{customer.pk}.zip"' in answer["Content-Disposition"]
    assert ZipFile(BytesIO(answer.content)).testzip() is None
    event = Event.objects.get()
    assert (event.kind, event.object_pk) == (QueryEvent.CUSTOMER_EXPORTED, customer.pk)


def test_exporting_is_of_one_customer(staff_s: Client, market: Market) -> None:
    page = choose(staff_s, "export", market.new_customer(), market.new_customer())

    assert "Choose one customer to export." in page.content.decode()


@pytest.mark.parametrize("action", ["erase", "export"])
def test_who_may_only_look_cannot(customer: Customer, action: str) -> None:
    onlooker_s = browser_of("view_customer")

    page = choose(onlooker_s, action, customer, confirmed="yes")

    customer.refresh_from_db()
    assert page["Content-Type"].startswith("text/html")
    assert customer.erased_at is None
    assert not Event.objects.exists()


def test_erased_customer_is_only_read(staff_s: Client, customer: Customer) -> None:
    choose(staff_s, "erase", customer, confirmed="yes")
    page = reverse("admin:queries_customer_change", args=[customer.pk])

    refused = staff_s.post(page, {"name": "Klaas", "email": "", "language": "nl"})

    assert refused.status_code == 403
    assert "Erased customer" in staff_s.get(page).content.decode()


def test_what_staff_change_of_a_customer_is_written_without_saying_who(
    staff_s: Client, customer: Customer
) -> None:
    page = reverse("admin:queries_customer_change", args=[customer.pk])

    staff_s.post(page, {"name": "Klaas Vaak", "email": "klaas@klant.example", "language": "nl"})

    event = Event.objects.get()
    assert (event.kind, event.object_pk) == (QueryEvent.CUSTOMER_CHANGED, customer.pk)
    assert event.details == {"changes": {"name": None, "language": ["en", "nl"]}}


def test_history_of_a_customer_shows_what_staff_did(staff_s: Client, customer: Customer) -> None:
    page = reverse("admin:queries_customer_change", args=[customer.pk])
    staff_s.post(page, {"name": "Klaas Vaak", "email": "klaas@klant.example", "language": "nl"})
    choose(staff_s, "export", customer)
    choose(staff_s, "erase", customer, confirmed="yes")

    history = staff_s.get(reverse("admin:queries_customer_history", args=[customer.pk]))

    assert [(line.what, line.by) for line in history.context["lines"]] == [
        ("Customer changed: name, language", "Staff"),
        ("Copy of all about the customer made", "Staff"),
        ("Customer erased", "Staff"),
    ]


def test_history_is_for_who_may_look(customer: Customer) -> None:
    url = reverse("admin:queries_customer_history", args=[customer.pk])

    assert browser_of("view_closing").get(url).status_code == 403


# Merging


def test_merging_first_asks_which_row_stays(staff_s: Client, market: Market) -> None:
    without, with_number = market.new_customer(), market.new_customer(external_id="K-1")

    page = choose(staff_s, "merge", without, with_number)

    assert "Which of the two stays?" in text(page)
    assert f'value="{with_number.pk}" required checked' in text(page)
    assert f'value="{without.pk}" required>' in text(page)
    assert not Customer.objects.exclude(merged_into=None).exists()


def test_merging_is_done_when_chosen_and_noted(staff_s: Client, market: Market) -> None:
    goes, stays = market.new_customer(), market.new_customer()
    market.query(goes)

    page = choose(staff_s, "merge", goes, stays, stays=str(stays.pk))

    assert "Merged. It cannot be undone." in text(page)
    goes.refresh_from_db()
    assert goes.merged_into == stays
    assert str(goes) == f"Merged into #{stays.pk}"
    assert stays.queries.count() == 1
    event = Event.objects.order_by("pk").last()
    assert event
    assert (event.kind, event.object_pk) == (QueryEvent.CUSTOMER_MERGED, stays.pk)
    assert event.user == User.objects.get(email="staff@markt.example")


@pytest.mark.parametrize("case", ["one", "three", "one merged", "one erased"])
def test_merging_is_of_two_that_are_there(staff_s: Client, market: Market, case: str) -> None:
    customers = [market.new_customer() for _ in range({"one": 1, "three": 3}.get(case, 2))]
    if case == "one merged":
        choose(staff_s, "merge", market.new_customer(), customers[0], stays=str(customers[0].pk))
        customers[1] = Customer.objects.exclude(merged_into=None).get()
    if case == "one erased":
        choose(staff_s, "erase", customers[0], confirmed="yes")

    page = choose(staff_s, "merge", *customers, stays=str(customers[0].pk))

    assert "Choose two customers to merge" in text(page)


@pytest.mark.parametrize("stays", ["", "0", "x"])
def test_merging_into_somebody_else_asks_again(staff_s: Client, market: Market, stays: str) -> None:
    page = choose(staff_s, "merge", market.new_customer(), market.new_customer(), stays=stays)

    assert "Which of the two stays?" in text(page)


def test_merged_customer_is_only_read(staff_s: Client, market: Market) -> None:
    goes, stays = market.new_customer(), market.new_customer()
    choose(staff_s, "merge", goes, stays, stays=str(stays.pk))
    page = reverse("admin:queries_customer_change", args=[goes.pk])

    refused = staff_s.post(page, {"name": "Klaas", "email": "", "language": "nl"})

    assert refused.status_code == 403
    assert f"Merged into #{stays.pk}" in text(staff_s.get(page))


def test_erasing_names_who_stays_and_who_else_has_the_address(
    staff_s: Client, market: Market
) -> None:
    goes = market.new_customer()
    stays = market.new_customer(external_id="K-1", name="Klaas", email="klaas@klant.example")
    market.new_customer(external_id="K-2", name="Also Klaas", email="klaas@klant.example")
    market.new_customer(external_id="K-3", name="Piet")
    choose(staff_s, "merge", goes, stays, stays=str(stays.pk))

    page = text(choose(staff_s, "erase", goes))

    chosen, others = page.split("has one of these addresses")
    assert f"Klaas · K-1 · klaas@klant.example · #{stays.pk}" in chosen
    assert "Also Klaas · K-2" in others
    assert "Piet" not in page


def test_customer_is_found_by_number(staff_s: Client, market: Market) -> None:
    market.new_customer(external_id="K-1", name="Klaas")
    market.new_customer(external_id="K-2", name="Piet")

    page = text(staff_s.get(LIST, {"q": "K-1"}))

    assert "Klaas" in page
    assert "Piet" not in page


def test_email_typed_by_staff_is_stored_in_one_form(staff_s: Client, customer: Customer) -> None:
    page = reverse("admin:queries_customer_change", args=[customer.pk])

    staff_s.post(page, {"name": "Klaas", "email": "Klaas@B\u00fccher.example", "language": "en"})

    customer.refresh_from_db()
    assert customer.email == "klaas@xn--bcher-kva.example"
    assert customer.external_id is None


@pytest.mark.parametrize("number", ["", "K-1"], ids=["without a number", "with one"])
def test_email_of_another_is_refused_only_without_a_number(
    staff_s: Client, customer: Customer, market: Market, number: str
) -> None:
    other = market.new_customer()
    page = reverse("admin:queries_customer_change", args=[other.pk])

    answer = staff_s.post(
        page,
        {"name": "", "email": "KLAAS@klant.example", "language": "en", "external_id": number},
    )

    other.refresh_from_db()
    assert (other.email == customer.email) is bool(number)
    assert ("There is already a customer" in text(answer)) is not bool(number)
