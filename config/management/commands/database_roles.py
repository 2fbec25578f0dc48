"""Make the application's role of the database, and check that it can do its work and no more."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection
from psycopg.sql import SQL, Identifier, Literal

from config.database_check import refuse_months_of_another_zone
from config.roles import as_owner, faults, grant


class Command(BaseCommand):
    """Prepares the role of DATABASE_URL, as that of DATABASE_OWNER_URL."""

    help = "Make the application's role and give it its rights; may be run again at any time."
    requires_system_checks = ()  # they may want tables

    def add_arguments(self, parser: CommandParser) -> None:
        """Take whether to change anything."""
        parser.add_argument("--check", action="store_true", help="Change nothing, only look.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make what is missing, then look."""
        role = settings.DATABASE["USER"]
        with as_owner(), connection.cursor() as cursor:
            if not options["check"]:
                refuse_months_of_another_zone()
                try:
                    _make(cursor, role)
                except DatabaseError as error:
                    raise CommandError(f"PostgreSQL refuses to make the role: {error}") from error
            found = faults(cursor, role)
        if found:
            raise CommandError(f"The application's role {role} {'; '.join(found)}.")
        self.stdout.write(f"The application's role {role} may do its work and no more.")


def _make(cursor: Any, role: str) -> None:
    """Make the role unless it is there, and give it its rights."""
    cursor.execute("SELECT FROM pg_roles WHERE rolname = %s", [role])
    if not cursor.rowcount:
        # The server may log statements: it gets the password as it will keep it.
        password = cursor.connection.pgconn.encrypt_password(
            settings.DATABASE["PASSWORD"].encode(), role.encode(), b"scram-sha-256"
        )
        statement = SQL("CREATE ROLE {} LOGIN PASSWORD {}")
        cursor.execute(statement.format(Identifier(role), Literal(password.decode())))
    grant(cursor, role)
