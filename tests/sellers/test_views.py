"""The reader's own choices, logging in, and what is closed."""

import logging
import re
from collections.abc import Callable, Iterator

import pytest
from django.conf import LazySettings
from django.core import mail
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from sellers.access import CHOSEN_SHOP
from sellers.guessing import PER_NETWORK
from sellers.models import Notice, Seller, User
from sellers.tasks import send_mail
from tests.conftest import Market

PASSWORD = "correct-horse-battery"


@pytest.fixture
def alice_with_password(alice: User, fietsenzo: Seller) -> User:
    """Alice, who can log in."""
    alice.set_password(PASSWORD)
    alice.save()
    return alice


@pytest.fixture(autouse=True)
def _no_wrong_passwords_yet() -> Iterator[None]:
    """Forget what was counted, before and after."""
    cache.clear()
    yield
    cache.clear()


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


@pytest.mark.parametrize("page", ["foo", "queries", "x.y", "?x", "//other.example/", "", "\x00"])
def test_language_leads_home_from_what_is_no_page_of_ours(
    client: Client, db: None, page: str
) -> None:
    answer = client.post(reverse("sellers:language"), {"language": "nl", "next": page})

    assert (answer.status_code, answer["Location"]) == (302, reverse("home"))


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


def test_language_is_not_chosen_by_looking(log_in: Callable[[User], Client], alice: User) -> None:
    answer = log_in(alice).get(reverse("sellers:language"), {"language": "nl"})

    assert answer["Location"] == reverse("home")
    alice.refresh_from_db()
    assert alice.language == "en"


def test_shop_is_not_chosen_by_looking(log_in: Callable[[User], Client], market: Market) -> None:
    browser = log_in(market.agent)

    answer = browser.get(reverse("sellers:shop", args=[market.agent.memberships.get().pk]))

    assert answer["Location"] == reverse("home")
    assert CHOSEN_SHOP not in browser.session


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


def log_in_by_hand(client: Client, email: str, password: str, *, seen_from: str = "") -> None:
    """Fill in the form, right or wrong."""
    client.post(
        reverse("account_login"),
        {"login": email, "password": password},
        headers={"X-Forwarded-For": seen_from},
    )


def test_login_is_closed_for_a_while_after_wrong_passwords(
    client: Client, alice_with_password: User
) -> None:
    for _ in range(5):
        log_in_by_hand(client, alice_with_password.email, "wrong")

    log_in_by_hand(client, alice_with_password.email, PASSWORD)

    assert client.get("/queries/").status_code == 302


@pytest.mark.parametrize(
    ("proxies", "status"), [pytest.param(1, 200, id="trusted"), pytest.param(0, 302, id="not")]
)
def test_login_is_closed_for_the_ip_that_a_trusted_proxy_saw(
    client: Client,
    alice_with_password: User,
    settings: LazySettings,
    proxies: int,
    status: int,
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    for number in range(PER_NETWORK):  # one IP, claiming to be others
        seen = f"198.51.100.{number}, 203.0.113.1"
        log_in_by_hand(client, f"{number}@fietsenzo.example", "wrong", seen_from=seen)

    log_in_by_hand(client, alice_with_password.email, PASSWORD, seen_from="203.0.113.2")

    assert client.get("/queries/").status_code == status


def test_login_stays_closed_for_an_ip_that_claims_to_be_another(
    client: Client, alice_with_password: User, settings: LazySettings
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for number in range(PER_NETWORK):
        log_in_by_hand(client, f"{number}@fietsenzo.example", "wrong", seen_from="203.0.113.1")
    claims = "198.51.100.7, 203.0.113.1"

    log_in_by_hand(client, alice_with_password.email, PASSWORD, seen_from=claims)

    assert client.get("/queries/").status_code == 302


@pytest.mark.parametrize("page", ["signup", "email", "confirm-email", "reauthenticate"])
def test_nobody_makes_or_changes_an_account_alone(
    log_in: Callable[[User], Client], alice: User, page: str
) -> None:
    strangers_page = Client().get(f"/accounts/{page}/")
    own_page = log_in(alice).get(f"/accounts/{page}/")

    assert (strangers_page.status_code, own_page.status_code) == (404, 404)


def ask_for_password(client: Client, email: str, **headers: str) -> HttpResponse:
    """Fill in the page for who forgot their password."""
    url = reverse("account_reset_password")
    return client.post(url, {"email": email}, headers=headers)


def mail_about_password() -> EmailMessage:
    """Send what is queued, and return the only mail."""
    send_mail()
    (message,) = mail.outbox
    return message


def test_forgotten_password_mail_goes_only_to_users(
    client: Client, alice_with_password: User
) -> None:
    answers = [
        ask_for_password(client, email)
        for email in ("alice@fietsenzo.example", "nobody@fietsenzo.example")
    ]

    assert {answer["Location"] for answer in answers} == {reverse("account_reset_password_done")}
    assert mail_about_password().to == ["alice@fietsenzo.example"]
    fates = Notice.objects.order_by("pk").values_list("user", "state", "reason")
    assert list(fates) == [(alice_with_password.pk, "sent", ""), (None, "suppressed", "no_user")]


@pytest.mark.parametrize("email", ["nobody@fietsenzo.example", "gone@fietsenzo.example"])
def test_forgotten_password_asks_the_same_of_the_database_for_anybody(
    client: Client, alice_with_password: User, email: str
) -> None:
    User.objects.create_user("gone@fietsenzo.example", name="Gone", is_active=False)
    ask_for_password(client, "warming-up@fietsenzo.example")

    with CaptureQueriesContext(connection) as for_a_user:
        ask_for_password(client, alice_with_password.email)
    with CaptureQueriesContext(connection) as for_others:
        ask_for_password(client, email)

    kinds = [
        [re.sub(r"'[^']*'|\bNULL\b|\b\d+\b", "?", query["sql"]) for query in asked]
        for asked in (for_a_user, for_others)
    ]
    assert any(statement.startswith("INSERT") for statement in kinds[0])
    assert kinds[0] == kinds[1]
    assert not mail.outbox


@pytest.mark.usefixtures("no_mail_server")
def test_forgotten_password_looks_the_same_when_no_mail_can_be_sent(
    client: Client, alice_with_password: User, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        answers = [
            ask_for_password(client, email)
            for email in ("alice@fietsenzo.example", "nobody@fietsenzo.example")
        ]
        send_mail()

    done = (302, reverse("account_reset_password_done"))
    assert [(answer.status_code, answer["Location"]) for answer in answers] == [done, done]
    assert "not sent: ConnectionRefusedError" in caplog.text
    assert "alice" not in caplog.text


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:666"])
def test_forgotten_password_link_is_the_portal_s_whatever_the_host(
    client: Client, alice_with_password: User, host: str
) -> None:
    ask_for_password(client, alice_with_password.email, Host=host)

    body = str(mail_about_password().body)
    links = re.findall(r"https?://[^/\s]+/accounts/password/reset/key/", body)
    assert links == ["http://localhost:8000/accounts/password/reset/key/"]
    assert host not in body


@pytest.mark.parametrize(
    ("language", "subject"), [("nl", "Nieuw wachtwoord"), ("en", "Password Reset Email")]
)
def test_forgotten_password_mail_is_in_the_language_of_the_account(
    client: Client, alice_with_password: User, language: str, subject: str
) -> None:
    User.objects.update(language=language)

    ask_for_password(client, alice_with_password.email, **{"Accept-Language": "de"})

    assert mail_about_password().subject == subject


def test_forgotten_password_key_is_stored_nowhere(
    client: Client, alice_with_password: User
) -> None:
    ask_for_password(client, alice_with_password.email)

    found = re.search(r"/reset/key/(\S+)/", str(mail_about_password().body))
    assert found
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(sellers_notice)::text FROM sellers_notice")
        (row,) = cursor.fetchone()
    assert found[1].partition("-")[2] not in row
    assert "alice" not in row


def test_forgotten_password_can_be_chosen_anew(client: Client, alice_with_password: User) -> None:
    ask_for_password(client, "ALICE@fietsenzo.example")
    found = re.search(r"/accounts/password/reset/key/\S+", str(mail_about_password().body))
    assert found
    new = "another-horse-battery"

    form = client.get(found[0], follow=True)
    client.post(form.request["PATH_INFO"], {"password1": new, "password2": new})
    client.post(reverse("account_login"), {"login": alice_with_password.email, "password": new})

    assert client.get("/queries/").status_code == 200


@pytest.mark.parametrize("address", ["//[", "http://[::1", "https:///x", "//evil.example", "\\\\["])
def test_after_the_log_in_nobody_is_sent_to_an_address_that_is_none(
    client: Client, alice: User, address: str
) -> None:
    page = client.get("/accounts/login/", {"next": address})
    alice.set_password("Remmen-piepen-7")
    alice.save()
    form = {"login": alice.email, "password": "Remmen-piepen-7", "next": address}

    entered = client.post("/accounts/login/", form)

    assert (page.status_code, entered.status_code) == (200, 302)
    assert entered["Location"] == "/"


def test_who_has_no_password_is_led_to_the_mail_for_one(client: Client, alice: User) -> None:
    alice.set_unusable_password()
    alice.save()
    client.force_login(alice)

    page = client.get("/accounts/password/change/", follow=True)

    assert page.redirect_chain[-1][0] == "/accounts/password/reset/"
    assert page.status_code == 200
