"""Django's own command, as the owner of the tables."""

from typing import Any

from django.conf import settings
from django.core.management.commands import migrate
from django.db import connection

from config.roles import as_owner, grant


class Command(migrate.Command):
    """Migrates over the connection of DATABASE_OWNER_URL."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate; then let the application do to new tables and columns what it may."""
        with as_owner():
            super().handle(*args, **options)
            if not options["plan"]:
                self._grant(settings.DATABASE["USER"])

    def _grant(self, role: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT FROM pg_roles WHERE rolname = %s", [role])
            if cursor.rowcount:  # or database_roles will make it
                grant(cursor, role)
