"""A real mail server, and ways to get at the link that a customer gets."""

import socket
from collections.abc import Iterator
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.urls import reverse

from surveys.models import Invitation
from surveys.tokens import token_for


class MailServer:
    """Keeps what it gets; says yes to every recipient unless told what else to say."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.received: list[EmailMessage] = []
        self.replies: list[str] = []
        self.verdict = "250 OK"  # on the mail itself
        self._connections: list[BaseEmailBackend] = []

    def connection(self) -> BaseEmailBackend:
        """Return a way to send to this server, as Django does in production."""
        connection = get_connection(
            "django.core.mail.backends.smtp.EmailBackend",
            host="127.0.0.1",
            port=self.port,
            timeout=5,
        )
        self._connections.append(connection)
        return connection

    def hang_up(self) -> None:
        """Close every connection that was given out."""
        for connection in self._connections:
            connection.close()

    async def handle_RCPT(  # noqa: N802  the name is aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Answer with the next reply that was prepared."""
        reply = self.replies.pop(0) if self.replies else "250 OK"
        if reply.startswith("250"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(  # noqa: N802  the name is aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Keep the mail, or refuse it."""
        assert isinstance(envelope.content, bytes)
        if not self.verdict.startswith("250"):
            return self.verdict
        self.received.append(BytesParser(policy=default).parsebytes(envelope.content))
        return "250 OK"


def free_port() -> int:
    """Return a port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    """A real SMTP server."""
    server = MailServer(free_port())
    controller = Controller(server, hostname="127.0.0.1", port=server.port)
    controller.start()
    yield server
    server.hang_up()
    controller.stop()


@pytest.fixture
def nowhere() -> BaseEmailBackend:
    """A way to send to a server that is not there."""
    return MailServer(free_port()).connection()


def link(invitation: Invitation, page: str = "answer") -> str:
    """Return the path of the customer's link."""
    return reverse(f"surveys:{page}", args=[token_for(invitation.token_salt)])
