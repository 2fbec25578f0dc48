"""Which of our mails did not arrive."""

import pytest

from queries import actions
from queries.enums import QueryState as State
from queries.incoming import receive
from queries.models import Customer, CustomerMail
from sellers.enums import MailState
from sellers.models import RefusedAddress
from tests.conftest import NOON, Market
from tests.queries.incoming.conftest import KLAAS, LATER, state_of


@pytest.fixture
def sent(market: Market, customer: Customer) -> CustomerMail:
    """A reply that the mail server took."""
    actions.reply(market.query(customer), body="So.", by=market.actor, now=NOON)
    CustomerMail.objects.update(state=MailState.SENT, sent_at=NOON)
    return CustomerMail.objects.get()


def bounce(
    mail: CustomerMail, *, to: str = "", status: str = "5.1.1", action: str = "failed"
) -> bytes:
    """Return what a mail server says later (RFC 3464)."""
    return f"""\
From: MAILER-DAEMON@klant.example
To: {to or mail.return_path}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

We could not deliver your message.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.klant.example

Final-Recipient: rfc822; klaas@klant.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 {status} User unknown

--b
Content-Type: text/rfc822-headers

Subject: Re: Where is my parcel?
--b--
""".encode()


def test_sent_mail_that_bounces_is_not_delivered(sent: CustomerMail) -> None:
    receive(bounce(sent), now=LATER)

    sent.refresh_from_db()
    assert (sent.state, sent.bounced_at) == (MailState.BOUNCED, LATER)
    assert state_of(sent.query) == State.YOUR_TURN
    assert RefusedAddress.objects.of(KLAAS).exists()


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"status": "4.2.2", "action": "delayed"}, id="delayed"),
        pytest.param({"to": f"bounce-customermail-1-{'0' * 32}@x"}, id="guessed"),
    ],
)
def test_other_bounces_change_nothing(sent: CustomerMail, change: dict[str, str]) -> None:
    receive(bounce(sent, **change), now=LATER)

    sent.refresh_from_db()
    assert sent.state == MailState.SENT
    assert state_of(sent.query) == State.WAITING
    assert not RefusedAddress.objects.exists()
