"""The survey engine among failing parts: nothing is decided twice, nothing is lost.

Real workers and a real beat on a database and a broker of their own; a mail server that refuses,
stalls and hangs up; workers killed in the middle of their work, the broker's folder wiped, the
database restarted. In the suite with small numbers, by hand with large ones: `make test-faults`.
"""

import asyncio
import os
import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.parser import BytesParser
from email.policy import default
from functools import partial
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.db.models import Model

from config.demo.loading import row_class
from config.demo.rows import ClosingRow, CustomerRow, QueryRow
from queries.enums import ActorType, Channel, QueryState
from queries.models import Closing, Customer, CustomerQuery
from sellers.enums import Language
from sellers.models import Seller, User
from sellers.sending import CONNECTIONS_PER_SENDER
from tests.faults.conftest import links, print_table
from tests.faults.engine import Engine, running_engine
from tests.mail_server import free_port

CLOSINGS = int(os.environ.get("FAULTS_CLOSINGS", "100"))
KILLS = int(os.environ.get("FAULTS_KILLS", "3"))
WIPES = int(os.environ.get("FAULTS_WIPES", "1"))
WORKERS = 3
PATIENCE_SECONDS = 300 + CLOSINGS / 10
# Every fifth customer has two closings: the second falls in the rest between two surveys.
TWICE_EVERY = 5

# A refused mail waits for minutes, and the claim of a dead worker a quarter of an hour: here that
# time passes at once. No mail takes 5 seconds, so a claim that old is a dead worker's. Nor is a
# mail server that hung up too often left in peace for a minute.
LET_TIME_PASS = """
UPDATE sellers_mailserver SET paused_until = NULL;
UPDATE surveys_invitation SET next_try_at = now()
WHERE state = 'decided'
   OR state = 'sending' AND next_try_at < now() + interval '14 minutes 55 seconds'
"""
OUTCOMES = """
SELECT coalesce(nullif(reason, ''), state), count(*) FROM surveys_invitation GROUP BY 1
"""
WORK_LEFT = """
SELECT (SELECT count(*) FROM queries_closing WHERE survey_decided_at IS NULL)
     + (SELECT count(*) FROM surveys_invitation WHERE state IN ('decided', 'sending'))
"""


@dataclass
class MoodyMailServer:
    """Takes most mails; refuses some for now, stalls with some, hangs up on some."""

    port: int
    chance: random.Random
    accepted: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    hung_up: Counter[str] = field(default_factory=Counter)  # with the whole text of these
    links: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    async def handle_DATA(  # noqa: N802  the name is aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Take a mail or not; what is counted as accepted is answered with 250."""
        assert isinstance(envelope.content, bytes)
        mail = BytesParser(policy=default).parsebytes(envelope.content)
        key = mail["Message-ID"] or str(mail)  # what is no survey is shown whole
        mood = self.chance.random()
        if mood < 0.05:
            self.faults["refused"] += 1
            return "451 try again later"
        if mood < 0.08:
            self.faults["hung up"] += 1
            self.hung_up[key] += 1
            assert server.transport is not None
            server.transport.abort()
            return "421 bye"
        if mood < 0.12:
            self.faults["stalled"] += 1
            await asyncio.sleep(0.5)
        self.accepted[key] += 1
        self.links[key] |= links(mail)
        return "250 OK"


def rows_due(now: datetime) -> Iterator[tuple[type[Model], list[Any]]]:
    """Yield what there is at first, by model: a shop, its agent and closings that are due."""
    pks = range(1, CLOSINGS + 1)
    customers = {pk: pk - (pk % TWICE_EVERY == 0) for pk in pks}
    yield Seller, [row_class(Seller)(id=1, name="Faults", country="NL", joined_on=now.date())]
    yield User, [row_class(User)(id=1, email="agent@faults.example", name="Agent")]
    yield (
        Customer,
        [CustomerRow(id=n, name=f"Klant {n}", email=f"klant{n}@klant.example") for n in pks],
    )
    yield (
        CustomerQuery,
        [
            QueryRow(
                id=pk,
                seller_id=1,
                customer_id=customers[pk],
                subject=f"Vraag {pk}",
                channel=Channel.WEB,
                language=Language.DUTCH,
                state=QueryState.CLOSED,
                turn_since=now,
                asked_at=now - timedelta(hours=1),
                long_open_at=now,
                due_at=now,
            )
            for pk in pks
        ],
    )
    yield (
        Closing,
        [
            ClosingRow(
                id=pk,
                query_id=pk,
                seller_id=1,
                customer_id=customers[pk],
                closed_by=ActorType.SELLER,
                agent_id=1,
                channel=Channel.WEB,
                subject=f"Vraag {pk}",
                closed_at=now - timedelta(minutes=1),
            )
            for pk in pks
        ],
    )


@pytest.fixture
def mail_server() -> Iterator[MoodyMailServer]:
    """A real SMTP server with moods."""
    moody = MoodyMailServer(free_port(), random.Random(20261121))
    controller = Controller(moody, hostname="127.0.0.1", port=moody.port)
    controller.start()
    yield moody
    controller.stop()


@pytest.fixture
def engine(mail_server: MoodyMailServer) -> Iterator[Engine]:
    """The engine with its closings due, and nothing running yet but the database."""
    with running_engine(mail_port=mail_server.port) as started:
        started.fill(rows_due(datetime.now(UTC)))
        yield started


def work_left(engine: Engine) -> int:
    """Return how many closings are not decided, or decided to survey and not mailed."""
    ((count,),) = engine.ask(WORK_LEFT)
    return int(count)


def work_among(faults: list[Callable[[], None]], engine: Engine, chance: random.Random) -> None:
    """Let the engine do all its work, with the faults spread over it."""
    share = CLOSINGS / (len(faults) + 1)  # of the work that is done from one fault to the next
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (work := work_left(engine)) or faults:
        assert time.monotonic() < deadline, engine.words()[-3000:]
        if faults and work <= share * len(faults):
            faults.pop()()
        time.sleep(0.5 + chance.random())
        engine.ask(LET_TIME_PASS)


def expect_all_done_once(engine: Engine, mail_server: MoodyMailServer, *, repeats: int) -> None:
    """Let every closing be decided once and every mail be sent, at most so many twice."""
    outcomes = dict(engine.ask(OUTCOMES))
    keys = engine.ask("SELECT id, message_key FROM surveys_invitation WHERE state = 'sent'")
    sent = {f"<invitation.{pk}.{key.hex}@localhost>" for pk, key in keys}
    repeated = mail_server.accepted.total() - len(mail_server.accepted)
    print_table(
        {
            "closings due": CLOSINGS,
            **{f"mail {fault}": count for fault, count in sorted(mail_server.faults.items())},
            **{f"closings: {outcome}": count for outcome, count in outcomes.items()},
            "mails accepted": mail_server.accepted.total(),
            "mails repeated": repeated,
        }
    )
    assert engine.ask("SELECT count(*), count(DISTINCT closing_id) FROM surveys_invitation") == [
        (CLOSINGS, CLOSINGS)
    ]
    assert outcomes == {
        "sent": CLOSINGS - CLOSINGS // TWICE_EVERY,
        "customer_cooldown": CLOSINGS // TWICE_EVERY,
    }
    # What a server may have already leaves once more and no more: docs/decisions/0012.
    may_have_it = {key for key, times in mail_server.hung_up.items() if times > 1}
    assert set(mail_server.accepted) <= sent
    assert sent - set(mail_server.accepted) <= may_have_it
    assert max(map(len, mail_server.links.values())) == 1  # a repeat has the same one
    assert repeated <= repeats


def test_every_closing_is_decided_once_and_no_mail_is_lost(
    engine: Engine, mail_server: MoodyMailServer
) -> None:
    chance = random.Random(42)
    kill = partial(engine.kill_a_worker, chance)
    faults = [kill] * KILLS + [engine.wipe_broker] * WIPES + [engine.restart_database]
    chance.shuffle(faults)
    engine.start(workers=WORKERS)

    work_among(faults, engine, chance)

    print_table({"workers killed": KILLS, "broker wiped": WIPES, "database restarted": 1})
    # Each kill, and the restart for each worker, can hit between SMTP's "250" and our commit.
    expect_all_done_once(engine, mail_server, repeats=KILLS + WORKERS)


def test_workers_with_pools_are_killed_and_no_mail_is_lost(
    engine: Engine, mail_server: MoodyMailServer
) -> None:
    chance = random.Random(20261127)
    faults = [partial(engine.kill_a_worker, chance)] * KILLS
    engine.children = 2
    engine.start(workers=2)

    work_among(faults, engine, chance)

    print_table({"workers killed": KILLS})
    # A sender has up to so many mails under way; a kill can hit all of them.
    under_way = KILLS * engine.children * CONNECTIONS_PER_SENDER
    expect_all_done_once(engine, mail_server, repeats=under_way)
