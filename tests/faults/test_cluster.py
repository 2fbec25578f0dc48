"""Two web hosts, two workers, a clock, Redis, a primary and its replica, each killed in turn.

The whole journey over HTTP, each request to the other host: log in, close, be asked by mail,
answer, see it on the tab and in the tasks. `make test-cluster` alone runs it; it needs Redis.
"""

import os
import re
import signal
import subprocess
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from html import unescape
from http.client import HTTPConnection, HTTPException
from http.cookies import SimpleCookie
from itertools import count
from urllib.parse import urlencode

import psutil
import pytest

from tests.faults.conftest import links, print_table
from tests.faults.engine import READY, START_SECONDS, Engine, running_engine
from tests.faults.test_database_gone import DECIDED, HALF_STORED, HIDDEN, LAST_WORDS
from tests.faults.test_survey_engine import LET_TIME_PASS
from tests.journeys.conftest import answers_at
from tests.mail_server import MailServer, free_port
from tests.replica import Replica, as_superuser

pytestmark = pytest.mark.cluster

QUERIES = int(os.environ.get("CLUSTER_QUERIES", "80"))
KILLS = int(os.environ.get("CLUSTER_KILLS", "20"))
UNDER_WAY = 8  # closings whose answer has not come yet
SUFFICE = 3  # answers after each fault
MEANWHILE = 2  # answers while one is away of which there is another, or which is not needed
ALONE = ("Redis", "beat")  # nobody is asked while these are away
DOWN_SECONDS = 5  # at least
PATIENCE_SECONDS = 900
MOST_TRIES = 120
CHILDREN = 3  # of each worker
PASSWORD = "een lang wachtwoord voor de proef"
DONE = " succeeded in "  # what a worker says of a task
SEED = f"""
import django
django.setup()
from datetime import date
from django.utils import timezone
from queries.actions import ask
from queries.models import Customer
from sellers.events import Actor
from sellers.models import Membership, Seller, User
shop = Seller.objects.create(name="Cluster", country="NL", joined_on=date(2026, 1, 1))
agent = User.objects.create_user("agent@faults.example", "{PASSWORD}", name="Agent", language="nl")
Membership.objects.create(user=agent, seller=shop, role="agent")
for number in range({QUERIES}):
    customer = Customer.objects.create(
        name=f"Klant {{number}}", email=f"k{{number}}@klant.example", language="nl"
    )
    ask(shop, customer=customer, subject=f"Vraag {{number}}", body="Wat nu?", channel="web",
        by=Actor.CUSTOMER, now=timezone.now())
"""
OPEN = "SELECT id FROM queries_customerquery WHERE state <> 'closed' ORDER BY id"
ANSWERS = "SELECT reason, score, count(*) FROM surveys_surveyresponse GROUP BY 1, 2"
TASKS = "SELECT count(*), count(DISTINCT response_id) FROM surveys_followup"


@dataclass
class Cluster:
    """Everything but the primary, each a process of its own that can be killed by its name."""

    engine: Engine
    replica: Replica
    ports: Sequence[int]  # of the web hosts
    redis_port: int
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str) -> None:
        """Start one, or start it again, as README does."""
        kind, _space, number = name.partition(" ")
        celery = ("-m", "celery", "--app=config")
        if kind == "replica":
            self.replica.start()
        elif kind == "Redis":
            self.running[name] = self._redis()
        elif kind == "web":
            port = self.ports[int(number) - 1]
            self.running[name] = self.engine.run("-m", "config.web", f"--port={port}")
        elif kind == "worker":
            named = (f"--concurrency={CHILDREN}", f"--hostname=worker{number}@cluster")
            self.running[name] = self.engine.run(*celery, "worker", *named)
        else:
            self.running[name] = self.engine.run(*celery, "beat")

    def _redis(self) -> subprocess.Popen[bytes]:
        """Start Redis, which keeps nothing: what was in it is gone."""
        here = ("--bind", "127.0.0.1", "--port", str(self.redis_port), "--dir", self.engine.tree)
        return subprocess.Popen(
            ["redis-server", *here, "--save", "", "--appendonly", "no"],
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )

    def kill(self, name: str) -> None:
        """End one with all that it started, in the middle of whatever it does."""
        if name == "replica":
            self.replica.kill()
            return
        process = self.running.pop(name)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def wait_until_ready(self, *, workers: int) -> None:
        """Wait until both web hosts and the workers do their work."""
        deadline = time.monotonic() + START_SECONDS
        while not all(map(answers_at, self.ports)) or self.engine.words().count(READY) < workers:
            assert time.monotonic() < deadline, self.engine.words()[-3000:]
            time.sleep(0.2)

    def stop(self) -> None:
        """End everything."""
        for name in [*self.running]:
            self.kill(name)
        self.replica.stop()


@dataclass
class Visitor:
    """Asks the hosts by turns, another one when one does not answer, as behind a proxy."""

    ports: Sequence[int]
    cookies: dict[str, str] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    of_host: Counter[int] = field(default_factory=Counter)
    unanswered: int = 0
    turn: Iterator[int] = field(default_factory=count)

    def get(self, path: str) -> str:
        """Return a page that has to be there."""
        status, page = self.ask("GET", path)
        assert status == 200, (status, path, page[-2000:])
        return unescape(page)

    def form(self, path: str) -> dict[str, str]:
        """Return what a page's forms send beside what is typed."""
        return {name: unescape(value) for name, value in HIDDEN.findall(self.get(path))}

    def ask(self, method: str, path: str, typed: dict[str, str] | None = None) -> tuple[int, str]:
        """Return what a host answers; whoever gets no answer sends the same once more."""
        for _ in range(MOST_TRIES):
            port = self.ports[next(self.turn) % len(self.ports)]
            try:
                status, page = self._ask(port, method, path, urlencode(typed or {}))
            except (OSError, HTTPException):
                self.unanswered += 1
                time.sleep(0.2)
                continue
            self.statuses[status] += 1
            self.of_host[port] += 1
            if status != 503:
                return status, page
            time.sleep(0.5)
        raise AssertionError(f"{path} was never answered.")

    def _ask(self, port: int, method: str, path: str, body: str) -> tuple[int, str]:
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Host": "localhost:8000",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
        }
        with closing(HTTPConnection("127.0.0.1", port, timeout=60)) as web:
            web.request(method, path, body, headers)
            response = web.getresponse()
            page = response.read().decode()
        for given in response.headers.get_all("Set-Cookie", []):
            self.cookies |= {name: one.value for name, one in SimpleCookie(given).items()}
        return response.status, page


@dataclass
class Journey:
    """An agent who closes, customers who answer the mail, and an agent who sees it at once."""

    desk: Visitor
    home: Visitor
    mail_server: MailServer = field(repr=False)
    scores: dict[str, int] = field(default_factory=dict)  # by reason
    closed: list[str] = field(default_factory=list)  # last words
    shown: list[str] = field(default_factory=list)  # reasons, on the tab
    seen: int = 0

    def log_in(self) -> None:
        """Log in with a password: the page from one host, the form to the other."""
        typed = {"login": "agent@faults.example", "password": PASSWORD}
        login = "/accounts/login/"
        status, page = self.desk.ask("POST", login, self.desk.form(login) | typed)
        assert status == 302, page[-2000:]

    def close(self, query: int) -> None:
        """Answer a customer for the last time."""
        words = f"Tot ziens {query}."
        path = f"/queries/{query}/"
        status, page = self.desk.ask(
            "POST", f"{path}close/", self.desk.form(path) | {"body": words}
        )
        assert status in (302, 409), (status, page[-2000:])  # it was closed, and the answer lost
        self.closed.append(words)

    def answer_new_mails(self, pool: ThreadPoolExecutor) -> Iterator[Future[None]]:
        """Let whoever got a survey answer it, each once; yield what is under way."""
        since, self.seen = self.seen, len(self.mail_server.received)
        for mail in self.mail_server.received[since : self.seen]:
            for path in links(mail):
                reason = f"Het duurde lang, vond {mail['To'].partition('@')[0]}."
                if reason not in self.scores:
                    self.scores[reason] = len(self.scores) % 11
                    yield pool.submit(self._answer, path, reason)

    def _answer(self, path: str, reason: str) -> None:
        """Answer; the shop sees it at once, whoever makes the page, and the task that follows."""
        typed = {"score": str(self.scores[reason]), "reason": reason}
        status, page = self.home.ask("POST", path, typed)
        assert status in (200, 302, 409), (status, page[-2000:])
        assert reason in self.desk.get("/queries/nps/download/measurements.json")
        self.shown.append(reason)


@contextmanager
def running_cluster(mail_port: int) -> Iterator[Cluster]:
    """Give a cluster of which only primary, replica and Redis run yet."""
    with running_engine(mail_port=mail_port) as engine:
        primary = engine.tree / "pg"
        as_superuser(primary, "ALTER ROLE nazorg SET log_statement = 'all'")
        replica = Replica(primary, engine.tree / "replica")
        cluster = Cluster(engine, replica, (free_port(), free_port()), free_port())
        replica.make()
        try:
            cluster.start("replica")
            cluster.start("Redis")
            engine.environment |= {
                "DJANGO_SETTINGS_MODULE": "config.settings",
                "DATABASE_REPLICA_URL": replica.url,
                "CELERY_BROKER_URL": f"redis://127.0.0.1:{cluster.redis_port}/0",
                "CACHE_URL": f"rediscache://127.0.0.1:{cluster.redis_port}/1",
                "GRANIAN_WORKERS": "1",
            }
            yield cluster
        finally:
            cluster.stop()


def test_nothing_is_lost_or_doubled_while_one_of_each_is_killed(mail_server: MailServer) -> None:
    with running_cluster(mail_server.port) as cluster:
        engine = cluster.engine
        assert engine.run("manage.py", "collectstatic", "--no-input").wait() == 0, engine.words()
        assert engine.run("-c", SEED).wait() == 0, engine.words()[-3000:]
        for name in ("web 1", "web 2", "worker 1", "worker 2", "beat"):
            cluster.start(name)
        cluster.wait_until_ready(workers=2)
        journey = Journey(Visitor(cluster.ports), Visitor(cluster.ports), mail_server)
        journey.log_in()
        seen = _go_on_while_killing(cluster, journey)
        engine.wait_for(DECIDED, [(QUERIES,) * 4])

        low = sum(score < 7 for score in journey.scores.values())
        tasks = journey.desk.get("/queries/nps/follow-up/")
        task = re.search(r"/queries/nps/follow-up/[0-9]+/", tasks)
        assert task
        journey.desk.get(task[0])
        from_replica = sum(
            'FROM "surveys_' in line for line in cluster.replica.words().splitlines()
        )
        mails = Counter(mail["Message-ID"] for mail in mail_server.received)
        print_table(
            {
                "queries closed and answered": len(journey.shown),
                **seen,
                "requests of host 1": journey.desk.of_host[cluster.ports[0]]
                + journey.home.of_host[cluster.ports[0]],
                "requests of host 2": journey.desk.of_host[cluster.ports[1]]
                + journey.home.of_host[cluster.ports[1]],
                "requests sent once more": journey.desk.unanswered + journey.home.unanswered,
                "503": journey.desk.statuses[503] + journey.home.statuses[503],
                "409, stored before": journey.desk.statuses[409] + journey.home.statuses[409],
                "statements of the replica at last": from_replica,  # since it was started again
                "mails repeated": mails.total() - len(mails),
                "tasks": low,
            }
        )
        statuses = journey.desk.statuses + journey.home.statuses
        assert statuses.keys() <= {200, 302, 409, 503}
        assert from_replica
        assert engine.ask(HALF_STORED) == [(0, 0, 0, 0)]
        stored = {reason: (score, n) for reason, score, n in engine.ask(ANSWERS)}
        assert stored == {reason: (score, 1) for reason, score in journey.scores.items()}
        assert dict(engine.ask(LAST_WORDS)) == dict.fromkeys(journey.closed, 1)
        assert engine.ask(TASKS) == [(low, low)]
        paths = {(mail["To"], path) for mail in mail_server.received for path in links(mail)}
        assert len(paths) == len(journey.shown) == QUERIES  # twice is with the same link


def _go_on_while_killing(cluster: Cluster, journey: Journey) -> dict[str, int]:
    """Let all queries be closed and answered, and kill one of each meanwhile; return what was seen.

    Whatever was killed is started again seconds later, when the others went on without it, and the
    next one is killed once answers came after that.
    """
    engine, seen = cluster.engine, dict[str, int]()
    to_close = deque(pk for (pk,) in engine.ask(OPEN))
    faults = deque(["web 1", "worker 1", "Redis", "replica", "beat", "web 2", "worker 2"])
    under_way: list[Future[None]] = []
    down, since, before, enough = "", 0.0, 0, SUFFICE
    deadline = time.monotonic() + PATIENCE_SECONDS
    with ThreadPoolExecutor(2) as at_desk, ThreadPoolExecutor(2) as at_home:
        while to_close or down or len(journey.shown) < QUERIES:
            assert time.monotonic() < deadline, (faults, down, journey, engine.words()[-5000:])
            engine.ask(LET_TIME_PASS)
            for one in (each for each in under_way if each.done()):
                one.result()  # raises what failed
            under_way = [each for each in under_way if not each.done()]
            under_way += journey.answer_new_mails(at_home)
            started = QUERIES - len(to_close)
            if to_close and started - len(journey.shown) < UNDER_WAY:
                under_way.append(at_desk.submit(journey.close, to_close.popleft()))
            meanwhile = len(journey.shown) - before
            is_enough = meanwhile >= (0 if down in ALONE else MEANWHILE)
            if down and is_enough and time.monotonic() > since + DOWN_SECONDS:
                seen[f"{down} away: answers meanwhile"] = meanwhile
                cluster.start(down)
                down, enough = "", len(journey.shown) + SUFFICE
            elif faults and not down and len(journey.shown) >= enough:
                down, since, before = faults.popleft(), time.monotonic(), len(journey.shown)
                cluster.kill(down)
            time.sleep(0.2)
    assert not faults
    return seen


def test_worker_goes_on_however_often_its_children_are_killed(mail_server: MailServer) -> None:
    with running_cluster(mail_server.port) as cluster:
        engine = cluster.engine
        cluster.start("worker 1")
        cluster.start("beat")
        deadline = time.monotonic() + START_SECONDS
        while DONE not in engine.words():
            assert time.monotonic() < deadline, engine.words()[-3000:]
            time.sleep(0.2)
        worker = psutil.Process(cluster.running["worker 1"].pid)
        killed, waits = 0, list[float]()
        for number in range(KILLS):
            time.sleep(number % 7 / 5)  # at any moment of what they do
            children = worker.children()
            for child in children:
                child.kill()
            killed += len(children)
            began, before = time.monotonic(), engine.words().count(DONE)
            # Tasks are done by new children, and there are as many as before.
            while engine.words().count(DONE) <= before + 3 or len(worker.children()) < CHILDREN:
                assert time.monotonic() < began + 120, (number, engine.words()[-5000:])
                time.sleep(0.05)
            waits.append(time.monotonic() - began)
        print_table(
            {
                "times all children were killed": KILLS,
                "children killed": killed,
                "longest until all is as before, ms": round(max(waits) * 1000),
                "median, ms": round(sorted(waits)[len(waits) // 2] * 1000),
            }
        )
        assert cluster.running["worker 1"].poll() is None
