"""While the database is away nobody gets a broken page, and what was typed comes back."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse
from time_machine import travel

from queries.models import CustomerQuery
from sellers.models import User
from surveys.models import SurveyResponse
from tests.conftest import GIVEN_BACK, RULES, Market
from tests.surveys.conftest import link

WORDS = "It took a week.\n<b>Really</b>"
SHOWN = "It took a week.\n&lt;b&gt;Really&lt;/b&gt;"


@contextmanager
def database_away() -> Iterator[None]:
    """Let the database answer nothing."""

    def refuse(*_: Any) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    with connection.execute_wrapper(refuse):
        yield


@pytest.fixture
def browser(bob: User) -> Client:
    """Bob's browser, which is shown what anybody else would be shown."""
    browser = Client(raise_request_exception=False)
    browser.force_login(bob)
    return browser


@pytest.fixture
def query(market: Market) -> CustomerQuery:
    """A query of Fietsenzo."""
    query: CustomerQuery = market.query()
    return query


@pytest.mark.parametrize(
    ("path", "box"),
    [
        ("/queries/{pk}/reply/", "body"),
        ("/queries/{pk}/note/", "note"),
        ("/queries/log-phone/", "note"),
        ("/thread/whatever/", "body"),
        ("/survey/whatever/", "reason"),
        ("/settings/", "signature_1"),
    ],
    ids=["reply", "note", "phone", "thread", "survey", "signature"],
)
def test_what_was_typed_comes_back_to_be_sent_again(
    browser: Client, query: CustomerQuery, path: str, box: str
) -> None:
    path = path.format(pk=query.pk) + "?a=1"
    with database_away():
        page = browser.post(path, {box: WORDS, "score": "3"})

    said = page.content.decode()
    assert (page.status_code, page["Retry-After"]) == (503, "60")
    assert "no-store" in page["Cache-Control"]
    assert f'<form method="post" action="{path}">' in said
    assert f'<textarea name="{box}" hidden>{SHOWN}</textarea>' in said
    assert '<textarea name="score" hidden>3</textarea>' in said
    assert said.count(SHOWN) == 2  # also to be read and copied
    assert f'href="{reverse("home")}"' not in said


def test_answer_that_came_back_is_stored_when_it_is_sent_again(market: Market) -> None:
    browser = Client(raise_request_exception=False)
    path = link(market.invitation(market.closing(closed_at=datetime.now(UTC) - 2 * RULES.delay)))
    with database_away():
        page = browser.post(path, {"score": "3", "reason": WORDS})
    assert not SurveyResponse.objects.exists()

    again = dict(GIVEN_BACK.findall(page.content.decode()))
    page = browser.post(path, {name: unescape(value) for name, value in again.items()})

    assert page.status_code == 302
    response = SurveyResponse.objects.get()
    assert (response.score, response.reason) == (3, WORDS)


def test_what_is_typed_where_the_clock_jumped_comes_back(
    browser: Client, query: CustomerQuery
) -> None:
    path = reverse("queries:reply", args=[query.pk])

    with travel(datetime.now(UTC) + timedelta(hours=1), tick=False):
        page = browser.post(path, {"body": WORDS})

    assert (page.status_code, page["Retry-After"]) == (503, "60")
    assert f'<textarea name="body" hidden>{SHOWN}</textarea>' in page.content.decode()
    assert not query.messages.filter(author="seller").exists()


@pytest.mark.parametrize("path", ["account_login", "account_reset_password"])
def test_password_is_never_shown(db: None, path: str) -> None:
    bob = "bob@fietsenzo.example"
    typed = {"login": bob, "email": bob, "password": "correct-horse", "note": WORDS}

    with database_away():
        page = Client(raise_request_exception=False).post(reverse(path), typed)

    assert (page.status_code, page["Retry-After"]) == (503, "60")
    assert "correct-horse" not in page.content.decode()
    assert SHOWN not in page.content.decode()


def test_page_that_is_only_looked_at_says_so(browser: Client) -> None:
    with database_away():
        page = browser.get("/queries/?q=lamp")

    assert (page.status_code, page["Retry-After"]) == (503, "60")
    assert "cannot be shown just now" in page.content.decode()
    assert 'href="/queries/?q=lamp"' in page.content.decode()


def test_files_are_to_be_chosen_again(browser: Client, query: CustomerQuery) -> None:
    with database_away():
        sent = {"body": WORDS, "attachments": BytesIO(b"Ring twice.")}
        page = browser.post(reverse("queries:reply", args=[query.pk]), sent)

    assert 'type="file" name="attachments"' in page.content.decode()
    assert 'enctype="multipart/form-data"' in page.content.decode()


def test_program_is_told_when_to_ask_again(db: None) -> None:
    with database_away():
        answer = Client(raise_request_exception=False).get(
            "/api/v1/queries/", headers={"Authorization": "Bearer x"}
        )

    assert (answer.status_code, answer["Retry-After"]) == (503, "60")
    assert answer["Content-Type"] == "application/problem+json"
    assert json.loads(answer.content)["code"] == "service_unavailable"


def test_what_is_no_fault_of_the_database_is_ours(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise ZeroDivisionError

    with connection.execute_wrapper(fail):
        page = Client(raise_request_exception=False).post("/survey/whatever/", {"reason": WORDS})

    assert page.status_code == 500
    assert "Retry-After" not in page


FORM = "multipart/form-data; boundary=x"
MANY_FIELDS = {f"p{number}": "1" for number in range(2_000)}


@pytest.mark.parametrize(
    "form",
    [
        pytest.param({"data": MANY_FIELDS}, id="too many fields"),
        pytest.param({"data": b"--x", "content_type": "multipart/form-data"}, id="no boundary"),
        pytest.param({"data": b"--x", "content_type": f"{FORM}; charset=latin-1"}, id="encoding"),
        pytest.param({"data": b"--x", "content_type": FORM}, id="cut off"),
    ],
)
@pytest.mark.parametrize(
    ("path", "status"),
    [
        pytest.param("/accounts/login/", 403, id="without a cookie against forgery"),
        pytest.param("/demo/mailbox/1/answer/", 404, id="of what is not there"),
        pytest.param("/settings/", 302, id="of who must log in first"),
    ],
)
def test_form_that_cannot_be_read_is_no_fault_of_ours(
    db: None, path: str, status: int, form: dict[str, Any]
) -> None:
    browser = Client(raise_request_exception=False, enforce_csrf_checks=status == 403)

    assert browser.post(path, **form).status_code == status
