"""A streaming replica of a PostgreSQL on this machine, that can be killed and started again."""

import os
import shutil
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from config.local.postgres import Server, _program, _url, server
from config.local.processes import child


@dataclass
class Replica:
    """A replica of the server that runs on `primary`; its files are at `directory`."""

    primary: Path
    directory: Path
    stack: ExitStack = field(default_factory=ExitStack)
    running: Server | None = None

    def make(self) -> None:
        """Copy the primary, so that what is started follows it."""
        account = "nobody" if os.geteuid() == 0 else None
        self.directory.mkdir(mode=0o700)
        if account:
            shutil.chown(self.directory, account)
        sockets = (self.primary / "postmaster.pid").read_text().splitlines()[4]
        copy = [_program("pg_basebackup"), "-D", self.directory, "-h", sockets, "-U", "postgres"]
        with child(
            "pg_basebackup",
            [*copy, "--write-recovery-conf", "--checkpoint=fast", "--no-sync"],
            environment={**os.environ, "LC_ALL": "C"},
            log=self.directory.with_name("basebackup.log"),
            account=account,
        ) as copying:
            copying.finish()
        for lock in self.directory.glob(".s.PGSQL.*"):  # of the primary's socket
            lock.unlink()

    def start(self) -> None:
        """Start it, or start it again."""
        self.running = self.stack.enter_context(server(self.directory))

    def kill(self) -> None:
        """End it at once, in the middle of whatever it does."""
        assert self.running
        assert self.running.process
        self.running.process.process.kill()
        self.running.process.process.wait()
        self.stop()

    def stop(self) -> None:
        """Stop it."""
        self.stack.close()
        self.running = None

    @property
    def url(self) -> str:
        """Return where the application finds it; the same when it was started again."""
        assert self.running
        return self.running.url

    def words(self) -> str:
        """Return its log."""
        return self.directory.with_name(f"{self.directory.name}.log").read_text(errors="replace")

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        """Return what it answers to its superuser."""
        return as_superuser(self.directory, statement)


def as_superuser(directory: Path, statement: str) -> list[tuple[Any, ...]]:
    """Return what the server on `directory` answers to its superuser."""
    with psycopg.connect(_url(directory, database="nazorg"), autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []
