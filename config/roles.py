"""The two roles of the database: the owner makes and changes tables, the application only rows.

PostgreSQL itself then refuses what a mistake or an intruder in the application would do to tables
and their guards. Of rows that are evidence the application changes only what may change: which
that is, the guards of the models say (sellers/guards.py).
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from django.apps import apps
from django.conf import settings
from django.core.management import CommandError
from django.db import DEFAULT_DB_ALIAS, connections
from psycopg.sql import SQL, Composed, Identifier, Literal

from sellers.guards import changeable_columns

GRANTS: Final = """
REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role};
GRANT USAGE ON SCHEMA public TO {role};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role};
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO {role};
"""
# Only the owner's functions write these: insights/migrations.
COUNTED: Final = ("insights_monthcount", "insights_countingmark")
# What guards ask. pgtrigger's own answer to the first is a setting that anybody may change.
ASKED_BY_GUARDS: Final = """
CREATE OR REPLACE FUNCTION public._pgtrigger_should_ignore(trigger_name name) RETURNS boolean
    LANGUAGE sql IMMUTABLE AS 'SELECT false';
CREATE OR REPLACE FUNCTION public.marketplace_zone() RETURNS text
    LANGUAGE sql IMMUTABLE AS {zone};
"""
ANSWER: Final = "(SELECT prosrc FROM pg_proc WHERE oid = to_regproc('public.{}'))"
SOME_TABLE: Final = "EXISTS (SELECT FROM pg_tables WHERE schemaname = 'public' AND {})"
TABLE_RIGHT: Final = "has_table_privilege(rolname, format('%%I.%%I', schemaname, tablename), '{}')"
# Given to a role or a database, they hold from its next log-in on, also what it may not set itself.
REACHES_GUARDS: Final = """EXISTS (
    SELECT FROM pg_db_role_setting, unnest(setconfig) AS setting
     WHERE setrole IN (0, pg_roles.oid)
       AND setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
       AND (split_part(setting, '=', 1) IN ('session_replication_role', 'search_path', 'role',
            'row_security', 'event_triggers') OR starts_with(setting, 'pgtrigger.'))
)"""
FAULTS: Final = {
    "is the owner itself": "rolname = current_user",
    "is a member of the owner": "pg_has_role(rolname, current_user, 'MEMBER')",
    "is a superuser, or may make roles or databases": "rolsuper OR rolcreaterole OR rolcreatedb",
    "may switch off all triggers": (
        "has_parameter_privilege(rolname, 'session_replication_role', 'SET')"
    ),
    "is given settings that reach the guards (ALTER ROLE or DATABASE … SET)": REACHES_GUARDS,
    "may have guards ignored": f"coalesce({ANSWER} <> 'SELECT false', false)".format(
        "_pgtrigger_should_ignore"
    ),
    "has its months by another time zone than MARKETPLACE_TIME_ZONE": (
        f"coalesce({ANSWER} <> %s, false)".format("marketplace_zone")
    ),
    "may make tables": "has_schema_privilege(rolname, 'public', 'CREATE')"
    " OR has_database_privilege(rolname, current_database(), 'CREATE, TEMPORARY')",
    "owns tables": SOME_TABLE.format("tableowner = rolname"),
    "may truncate tables": SOME_TABLE.format(TABLE_RIGHT.format("TRUNCATE")),
    "may give tables triggers": SOME_TABLE.format(TABLE_RIGHT.format("TRIGGER")),
    "may not number new rows": "EXISTS (SELECT FROM pg_sequences WHERE schemaname = 'public' AND"
    " NOT has_sequence_privilege(rolname, format('%%I.%%I', schemaname, sequencename), 'USAGE'))",
}
TOO_FEW: Final = "may not read and write all tables as it has to"
TOO_MANY: Final = "may change or delete what is final"
COLUMNS: Final = """
SELECT relname, attname,
       ARRAY[has_column_privilege(%(role)s, pg_class.oid, attnum, 'SELECT'),
             has_column_privilege(%(role)s, pg_class.oid, attnum, 'INSERT'),
             has_column_privilege(%(role)s, pg_class.oid, attnum, 'UPDATE'),
             has_table_privilege(%(role)s, pg_class.oid, 'DELETE')]
  FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
 WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
   AND attnum > 0 AND NOT attisdropped
"""


def grant(cursor: Any, role: str) -> None:
    """Give the application's role its rights on the tables there are and will be, and no others.

    The cursor is the owner's. To be done again when there are new tables: `migrate` does.
    """
    cursor.execute(COLUMNS, {"role": role})
    there: dict[str, set[str]] = {}
    for table, column, _rights in cursor.fetchall():
        there.setdefault(table, set()).add(column)
    names = {"database": Identifier(cursor.connection.info.dbname), "role": Identifier(role)}
    statements = SQL(GRANTS).format(**names)
    if there:  # or this is a new database, and Django need not be ready
        statements += SQL(ASKED_BY_GUARDS).format(zone=Literal(_zone_answer()))
        for table, columns in _final_tables().items():
            statements += _narrowed(table, columns, there=there.get(table, set()), role=role)
    cursor.execute(statements)


def faults(cursor: Any, role: str) -> list[str]:
    """Return what is wrong with the application's role; the cursor is the owner's."""
    expressions = ", ".join(FAULTS.values())
    cursor.execute(
        f"SELECT {expressions} FROM pg_roles WHERE rolname = %s",  # noqa: S608
        [_zone_answer(), role],
    )
    found = cursor.fetchone()
    if not found:
        return ["does not exist"]
    cursor.execute(COLUMNS, {"role": role})
    differences = {
        fault
        for table, column, rights in cursor.fetchall()
        for may, should in zip(rights, _rights_on(table, column), strict=True)
        if (fault := {(True, False): TOO_MANY, (False, True): TOO_FEW}.get((may, should)))
    }
    return [fault for fault, is_so in zip(FAULTS, found, strict=True) if is_so] + sorted(
        differences
    )


def _final_tables() -> Mapping[str, list[str]]:
    """Return the tables whose rows stay, and of each the columns that may change."""
    changeable = {model._meta.db_table: changeable_columns(model) for model in apps.get_models()}
    return {table: columns for table, columns in changeable.items() if columns is not None} | {
        table: [] for table in COUNTED
    }


def _narrowed(table: str, columns: list[str], *, there: Collection[str], role: str) -> Composed:
    """Return the statements that leave the role only what it may do to a table of evidence."""
    changeable = [column for column in columns if column in there]
    statement = "REVOKE UPDATE, DELETE{more} ON {table} FROM {role};" if there else ""
    if changeable:
        statement += "GRANT UPDATE ({columns}) ON {table} TO {role};"
    return SQL(statement).format(
        table=Identifier(table),
        role=Identifier(role),
        columns=SQL(", ").join(map(Identifier, changeable)),
        more=SQL(", INSERT" if table in COUNTED else ""),
    )


def _rights_on(table: str, column: str) -> tuple[bool, bool, bool, bool]:
    """Return whether the role is to read, insert, change and delete what is in a column."""
    columns = _final_tables().get(table)
    if columns is None:
        return True, True, True, True
    return True, table not in COUNTED, column in columns, False


def _zone_answer() -> str:
    return f"SELECT '{settings.TIME_ZONE}'"


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
