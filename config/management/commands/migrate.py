"""Django's own command, as the owner of the tables."""

from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.core.management import CommandError
from django.core.management.commands import migrate
from django.db import OperationalError, connection
from psycopg.errors import LockNotAvailable

from config.database_check import refuse_months_of_another_zone
from config.roles import as_owner, grant

# A change that waits for a table keeps all others waiting behind it: pages rather than minutes.
PATIENCE: Final = timedelta(seconds=5)


class Command(migrate.Command):
    """Migrates over the connection of DATABASE_OWNER_URL."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate; then let the application do to new tables and columns what it may."""
        with as_owner():
            refuse_months_of_another_zone()
            self._be_impatient()
            try:
                super().handle(*args, **options)
            except OperationalError as error:
                if not isinstance(error.__cause__, LockNotAvailable):
                    raise
                raise CommandError(
                    f"A table was in use for longer than {PATIENCE.total_seconds():g} s. The "
                    "migration gave way and changed nothing; those before it are done. Run it "
                    "again, when fewer people work."
                ) from error
            if not options["plan"]:
                self._grant(settings.DATABASE["USER"])

    def _be_impatient(self) -> None:
        with connection.cursor() as cursor:
            milliseconds = PATIENCE // timedelta(milliseconds=1)
            cursor.execute("SELECT set_config('lock_timeout', %s, false)", [str(milliseconds)])

    def _grant(self, role: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT FROM pg_roles WHERE rolname = %s", [role])
            if cursor.rowcount:  # or database_roles will make it
                grant(cursor, role)
