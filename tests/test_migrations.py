"""Migrations after the first release keep nobody waiting: docs/operations.md, expand and contract.

`make check` runs this.
"""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import pytest
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.operations import (
    AddConstraintNotValid,
    AddIndexConcurrently,
    RemoveIndexConcurrently,
    ValidateConstraint,
)
from django.db import models
from django.db.migrations import Migration, operations
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from tests.migrations import FIRST_RELEASE, broken_rules, later, refused

pytestmark = pytest.mark.usefixtures("owner_db")

POSITIVE = models.CheckConstraint(condition=models.Q(score__gt=0), name="score_positive")
BY_SCORE = models.Index(fields=["score"], name="by_score")
FOLLOWED = "ALTER TABLE surveys_surveyresponse ADD CONSTRAINT x FOREIGN KEY (x) REFERENCES y (id)"

BAD = {
    "a constraint": (
        [operations.AddConstraint("surveyresponse", POSITIVE)],
        ["constraint-missing-not-valid"],
    ),
    "a constraint, validated in the same transaction": (
        [
            AddConstraintNotValid("surveyresponse", POSITIVE),
            ValidateConstraint("surveyresponse", "score_positive"),
        ],
        ["constraint-missing-not-valid"],
    ),
    "a unique constraint": (
        [
            operations.AddConstraint(
                "surveyresponse", models.UniqueConstraint(fields=["score"], name="one_of_each")
            )
        ],
        ["constraint-missing-not-valid", "disallowed-unique-constraint"],
    ),
    "a partly unique constraint": (
        [
            operations.AddConstraint(
                "surveyresponse",
                models.UniqueConstraint(
                    fields=["score"], condition=models.Q(score=3), name="one_three"
                ),
            )
        ],
        ["require-concurrent-index-creation"],
    ),
    "an exclusion constraint": (
        [
            operations.AddConstraint(
                "surveyresponse",
                ExclusionConstraint(name="apart", expressions=[("score", "=")]),
            )
        ],
        ["constraint-missing-not-valid"],
    ),
    "an index": (
        [operations.AddIndex("surveyresponse", BY_SCORE)],
        ["require-concurrent-index-creation"],
    ),
    "an index less": (
        [operations.RemoveIndex("surveyresponse", "response_seller_month")],
        ["require-concurrent-index-deletion"],
    ),
    "a column that old code does not fill": (
        [operations.AddField("surveyresponse", "colour", models.CharField(default="red"))],
        ["ban-drop-default"],
    ),
    "a column of which each row gets another value": (
        [
            operations.AddField(
                "surveyresponse",
                "double",
                models.GeneratedField(
                    expression=models.F("score") * 2,
                    output_field=models.IntegerField(),
                    db_persist=True,
                ),
            )
        ],
        ["adding-field-with-default"],
    ),
    "a column that refers to another table": (
        [
            operations.AddField(
                "surveyresponse",
                "boss",
                models.ForeignKey("sellers.User", models.PROTECT, null=True, related_name="+"),
            )
        ],
        ["adding-foreign-key-constraint", "require-concurrent-index-creation"],
    ),
    "a reference": (
        [operations.RunSQL(FOLLOWED)],
        ["adding-foreign-key-constraint", "constraint-missing-not-valid"],
    ),
    "no empty values any more": (
        [operations.AlterField("surveyresponse", "imported_at", models.DateTimeField())],
        ["adding-not-nullable-field"],
    ),
    "another type": (
        [operations.AlterField("surveyresponse", "score", models.BigIntegerField())],
        ["changing-column-type"],
    ),
    "another name": (
        [operations.RenameField("surveyresponse", "score", "mark")],
        ["renaming-column"],
    ),
    "a column less": (
        [operations.RemoveField("surveyresponse", "external_id")],
        ["ban-drop-column"],
    ),
    "a table with another name": (
        [operations.AlterModelTable("surveyresponse", "answers")],
        ["renaming-table"],
    ),
    "a table less": ([operations.DeleteModel("followupcontact")], ["ban-drop-table"]),
}
GOOD = {
    "a constraint for new rows": [AddConstraintNotValid("surveyresponse", POSITIVE)],
    "the same for those that are there": [ValidateConstraint("surveyresponse", "score_positive")],
    "an index beside the work": [AddIndexConcurrently("surveyresponse", BY_SCORE)],
    "an index less beside the work": [
        RemoveIndexConcurrently("surveyresponse", "response_seller_month")
    ],
    "a column that may be empty": [
        operations.AddField("surveyresponse", "colour", models.CharField(null=True))
    ],
    "a column that the database fills": [
        operations.AddField("surveyresponse", "colour", models.CharField(db_default="red"))
    ],
    "a column that may be empty from now on": [
        operations.AlterField("surveyresponse", "month", models.DateField(null=True))
    ],
    "a column that only the code forgets": [
        operations.SeparateDatabaseAndState(
            state_operations=[operations.RemoveField("surveyresponse", "external_id")]
        )
    ],
    "a column that will refer to another table": [
        operations.AddField(
            "surveyresponse",
            "boss",
            models.ForeignKey(
                "sellers.User",
                models.PROTECT,
                null=True,
                related_name="+",
                db_constraint=False,
                db_index=False,
            ),
        )
    ],
    "a reference for new rows": [operations.RunSQL(f"{FOLLOWED} NOT VALID")],
    "a table with all that belongs to it": [
        operations.CreateModel(
            "colour",
            [
                ("id", models.BigAutoField(primary_key=True)),
                ("score", models.IntegerField(unique=True)),
                ("boss", models.ForeignKey("sellers.User", models.PROTECT, related_name="+")),
            ],
            options={"constraints": [POSITIVE], "indexes": [BY_SCORE]},
        )
    ],
}
UNIQUE = """
DROP INDEX CONCURRENTLY IF EXISTS once; CREATE UNIQUE INDEX CONCURRENTLY once ON queries_query (id);
"""


@pytest.fixture(scope="module")
def state() -> ProjectState:
    """The tables of today."""
    loaded = MigrationLoader(None).project_state()
    assert loaded.apps  # made once, for all copies
    return loaded


def migration(steps: Sequence[Operation]) -> Migration:
    """Return a migration of surveys; what is made concurrently needs one without a transaction."""
    made = Migration("0099_of_the_tests", "surveys")
    made.operations = list(steps)
    made.atomic = not any("Concurrently" in type(step).__name__ for step in steps)
    return made


def test_migrations_after_the_first_release_keep_nobody_waiting() -> None:
    assert refused() == {}


def test_all_of_each_app_that_came_later_are_looked_at() -> None:
    files = [path for label in FIRST_RELEASE for path in Path(label, "migrations").glob("0*.py")]

    assert {Path(label, "migrations", f"{name}.py") for label, name in later({})} == set(files)
    assert set(FIRST_RELEASE.items()) < set(later({}))


def test_those_of_the_first_release_would_be_refused() -> None:
    """They change tables that are there, which were empty then."""
    refused_now = refused(FIRST_RELEASE | {"queries": "0002_initial"})

    assert "require-concurrent-index-creation" in refused_now["queries.0003_relations"]


@pytest.mark.parametrize(("steps", "rules"), BAD.values(), ids=BAD)
def test_migration_is_refused(
    state: ProjectState, steps: Sequence[Operation], rules: list[str]
) -> None:
    assert broken_rules(migration(steps), state) == rules


@pytest.mark.parametrize("steps", GOOD.values(), ids=GOOD)
def test_migration_is_good(state: ProjectState, steps: Sequence[Operation]) -> None:
    assert broken_rules(migration(steps), state) == []


def test_unique_index_beside_the_work_is_good(state: ProjectState) -> None:
    beside = migration([operations.RunSQL(UNIQUE)])
    assert broken_rules(beside, state) == ["ban-concurrent-index-creation-in-transaction"]

    beside.atomic = False

    assert broken_rules(beside, state) == []


@pytest.mark.parametrize(
    ("name", "rules"),
    [
        ("beside.0901_constraint", []),
        ("beside.0902_validate", []),
        ("beside.0903_index", []),
        (
            "at_once.0901_constraint_and_index",
            ["constraint-missing-not-valid", "require-concurrent-index-creation"],
        ),
    ],
)
def test_what_the_benchmark_measures_is_what_is_asked_for(
    state: ProjectState, name: str, rules: list[str]
) -> None:
    measured = import_module(f"tests.bench.changes.{name}").Migration(name, "surveys")

    assert broken_rules(measured, state) == rules


def test_migration_may_say_why_it_does_so_all_the_same(state: ProjectState) -> None:
    last = migration([operations.RemoveField("surveyresponse", "external_id")])
    last.allowed = {"ban-drop-column": "No code reads it since 1.1."}

    assert broken_rules(last, state) == []
