"""Heavy pages are read from a replica as if from the primary: with all that was ever stored.

A real primary, a real streaming replica and the web server. Which of both answered, the replica's
own log says.
"""

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection
from random import Random
from threading import Event as Signal
from urllib.parse import urlencode

import psycopg
import pytest
from django.conf import settings

from config.replica import LEFT_ALONE
from tests.faults.conftest import print_table
from tests.faults.engine import Engine, running_engine
from tests.mail_server import free_port
from tests.replica import Replica, as_superuser

SEED = f"""
import django
django.setup()
from datetime import date
from django.test import Client
from django.utils import timezone
from sellers.actions import make_client
from sellers.enums import SELLER_SCOPES
from sellers.events import Actor
from sellers.models import Membership, Seller, User
now = timezone.now()
shop = Seller.objects.create(name="Replica", country="NL", joined_on=date(2026, 1, 1))
owner = User.objects.create_user("owner@faults.example", name="Owner", language="en")
Membership.objects.create(user=owner, seller=shop, role="owner")
browser = Client()
browser.force_login(owner)
print("session", browser.cookies["{settings.SESSION_COOKIE_NAME}"].value)
client, secret = make_client(shop, name="CRM", scopes=SELLER_SCOPES, by=Actor.user(owner), now=now)
asked = dict(grant_type="client_credentials", client_id=client.client_id, client_secret=secret)
token = browser.post("/oauth/token", asked, headers=dict(host="localhost"))
print("token", token.json()["access_token"])
"""
NOTE = "/queries/nps/months/note/"
MONTHS = "/queries/nps/months/"
CHANGES = "/api/v1/changes/"
HAPPENED = """
INSERT INTO sellers_event (kind, at, seller_id, object_label, object_pk, actor, details)
SELECT 'query.closed', now(), id, 'queries.CustomerQuery', %s, 'system', '{}' FROM sellers_seller
"""
pytestmark = pytest.mark.cluster
BEHIND = "ALTER SYSTEM SET recovery_min_apply_delay = '{}'"
MEASUREMENTS = 5_000  # more than are fetched at once
WRITES = 40
WRITERS = 6
TRANSACTIONS = 80  # of each writer
TOO_LATE_EVERY = 3  # seconds


@dataclass(frozen=True)
class Shop:
    """A shop's browser and program, at a web server that has a replica."""

    engine: Engine
    replica: Replica
    port: int
    session: str
    token: str

    def get(self, path: str) -> str:
        """Return a page that has to be there."""
        status, page = self.ask("GET", path)
        assert status == 200, (status, page)
        return page

    def note(self, words: str) -> None:
        """Write a note in the browser."""
        typed = urlencode({"words": words, "csrfmiddlewaretoken": "x" * 32})
        status, page = self.ask("POST", NOTE, typed)
        assert status == 302, (status, page)

    def ask(self, method: str, path: str, body: str = "") -> tuple[int, str]:
        """Return what the web server answers."""
        cookies = {settings.SESSION_COOKIE_NAME: self.session, settings.CSRF_COOKIE_NAME: "x" * 32}
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Host": "localhost:8000",
            "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
            "Authorization": f"Bearer {self.token}",
        }
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=90)) as web:
            web.request(method, path, body, headers)
            response = web.getresponse()
            return response.status, response.read().decode()

    def changes(self, after: str = "") -> tuple[list[int], str]:
        """Return the rows of the next changes, and with what to go on."""
        said = json.loads(
            self.get(f"{CHANGES}?{urlencode({'after': after})}" if after else CHANGES)
        )
        return [int(each["id"]) for each in said["results"]], said["after"]

    def read_there(self, table: str = "insights_monthnote") -> int:
        """Return how many statements about a table the replica was asked until now."""
        return sum(f'FROM "{table}"' in line for line in self.replica.words().splitlines())

    def wait_until_read_there(self) -> None:
        """Read until the replica answers again."""
        deadline, before = time.monotonic() + 60, self.read_there()
        while self.read_there() == before:
            assert time.monotonic() < deadline, self.engine.words()[-3000:]
            self.get(NOTE)
            time.sleep(0.2)


@pytest.fixture(scope="module")
def everything() -> Iterator[Shop]:
    """Primary, replica and web server."""
    with running_engine(mail_port=free_port()) as engine:
        primary = engine.tree / "pg"
        as_superuser(primary, "ALTER ROLE nazorg SET log_statement = 'all'")
        replica = Replica(primary, engine.tree / "replica")
        replica.make()
        replica.start()
        try:
            engine.environment |= {
                "DJANGO_SETTINGS_MODULE": "config.settings",
                "DATABASE_REPLICA_URL": replica.url,
                "GRANIAN_WORKERS": "1",  # or one leaves the replica alone while another asks it
            }
            assert engine.run("-c", SEED).wait() == 0, engine.words()[-3000:]
            said = dict(re.findall(r"^(session|token) (\S+)$", engine.words(), re.MULTILINE))
            with engine.web_server() as port:
                yield Shop(engine, replica, port, **said)
        finally:
            replica.stop()


@pytest.fixture
def shop(everything: Shop) -> Shop:
    """The shop, whose pages are read from the replica."""
    everything.wait_until_read_there()
    return everything


def behind(replica: Replica, delay: str) -> None:
    """Let the replica replay commits so much later."""
    replica.ask(BEHIND.format(delay))
    replica.ask("SELECT pg_reload_conf()")


def refusal(shop: Shop, url: str) -> list[str]:
    """Return what the web server says that does not start with this replica."""
    process = subprocess.run(
        [sys.executable, "-m", "config.web", "--port=9"],
        cwd=shop.engine.tree,
        env=shop.engine.environment | {"DATABASE_REPLICA_URL": url},
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )
    assert process.returncode == 1, process.stderr
    first, *sentences = process.stderr.splitlines()
    assert first == "Nazorg cannot start:"
    return sentences


def test_primary_is_no_replica(shop: Shop) -> None:
    assert refusal(shop, shop.engine.environment["DATABASE_URL"]) == [
        "DATABASE_REPLICA_URL leads to no replica: that server is in no recovery."
    ]


def test_replica_of_something_else_and_a_superuser_are_refused(shop: Shop) -> None:
    elsewhere = shop.replica.url.replace("//nazorg@/nazorg?", "//postgres@/postgres?")

    superuser, system = refusal(shop, elsewhere)

    assert superuser.startswith("DATABASE_REPLICA_URL logs in as postgres, a superuser, whom no")
    assert system == (
        "DATABASE_REPLICA_URL leads to a replica of another server, or to another database."
    )


def test_primary_that_waits_for_no_disk_is_refused(shop: Shop) -> None:
    primary = shop.replica.primary
    as_superuser(primary, "ALTER ROLE nazorg SET synchronous_commit = off")
    try:
        assert refusal(shop, shop.replica.url)[0].startswith("synchronous_commit is off, so nobody")
    finally:
        as_superuser(primary, "ALTER ROLE nazorg RESET synchronous_commit")


def test_page_is_read_there_and_what_is_stored_is_not(shop: Shop) -> None:
    before = shop.read_there(), shop.read_there("sellers_event")

    shop.note("Sale week")
    assert "Sale week" in shop.get(NOTE)
    shop.get(CHANGES)

    assert shop.read_there() > before[0]
    assert shop.read_there("sellers_event") > before[1]
    assert "INSERT" not in shop.replica.words()


def test_file_that_goes_on_after_its_page_is_whole(shop: Shop) -> None:
    history = shop.engine.tree / "history.csv"
    rows = [f"{number},9,2026-03-0{number % 9 + 1}T12:00:00Z" for number in range(MEASUREMENTS)]
    history.write_text("\n".join(["external_id,score,submitted_at", *rows]))
    command = ("manage.py", "import_measurements", str(history), "--seller=Replica")
    assert shop.engine.run(*command).wait() == 0, shop.engine.words()[-3000:]
    before = shop.read_there("surveys_surveyresponse")

    days = urlencode({"since": "2026-03-01", "until": "2026-03-31", "dialect": "international"})
    lines = shop.get(f"/queries/nps/download/measurements.csv?{days}").splitlines()

    assert len(lines) == 1 + MEASUREMENTS
    assert shop.read_there("surveys_surveyresponse") > before


def test_own_writes_are_seen_while_the_replica_is_a_little_behind(shop: Shop) -> None:
    behind(shop.replica, "30ms")
    before = shop.read_there()
    try:
        for number in range(WRITES):
            shop.note(f"Note {number}")
            assert f"Note {number}" in shop.get(NOTE)
    finally:
        behind(shop.replica, "0")

    read_there = shop.read_there() - before
    print_table({"written, then read": WRITES, "read from the replica": read_there})
    assert read_there > WRITES / 4  # it was waited for


def test_replica_that_stands_still_is_left_alone(shop: Shop) -> None:
    shop.replica.ask("SELECT pg_wal_replay_pause()")
    try:
        shop.note("Not there yet")
        before = shop.read_there()
        assert "Not there yet" in shop.get(NOTE)
        assert shop.read_there() == before
    finally:
        shop.replica.ask("SELECT pg_wal_replay_resume()")
    shop.wait_until_read_there()


def test_replica_that_is_killed_is_missed_by_nobody(shop: Shop) -> None:
    shop.replica.kill()
    slowest = 0.0
    try:
        assert json.loads(shop.get("/health/ready"))["replica"] == "away"
        for number in range(10):
            shop.note(f"Without it {number}")
            began = time.monotonic()
            assert f"Without it {number}" in shop.get(NOTE)
            slowest = max(slowest, time.monotonic() - began)
            time.sleep(LEFT_ALONE / 4)
    finally:
        shop.replica.start()
    shop.wait_until_read_there()

    print_table({"slowest page without it, ms": round(slowest * 1000)})
    assert json.loads(shop.get("/health/ready"))["replica"] == "ok"
    assert "Without it 9" in shop.get(NOTE)


def test_connection_that_breaks_within_a_page_is_no_error(shop: Shop) -> None:
    breaks = (
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'nazorg'"
    )
    done = Signal()

    def keep_breaking() -> int:
        broken = 0
        while not done.is_set():
            broken += shop.replica.ask(breaks)[0][0]
        return broken

    with ThreadPoolExecutor(5) as pool:
        breaking = pool.submit(keep_breaking)
        reading = [pool.submit(shop.get, MONTHS) for _ in range(60)]
        try:
            pages = [page.result() for page in reading]
        finally:
            done.set()

    print_table({"pages": len(pages), "connections broken meanwhile": breaking.result()})
    assert breaking.result()


def test_change_that_is_not_settled_holds_up_later_ones_there_too(shop: Shop) -> None:
    _seen, after = shop.changes()
    while (more := shop.changes(after))[0]:
        after = more[1]
    before, savepoints = shop.read_there("sellers_event"), range(7100, 7170)
    url = shop.engine.environment["DATABASE_URL"]
    with psycopg.connect(url) as numbered, psycopg.connect(url) as early:
        numbered.execute("SELECT pg_current_xact_id()")  # it has written nothing yet
        early.execute(HAPPENED, [7001])
        for (
            each
        ) in savepoints:  # of more than PostgreSQL keeps apart, a replica knows only the whole
            with early.transaction():
                early.execute(HAPPENED, [each])
        with psycopg.connect(url) as late:
            late.execute(HAPPENED, [7002])
        assert shop.changes(after)[0] == []
        numbered.execute(HAPPENED, [7000])
        early.commit()
        assert shop.changes(after)[0] == []
        numbered.commit()

        assert shop.changes(after)[0] == [7000, 7001, *savepoints, 7002]
    assert shop.read_there("sellers_event") >= before + 3


def test_follower_of_changes_misses_nothing_whoever_answers(shop: Shop) -> None:
    _seen, after = shop.changes()
    while (more := shop.changes(after))[0]:
        after = more[1]
    before = shop.read_there("sellers_event")
    url = shop.engine.environment["DATABASE_URL"]

    def write(writer: int) -> set[int]:
        chance, kept = Random(writer), set()
        with psycopg.connect(url) as connection:
            for number in range(TRANSACTIONS):
                mine = [writer * 100_000 + number * 10 + each for each in range(10_000, 10_003)]
                for each in mine:
                    connection.execute(HAPPENED, [each])
                    time.sleep(chance.uniform(0, 0.05))
                if chance.random() < 0.1:
                    connection.rollback()
                else:
                    connection.commit()
                    kept |= {*mine}
        return kept

    read: list[int] = []
    answers = 0
    try:
        with ThreadPoolExecutor(WRITERS) as pool:
            writing = [pool.submit(write, writer) for writer in range(WRITERS)]
            while not all(each.done() for each in writing):
                is_late = time.monotonic() % TOO_LATE_EVERY < 1  # so that both answer by turns
                behind(shop.replica, "300ms" if is_late else "20ms")
                found, after = shop.changes(after)
                read += found
                answers += 1
    finally:
        behind(shop.replica, "0")
    read_there = shop.read_there("sellers_event") - before
    while (more := shop.changes(after))[0]:
        read, after = read + more[0], more[1]

    written = set().union(*(each.result() for each in writing))
    print_table({"events": len(written), "answers": answers, "of the replica": read_there})
    assert sorted(read) == sorted(written)
    assert 0 < read_there < answers
