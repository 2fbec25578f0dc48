"""Several additions to tables as one operation of a migration."""

import pytest
from django.db import connection, models
from django.db.migrations import AddConstraint, AddField, AddIndex, CreateModel
from django.db.migrations.state import ProjectState

from sellers.operations import Together

TABLE = "sellers_shelf"
COLUMNS = "SELECT column_name FROM information_schema.columns WHERE table_name = %s ORDER BY 1"
INDEXES = "SELECT indexname FROM pg_indexes WHERE tablename = %s ORDER BY 1"
CHECKS = "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'c'"


def found(question: str) -> list[str]:
    """Return the names that the database has for the table."""
    with connection.cursor() as cursor:
        cursor.execute(question, [TABLE])
        return [name for (name,) in cursor.fetchall()]


@pytest.mark.usefixtures("owner_db")
def test_additions_are_all_made_and_all_taken_back(db: None) -> None:
    made = CreateModel("Shelf", [("id", models.BigAutoField(primary_key=True))])
    together = Together(
        [
            AddField("shelf", "place", models.IntegerField(default=1)),
            AddIndex("shelf", models.Index(fields=["place"], name="shelf_place")),
            AddConstraint(
                "shelf", models.CheckConstraint(condition=models.Q(place__gt=0), name="shelf_real")
            ),
        ]
    )
    empty, before = ProjectState(), ProjectState()
    made.state_forwards("sellers", before)
    after = before.clone()
    assert after.apps.get_model("sellers", "shelf")

    together.state_forwards("sellers", after)
    assert "apps" not in vars(after)  # else each addition would have made them anew
    with connection.schema_editor() as editor:
        made.database_forwards("sellers", editor, empty, before)
        together.database_forwards("sellers", editor, before, after)
    assert found(COLUMNS) == ["id", "place"]
    assert found(INDEXES) == ["sellers_shelf_pkey", "shelf_place"]
    assert found(CHECKS) == ["shelf_real"]

    with connection.schema_editor() as editor:
        together.database_backwards("sellers", editor, after, before)
    assert found(COLUMNS) == ["id"]
    assert found(INDEXES) == ["sellers_shelf_pkey"]
    assert together.reversible
