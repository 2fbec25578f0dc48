"""PostgreSQL restarts, and is gone for a while, while customers answer and sellers close.

The real web server, two workers and a beat. Whatever was typed is stored once, or given back at
once to be sent again. FAULTS_GONE_SECONDS says how long the database is away.
"""

import os
import re
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from email.message import Message
from html import unescape
from http.client import HTTPConnection
from urllib.parse import urlencode

import pytest
from django.conf import settings

from tests.conftest import GIVEN_BACK
from tests.faults.conftest import links, print_table
from tests.faults.engine import Engine, running_engine
from tests.faults.test_survey_engine import LET_TIME_PASS, OUTCOMES
from tests.mail_server import MailServer

GONE_SECONDS = float(os.environ.get("FAULTS_GONE_SECONDS", "8"))
SURVEYS = int(os.environ.get("FAULTS_SURVEYS", "60"))
QUERIES = SURVEYS // 2  # that sellers close meanwhile, and customers are asked about then
PATIENCE_SECONDS = 300 + GONE_SECONDS + SURVEYS
PEOPLE = 4  # of each kind at once
PAUSE = 0.5  # between what one of them does
MOST_TRIES = 60
SUFFICE = 5  # answers before the database goes

SEED = f"""
import django
django.setup()
from datetime import date
from django.test import Client
from django.utils import timezone
from queries.actions import ask, close
from queries.models import Customer
from sellers.events import Actor
from sellers.models import Membership, Seller, User
now = timezone.now()
shop = Seller.objects.create(name="Faults", country="NL", joined_on=date(2026, 1, 1))
agent = User.objects.create_user("agent@faults.example", name="Agent", language="nl")
Membership.objects.create(user=agent, seller=shop, role="agent")
for number in range({SURVEYS + QUERIES}):
    customer = Customer.objects.create(name="K", email=f"k{{number}}@klant.example", language="nl")
    query = ask(shop, customer=customer, subject=f"Vraag {{number}}", body="Wat nu?",
        channel="web", by=Actor.CUSTOMER, now=now)
    if number < {SURVEYS}:
        close(query, by=Actor.user(agent), now=now)
browser = Client()
browser.force_login(agent)
print("session", browser.cookies["{settings.SESSION_COOKIE_NAME}"].value)
"""
OPEN = "SELECT id FROM queries_customerquery WHERE state <> 'closed' ORDER BY id"
HIDDEN = re.compile(r'<input type="hidden" name="([\w-]+)" value="([^"]*)"')
# What each typed, and what is stored of it.
ANSWERS = "SELECT reason, score, count(*) FROM surveys_surveyresponse GROUP BY 1, 2"
LAST_WORDS = "SELECT body, count(*) FROM queries_message WHERE author = 'seller' GROUP BY 1"
HALF_STORED = """
SELECT (SELECT count(*) FROM surveys_invitation i LEFT JOIN surveys_surveyresponse r
            ON r.invitation_id = i.id WHERE (i.state = 'answered') <> (r.id IS NOT NULL)),
       (SELECT count(*) FROM surveys_surveyresponse r WHERE (SELECT count(*) FROM sellers_event e
            WHERE e.kind = 'measurement.created' AND e.object_pk = r.id) <> 1),
       (SELECT count(*) FROM surveys_surveyresponse r LEFT JOIN surveys_followup f
            ON f.response_id = r.id WHERE (r.score < 7) <> (f.id IS NOT NULL)),
       (SELECT count(*) FROM queries_customerquery q WHERE (SELECT count(*) FROM queries_closing c
            WHERE c.query_id = q.id) <> CASE WHEN q.state = 'closed' THEN 1 ELSE 0 END)
"""
DECIDED = """
SELECT count(*), count(survey_decided_at), count(invitation.id), count(DISTINCT invitation.id)
FROM queries_closing closing LEFT JOIN surveys_invitation invitation
  ON invitation.closing_id = closing.id
"""


@dataclass
class Sender:
    """Sends forms as a browser does; whoever gets one back sends it once more."""

    port: int
    cookie: str = ""
    statuses: Counter[int] = field(default_factory=Counter)

    def get(self, path: str) -> str:
        """Open a page, until it is shown."""
        for _ in range(MOST_TRIES):
            status, page, _headers = self._ask("GET", path)
            if status == 200:
                return page
            assert status == 503, (status, path)
            time.sleep(1)
        raise AssertionError(f"{path} was never shown.")

    def send(self, path: str, typed: dict[str, str], *, words: str) -> None:
        """Send a form until it is taken; what comes back has all that was typed."""
        for _ in range(MOST_TRIES):
            status, page, headers = self._ask("POST", path, urlencode(typed))
            self.statuses[status] += 1
            if status in (200, 302):
                return
            assert status == 503, (status, page)
            assert int(headers["Retry-After"]) > 0
            assert words in unescape(page)
            typed = {name: unescape(value) for name, value in GIVEN_BACK.findall(page)}
            time.sleep(1)
        raise AssertionError(f"{path} was never taken.")

    def _ask(self, method: str, path: str, body: str = "") -> tuple[int, str, Message]:
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Host": "localhost:8000",
            "Cookie": self.cookie,
        }
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=90)) as web:
            web.request(method, path, body, headers)
            response = web.getresponse()
            return response.status, response.read().decode(), response.headers


@dataclass
class Crowd:
    """Customers who answer each survey that comes, and an agent who closes in several windows."""

    web: Sender
    mail_server: MailServer = field(repr=False)
    answered: dict[str, int] = field(default_factory=dict)  # score by reason
    closed: set[str] = field(default_factory=set)  # last words
    seen: int = 0

    def answer_new_mails(self, pool: ThreadPoolExecutor) -> Iterator[object]:
        """Let whoever got a survey answer it, each once; yield what is under way."""
        since, self.seen = self.seen, len(self.mail_server.received)
        for mail in self.mail_server.received[since : self.seen]:
            for path in links(mail):
                reason = f"Het duurde “lang”,\n<b>{mail['To']}</b> & meer"
                if reason not in self.answered:
                    self.answered[reason] = len(self.answered) % 11
                    yield pool.submit(self._answer, path, reason)

    def _answer(self, path: str, reason: str) -> None:
        score = str(self.answered[reason])
        self.web.send(path, {"score": score, "reason": reason}, words=reason)
        time.sleep(PAUSE)

    def open(self, query: int) -> tuple[int, dict[str, str]]:
        """Open the page of a query; return what its form sends beside what is typed."""
        form = dict(HIDDEN.findall(self.web.get(f"/queries/{query}/")))
        return query, {name: unescape(value) for name, value in form.items()}

    def close(self, query: int, form: dict[str, str]) -> None:
        """Answer a customer for the last time."""
        words = f"Tot ziens, “{query}”\n<i>echt</i>"
        self.web.send(f"/queries/{query}/close/", form | {"body": words}, words=words)
        self.closed.add(words)
        time.sleep(PAUSE)


@pytest.fixture
def engine(mail_server: MailServer) -> Iterator[Engine]:
    """The engine with its workers at work, and queries of which some are closed."""
    with running_engine(mail_port=mail_server.port) as started:
        started.environment |= {"DJANGO_SETTINGS_MODULE": "config.settings"}
        assert started.run("-c", SEED).wait() == 0, started.words()[-3000:]
        started.start(workers=2)
        yield started


def test_what_is_typed_while_the_database_is_away_is_stored_once_or_given_back(
    engine: Engine, mail_server: MailServer
) -> None:
    session = re.findall(r"^session (\w+)$", engine.words(), re.MULTILINE)[0]
    deadline = time.monotonic() + PATIENCE_SECONDS
    with (
        engine.web_server() as port,
        ThreadPoolExecutor(PEOPLE) as at_desks,
        ThreadPoolExecutor(PEOPLE) as at_home,
    ):
        logged_in = f"{settings.SESSION_COOKIE_NAME}={session}"
        agent = Sender(port, f"{logged_in}; {settings.CSRF_COOKIE_NAME}={'x' * 32}")
        customers = Sender(port)
        crowd = Crowd(customers, mail_server)
        desk = Crowd(agent, mail_server)
        opened = list(at_desks.map(desk.open, [pk for (pk,) in engine.ask(OPEN)]))
        under_way = [at_desks.submit(desk.close, *each) for each in opened]
        faults = ["gone", "restart"]
        while len(crowd.answered) < SURVEYS + QUERIES or not all(one.done() for one in under_way):
            assert time.monotonic() < deadline, (crowd, engine.ask(OUTCOMES), engine.ask(DECIDED))
            engine.ask(LET_TIME_PASS)
            for one in (each for each in under_way if each.done()):
                one.result()  # raises what failed
            under_way += crowd.answer_new_mails(at_home)  # type: ignore[arg-type]
            done = customers.statuses[302]
            if faults and done > SUFFICE * (3 - len(faults)):
                engine.restart_database(after=GONE_SECONDS if faults.pop() == "gone" else 0)
                back = time.monotonic()
            time.sleep(0.5)
    engine.wait_for(DECIDED, [(SURVEYS + QUERIES,) * 4])

    mails = Counter(mail["Message-ID"] for mail in mail_server.received)
    print_table(
        {
            "surveys": SURVEYS + QUERIES,
            "closed meanwhile": QUERIES,
            "seconds without database": round(GONE_SECONDS),
            "answers given back": customers.statuses[503],
            "last words given back": agent.statuses[503],
            "mails repeated": mails.total() - len(mails),
            "seconds from then to the end": round(time.monotonic() - back),
        }
    )
    assert not faults
    assert customers.statuses[503]
    assert agent.statuses.keys() == customers.statuses.keys() - {200} == {302, 503}
    assert engine.ask(HALF_STORED) == [(0, 0, 0, 0)]
    stored = {reason.replace("\r\n", "\n"): (score, n) for reason, score, n in engine.ask(ANSWERS)}
    assert stored == {reason: (score, 1) for reason, score in crowd.answered.items()}
    said = {body.replace("\r\n", "\n"): n for body, n in engine.ask(LAST_WORDS)}
    assert said == dict.fromkeys(desk.closed, 1)
    of_each = Counter(mail["To"] for mail in mail_server.received if links(mail))
    assert len(of_each) == SURVEYS + QUERIES
    paths = {(mail["To"], path) for mail in mail_server.received for path in links(mail)}
    assert len(paths) == SURVEYS + QUERIES  # twice is with the same link
