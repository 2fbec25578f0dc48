"""The two roles of the database: the owner makes and changes tables, the application only rows.

PostgreSQL itself then refuses what a mistake or an intruder in the application would do to tables
and their guards.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.conf import settings
from django.core.management import CommandError
from django.db import DEFAULT_DB_ALIAS, connections
from psycopg.sql import SQL, Identifier

GRANTS: Final = """
REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role};
GRANT USAGE ON SCHEMA public TO {role};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role};
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO {role}
"""
SOME_TABLE: Final = "EXISTS (SELECT FROM pg_tables WHERE schemaname = 'public' AND {})"
TABLE_RIGHT: Final = "has_table_privilege(rolname, format('%%I.%%I', schemaname, tablename), '{}')"
ALL_RIGHTS: Final = " AND ".join(map(TABLE_RIGHT.format, ("SELECT", "INSERT", "UPDATE", "DELETE")))
FAULTS: Final = {
    "is the owner itself": "rolname = current_user",
    "is a member of the owner": "pg_has_role(rolname, current_user, 'MEMBER')",
    "is a superuser, or may make roles or databases": "rolsuper OR rolcreaterole OR rolcreatedb",
    "may switch off all triggers": (
        "has_parameter_privilege(rolname, 'session_replication_role', 'SET')"
    ),
    "may make tables": "has_schema_privilege(rolname, 'public', 'CREATE')"
    " OR has_database_privilege(rolname, current_database(), 'CREATE, TEMPORARY')",
    "owns tables": SOME_TABLE.format("tableowner = rolname"),
    "may truncate tables": SOME_TABLE.format(TABLE_RIGHT.format("TRUNCATE")),
    "may give tables triggers": SOME_TABLE.format(TABLE_RIGHT.format("TRIGGER")),
    "may not read and write all tables": SOME_TABLE.format(f"NOT ({ALL_RIGHTS})"),
    "may not number new rows": "EXISTS (SELECT FROM pg_sequences WHERE schemaname = 'public' AND"
    " NOT has_sequence_privilege(rolname, format('%%I.%%I', schemaname, sequencename), 'USAGE'))",
}


def grant(cursor: Any, role: str) -> None:
    """Give the application's role its rights on the tables there are and will be, and no others.

    The cursor is the owner's.
    """
    names = {"database": Identifier(cursor.connection.info.dbname), "role": Identifier(role)}
    cursor.execute(SQL(GRANTS).format(**names))


def faults(cursor: Any, role: str) -> list[str]:
    """Return what is wrong with the application's role; the cursor is the owner's."""
    expressions = ", ".join(FAULTS.values())
    cursor.execute(f"SELECT {expressions} FROM pg_roles WHERE rolname = %s", [role])  # noqa: S608
    found = cursor.fetchone()
    if not found:
        return ["does not exist"]
    return [fault for fault, is_so in zip(FAULTS, found, strict=True) if is_so]


@contextmanager
def as_owner() -> Iterator[None]:
    """Let Django work as the owner, beside whatever the application's connection is doing.

    Raises CommandError when nobody says who the owner is.
    """
    if not settings.DATABASE_OWNER:
        raise CommandError(
            "Set DATABASE_OWNER_URL: the role of PostgreSQL that owns the tables. The one in "
            "DATABASE_URL may not change them. See .env.example."
        )
    application = connections[DEFAULT_DB_ALIAS]
    owner = application.copy()
    owner.settings_dict |= settings.DATABASE_OWNER | {"NAME": application.settings_dict["NAME"]}
    connections[DEFAULT_DB_ALIAS] = owner
    try:
        yield
    finally:
        owner.close()
        connections[DEFAULT_DB_ALIAS] = application
