"""The mail server is gone, knows us no more, closes down, refuses, and falls silent.

Two real workers, a beat and a real SMTP server that fails in one way after another. Each closing is
decided once, and whoever is mailed twice has the same mail twice.
"""

import asyncio
import os
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from tests.faults.conftest import links, print_table
from tests.faults.engine import Engine, running_engine
from tests.faults.test_survey_engine import (
    CLOSINGS,
    LET_TIME_PASS,
    OUTCOMES,
    PATIENCE_SECONDS,
    TWICE_EVERY,
    WORK_LEFT,
    rows_due,
)
from tests.mail_server import free_port

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
WORKERS = 2
GONE_SECONDS = float(os.environ.get("FAULTS_GONE_SECONDS", "5"))
EMAIL_TIMEOUT = 30  # seconds, of config.settings
# How often the server fails in each way before it goes on to the next.
PHASES = {
    "log-in refused": 2,
    "421 to every third": 4,
    "4xx to the recipient": 4,
    "5xx to the recipient": 4,
    "refused by policy": 3,
    "4xx to the text": 3,
    "silent after the text": 1,
    "log-in refused again": 1,
}
# A conversation in which the server falls silent lasts longer than the claim of a dead worker.
PASSES = LET_TIME_PASS.replace("14 minutes 55 seconds", "14 minutes 20 seconds")


@dataclass
class FailingMailServer:
    """Fails so often in each way, and then takes everything."""

    port: int
    phases: dict[str, int] = field(default_factory=PHASES.copy)
    faults: Counter[str] = field(default_factory=Counter)
    mails: int = 0
    refused: set[str] = field(default_factory=set)
    taken: defaultdict[str, list[EmailMessage]] = field(default_factory=lambda: defaultdict(list))
    controller: Controller | None = None

    def start(self) -> None:
        """Listen, and ask for a log-in."""
        self.controller = Controller(
            self,
            hostname="127.0.0.1",
            port=self.port,
            auth_required=True,
            auth_require_tls=False,
            authenticator=self.authenticate,
        )
        self.controller.start()

    def stop(self) -> None:
        """Listen no more."""
        assert self.controller
        self.controller.stop()

    def fails(self, *phases: str) -> bool:
        """Say whether to fail now in one of these ways, and count that."""
        phase = next(iter(self.phases), "")
        if phase not in phases:
            return False
        self.faults[phase] += 1
        self.phases[phase] -= 1
        if not self.phases[phase]:
            del self.phases[phase]
        return True

    def authenticate(self, *_: object) -> AuthResult:
        """Take any password, or none: with 535."""
        return AuthResult(success=not self.fails("log-in refused", "log-in refused again"))

    async def handle_RCPT(  # noqa: N802  the name is aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take a recipient or not."""
        assert address not in self.refused  # who is unknown is mailed no more
        if self.fails("4xx to the recipient"):
            return "450 4.2.1 greylisted"
        if self.fails("refused by policy"):
            return "550 5.7.1 relay access denied"
        if self.fails("5xx to the recipient"):
            self.refused.add(address)
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802  the name is aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Take a mail or not; what it falls silent about it has taken."""
        self.mails += 1
        if self.mails % 3 == 0 and self.fails("421 to every third"):
            return "421 4.3.2 closing down"
        if self.fails("4xx to the text"):
            return "451 4.3.0 try again later"
        assert isinstance(envelope.content, bytes)
        mail = BytesParser(policy=default).parsebytes(envelope.content)
        self.taken[envelope.rcpt_tos[0]].append(mail)
        if self.fails("silent after the text"):
            with suppress(asyncio.CancelledError):  # the other side hung up
                await asyncio.sleep(EMAIL_TIMEOUT + 5)
        return "250 OK"


@pytest.fixture
def failing() -> Iterator[FailingMailServer]:
    """A real SMTP server that fails."""
    server = FailingMailServer(free_port())
    server.start()
    yield server
    server.stop()


@pytest.fixture
def engine(failing: FailingMailServer) -> Iterator[Engine]:
    """The engine, with its closings due, and nothing running yet but the database."""
    with running_engine(mail_port=failing.port) as started:
        started.environment["EMAIL_URL"] = f"smtp://portal:secret@127.0.0.1:{failing.port}"
        started.fill(rows_due(datetime.now(UTC)))
        yield started


def test_whatever_the_mail_server_does_each_customer_gets_one_mail(
    engine: Engine, failing: FailingMailServer
) -> None:
    failing.stop()
    engine.start(workers=WORKERS)
    time.sleep(GONE_SECONDS)
    assert engine.ask("SELECT count(*) FROM surveys_invitation WHERE state = 'sent'") == [(0,)]
    failing.start()

    deadline = time.monotonic() + 2 * PATIENCE_SECONDS
    while engine.ask(WORK_LEFT) != [(0,)]:
        assert time.monotonic() < deadline, (engine.ask(OUTCOMES), failing.faults, failing.phases)
        engine.ask(PASSES)
        time.sleep(0.5)

    outcomes = dict(engine.ask(OUTCOMES))
    mails = {to: [mail for mail in taken if links(mail)] for to, taken in failing.taken.items()}
    twice = [letters for letters in mails.values() if len(letters) > 1]
    print_table(
        {
            "closings due": CLOSINGS,
            "workers": WORKERS,
            "seconds without server": round(GONE_SECONDS),
        }
        | {f"server: {fault}": count for fault, count in failing.faults.items()}
        | {f"closings: {outcome}": count for outcome, count in outcomes.items()}
        | {"customers mailed": len(mails), "mailed twice": len(twice)}
    )
    assert failing.faults == PHASES
    assert engine.ask("SELECT count(*), count(DISTINCT closing_id) FROM surveys_invitation") == [
        (CLOSINGS, CLOSINGS)
    ]
    resting, bounced = CLOSINGS // TWICE_EVERY, len(failing.refused)
    # Whose first survey bounced may be asked by the second: that is settled as well.
    assert outcomes.get("sent") == len(mails)
    assert outcomes.get("bounced") == bounced == PHASES["5xx to the recipient"]
    assert sum(outcomes.values()) == CLOSINGS
    assert len(mails) + bounced == CLOSINGS - resting
    assert len(twice) == PHASES["silent after the text"]
    for letters in mails.values():
        assert len({letter["Message-ID"] for letter in letters}) == 1
        assert len({path for letter in letters for path in links(letter)}) == 1
