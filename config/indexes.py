"""Indexes that PostgreSQL does not use: made beside the work, broken off before they were whole.

Such an index is kept up with every write and read by nobody. One that its migration still has to
make is in the way of that; any other is made anew, beside the work too.
"""

from collections.abc import Collection
from typing import Any, Final

from django.contrib.postgres.operations import AddIndexConcurrently
from django.core.management import CommandError
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader

# Not those that are being made at this moment.
INVALID: Final = """
SELECT relname, indexrelid::regclass::text
  FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
 WHERE NOT indisvalid AND relnamespace = 'public'::regnamespace
   AND indexrelid NOT IN (SELECT index_relid FROM pg_stat_progress_create_index)
 ORDER BY relname
"""
# What PostgreSQL calls the second one while it makes an index anew.
SECOND: Final = ("_ccnew", "_ccold")


def drop_half_made() -> list[str]:
    """Drop what is in the way of migrations that are still to come; return the names."""
    to_come = _to_come()
    with connection.cursor() as cursor:
        found = {
            name: quoted
            for name, quoted in _invalid(cursor).items()
            if name in to_come or _is_second(name)
        }
        for quoted in found.values():
            cursor.execute(f"DROP INDEX CONCURRENTLY {quoted}")
    return list(found)


def rebuild_invalid() -> list[str]:
    """Make invalid indexes anew; return their names. Raises CommandError where that fails."""
    with connection.cursor() as cursor:
        found = _invalid(cursor)
        for name, quoted in found.items():
            try:
                cursor.execute(f"REINDEX INDEX CONCURRENTLY {quoted}")
            except DatabaseError as error:
                raise CommandError(
                    f"The index {name} is not whole, and PostgreSQL could not make it anew: "
                    f"{' '.join(str(error).split())} Mend that and run manage.py "
                    "migrate again; nothing reads the index meanwhile."
                ) from error
    return list(found)


def _invalid(cursor: Any) -> dict[str, str]:
    """Return the indexes that PostgreSQL does not use: {name: name in SQL}."""
    cursor.execute(INVALID)
    return dict(cursor.fetchall())


def _is_second(name: str) -> bool:
    return name.rstrip("0123456789").endswith(SECOND)


def _to_come() -> Collection[str]:
    """Return the names of the indexes that migrations have yet to make."""
    loader = MigrationLoader(connection)
    return {
        step.index.name
        for key in loader.disk_migrations.keys() - loader.applied_migrations.keys()
        for step in loader.disk_migrations[key].operations
        if isinstance(step, AddIndexConcurrently)
    }
