"""What the headers of a mail say."""

from datetime import UTC, datetime

import pytest

from queries.received import ReceivedMail, read
from queries.received.headers import normal_email


def with_headers(*lines: str) -> ReceivedMail:
    return read(("\n".join(lines) + "\n\nJa.\n").encode())


@pytest.mark.parametrize(
    ("text", "email"),
    [
        pytest.param("Klaas@KLANT.Example", "klaas@klant.example", id="case of the domain"),
        pytest.param("j@müller.example", "j@xn--mller-kva.example", id="umlaut"),
        pytest.param("j@MÜLLER.example", "j@xn--mller-kva.example", id="umlaut in capitals"),
        pytest.param("j@xn--mller-kva.example", "j@xn--mller-kva.example", id="IDNA already"),
        pytest.param("jörg@klant.example", "jörg@klant.example", id="umlaut before the @"),
        pytest.param(" a@b.example. ", "a@b.example", id="dot of the root"),
        pytest.param("reply+Xy7Qk2@markt.example", "reply+xy7qk2@markt.example", id="token"),
        pytest.param("klaas", "", id="no domain"),
        pytest.param("@klant.example", "", id="nobody"),
        pytest.param("a b@klant.example", "", id="space"),
        pytest.param("a@b@klant.example", "", id="two @"),
        pytest.param("a@[192.0.2.1]", "", id="number"),
        pytest.param("a@klant..example", "", id="empty label"),
        pytest.param("a@" + "ü" * 300 + ".example", "", id="too long"),
        pytest.param("a\x00@klant.example", "a@klant.example", id="NUL"),
    ],
)
def test_normal_email(text: str, email: str) -> None:
    assert normal_email(text) == email


@pytest.mark.parametrize(
    ("line", "name", "email"),
    [
        pytest.param("Klaas <klaas@klant.example>", "Klaas", "klaas@klant.example", id="usual"),
        pytest.param("klaas@klant.example", "", "klaas@klant.example", id="bare"),
        pytest.param("klaas@klant.example (Klaas)", "Klaas", "klaas@klant.example", id="comment"),
        pytest.param(
            '"Vries, K. de" <klaas@klant.example>',
            "Vries, K. de",
            "klaas@klant.example",
            id="comma",
        ),
        pytest.param("Vries, Klaas <k@klant.example>", "Klaas", "k@klant.example", id="no quotes"),
        pytest.param("=?utf-8?q?J=C3=B6rg?= <j@klant.example>", "Jörg", "j@klant.example", id="Q"),
        pytest.param(
            "=?iso-8859-1?B?SvZyZw==?= <j@klant.example>", "Jörg", "j@klant.example", id="B"
        ),
        pytest.param(
            "=?x-odd?q?J=C3=B6rg?= <j@klant.example>", "Jörg", "j@klant.example", id="odd"
        ),
        pytest.param("Jörg <j@müller.example>", "Jörg", "j@xn--mller-kva.example", id="8 bits"),
        pytest.param(
            "=?utf-8?q?J_=3Cj=40klant.example=3E?=", "J", "j@klant.example", id="all encoded"
        ),
        pytest.param(
            '"shop@markt.example" <x@evil.example>',
            "shop@markt.example",
            "x@evil.example",
            id="name that looks like an address",
        ),
        pytest.param(
            "Klaas <klaas@klant.example>, Piet <p@klant.example>",
            "Klaas",
            "klaas@klant.example",
            id="two",
        ),
        pytest.param(
            "Wij: Klaas <klaas@klant.example>;", "Klaas", "klaas@klant.example", id="group"
        ),
        pytest.param("undisclosed-recipients:;", "", "", id="empty group"),
        pytest.param("(((((" * 2000, "", "", id="deep comments"),
        pytest.param("Klaas", "", "", id="no address"),
    ],
)
def test_sender(line: str, name: str, email: str) -> None:
    mail = with_headers(f"From: {line}")

    assert (mail.from_name, mail.from_email) == (name, email)


def test_sender_of_a_mail_without_from_is_who_sent_it() -> None:
    mail = with_headers("Sender: Piet <p@klant.example>")

    assert mail.from_email == "p@klant.example"


def test_recipients_are_those_of_the_envelope_and_of_the_mail() -> None:
    mail = with_headers(
        "To: Winkel <reply+Xy7@MARKT.example>, b@markt.example",
        "Cc: c@markt.example, B@markt.example",
        "X-Original-To: d@markt.example",
        "Envelope-To: e@markt.example",
        "Delivered-To: f@markt.example",
        "Bcc: g@markt.example",
    )

    assert mail.recipients == tuple(
        f"{local}@markt.example" for local in ("f", "d", "e", "reply+xy7", "b", "c")
    )


def test_message_ids_keep_their_brackets() -> None:
    mail = with_headers(
        "Message-ID:  <1@klant.example> (added by the server)",
        "In-Reply-To: your message of Tuesday <2@markt.example> <3@markt.example>",
        "References: <4@markt.example>",
        "\t<5@markt.example>,<6@markt.example>",
    )

    assert mail.message_id == "<1@klant.example>"
    assert mail.in_reply_to == "<2@markt.example>"
    assert mail.references == ("<4@markt.example>", "<5@markt.example>", "<6@markt.example>")


def test_what_is_missing_is_empty() -> None:
    mail = with_headers("X-Nothing: 1")

    assert (mail.message_id, mail.in_reply_to, mail.references) == ("", "", ())
    assert (mail.subject, mail.sent_at, mail.recipients) == ("", None, ())


@pytest.mark.parametrize(
    ("line", "moment"),
    [
        pytest.param("Tue, 4 Jun 2024 09:12:33 +0200", (2024, 6, 4, 7, 12, 33), id="usual"),
        pytest.param("4 Jun 2024 09:12:33 GMT", (2024, 6, 4, 9, 12, 33), id="named zone"),
        pytest.param("Tue, 4 Jun 2024 09:12:33 -0000", (2024, 6, 4, 9, 12, 33), id="zone unknown"),
        pytest.param("Tue, 4 Jun 2024 09:12:33", (2024, 6, 4, 9, 12, 33), id="no zone"),
    ],
)
def test_sent_at_is_in_utc(line: str, moment: tuple[int, ...]) -> None:
    assert with_headers(f"Date: {line}").sent_at == datetime(*moment, tzinfo=UTC)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    "line",
    [
        "",
        "gisteren",
        "Tue, 99 Jun 2024 09:12:33 +0200",
        "Fri, 31 Dec 9999 23:59:59 -0900",
        "4 Jun 2024 9:1:1 +9999",
        "9" * 5000,
    ],
)
def test_sent_at_is_none_when_it_is_no_moment(line: str) -> None:
    assert with_headers("From: a@b.example", f"Date: {line}").sent_at is None


@pytest.mark.parametrize(
    ("line", "subject"),
    [
        pytest.param("=?utf-8?q?Th=C3=A9?= en =?utf-8?b?a29mZmll?=", "Thé en koffie", id="words"),
        pytest.param("=?utf-8?q?Th?=\n =?utf-8?q?=C3=A9?=", "Thé", id="on two lines"),
        pytest.param("Thé\n  en koffie", "Thé en koffie", id="8 bits, folded"),
        pytest.param("=?utf-8?b?a29mZmll?", "=?utf-8?b?a29mZmll?", id="no end"),
        pytest.param("=?utf-8?b?a?=", "=?utf-8?b?a?=", id="no base64"),
        pytest.param("=?utf-8?q?a=00b=0Ac?=", "ab c", id="NUL and a line end"),
        pytest.param("=?utf-8?q?x?= \\u12", "x \\u12", id="backslash"),
    ],
)
def test_subject(line: str, subject: str) -> None:
    assert with_headers("From: a@b.example", f"Subject: {line}").subject == subject


def test_letters_of_an_old_charset_are_read() -> None:
    mail = read("From: Jörg <j@klant.example>\nSubject: Thé\n\n".encode("latin-1"))

    assert (mail.from_name, mail.subject) == ("Jörg", "Thé")
