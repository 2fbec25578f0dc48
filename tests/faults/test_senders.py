"""Senders: many conversations with the mail server at once, and never more or faster than it bears.

Real workers, a real beat, a real database, and a mail server that takes its time. In the suite
with some hundred mails; FAULTS_MAILS=10000 for the full size (`make test-faults`).
"""

import asyncio
import os
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.faults.conftest import print_table
from tests.faults.engine import Engine, running_engine
from tests.mail_server import free_port, silent_server

MAILS = int(os.environ.get("FAULTS_MAILS", "300"))
SECONDS_PER_MAIL = 0.3
WORKERS = 3
CONNECTIONS = 24
PER_MINUTE = 1200
CLOSINGS = 50

SEED = """
INSERT INTO sellers_user (email, name, language, password, is_active, is_staff, is_superuser)
VALUES ('agent@faults.example', 'Agent', 'nl', '', true, false, false);
"""
QUEUE = """
INSERT INTO sellers_notice
    (user_id, kind, parameters, language, state, reason, next_try_at, tries, created_at)
SELECT sellers_user.id, 'password_reset', '{}', 'nl', 'decided', '', now(), 0, now()
FROM sellers_user, generate_series(1, %d)
"""
CLOSE = f"""
INSERT INTO sellers_seller (name, country, contact_email, joined_on)
VALUES ('Faults', 'NL', 'info@faults.example', '2026-01-01');
INSERT INTO queries_customer (id, name, email, language)
OVERRIDING SYSTEM VALUE
SELECT n, 'Klant ' || n, 'klant' || n || '@klant.example', 'nl'
FROM generate_series(1, {CLOSINGS}) n;
INSERT INTO queries_customerquery (id, seller_id, customer_id, order_reference, subject, channel,
    language, state, turn_since, asked_at, long_open_at, due_at)
OVERRIDING SYSTEM VALUE
SELECT n, seller.id, n, '', 'Vraag ' || n, 'web',
    'nl', 'closed', now(), now() - interval '1 hour', now(), now()
FROM generate_series(1, {CLOSINGS}) n, sellers_seller seller;
INSERT INTO queries_closing (query_id, seller_id, customer_id, closed_by, agent_id, channel,
    subject, closed_at)
SELECT query.id, query.seller_id, query.customer_id, 'seller', agent.id, 'web', query.subject,
    now() - interval '1 minute'
FROM queries_customerquery query, sellers_user agent;
"""  # noqa: S608  our own numbers
UNDECIDED = "SELECT count(*) FROM queries_closing WHERE survey_decided_at IS NULL"
# Of two numbers, as senders of mail have them: what sends webhooks has one (objsubid 1).
SENDERS = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2"
BEING_SENT = "SELECT count(*) FROM sellers_notice WHERE state = 'sending'"


@dataclass
class SlowMailServer:
    """Takes every mail after a while, and keeps when."""

    port: int
    moments: list[float] = field(default_factory=list)
    message_ids: Counter[str] = field(default_factory=Counter)
    now_open: int = 0
    most_open: int = 0

    async def handle_DATA(  # noqa: N802  the name is aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Take a mail."""
        self.now_open += 1
        self.most_open = max(self.most_open, self.now_open)
        await asyncio.sleep(SECONDS_PER_MAIL)
        self.now_open -= 1
        assert isinstance(envelope.content, bytes)
        head = envelope.content.partition(b"\r\n\r\n")[0].decode()
        (line,) = [line for line in head.splitlines() if line.startswith("Message-ID: ")]
        self.message_ids[line] += 1
        self.moments.append(time.monotonic())
        return "250 OK"


@pytest.fixture
def mail_server() -> Iterator[SlowMailServer]:
    """A real SMTP server that needs a while for each mail."""
    slow = SlowMailServer(free_port())
    controller = Controller(slow, hostname="127.0.0.1", port=slow.port)
    controller.start()
    yield slow
    controller.stop()


@pytest.fixture
def engine(mail_server: SlowMailServer) -> Iterator[Engine]:
    """An engine with somebody to send mail to, and nothing running yet but the database."""
    with running_engine(mail_port=mail_server.port) as started:
        started.ask(SEED)
        yield started


def send(engine: Engine, mail_server: SlowMailServer, *, mails: int, **settings: object) -> float:
    """Let workers send so many mails with these settings; return the mails per minute."""
    workers = WORKERS if settings["MAIL_CONNECTIONS"] == CONNECTIONS else 1
    engine.environment |= {name: str(value) for name, value in settings.items()}
    mail_server.moments.clear()
    mail_server.message_ids.clear()
    mail_server.most_open = 0
    engine.ask(QUEUE % mails)
    engine.start(workers=workers)
    deadline = time.monotonic() + 60 + mails * SECONDS_PER_MAIL
    while len(mail_server.moments) < mails:
        assert time.monotonic() < deadline, engine.words()[-3000:]
        time.sleep(0.1)
    engine.wait_for(BEING_SENT, [(0,)])
    engine.stop_working()
    assert set(mail_server.message_ids.values()) == {1}
    assert len(mail_server.message_ids) == mails
    return (mails - 1) * 60 / (mail_server.moments[-1] - mail_server.moments[0])


def test_three_workers_send_seven_times_as_fast_as_one_connection(
    engine: Engine, mail_server: SlowMailServer
) -> None:
    alone = send(engine, mail_server, mails=20, MAIL_CONNECTIONS=1)
    assert mail_server.most_open == 1

    together = send(engine, mail_server, mails=MAILS, MAIL_CONNECTIONS=CONNECTIONS)

    print_table(
        {
            "mails": MAILS,
            "one connection: a minute": round(alone),
            f"{WORKERS} workers: a minute": round(together),
            "most conversations at once": mail_server.most_open,
        }
    )
    assert together >= 7 * alone
    assert mail_server.most_open <= CONNECTIONS


def test_rate_of_all_workers_together_is_kept(engine: Engine, mail_server: SlowMailServer) -> None:
    mails = max(60, MAILS // 10)

    rate = send(
        engine,
        mail_server,
        mails=mails,
        MAIL_CONNECTIONS=CONNECTIONS,
        MAIL_PER_MINUTE=PER_MINUTE,
    )

    print_table({"mails": mails, "allowed: a minute": PER_MINUTE, "sent: a minute": round(rate)})
    begin = mail_server.moments[0]
    for place, moment in enumerate(mail_server.moments):
        assert place <= (moment - begin) * PER_MINUTE / 60 + 2


def test_deciding_goes_on_while_the_mail_server_keeps_silent(engine: Engine) -> None:
    with silent_server() as port:
        engine.environment["EMAIL_URL"] = f"smtp://127.0.0.1:{port}"
        engine.start(workers=2)
        engine.ask(QUEUE % 1000)
        engine.wait_for(BEING_SENT, [(1,)])
        begin = time.monotonic()

        engine.ask(CLOSE)
        engine.wait_for(UNDECIDED, [(0,)], seconds=20)

        assert engine.ask(BEING_SENT) == engine.ask(SENDERS) == [(1,)]
    print_table({"closings": CLOSINGS, "milliseconds": round(1000 * (time.monotonic() - begin))})
