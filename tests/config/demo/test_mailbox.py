"""The demo's mailbox, on mails written by Django's own file backend."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from django.conf import LazySettings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.http import Http404
from django.test import Client, RequestFactory
from django.urls import reverse

from config.demo.mailbox import mail_html
from queries import actions
from queries.enums import MessageVia
from queries.models import LEAVES_AFTER
from sellers.sending import send_due
from tests.conftest import NOON, Market

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def mail_in_files(settings: LazySettings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"


def send(*subjects: str, html: str = "") -> None:
    """Send mails over one connection, as a worker does; they come in one file."""
    mails = [
        EmailMultiAlternatives(
            subject, f"Over {subject}: ’s avonds gelezen.", "Nazorg <survey@nazorg.example>",
            ["Zoë <zoe@klant.example>"],
        )
        for subject in subjects
    ]  # fmt: skip
    for mail in mails:
        if html:
            mail.attach_alternative(html, "text/html")
    get_connection().send_messages(mails)


def keys(client: Client) -> dict[str, str]:
    """Return what the mailbox lists: {subject: key}."""
    return {mail.subject: mail.key for mail in client.get(reverse("demo:mailbox")).context["mails"]}


def test_mailbox_without_mail_says_so(client: Client) -> None:
    response = client.get(reverse("demo:mailbox"))

    assert response.status_code == 200
    assert response.context["mails"] == []


def test_mailbox_shows_latest_first(client: Client) -> None:
    with time_machine.travel(datetime(2026, 3, 10, 12, 0, tzinfo=UTC), tick=False):
        send("een", "twee")
    with time_machine.travel(datetime(2026, 3, 10, 12, 5, tzinfo=UTC), tick=False):
        send("drie")

    response = client.get(reverse("demo:mailbox"))

    assert [mail.subject for mail in response.context["mails"]] == ["drie", "twee", "een"]
    assert "zoe@klant.example" in response.content.decode()


def test_mailbox_shows_at_most_fifty(client: Client) -> None:
    send(*(f"mail {number}" for number in range(52)))

    subjects = list(keys(client))

    assert subjects[0] == "mail 51"
    assert len(subjects) == 50


def test_mail_that_is_being_written_is_left_out(client: Client, settings: LazySettings) -> None:
    send("heel", "half")
    (file,) = Path(settings.EMAIL_FILE_PATH).iterdir()
    file.write_bytes(file.read_bytes()[:-10])

    assert list(keys(client)) == ["heel"]


def test_mail_shows_every_word(client: Client) -> None:
    with time_machine.travel(datetime(2026, 7, 1, 12, 30, tzinfo=UTC), tick=False):
        send("Hoe hielp Fietsenzo je? ’t Is één vraag", html="<p>ë</p>")
    (key,) = keys(client).values()

    response = client.get(reverse("demo:mail", args=[key]))

    mail = response.context["mail"]
    assert mail.subject == "Hoe hielp Fietsenzo je? ’t Is één vraag"
    assert (mail.sender, mail.to) == (
        "Nazorg <survey@nazorg.example>",
        "Zoë <zoe@klant.example>",
    )
    assert mail.sent_at == datetime(2026, 7, 1, 12, 30, tzinfo=UTC)
    assert mail.text.strip().endswith("’s avonds gelezen.")
    assert reverse("demo:mail_html", args=[key]) in response.content.decode()


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        pytest.param(
            "<html><head><title>é</title></head><body>één</body></html>",
            '<html><head><base target="_blank"><title>é</title></head><body>één</body></html>',
            id="with a head",
        ),
        pytest.param("<p>één</p>", '<base target="_blank"><p>één</p>', id="without a head"),
    ],
)
def test_mail_html_opens_links_beside_the_mailbox(client: Client, html: str, shown: str) -> None:
    send("een", html=html)
    (key,) = keys(client).values()

    response = client.get(reverse("demo:mail_html", args=[key]))

    assert response.content.decode().strip() == shown


def test_mail_alone_may_frame_something_of_ours(client: Client) -> None:
    send("een", html="<p>een</p>")
    (key,) = keys(client).values()

    policies = [
        client.get(url)["Content-Security-Policy"].split("; ")
        for url in (reverse("demo:mail", args=[key]), reverse("demo:mailbox"))
    ]

    assert [[part for part in each if "frame-src" in part] for each in policies] == [
        ["frame-src 'self'"],
        ["frame-src 'none'"],
    ]


def test_mail_html_may_only_be_framed_by_ourselves_and_run_nothing(client: Client) -> None:
    send("een", html="<p>een</p>")
    (key,) = keys(client).values()

    response = client.get(reverse("demo:mail_html", args=[key]))

    assert response["X-Frame-Options"] == "SAMEORIGIN"
    assert set(response["Content-Security-Policy"].split("; ")) == {
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "frame-ancestors 'self'",
        "sandbox allow-popups allow-popups-to-escape-sandbox",
    }


def test_mail_html_of_a_mail_without_markup_is_not_found(client: Client) -> None:
    send("een")
    (key,) = keys(client).values()

    assert client.get(reverse("demo:mail", args=[key])).status_code == 200
    assert client.get(reverse("demo:mail_html", args=[key])).status_code == 404


@pytest.mark.parametrize("name", ["mail", "mail_html"])
@pytest.mark.parametrize("key", ["20260310-120000-1-0", "nonsense"], ids=["no such file", "no key"])
def test_mail_that_is_unknown_is_not_found(client: Client, name: str, key: str) -> None:
    send("een", html="<p>een</p>")

    assert client.get(reverse(f"demo:{name}", args=[key])).status_code == 404


def test_mail_beyond_the_last_of_its_file_is_not_found(client: Client) -> None:
    send("een", html="<p>een</p>")
    (key,) = keys(client).values()

    assert client.get(reverse("demo:mail", args=[key[:-1] + "1"])).status_code == 404


@pytest.mark.parametrize("key", ["../secret-0", "..%2Fsecret-0", "/etc/passwd-0"])
def test_mail_never_reads_outside_the_mailbox(
    rf: RequestFactory, settings: LazySettings, key: str
) -> None:
    send("een", html="<p>een</p>")
    (file,) = Path(settings.EMAIL_FILE_PATH).iterdir()
    (file.parent.parent / "secret.log").write_bytes(file.read_bytes())

    with pytest.raises(Http404):
        mail_html(rf.get("/"), key=key)


def test_mailbox_refuses_to_be_posted_to(client: Client) -> None:
    assert client.post(reverse("demo:mailbox")).status_code == 405


def test_mail_is_answered_as_its_customer(
    client: Client, market: Market, settings: LazySettings
) -> None:
    settings.MAIL_IN_DOMAIN = "reply.localhost"
    query = market.query()
    actions.reply(query, body="It left on Monday.", by=market.actor, now=NOON)
    send_due(clock=lambda: NOON + LEAVES_AFTER)
    (key,) = keys(client).values()
    assert 'name="text"' in client.get(reverse("demo:mail", args=[key])).content.decode()

    with time_machine.travel(NOON, tick=False):
        for text in ("", "It is here. Thanks!"):
            page = client.post(reverse("demo:answer", args=[key]), {"text": text})
            assert page.status_code == 302

    message = query.messages.latest("pk")
    assert (message.author, message.via) == ("customer", MessageVia.MAIL)
    assert message.body.startswith("It is here. Thanks!")
    assert "> It left on Monday." in message.body


def test_mail_that_takes_no_answer_has_no_box(client: Client) -> None:
    send("een")
    (key,) = keys(client).values()

    assert 'name="text"' not in client.get(reverse("demo:mail", args=[key])).content.decode()
    assert client.post(reverse("demo:answer", args=[key]), {"text": "Hm"}).status_code == 302
    assert client.get(reverse("demo:answer", args=[key])).status_code == 405
