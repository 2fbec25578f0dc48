"""What staff do for a customer who wants a copy or to be forgotten; what they see of robots."""

from datetime import timedelta
from html import unescape
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from time_machine import travel

from queries.models import Customer
from sellers.models import User
from surveys.models import Invitation
from tests.conftest import NOON, Market
from tests.surveys.conftest import link

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


def text(page: HttpResponse) -> str:
    """Return a page as people read it."""
    return unescape(page.content.decode()).replace("\xa0", " ")


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
    entry = LogEntry.objects.get()
    assert customer.erased_at
    assert other.erased_at is None
    assert "It cannot be undone" in page.content.decode()
    assert entry.user is not None
    assert (entry.user.email, entry.object_id) == ("staff@markt.example", str(customer.pk))
    assert (entry.object_repr, entry.change_message) == (f"#{customer.pk}", "Erased.")


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
    assert LogEntry.objects.get().object_repr == f"#{customer.pk}"


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
    assert not LogEntry.objects.exists()


def test_erased_customer_is_only_read(staff_s: Client, customer: Customer) -> None:
    choose(staff_s, "erase", customer, confirmed="yes")
    page = reverse("admin:queries_customer_change", args=[customer.pk])

    refused = staff_s.post(page, {"name": "Klaas", "email": "", "language": "nl"})

    assert refused.status_code == 403
    assert "Erased customer" in staff_s.get(page).content.decode()


def test_opt_out_noted_by_staff_leaves_no_name_behind(admin_s: Client, customer: Customer) -> None:
    admin_s.post(reverse("admin:surveys_surveyoptout_add"), {"customer": customer.pk})

    assert LogEntry.objects.get().object_repr == f"#{customer.pk}"


@pytest.fixture
def admin_s(db: None) -> Client:
    """The browser of one of the staff who may note an opt-out."""
    return browser_of("add_surveyoptout", "view_surveyoptout", "view_customer")


@pytest.fixture
def watcher_s(db: None) -> Client:
    """The browser of one of the staff who may look at invitations."""
    return browser_of("view_invitation")


@pytest.mark.parametrize(
    ("opened_after", "told"),
    [
        pytest.param(timedelta(0), "opened 0 minutes after sending", id="at once"),
        pytest.param(
            timedelta(hours=2, minutes=14),
            "opened 2 hours, 14 minutes after sending",
            id="the same day",
        ),
        pytest.param(timedelta(days=13), "opened 1 week, 6 days after sending", id="late"),
        pytest.param(None, "answered without the form page being loaded", id="never"),
    ],
)
@pytest.mark.parametrize("page", ["changelist", "change"])
def test_staff_see_when_the_form_was_opened_and_sellers_do_not(
    client: Client,
    watcher_s: Client,
    market: Market,
    alice: User,
    page: str,
    opened_after: timedelta | None,
    told: str,
) -> None:
    invitation = market.invitation()
    assert invitation.sent_at
    typed = {"score": "9"}
    if opened_after is not None:
        with travel(invitation.sent_at + opened_after, tick=False):
            typed["shown"] = client.get(link(invitation)).context["form"]["shown"].value()
    with travel(invitation.sent_at + timedelta(days=13, hours=1), tick=False):
        client.post(link(invitation), typed)
    arguments = [invitation.pk] if page == "change" else []

    client.force_login(alice)
    seller_s = client.get(reverse("surveys_seller:query_survey", args=[invitation.query_id]))
    staff_s = watcher_s.get(reverse(f"admin:surveys_invitation_{page}", args=arguments))

    assert told in text(staff_s)
    assert "Answered" in text(seller_s)
    assert "opened" not in text(seller_s)
    assert "form page" not in text(seller_s)


def test_nothing_is_told_of_a_form_before_the_answer(
    client: Client, watcher_s: Client, market: Market
) -> None:
    invitation = market.invitation()
    assert invitation.sent_at
    with travel(invitation.sent_at + timedelta(hours=1), tick=False):
        client.get(link(invitation))

    page = watcher_s.get(reverse("admin:surveys_invitation_changelist"))

    assert "Where is my parcel?" in text(page)
    assert "after sending" not in text(page)
    assert "without the form" not in text(page)


def test_answers_without_a_form_are_found(watcher_s: Client, market: Market) -> None:
    by_form, by_robot = market.response(9), market.response(9)
    Invitation.objects.filter(response=by_form).update(opened_at=NOON)

    page = watcher_s.get(
        reverse("admin:surveys_invitation_changelist"),
        {"state": "answered", "opened_at__isempty": "1"},
    )

    assert [found.response for found in page.context["cl"].queryset] == [by_robot]
