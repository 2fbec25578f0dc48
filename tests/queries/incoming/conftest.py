"""How mails are made that come in, and the conversation they are for."""

from email.message import EmailMessage

import pytest
from django.conf import LazySettings

from queries import actions
from queries.enums import HeldReason, IncomingState
from queries.models import Customer, CustomerQuery, IncomingMail, ThreadLink
from tests.conftest import NOON, Market
from tests.queries.conftest import HOUR

LATER = NOON + HOUR
KLAAS = "klaas@klant.example"


@pytest.fixture(autouse=True)
def _mail_comes_in(settings: LazySettings) -> None:
    settings.MAIL_IN_DOMAIN = "reply.markt.example"


@pytest.fixture
def query(market: Market, customer: Customer) -> CustomerQuery:
    """Klaas asked and Bob replied and closed."""
    query = market.query(customer)
    actions.reply(query, body="It left on Monday.", by=market.actor, closes=True, now=NOON)
    return query


@pytest.fixture
def address(query: CustomerQuery) -> str:
    """Where Klaas can answer."""
    return ThreadLink.objects.get().reply_address


def mail(
    to: str, *, sender: str = KLAAS, body: str = "Nothing came!", number: int = 1, **headers: str
) -> bytes:
    lines = {
        "From": f"Klaas <{sender}>",
        "To": to,
        "Subject": "Re: Where is my parcel?",
        "Message-ID": f"<{number}@klant.example>",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"{head}\r\n{body}\r\n".encode()


def state_of(query: CustomerQuery) -> str:
    query.refresh_from_db()
    return query.state


def with_files(to: str, *files: tuple[str, bytes]) -> bytes:
    """Return an answer to which files are attached."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = KLAAS, to, "Re: Where is my parcel?"
    message["Message-ID"] = "<files@klant.example>"
    message.set_content("See these.")
    for name, content in files:
        message.add_attachment(
            content, maintype="application", subtype="octet-stream", filename=name
        )
    return message.as_bytes()


def hold(count: int, **columns: object) -> None:
    """Let so many mails wait for staff."""
    IncomingMail.objects.bulk_create(
        IncomingMail(
            **{
                "digest": f"{number}",
                "received_at": NOON,
                "state": IncomingState.HELD,
                "reason": HeldReason.NO_REPLY_ADDRESS,
                "from_email": f"{number}@many.example",
                "raw": b"Hello",
            }
            | columns
        )
        for number in range(count)
    )
