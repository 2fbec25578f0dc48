"""Replies that leave and answers that come back, while workers and receivers are killed.

Real workers, a real beat, a real mail server, and a process per mail that comes in. In the suite
with a few conversations; FAULTS_REPLIES=1000 for the full size (`make test-faults`).
"""

import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage, Message
from threading import Lock

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.faults.conftest import print_table
from tests.faults.engine import Engine, running_engine
from tests.faults.test_survey_engine import LET_TIME_PASS
from tests.mail_server import free_port

REPLIES = int(os.environ.get("FAULTS_REPLIES", "6"))
KILLS = int(os.environ.get("FAULTS_KILLS", "3"))
WORKERS = 2
AGENT = "agent@faults.example"
RECEIVERS = 3
PATIENCE_SECONDS = 120 + REPLIES * 2

# Each customer asks, and each gets a reply; all through the actions, as pages do it.
CONVERSATIONS = """
import django
django.setup()
from datetime import date
from django.utils import timezone
from queries.actions import ask, reply
from queries.models import Customer
from sellers.events import Actor
from sellers.models import Membership, Seller, User
now = timezone.now()
shop = Seller.objects.create(name="Faults", country="NL", joined_on=date(2026, 1, 1))
agent = User.objects.create_user("agent@faults.example", name="Agent")
Membership.objects.create(user=agent, seller=shop, role="agent")
for number in range({replies}):
    customer = Customer.objects.create(name="K", email=f"k{{number}}@klant.example", language="nl")
    query = ask(shop, customer=customer, subject=f"Vraag {{number}}", body="Wat nu?",
        channel="web", by=Actor.CUSTOMER, now=now)
    reply(query, body="Dit.", by=Actor.user(agent), now=now)
"""
PASSES = LET_TIME_PASS.replace("surveys_invitation", "queries_customermail")
LEFT = "SELECT count(*) FROM queries_customermail WHERE state <> 'sent'"
ANSWERS = """
SELECT query_id, count(*) FROM queries_message WHERE via = 'mail' GROUP BY query_id
"""


@dataclass
class AnsweringMailServer:
    """Takes every mail, and lets its customer answer at once."""

    accepted: Counter[str] = field(default_factory=Counter)
    answers: dict[str, bytes] = field(default_factory=dict)

    async def handle_DATA(  # noqa: N802  the name is aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Take a mail; a repeated one is answered once."""
        assert isinstance(envelope.content, bytes)
        letter = message_from_bytes(envelope.content)
        if letter["To"] == AGENT:  # who may be told of what waits
            return "250 OK"
        key = str(letter["Message-ID"])
        self.accepted[key] += 1
        self.answers.setdefault(key, _answer_to(letter, number=len(self.answers)))
        return "250 OK"


def _answer_to(letter: Message, *, number: int) -> bytes:
    answer = EmailMessage()
    answer["From"], answer["To"] = str(letter["To"]), str(letter["Reply-To"])
    answer["Subject"] = str(letter["Subject"])
    answer["Message-ID"] = f"<{number}@klant.example>"
    answer.set_content("Goed, dank je.")
    return answer.as_bytes()


@dataclass
class Receivers:
    """What a mail server does with mail that comes in: a process each, again until it is taken."""

    engine: Engine
    chance: random.Random
    kills_left: int
    killed: int = 0
    lock: Lock = field(default_factory=Lock)

    def deliver(self, raw: bytes) -> None:
        """Hand over a mail until the command says that it has it."""
        while not self._try(raw):
            pass

    def _try(self, raw: bytes) -> bool:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "receive_mail"],
            cwd=self.engine.tree,
            env=self.engine.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        with self.lock:
            dies = self.kills_left > 0
            self.kills_left -= dies
            after = 0.2 + self.chance.random() * 2.5
        try:
            process.communicate(raw, timeout=after if dies else PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self.killed += 1
            process.kill()
            process.communicate()
        return process.returncode == 0


@pytest.fixture
def mail_server() -> Iterator[tuple[AnsweringMailServer, int]]:
    """A real SMTP server, and its port."""
    answering, port = AnsweringMailServer(), free_port()
    controller = Controller(answering, hostname="127.0.0.1", port=port)
    controller.start()
    yield answering, port
    controller.stop()


def test_each_answer_is_once_in_its_conversation(
    mail_server: tuple[AnsweringMailServer, int],
) -> None:
    answering, port = mail_server
    chance = random.Random(20261126)
    with running_engine(mail_port=port) as engine, ThreadPoolExecutor(RECEIVERS) as pool:
        engine.environment |= {
            "MAIL_IN_DOMAIN": "reply.faults.example",
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        assert engine.run("-c", CONVERSATIONS.format(replies=REPLIES)).wait() == 0
        receivers = Receivers(engine, chance, kills_left=KILLS)
        engine.start(workers=WORKERS)
        kills, handed_over, deliveries = KILLS, 0, []
        deadline = time.monotonic() + PATIENCE_SECONDS
        while engine.ask(LEFT) != [(0,)] or handed_over < REPLIES or kills:
            assert time.monotonic() < deadline, engine.words()[-3000:]
            for raw in list(answering.answers.values())[handed_over:]:
                times = 2 if handed_over % 3 == 0 else 1  # some mail servers do that
                deliveries += [pool.submit(receivers.deliver, raw) for _ in range(times)]
                handed_over += 1
            if kills and handed_over >= (KILLS - kills) * REPLIES / KILLS:
                engine.kill_a_worker(chance)
                kills -= 1
            time.sleep(0.3)
            engine.ask(PASSES)
        for delivery in deliveries:
            delivery.result(timeout=PATIENCE_SECONDS)
        answers = dict(engine.ask(ANSWERS))
        states = dict(engine.ask("SELECT state, count(*) FROM queries_customerquery GROUP BY 1"))

    repeated = answering.accepted.total() - len(answering.accepted)
    print_table(
        {
            "replies": REPLIES,
            "workers killed": KILLS,
            "receivers killed": receivers.killed,
            "mails repeated": repeated,
            "answers in a conversation": sum(answers.values()),
        }
    )
    assert len(answering.accepted) == REPLIES
    assert repeated <= KILLS
    assert set(answers.values()) == {1}
    assert len(answers) == REPLIES
    assert states == {"your_turn": REPLIES}
