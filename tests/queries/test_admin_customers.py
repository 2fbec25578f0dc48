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
from tests.conftest import Market

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
    text = page.content.decode()
    assert customer.erased_at is None
    assert "Klaas · klaas@klant.example" in text
    assert "What goes, for good" in text
    assert "What stays, without a name" in text


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
