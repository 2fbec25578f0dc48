"""`migrate` leaves no index that PostgreSQL keeps up and does not use."""

import os
from collections.abc import Iterator
from pathlib import Path
from shutil import copy

import psycopg
import pytest
from django.conf import LazySettings
from django.contrib.sessions import migrations as migrations_of_sessions
from django.core.management import CommandError, call_command
from django.db import connection

from queries.models import Customer

INVALID = """
SELECT array_agg(relname::text) FROM pg_index JOIN pg_class ON indexrelid = oid
 WHERE NOT indisvalid
"""
TWO_SESSIONS = """
INSERT INTO django_session SELECT number, '', '2026-11-20' FROM generate_series(1, 2) number
"""
MAKES_AN_INDEX = """
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("sessions", "0001_initial")]
    operations = [
        AddIndexConcurrently("session", models.Index(fields=["expire_date"], name="by_expiry"))
    ]
"""


@pytest.fixture
def owner(committed_db: None) -> Iterator[psycopg.Connection]:
    """Who makes indexes, each statement for itself."""
    url, name = os.environ["DATABASE_OWNER_URL"], connection.settings_dict["NAME"]
    with psycopg.connect(url, dbname=name, autocommit=True) as connected:
        yield connected


def break_off(owner: psycopg.Connection, index: str) -> None:
    """Begin an index that cannot become whole: what it wants to be unique is not."""
    with pytest.raises(psycopg.errors.UniqueViolation):
        owner.execute(f"CREATE UNIQUE INDEX CONCURRENTLY {index}")


def invalid(owner: psycopg.Connection) -> list[str] | None:
    row = owner.execute(INVALID).fetchone()
    return row[0] if row else None


@pytest.fixture
def two_customers(committed_db: None) -> list[Customer]:
    """Two who speak the same language."""
    return [Customer.objects.create(name=name, language="nl") for name in ("Klaas", "Kees")]


def test_invalid_index_is_made_anew(
    owner: psycopg.Connection, two_customers: list[Customer], capsys: pytest.CaptureFixture[str]
) -> None:
    break_off(owner, "one_of_each ON queries_customer (language)")
    two_customers[0].delete()
    assert invalid(owner) == ["one_of_each"]

    call_command("migrate", "--plan", verbosity=0)
    assert invalid(owner) == ["one_of_each"]
    call_command("migrate", verbosity=0)

    assert "Rebuilt: invalid indexes one_of_each." in capsys.readouterr().out
    assert invalid(owner) is None
    with pytest.raises(psycopg.errors.UniqueViolation):
        owner.execute("INSERT INTO queries_customer SELECT * FROM queries_customer")


def test_index_that_cannot_be_made_anew_is_named_and_its_second_is_cleared_away(
    owner: psycopg.Connection, two_customers: list[Customer]
) -> None:
    break_off(owner, "one_of_each ON queries_customer (language)")

    for _ in range(2):
        with pytest.raises(CommandError, match=r"one_of_each is not whole.*language.*nl") as told:
            call_command("migrate", verbosity=0)
        assert "run manage.py migrate again" in str(told.value)

        assert invalid(owner) == ["one_of_each", "one_of_each_ccnew"]


def test_index_that_its_migration_left_half_made_is_made_again(
    owner: psycopg.Connection,
    settings: LazySettings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    package = tmp_path / "migrations_with_an_index"
    package.mkdir()
    (package / "__init__.py").touch()
    copy(Path(migrations_of_sessions.__file__).with_name("0001_initial.py"), package)
    (package / "0002_by_expiry.py").write_text(MAKES_AN_INDEX)
    monkeypatch.syspath_prepend(tmp_path)
    settings.MIGRATION_MODULES = {"sessions": package.name}
    owner.execute(TWO_SESSIONS)
    break_off(owner, "by_expiry ON django_session (expire_date)")

    call_command("migrate", verbosity=0)

    assert "Dropped, to be made again: invalid indexes by_expiry." in capsys.readouterr().out
    assert invalid(owner) is None
    made = owner.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'by_expiry'").fetchone()
    assert made
    assert "UNIQUE" not in made[0]
