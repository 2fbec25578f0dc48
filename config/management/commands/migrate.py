"""Django's own command, as the owner of the tables."""

import re
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import repeat
from typing import Any, Final

from django.conf import settings
from django.core.management import CommandError
from django.core.management.commands import migrate
from django.db import OperationalError, connection
from psycopg.errors import LockNotAvailable

from config.database_check import refuse_months_of_another_zone
from config.indexes import drop_half_made, rebuild_invalid
from config.roles import as_owner, grant

CONCURRENTLY: Final = re.compile(
    r"\s*(CREATE|DROP|REINDEX)\s[\w\s]*\bCONCURRENTLY\b", re.IGNORECASE
)
# A change that waits for a table keeps all others waiting behind it: so it waits for a moment,
# gives way and tries again. At last it waits for longer than PostgreSQL needs to end an autovacuum.
MOMENT: Final = timedelta(milliseconds=100)
TRIES: Final = 60
BETWEEN: Final = timedelta(seconds=1)
PATIENCE: Final = timedelta(seconds=5)


class Command(migrate.Command):
    """Migrates over the connection of DATABASE_OWNER_URL."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate; then let the application do to new tables and columns what it may."""
        with as_owner(), connection.execute_wrapper(_wait_beside_others):
            refuse_months_of_another_zone()
            if options["plan"] or options["check_unapplied"]:
                super().handle(*args, **options)
                return
            self._say("Dropped, to be made again: ", drop_half_made())
            self._migrate(*args, **options)
            self._say("Rebuilt: ", rebuild_invalid())
            self._grant(settings.DATABASE["USER"])

    def _say(self, what: str, indexes: Sequence[str]) -> None:
        if indexes:
            self.stdout.write(f"{what}invalid indexes {', '.join(indexes)}.")

    def _migrate(self, *args: Any, **options: Any) -> None:
        """Migrate, again and again while a table is in use; what was done by then stays done."""
        for patience in (*repeat(MOMENT, TRIES), PATIENCE):
            _wait_for_locks(patience)
            try:
                super().handle(*args, **options)
                return
            except OperationalError as error:
                if not isinstance(error.__cause__, LockNotAvailable):
                    raise
                in_use = error
            self.stdout.write(" A table is in use; trying again …")
            time.sleep(BETWEEN.total_seconds())
        raise CommandError(
            f"A table was in use for longer than {PATIENCE.total_seconds():g} s. The migration "
            "gave way and changed nothing; those before it are done. Run it again, when fewer "
            "people work."
        ) from in_use

    def _grant(self, role: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT FROM pg_roles WHERE rolname = %s", [role])
            if cursor.rowcount:  # or database_roles will make it
                grant(cursor, role)


def _wait_for_locks(limit: timedelta) -> None:
    """Have this connection give up when it waits for a lock for longer; zero is for ever."""
    milliseconds = limit // timedelta(milliseconds=1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [str(milliseconds)])


def _wait_beside_others(execute: Callable[..., Any], sql: Any, *rest: Any) -> Any:
    """Let what is done concurrently wait for as long as others work: none of them waits for it."""
    if not (isinstance(sql, str) and CONCURRENTLY.match(sql)):
        return execute(sql, *rest)
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        before = cursor.fetchone()[0]
        cursor.execute("SET lock_timeout = 0")
        try:
            return execute(sql, *rest)
        finally:
            cursor.execute("SELECT set_config('lock_timeout', %s, false)", [before])
