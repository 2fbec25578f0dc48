"""The database of the tests: the owner makes it, and makes it anew after a test that committed.

It comes from a copy that holds what migrations store. The copy is kept for the next run, for as
long as the migrations are the same.
"""

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from psycopg.sql import SQL, Identifier

from config.roles import as_owner, grant
from tests.migrated import COPY, digest_of_migrations


def make() -> None:
    """Make the database, and from now on mean it by Django's connection."""
    name = connection.settings_dict["NAME"] = connection.creation._get_test_db_name()
    digest = digest_of_migrations()
    if _note_at(COPY) != digest:
        _run("DROP DATABASE IF EXISTS {}", COPY)
        _run("CREATE DATABASE {}", COPY)
        connection.settings_dict["NAME"] = COPY
        call_command("migrate", verbosity=0)
        connection.settings_dict["NAME"] = name
        _run(f"COMMENT ON DATABASE {{}} IS '{digest}'", COPY)
    make_anew()


def make_anew() -> None:
    """Put the database back as it was at first, which the application could not do."""
    name = connection.settings_dict["NAME"]
    drop()
    _run("CREATE DATABASE {} TEMPLATE {}", name, COPY)
    with as_owner(), connection.cursor() as cursor:
        grant(cursor, settings.DATABASE["USER"])
        # A copy is held; this one is where the tests work.
        cursor.execute("UPDATE sellers_installation SET database = sellers_this_database()")


def drop() -> None:
    """Drop the database; the copy stays."""
    connection.close()
    connection.close_pool()
    _run("DROP DATABASE IF EXISTS {}", connection.settings_dict["NAME"])


def _run(statement: str, *databases: str) -> None:
    """Run a statement about databases as the owner, in none of them."""
    with as_owner(), connection._nodb_cursor() as cursor:
        cursor.execute(SQL(statement).format(*map(Identifier, databases)))


def _note_at(name: str) -> str | None:
    """Return the digest of the migrations from which the copy `name` was made, if it is there."""
    with as_owner(), connection._nodb_cursor() as cursor:
        cursor.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s",
            [name],
        )
        return (cursor.fetchone() or [None])[0]
