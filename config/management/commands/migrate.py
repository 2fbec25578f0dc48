"""Django's own command, as the owner of the tables."""

from typing import Any

from django.core.management.commands import migrate

from config.roles import as_owner


class Command(migrate.Command):
    """Migrates over the connection of DATABASE_OWNER_URL."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate."""
        with as_owner():
            super().handle(*args, **options)
