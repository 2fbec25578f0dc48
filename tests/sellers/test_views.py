"""The reader's own choices, logging in, and what is closed."""

import re
from collections.abc import Callable

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from sellers.models import Seller, User
from tests.conftest import Market

PASSWORD = "correct-horse-battery"


@pytest.fixture
def alice_with_password(alice: User, fietsenzo: Seller) -> User:
    """Alice, who can log in."""
    alice.set_password(PASSWORD)
    alice.save()
    return alice


def test_home_leads_to_the_work(client: Client, db: None) -> None:
    page = client.get(reverse("home"))

    assert page["Location"] == reverse("queries:list")


# The language


def test_language_is_stored_with_the_account(
    log_in: Callable[[User], Client], alice: User, fietsenzo: Seller
) -> None:
    browser = log_in(alice)
    assert '<html lang="en">' in browser.get("/queries/").content.decode()

    answer = browser.post(reverse("sellers:language"), {"language": "nl", "next": "/queries/nps/"})

    assert answer["Location"] == "/queries/nps/"
    alice.refresh_from_db()
    assert alice.language == "nl"
    assert '<html lang="nl">' in browser.get("/queries/").content.decode()


def test_language_of_the_account_wins_over_the_browser_s(
    log_in: Callable[[User], Client], alice: User, fietsenzo: Seller
) -> None:
    page = log_in(alice).get("/queries/", headers={"Accept-Language": "nl"})

    assert '<html lang="en">' in page.content.decode()


def test_language_of_a_visitor_is_remembered_by_the_browser(client: Client, db: None) -> None:
    login = reverse("account_login")

    client.post(reverse("sellers:language"), {"language": "nl", "next": login})

    page = client.get(login, headers={"Accept-Language": "en"})
    assert '<html lang="nl">' in page.content.decode()


@pytest.mark.parametrize("language", ["fr", "", "nl\x00", "<script>"])
def test_language_that_is_not_spoken_becomes_the_marketplace_s(
    log_in: Callable[[User], Client], alice: User, language: str
) -> None:
    log_in(alice).post(reverse("sellers:language"), {"language": language})

    alice.refresh_from_db()
    assert alice.language == "en"


@pytest.mark.parametrize(
    "page",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "\thttps://evil.example",
        "",
    ],
)
def test_language_choice_never_leads_away_from_here(client: Client, db: None, page: str) -> None:
    answer = client.post(reverse("sellers:language"), {"language": "nl", "next": page})

    assert answer["Location"] == reverse("home")


@pytest.mark.parametrize("name", ["language", "shop"])
def test_choices_are_not_made_by_looking(
    log_in: Callable[[User], Client], market: Market, name: str
) -> None:
    membership = market.agent.memberships.get()
    address = reverse(f"sellers:{name}", args=[membership.pk] if name == "shop" else [])

    assert log_in(market.agent).get(address).status_code == 405


# The shop


def test_shop_of_somebody_else_cannot_be_chosen(
    log_in: Callable[[User], Client], alice: User, fietsenzo: Seller, dirk: User
) -> None:
    browser = log_in(alice)
    theirs = dirk.memberships.get()

    answer = browser.post(reverse("sellers:shop", args=[theirs.pk]))

    assert answer.status_code == 404
    assert browser.get("/queries/").context["request"].seller == fietsenzo


# Logging in


@pytest.mark.parametrize("email", ["alice@fietsenzo.example", "ALICE@Fietsenzo.Example"])
def test_login_by_email_whatever_the_capitals(
    client: Client, alice_with_password: User, email: str
) -> None:
    answer = client.post(reverse("account_login"), {"login": email, "password": PASSWORD})

    assert answer["Location"] == reverse("home")
    assert client.get("/queries/").status_code == 200


@pytest.mark.parametrize(
    ("email", "password"),
    [
        pytest.param("alice@fietsenzo.example", "wrong", id="password"),
        pytest.param("nobody@fietsenzo.example", PASSWORD, id="e-mail"),
        pytest.param("alice@fietsenzo.example", "", id="nothing"),
    ],
)
def test_login_with_something_wrong_stays_out(
    client: Client, alice_with_password: User, email: str, password: str
) -> None:
    page = client.post(reverse("account_login"), {"login": email, "password": password})

    assert page.status_code == 200
    assert page.context["form"].errors
    assert client.get("/queries/").status_code == 302


def test_login_of_a_user_without_password_stays_out(client: Client, alice: User) -> None:
    client.post(reverse("account_login"), {"login": alice.email, "password": ""})

    assert client.get("/queries/").status_code == 302


@pytest.mark.parametrize("page", ["signup", "email", "confirm-email", "reauthenticate"])
def test_nobody_makes_or_changes_an_account_alone(
    log_in: Callable[[User], Client], alice: User, page: str
) -> None:
    strangers_page = Client().get(f"/accounts/{page}/")
    own_page = log_in(alice).get(f"/accounts/{page}/")

    assert (strangers_page.status_code, own_page.status_code) == (404, 404)


def test_forgotten_password_mail_goes_only_to_users(
    client: Client, alice_with_password: User
) -> None:
    answers = [
        client.post(reverse("account_reset_password"), {"email": email})
        for email in ("alice@fietsenzo.example", "nobody@fietsenzo.example")
    ]

    assert {answer["Location"] for answer in answers} == {reverse("account_reset_password_done")}
    assert [message.to for message in mail.outbox] == [["alice@fietsenzo.example"]]


def test_forgotten_password_can_be_chosen_anew(client: Client, alice_with_password: User) -> None:
    client.post(reverse("account_reset_password"), {"email": "ALICE@fietsenzo.example"})
    (message,) = mail.outbox
    found = re.search(r"/accounts/password/reset/key/\S+", str(message.body))
    assert found
    new = "another-horse-battery"

    form = client.get(found[0], follow=True)
    client.post(form.request["PATH_INFO"], {"password1": new, "password2": new})
    client.post(reverse("account_login"), {"login": alice_with_password.email, "password": new})

    assert client.get("/queries/").status_code == 200
