"""A real mail server for the tests, which says what it is told to say."""

import asyncio
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend


def free_port() -> int:
    """Return a port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@contextmanager
def deaf_port() -> Iterator[int]:
    """Give a port on which nobody listens, nor can begin to: another test would hear it."""
    with socket.socket() as port:
        port.bind(("127.0.0.1", 0))
        yield int(port.getsockname()[1])


class MailServer:
    """Keeps what it gets; says yes to every sender, recipient and mail unless told what else."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.received: list[EmailMessage] = []
        self.received_at: list[float] = []
        self.sender_replies: list[str] = []
        self.replies: list[str] = []  # to the next recipients
        self.verdict = "250 OK"  # on the mail itself
        self.seconds = 0.0  # that each mail takes
        self.silence = 0.0  # seconds before it says that it took a mail
        self.hangs_up = False
        self.on_mail: Callable[[EmailMessage], None] | None = None
        self.sessions: list[Session] = []
        self.now_open = self.most_open = 0

    async def handle_MAIL(  # noqa: N802  the name is aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Answer to a sender with the next reply that was prepared."""
        if session not in self.sessions:
            self.sessions.append(session)
        reply = self.sender_replies.pop(0) if self.sender_replies else "250 OK"
        if reply.startswith("250"):
            envelope.mail_from = address
        return reply

    async def handle_RCPT(  # noqa: N802  the name is aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Answer to a recipient with the next reply that was prepared."""
        reply = self.replies.pop(0) if self.replies else "250 OK"
        if reply.startswith("250"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(  # noqa: N802  the name is aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Keep the mail, or refuse it."""
        assert isinstance(envelope.content, bytes)
        mail = BytesParser(policy=default).parsebytes(envelope.content)
        self.now_open += 1
        self.most_open = max(self.most_open, self.now_open)
        await asyncio.sleep(self.seconds)
        self.now_open -= 1
        if self.hangs_up:
            assert server.transport is not None
            server.transport.abort()
        if not self.verdict.startswith("250"):
            return self.verdict
        if self.on_mail:
            await asyncio.to_thread(self.on_mail, mail)
        self.received.append(mail)
        self.received_at.append(time.monotonic())
        await asyncio.sleep(self.silence)
        return "250 OK"


@contextmanager
def silent_server() -> Iterator[int]:
    """Give the port of a server that accepts connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield int(listening.getsockname()[1])


class Died(BaseException):
    """What a worker that is killed looks like from inside."""


class DeadlyBackend(BaseEmailBackend):
    """A mail server that takes the mail, and a worker that dies before it can note so."""

    def send_messages(self, email_messages: Any) -> int:
        """Send, and die."""
        get_connection("django.core.mail.backends.locmem.EmailBackend").send_messages(
            email_messages
        )
        raise Died
