"""What mail servers could not deliver, as they write it."""

import pytest

from queries.received import Bounce, MailKind, Refusal, read

KLAAS = "klaas@klant.example"
ORIGINAL = "<q1001.a1@mail.markt.example>"


def report(
    action: str, status: str, *, original: str = "message/rfc822", recipient: str = KLAAS
) -> bytes:
    """Return a report by RFC 3464."""
    return f"""Return-Path: <>
From: Mail Delivery System <MAILER-DAEMON@mx.example>
To: bounce+1@mail.markt.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
Message-ID: <b1@mx.example>
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

<{recipient}>: host mx.klant.example said: 550 {status} no

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
Arrival-Date: Tue, 4 Jun 2024 09:12:33 +0200

Final-Recipient: rfc822; {recipient}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 {status} no

--b
Content-Type: {original}

From: Winkel <reply@markt.example>
To: {recipient}
Subject: =?utf-8?q?Je_vraag_over_th=C3=A9?=
Message-ID: {ORIGINAL}

Beste Klaas,
--b--
""".encode()


QMAIL = f"""Return-Path: <>
From: MAILER-DAEMON@mx.example
To: bounce+1@mail.markt.example
Subject: failure notice

Hi. This is the qmail-send program at mx.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<{KLAAS}>:
192.0.2.1 does not like recipient.
Remote host said: 550 5.1.1 unknown user

--- Below this line is a copy of the message.

Return-Path: <bounce+1@mail.markt.example>
From: Winkel <reply@markt.example>
Message-ID: {ORIGINAL}

Beste Klaas,
""".encode()

EXIM = f"""Return-path: <>
X-Failed-Recipients: {KLAAS}
Auto-Submitted: auto-replied
From: Mail Delivery System <Mailer-Daemon@mx.example>
To: bounce+1@mail.markt.example
Subject: Mail delivery failed: returning message to sender

This message was created automatically by mail delivery software.

  {KLAAS}
    mailbox is full: retry timeout exceeded

------ This is a copy of the message, including all the headers. ------

From: Winkel <reply@markt.example>
Message-ID: {ORIGINAL}
""".encode()


@pytest.mark.parametrize(
    ("action", "status", "delayed"),
    [
        pytest.param("failed", "5.1.1", False, id="unknown"),
        pytest.param("failed", "5.2.2", False, id="full"),
        pytest.param("failed", "4.4.7", False, id="given up"),
        pytest.param("delayed", "4.4.1", True, id="delayed"),
        pytest.param("delayed", "5.0.0", True, id="delayed, wrong code"),
        pytest.param("error", "5.1.1", False, id="OpenSMTPD"),
        pytest.param("Failed (bad mailbox)", "5.1.1", False, id="a comment"),
    ],
)
def test_a_report_names_who_was_refused(action: str, status: str, delayed: bool) -> None:
    mail = read(report(action, status))

    assert mail.kind is MailKind.BOUNCE
    assert mail.bounce
    assert mail.bounce.refusals == (Refusal(email=KLAAS, status=status, delayed=delayed),)


@pytest.mark.parametrize(
    "original", ["message/rfc822", "text/rfc822-headers", "message/rfc822-headers"]
)
def test_a_report_tells_which_mail_came_back(original: str) -> None:
    mail = read(report("failed", "5.1.1", original=original))

    assert mail.bounce
    assert mail.bounce.original_message_id == ORIGINAL
    assert mail.bounce.original_headers == (
        ("From", "Winkel <reply@markt.example>"),
        ("To", KLAAS),
        ("Subject", "Je vraag over thé"),
        ("Message-ID", ORIGINAL),
    )
    assert mail.message_id == "<b1@mx.example>"


@pytest.mark.parametrize(
    ("raw", "status"),
    [pytest.param(QMAIL, "5.1.1", id="qmail"), pytest.param(EXIM, "", id="Exim")],
)
def test_servers_that_write_no_report_are_understood_too(raw: bytes, status: str) -> None:
    mail = read(raw)

    assert mail.kind is MailKind.BOUNCE
    assert mail.bounce == Bounce(
        refusals=(Refusal(email=KLAAS, status=status),), original_message_id=ORIGINAL
    )


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded"])
def test_a_report_of_what_was_delivered_is_no_bounce(action: str) -> None:
    mail = read(report(action, "2.0.0"))

    assert mail.kind is MailKind.AUTO_REPLY
    assert mail.bounce is None


def test_a_report_without_recipients_is_a_bounce_all_the_same() -> None:
    mail = read(report("failed", "5.1.1").replace(b"Final-Recipient", b"X-Recipient"))

    assert mail.bounce
    assert mail.bounce.original_message_id == ORIGINAL


def test_a_bounce_that_names_nobody_still_brings_the_mail_back() -> None:
    mail = read(
        report("failed", "5.1.1")
        .replace(b"message/delivery-status", b"text/plain")
        .replace(KLAAS.encode(), b"somebody")
    )

    assert mail.kind is MailKind.BOUNCE
    assert mail.bounce
    assert (mail.bounce.refusals, mail.bounce.original_message_id) == ((), ORIGINAL)


def test_an_address_is_compared_as_elsewhere() -> None:
    mail = read(report("failed", "5.1.1", recipient="Klaas@KLANT.example"))

    assert mail.bounce
    assert [refusal.email for refusal in mail.bounce.refusals] == ["klaas@klant.example"]


def test_a_person_who_sends_a_bounce_on_is_a_person() -> None:
    quoted = QMAIL.partition(b"\n\n")[2]
    headers = b"From: Klaas <klaas@klant.example>\nSubject: Re: Je vraag\n\n"

    mail = read(headers + b"Ik kreeg dit terug:\n\n" + quoted)

    assert mail.kind is MailKind.REPLY
    assert mail.bounce is None


def test_a_report_that_cannot_be_taken_apart_is_a_bounce_all_the_same() -> None:
    mail = read(report("failed", "5.1.1", recipient="a*=x''y; a*0=z"))

    assert mail.bounce
    assert mail.bounce.refusals == ()


IN_WORDS = f"""From: Informatique <it@bank.example>
To: {{to}}
Subject: RE: Je vraag : non remis

Your message could not be delivered to
{KLAAS}

"""
RETURN_PATH = f"bounce-customermail-1-{'0a' * 16}@reply.markt.example"


def test_whoever_writes_to_a_return_path_is_a_mail_server() -> None:
    to_return_path = read(IN_WORDS.format(to=RETURN_PATH).encode())
    in_envelope = read(IN_WORDS.format(to="x@y.example").encode(), recipients=[RETURN_PATH])
    elsewhere = read(IN_WORDS.format(to="reply@markt.example").encode())

    assert to_return_path.bounce == in_envelope.bounce == Bounce(refusals=(Refusal(email=KLAAS),))
    assert elsewhere.bounce is None
