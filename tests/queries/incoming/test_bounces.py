"""Which of our mails did not arrive, as mail servers say it: by a report, or in words of their own.

A bounce comes to the return path of the mail, which is in the envelope alone, or in a header.
"""

import pytest

from queries import actions
from queries.enums import QueryEvent
from queries.enums import QueryState as State
from queries.incoming import receive
from queries.models import Customer, CustomerMail
from sellers.enums import MailState
from sellers.models import Event, RefusedAddress
from tests.conftest import NOON, Market
from tests.queries.incoming.conftest import KLAAS, LATER, state_of


@pytest.fixture
def sent(market: Market, customer: Customer) -> CustomerMail:
    """A reply that the mail server took."""
    actions.reply(market.query(customer), body="So.", by=market.actor, now=NOON)
    CustomerMail.objects.update(state=MailState.SENT, sent_at=NOON)
    return CustomerMail.objects.get()


def block(recipient: str, action: str, status: str, said: str = "no", original: str = "") -> str:
    """Return what a report says of one recipient."""
    first = f"Original-Recipient: rfc822; {original}\n" if original else ""
    return (
        f"{first}Final-Recipient: rfc822; {recipient}\nAction: {action}\nStatus: {status}\n"
        f"Diagnostic-Code: smtp; 550 {said}\n"
    )


def report(
    status: str,
    *more: str,
    action: str = "failed",
    said: str = "",
    to: str = "survey@markt.example",
    **headers: str,
) -> bytes:
    """Return what a mail server says by RFC 3464, of Klaas and then of others."""
    lines = {
        "From": "Mail Delivery System <MAILER-DAEMON@klant.example>",
        "To": to,
        "Subject": "Undelivered Mail Returned to Sender",
        **headers,
    }
    head = "\n".join(f"{name}: {value}" for name, value in lines.items())
    blocks = "\n".join([block(KLAAS, action, status, said or f"{status} no"), *more])
    return f"""\
{head}
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

This is about the mail that you sent.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.klant.example

{blocks}
--b
Content-Type: text/rfc822-headers

Subject: Re: Where is my parcel?
--b--
""".encode()


def words(body: str, *, subject: str = "failure notice", sender: str = "MAILER-DAEMON") -> bytes:
    """Return what a mail server says that writes no report."""
    return f"""\
From: {sender}@mx.example
To: survey@markt.example
Subject: {subject}

{body.format(klaas=KLAAS)}
""".encode()


# What servers write, and whether the mail is lost, and the address refused.
LOST = [
    pytest.param(report("5.1.1"), True, id="Postfix, no such user"),
    pytest.param(report("5.1.10", From="postmaster@outlook.example"), True, id="Exchange Online"),
    pytest.param(report("5.1.2"), True, id="no such host"),
    pytest.param(report("5.2.1"), True, id="Gmail, closed"),
    pytest.param(report("5.2.2"), False, id="Gmail, mailbox full"),
    pytest.param(report("5.3.4"), False, id="too large"),
    pytest.param(report("5.7.1"), False, id="taken for spam"),
    pytest.param(report("5.0.0", Subject="Onbestelbaar: Re: Je vraag"), False, id="Outlook nl"),
    pytest.param(report("4.4.7"), False, id="Postfix, given up after five days"),
    pytest.param(report("4.4.1", From="it@klant.example"), False, id="given up, from a person"),
    pytest.param(report("5.1.1", action="error"), True, id="OpenSMTPD"),
    pytest.param(report("5.0.0", said="550-5.1.1 Not here"), True, id="Exim, what another said"),
    pytest.param(report("5.0.0", said="full at [93.5.1.1]"), False, id="Exim, of some host"),
    pytest.param(
        report("5.2.2", block("partner@shop.example", "failed", "5.1.1")),
        False,
        id="another address is wrong, this one is full",
    ),
    pytest.param(
        report(
            "5.2.2",
            block("home@x.example", "failed", "5.2.2", original=KLAAS),
            block("work@x.example", "failed", "5.2.2", original=KLAAS),
        ),
        False,
        id="all mailboxes behind the address are full",
    ),
    pytest.param(
        words(
            "A message that you sent could not be delivered to one or more of its\nrecipients. "
            "This is a permanent error. The following address(es) failed:\n\n  {klaas}\n"
            "    host mx.klant.example [94.5.1.1]\n    552 mailbox is full\n\n"
            "------ This is a copy of the message ------\n",
            subject="Mail delivery failed: returning message to sender",
        ),
        False,
        id="Exim, with an address of a host that looks like a code",
    ),
    pytest.param(report("5.1.1", action="Failed (no mailbox)"), True, id="with a comment"),
    pytest.param(
        words(
            "Hi. This is the qmail-send program at mx.example.\n"
            "I could not deliver your message to the following addresses.\n\n"
            "<{klaas}>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n"
            "--- Below this line is a copy of the message.\n"
        ),
        True,
        id="qmail",
    ),
    pytest.param(
        words(
            "Message from  klant.example.\nUnable to deliver message to the following "
            "address(es).\n\n<{klaas}>:\nIn the queue too long. (#4.4.1)\n\n"
            "--- Original message follows.\n",
            subject="failure delivery",
        ),
        False,
        id="Yahoo, given up",
    ),
    pytest.param(
        words(
            "A message that you sent could not be delivered to one of its recipients.\n\n"
            "{klaas}:\nno such user\n\n--- The header of the mail:\n",
            subject="Mail delivery failed: returning message to sender",
        ),
        False,
        id="Exim at a provider",
    ),
    pytest.param(
        words(
            "   ----- The following addresses had permanent fatal errors -----\n<{klaas}>\n\n"
            "   ----- Transcript of session follows -----\n550 5.1.1 User unknown\n",
            subject="Returned mail: User unknown",
        ),
        True,
        id="sendmail",
    ),
    pytest.param(
        words(
            "Delivery to the following recipient failed permanently:\n\n     {klaas}\n\n"
            "Technical details: 550 5.1.1 The account does not exist.\n\n"
            "----- Original message -----\n",
            subject="Delivery Status Notification (Failure)",
        ),
        True,
        id="Gmail, earlier",
    ),
    pytest.param(
        words(
            "Your message did not reach the following recipient(s):\n\n"
            "{klaas} on Tue, 10 Mar 2026 12:00\n    The recipient name is not recognized\n"
            "        MSEXCH:IMS:Klant:MX 0 (000C05A6) Unknown\n",
            subject="Undeliverable: Re: Where is my parcel?",
            sender="postmaster",
        ),
        False,
        id="Exchange, in house",
    ),
    pytest.param(
        words(
            "The following addresses did NOT receive a copy of your message:\n\n> {klaas}\n\n"
            "--- Session Transcript ---\n",
            subject="Permanent Delivery Failure",
        ),
        False,
        id="MDaemon",
    ),
    pytest.param(
        words(
            "Message could not be delivered to some recipients.\n\n"
            "Recipient: [SMTP:{klaas}]\nReason: 550 mailbox unavailable\n\n"
            "Message headers follow:\n",
            subject="Message Delivery Failure",
            sender="postmaster",
        ),
        False,
        id="MailEnable",
    ),
    pytest.param(
        words(
            "This is a delivery failure notification message indicating that\n"
            "an email addressed to:\n-- {klaas}\n\ncould not be delivered.\n"
            "The problem appears to be :\n-- Recipient server unavailable\n-- 4.4.4 later\n",
            subject="[Postmaster] Email Delivery Failure",
        ),
        False,
        id="Mimecast, given up",
    ),
    pytest.param(
        words(
            "Votre message n'a pas pu etre delivre.\n\nYour message could not be delivered to\n"
            "{klaas}\n\n",
            subject="RE: Where is my parcel? : non remis (delivery failed)",
            sender="informatique",
        ),
        False,
        id="a bank's own words",
    ),
    pytest.param(
        words(
            "A message that you sent was rejected.\n\n    {klaas}\n\n"
            "This is a copy of your message.\n",
            subject="Mail failure",
        ),
        False,
        id="mail.ru",
    ),
]
DELAYS = [
    pytest.param(report("4.4.1", action="delayed"), id="Postfix, delayed"),
    pytest.param(report("4.2.2", action="delayed", Subject="Warning: delayed"), id="full for now"),
    pytest.param(report("5.0.0", action="delayed"), id="delayed, wrong code"),
    pytest.param(
        words(
            "This message was created automatically.\nThe address to which the message has not "
            "yet been delivered is:\n\n  {klaas}\n\nNo action is required on your part.\n",
            subject="Warning: message delayed 24 hours",
        ),
        id="Exim, delayed",
    ),
    pytest.param(
        words(
            "# THIS IS A WARNING ONLY.  YOU DO NOT NEED TO RESEND YOUR MESSAGE. #\n\n"
            "Your message could not be delivered for more than 4 hour(s).\n"
            "It will be retried until it is 5 day(s) old.\n\n"
            "<{klaas}>: connect to mx.klant.example[93.5.1.1]:25: Connection timed out\n",
            subject="Delayed Mail (still being retried)",
        ),
        id="Postfix, delayed, without a report",
    ),
    pytest.param(
        words(
            "    **      THIS IS A WARNING MESSAGE ONLY      **\n"
            "    **  YOU DO NOT NEED TO RESEND YOUR MESSAGE  **\n\n"
            "   ----- The following addresses had transient non-fatal errors -----\n<{klaas}>\n\n"
            "   ----- Transcript of session follows -----\n451 4.4.1 reply: read error from mx\n"
            "Will keep trying until message is 5 days old\n",
            subject="Warning: could not send message for past 4 hours",
        ),
        id="sendmail, delayed",
    ),
    pytest.param(
        report("4.4.1", block("partner@shop.example", "failed", "5.1.1"), action="delayed"),
        id="another address is wrong, this one still waits",
    ),
    pytest.param(
        words(
            "Delivery to the following recipient has been delayed:\n\n     {klaas}\n\n"
            "Message will be retried for 2 more day(s)\n",
            subject="Delivery Status Notification (Delay)",
        ),
        id="Gmail, delayed, earlier",
    ),
]
NOT_LOST = [
    *DELAYS,
    pytest.param(report("2.0.0", action="delivered"), id="delivered"),
    pytest.param(report("2.1.5", action="relayed"), id="handed on"),
    pytest.param(
        report("2.0.0", block("partner@shop.example", "failed", "5.1.1"), action="delivered"),
        id="delivered, and another address is wrong",
    ),
    pytest.param(
        report("2.0.0", block("old@x.example", "failed", "5.1.1", "", KLAAS), action="relayed"),
        id="arrived in one of two mailboxes",
    ),
    pytest.param(
        report("5.1.1", block("new@x.example", "delivered", "2.0.0", "", KLAAS)),
        id="arrived in the second of two mailboxes",
    ),
    pytest.param(
        words(
            "I am on leave, so your message could not be delivered to\n{klaas}\n\nin person.\n",
            subject="Automatic reply: Where is my parcel?",
            sender="klaas",
        ),
        id="an absence in the words of a bounce",
    ),
    pytest.param(
        words("Mail for you: {klaas}", subject="Mail failure"),
        id="words that nobody understands",
    ),
]


@pytest.mark.parametrize("where", ["envelope", "header"])
@pytest.mark.parametrize(("raw", "of_address"), LOST)
def test_reply_that_was_lost_gives_the_turn_back(
    sent: CustomerMail, raw: bytes, of_address: bool, where: str
) -> None:
    if where == "envelope":
        receive(raw, recipients=[sent.return_path], now=LATER)
    else:
        receive(b"X-Original-To: " + sent.return_path.encode() + b"\n" + raw, now=LATER)

    sent.refresh_from_db()
    assert (sent.state, sent.bounced_at) == (MailState.BOUNCED, LATER)
    assert state_of(sent.query) == State.YOUR_TURN
    assert Event.objects.filter(kind=QueryEvent.NOT_DELIVERED).count() == 1
    assert RefusedAddress.objects.of(KLAAS).exists() is of_address


@pytest.mark.parametrize("raw", NOT_LOST)
def test_reply_that_may_still_arrive_is_waited_for(sent: CustomerMail, raw: bytes) -> None:
    receive(raw, recipients=[sent.return_path], now=LATER)

    sent.refresh_from_db()
    assert sent.state == MailState.SENT
    assert state_of(sent.query) == State.WAITING
    assert not RefusedAddress.objects.exists()


def test_return_path_is_not_guessed(sent: CustomerMail) -> None:
    guess = f"bounce-customermail-{sent.pk}-{'0' * 32}@reply.markt.example"

    receive(report("5.1.1"), recipients=[guess], now=LATER)

    sent.refresh_from_db()
    assert sent.state == MailState.SENT


def test_bounce_is_about_the_mail_whose_return_path_it_came_to(market: Market) -> None:
    for _ in range(3):
        actions.reply(market.query(), body="So.", by=market.actor, now=NOON)
    CustomerMail.objects.update(state=MailState.SENT, sent_at=NOON)
    first, second, third = CustomerMail.objects.order_by("pk")

    receive(report("5.1.1"), recipients=[second.return_path], now=LATER)

    assert list(CustomerMail.objects.filter(state=MailState.BOUNCED)) == [second]
    assert [state_of(mail.query) for mail in (first, second, third)] == [
        State.WAITING,
        State.YOUR_TURN,
        State.WAITING,
    ]
