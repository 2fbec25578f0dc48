"""Two-step verification, with real codes: from the first password to the admin and back."""

import re
import time
from dataclasses import dataclass

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import LazySettings
from django.contrib.auth.models import Permission
from django.contrib.sessions.models import Session
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from time_machine import Traveller, travel

from sellers.enums import SellerEvent
from sellers.guessing import PER_ACCOUNT, WINDOW
from sellers.models import Event, User
from surveys.models import SurveyResponse
from tests.conftest import NOON, Market, admin_url

PASSWORD = "correct-horse-battery"
ADMIN = reverse("admin:index")


@dataclass
class Phone:
    """The app that shows codes."""

    secret: str
    clock: Traveller

    def code(self) -> str:
        """Wait for a code that was not used, and read it."""
        self.clock.shift(31)
        return format_hotp_value(hotp_value(self.secret, int(time.time()) // 30))


@pytest.fixture(autouse=True)
def clock(settings: LazySettings) -> object:
    """Staff give codes, and the clock moves when the test says so."""
    settings.STAFF_SECOND_FACTOR = True
    with travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def chief(db: None) -> User:
    """A superuser with a password."""
    return User.objects.create_superuser("chief@markt.example", PASSWORD, name="C", language="en")


@pytest.fixture
def clerk(db: None) -> User:
    """Staff who look after users, with a password."""
    clerk = User.objects.create_user(
        "clerk@markt.example", PASSWORD, name="K", is_staff=True, language="en"
    )
    clerk.user_permissions.set(Permission.objects.filter(codename__endswith="_user"))
    return clerk


def log_in(user: User) -> tuple[Client, HttpResponse]:
    """Give the password in a new browser; return what comes after it."""
    browser = Client()
    filled_in = {"login": user.email, "password": PASSWORD}
    return browser, browser.post(reverse("account_login"), filled_in)


def switch_on(browser: Client, clock: Traveller) -> tuple[Phone, list[str]]:
    """Switch it on from the first page to the last; return the phone and the recovery codes."""
    page = browser.get(reverse("mfa_activate_totp"), follow=True)
    assert page.redirect_chain[-1][0].startswith(reverse("account_reauthenticate"))
    next_page = {"next": reverse("mfa_activate_totp"), "password": PASSWORD}
    page = browser.post(reverse("account_reauthenticate"), next_page, follow=True)
    assert "data:image/svg+xml" in page.content.decode()
    phone = Phone(page.context["form"].secret, clock)
    wrong = browser.post(reverse("mfa_activate_totp"), {"code": "000000"})
    assert "This code is not right" in wrong.content.decode()
    page = browser.post(reverse("mfa_activate_totp"), {"code": phone.code()}, follow=True)
    assert page.request["PATH_INFO"] == reverse("mfa_view_recovery_codes")
    return phone, re.findall(r"\b\d{8}\b", page.content.decode())


def test_staff_reach_nothing_before_a_code_and_all_after_it(chief: User, clock: Traveller) -> None:
    browser, _page = log_in(chief)

    pages = [ADMIN, admin_url(User, "changelist"), reverse("queries:list"), reverse("admin:search")]
    places = {browser.get(page)["Location"] for page in pages}
    places.add(browser.post(admin_url(User, "delete", chief.pk), {"post": "yes"})["Location"])
    assert places == {reverse("mfa_activate_totp")}
    phone, recovery = switch_on(browser, clock)
    assert browser.get(ADMIN).status_code == 200
    assert len(set(recovery)) == 10

    other, page = log_in(chief)
    assert page["Location"] == reverse("mfa_authenticate")
    assert other.get(ADMIN).status_code == 302
    code = phone.code()
    assert other.post(reverse("mfa_authenticate"), {"code": code}).status_code == 302
    assert other.get(ADMIN).status_code == 200

    third, _page = log_in(chief)
    assert third.post(reverse("mfa_authenticate"), {"code": code}).status_code == 200  # used
    assert third.post(reverse("mfa_authenticate"), {"code": recovery[0]}).status_code == 302
    assert third.get(ADMIN).status_code == 200
    fourth, _page = log_in(chief)
    assert fourth.post(reverse("mfa_authenticate"), {"code": recovery[0]}).status_code == 200
    assert fourth.get(ADMIN).status_code == 302


def test_session_of_before_gives_a_code_and_goes_where_it_was_going(
    chief: User, clock: Traveller
) -> None:
    before, _page = log_in(chief)
    browser, _page = log_in(chief)
    phone, _codes = switch_on(browser, clock)
    wanted = admin_url(SurveyResponse, "changelist") + "?q=e"

    page = before.get(wanted, follow=True)

    place, _status = page.redirect_chain[-1]
    assert place.startswith(reverse("mfa_reauthenticate"))
    answer = before.post(reverse("mfa_reauthenticate"), {"code": phone.code(), "next": wanted})
    assert answer["Location"] == wanted
    assert before.get(wanted).status_code == 200


def test_who_switched_it_off_begins_anew(chief: User, clock: Traveller) -> None:
    browser, _page = log_in(chief)
    switch_on(browser, clock)

    browser.post(reverse("mfa_deactivate_totp"))

    assert not Authenticator.objects.exists()
    assert browser.get(ADMIN)["Location"] == reverse("mfa_activate_totp")


def test_fragment_of_a_page_begins_the_page_anew(chief: User, clock: Traveller) -> None:
    browser, _page = log_in(chief)
    switch_on(browser, clock)
    session = browser.session
    del session["second_factor_of"]
    session.save()

    page = browser.get(reverse("queries:list"), headers={"HX-Request": "true"})

    assert page["HX-Refresh"] == "true"


def test_seller_needs_no_code_but_may_ask_for_one(market: Market, clock: Traveller) -> None:
    alice = User.objects.get(name="Alice")
    alice.set_password(PASSWORD)
    alice.save()
    browser, _page = log_in(alice)
    inbox = reverse("queries:list")
    assert browser.get(inbox).status_code == 200

    phone, _codes = switch_on(browser, clock)
    other, page = log_in(alice)

    assert page["Location"] == reverse("mfa_authenticate")
    assert other.get(inbox).status_code == 302
    other.post(reverse("mfa_authenticate"), {"code": phone.code()})
    assert other.get(inbox).status_code == 200


def test_who_guesses_codes_waits(chief: User, clock: Traveller) -> None:
    browser, _page = log_in(chief)
    phone, _codes = switch_on(browser, clock)
    stranger, _page = log_in(chief)
    url = reverse("mfa_authenticate")

    said = [stranger.post(url, {"code": f"{code:06}"}).content.decode() for code in range(9)]

    assert sum("wrong too often" in each for each in said) == 9 - PER_ACCOUNT
    assert stranger.post(url, {"code": phone.code()}).status_code == 200
    clock.shift(WINDOW)
    assert stranger.post(url, {"code": phone.code()}).status_code == 302


def test_who_lost_phone_and_codes_is_let_in_by_a_superuser_only(
    chief: User, clerk: User, market: Market, clock: Traveller
) -> None:
    alice = User.objects.get(name="Alice")
    alice.set_password(PASSWORD)
    alice.save()
    switch_on(log_in(alice)[0], clock)
    taken = {"action": "remove_second_factor", "_selected_action": [alice.pk, chief.pk]}
    users = admin_url(User, "changelist")
    of_chief, _page = log_in(chief)
    switch_on(of_chief, clock)
    of_clerk, _page = log_in(clerk)
    switch_on(of_clerk, clock)

    of_clerk.post(users, taken)
    assert Authenticator.objects.filter(user=alice).exists()
    of_chief.post(users, taken | {"_selected_action": [alice.pk]})

    assert not Authenticator.objects.filter(user=alice).exists()
    assert Authenticator.objects.filter(user=chief).exists()
    told = Event.objects.get(kind=SellerEvent.SECOND_FACTOR_REMOVED)
    assert (told.object_pk, told.user) == (alice.pk, chief)
    assert log_in(alice)[1]["Location"] != reverse("mfa_authenticate")


def test_secret_is_sealed(chief: User, clock: Traveller) -> None:
    browser, _page = log_in(chief)
    phone, recovery = switch_on(browser, clock)

    stored = str(list(Authenticator.objects.values()))

    assert phone.secret not in stored
    assert not [code for code in recovery if code in stored]


@pytest.mark.parametrize(
    "name", ["", "confirm/", "app/", "app/remove/", "recovery/", "recovery/new/"]
)
def test_stranger_is_asked_to_log_in_and_nothing_is_kept(db: None, name: str) -> None:
    page = Client().post(f"/accounts/two-step/{name}", {"body": "x" * 10_000})

    assert page["Location"].startswith(reverse("account_login"))
    assert not Session.objects.exists()
