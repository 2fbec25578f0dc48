"""What a migration after the first release may not do: keep others waiting, or break who runs yet.

The rules are squawk's, over the SQL that PostgreSQL would get. What docs/operations.md says about
expand and contract passes; what a migration does all the same, it says itself, by rule and why:
`allowed = {"ban-drop-column": "Not read since 1.1."}`.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from django.apps import apps
from django.db import connection
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from config.local.bootstrap import BASE

# The last migration of each app that came with the first release: its tables were empty.
FIRST_RELEASE: Final = {
    "sellers": "0003_guards",
    "queries": "0004_guards",
    "surveys": "0003_guards",
    "insights": "0005_guards",
}
OLDEST_POSTGRESQL: Final = "15"
SQUAWK: Final = Path(sys.executable).with_name("squawk")
# Not about waiting: matters of taste, what `migrate` itself sets, and what lets rows be freer.
LEFT_OUT: Final = (
    "ban-drop-constraint",
    "ban-drop-not-null",
    "prefer-bigint-over-int",
    "prefer-bigint-over-smallint",
    "prefer-identity",
    "prefer-robust-stmts",
    "prefer-text-field",
    "prefer-timestamptz",
    "require-lock-timeout",
    "require-statement-timeout",
)


def refused(after: Mapping[str, str] = FIRST_RELEASE) -> dict[str, set[str]]:
    """Return which rules the migrations of our apps break that came after these: {name: rules}."""
    loader = MigrationLoader(connection, replace_migrations=False)
    found = {
        ".".join(key): set(
            broken_rules(loader.disk_migrations[key], loader.project_state(key, at_end=False))
        )
        for key in later(after)
    }
    return {name: rules for name, rules in found.items() if rules}


def later(after: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the migrations of our apps that came after these, as (app, name)."""
    found = MigrationLoader(None, replace_migrations=False).disk_migrations
    return sorted(
        (label, name) for label, name in found if _is_ours(label) and name > after.get(label, "")
    )


def broken_rules(migration: Migration, state: ProjectState) -> list[str]:
    """Return the rules that a migration breaks on tables as in `state` and does not allow itself.

    Needs the database without a transaction: what is made concurrently asks for that.
    """
    allowed = getattr(migration, "allowed", {})
    found = _squawked(_statements(migration, state))
    return sorted(rule for rule in found if rule not in allowed)


def _is_ours(label: str) -> bool:
    return Path(apps.get_app_config(label).path).is_relative_to(BASE / label)


def _statements(migration: Migration, state: ProjectState) -> str:
    """Return what PostgreSQL would get."""
    with connection.schema_editor(collect_sql=True, atomic=migration.atomic) as editor:
        migration.apply(state.clone(), editor, collect_sql=True)
    sql = editor.collected_sql
    return "\n".join(["BEGIN;", *sql, "COMMIT;"] if migration.atomic else sql)


def _squawked(sql: str) -> Iterator[str]:
    """Yield the rules that squawk finds broken."""
    options = (f"--exclude={','.join(LEFT_OUT)}", f"--pg-version={OLDEST_POSTGRESQL}")
    asked = subprocess.run(
        [SQUAWK, *options, "--reporter=json", "--stdin-filepath=migration.sql"],
        input=sql,
        capture_output=True,
        text=True,
        check=False,
    )
    if asked.returncode not in (0, 1):
        raise RuntimeError(asked.stderr)
    for finding in json.loads(asked.stdout):
        yield finding["rule_name"]
