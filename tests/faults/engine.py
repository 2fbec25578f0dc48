"""Real workers and a real beat, on a database and a broker of their own."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from django.db.models import Model

from config.demo.loading import copy_rows
from config.local.postgres import server
from tests.journeys.conftest import answers_at, copy_of_the_tree
from tests.mail_server import free_port
from tests.migrated import place

CELERY = ("celery", "--app=config.local.celery")
START_SECONDS = 300  # on a machine that has much else to do
READY = " ready.\n"  # what a worker says when it takes work
Rows = Iterable[tuple[type[Model], list[Any]]]


@dataclass
class Engine:
    """Workers and beat on a copy of the tree, with a database of their own."""

    tree: Path
    environment: dict[str, str]
    stack: ExitStack = field(default_factory=ExitStack)
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    beats: list[subprocess.Popen[bytes]] = field(default_factory=list)
    children: int = 0  # of each worker's pool; without any it does the work itself
    killed: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start_database(self) -> None:
        """Start PostgreSQL; its URL stays the same when it is started again."""
        started = self.stack.enter_context(server(self.tree / "pg"))
        self.environment.update(started.environment)

    def fill(self, found: Rows) -> None:
        """Store rows, by model."""
        with psycopg.connect(self.environment["DATABASE_URL"]) as connection:
            for model, rows in found:
                copy_rows(connection.cursor(), model, rows)

    def restart_database(self, *, after: float = 0) -> None:
        """Stop PostgreSQL under the hands of the workers, and start it again, seconds later."""
        self.stack.close()
        time.sleep(after)
        self.start_database()

    def run(self, *command: str) -> subprocess.Popen[bytes]:
        """Start one of Python's programs in the tree; its words are added to one log."""
        with (self.tree / "words.log").open("ab") as words:
            return subprocess.Popen(
                [sys.executable, *command],
                cwd=self.tree,
                env=self.environment,
                stdout=words,
                stderr=words,
                start_new_session=True,  # a worker's children are found after its death
            )

    def words(self) -> str:
        """Return all that the programs said."""
        return (self.tree / "words.log").read_text()

    def start(self, *, workers: int) -> None:
        """Start beat and workers, and wait until all of them take work."""
        ready = self.words().count(READY) + workers
        self.beats.append(self.run("-m", *CELERY, "beat", "--pidfile="))
        for _ in range(workers):
            self.start_worker()
        deadline = time.monotonic() + START_SECONDS
        while self.words().count(READY) < ready:
            assert time.monotonic() < deadline, self.words()[-3000:]
            time.sleep(0.1)

    def start_worker(self) -> None:
        """Start one more worker."""
        alone = ("--without-gossip", "--without-mingle", "--without-heartbeat")
        pool = (f"--concurrency={self.children}",) if self.children else ("--pool=solo",)
        self.workers.append(self.run("-m", *CELERY, "worker", *pool, "--loglevel=INFO", *alone))

    def kill_a_worker(self, chance: random.Random) -> None:
        """End a worker in the middle of whatever it does, and start another."""
        victim = self.workers.pop(chance.randrange(len(self.workers)))
        victim.kill()
        victim.wait()
        self.killed.append(victim)
        self.start_worker()

    @contextmanager
    def web_server(self) -> Iterator[int]:
        """Run the web server on the engine's database as production does; give its port."""
        assert self.run("manage.py", "collectstatic", "--no-input").wait() == 0, self.words()
        port = free_port()
        web = self.run("-m", "config.web", f"--port={port}")
        try:
            while not answers_at(port):
                assert web.poll() is None, self.words()[-3000:]
                time.sleep(0.1)
            yield port
        finally:
            web.terminate()
            web.wait()

    def wipe_broker(self) -> None:
        """Throw away every message that waits between beat and workers."""
        for message in (self.tree / ".local" / "broker" / "queue").glob("*"):
            message.unlink(missing_ok=True)

    def stop_working(self) -> None:
        """Stop beat and workers, in the middle of whatever they do."""
        for process in (*self.workers, *self.beats, *self.killed):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self.workers, self.beats, self.killed = [], [], []

    def stop(self) -> None:
        """Stop everything."""
        self.stop_working()
        self.stack.close()

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        """Return what the database answers."""
        with psycopg.connect(self.environment["DATABASE_URL"], autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def wait_for(self, statement: str, answer: list[tuple[Any, ...]], *, seconds: int = 60) -> None:
        """Wait until the database answers so."""
        deadline = time.monotonic() + seconds
        while (said := self.ask(statement)) != answer:
            assert time.monotonic() < deadline, (said, self.words()[-3000:])
            time.sleep(0.1)


@contextmanager
def running_engine(*, mail_port: int, has_tables: bool = True) -> Iterator[Engine]:
    """Give an engine with an empty database, and nothing running yet but that.

    Without tables its cluster is one of its own, and not a copy of another's files.
    """
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | {
        "SECRET_KEY": "only-for-tests-and-long-enough-for-them",
        "CACHE_URL": "locmemcache://",
        "CELERY_BROKER_URL": "filesystem://",
        "EMAIL_URL": f"smtp://127.0.0.1:{mail_port}",
        "SURVEY_DELAY": "2s",
        "CELERY_SKIP_CHECKS": "true",  # half of a worker's start; the tests make them once
    }
    with copy_of_the_tree() as tree:
        started = Engine(tree, environment)
        (tree / "words.log").touch()
        if has_tables:
            place(tree / "pg")
        started.start_database()
        try:
            yield started
        finally:
            started.stop()
