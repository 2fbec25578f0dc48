"""What a database cannot do stops the start, in words that say what to do."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import environ
import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.test import override_settings

from config import database_check
from config.database_check import check_before_start
from config.local.bootstrap import BASE
from config.local.postgres import Server, server
from sellers.models import Seller
from surveys.models import SurveyResponse
from tests.config.test_settings import PRODUCTION
from tests.measurements import imported

WEB = "GRANIAN_WORKERS × GRANIAN_BLOCKING_THREADS"
TOKYO = "Asia/Tokyo"


@pytest.fixture(scope="module")
def postgres() -> Iterator[Server]:
    """A server to make mistakes on, with a table."""
    with (
        tempfile.TemporaryDirectory(prefix="nazorg-") as folder,
        server(Path(folder) / "postgres", durable=False) as started,
    ):
        with psycopg.connect(started.owner_url) as owner:
            owner.execute("CREATE TABLE visit (id int)")
        yield started


@pytest.fixture
def here(db: None, postgres: Server, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Let Django's connection mean that server, as its application."""
    log_in(monkeypatch, postgres.url)
    return monkeypatch


def log_in(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    there = connection.settings_dict | environ.Env.db_url_config(url)
    monkeypatch.setattr(connections[DEFAULT_DB_ALIAS], "settings_dict", there)


def as_superuser(postgres: Server, statement: str) -> None:
    url = postgres.url.replace("//nazorg@", "//postgres@")
    with psycopg.connect(url, autocommit=True) as superuser:
        superuser.execute(statement)


def refusal(connections: int = 8) -> str:
    with pytest.raises(ImproperlyConfigured) as refused:
        check_before_start(connections=connections, counted=WEB)
    return str(refused.value)


def test_application_of_its_own_is_let_in(here: pytest.MonkeyPatch) -> None:
    check_before_start(connections=8, counted=WEB)


def test_superuser_is_refused(here: pytest.MonkeyPatch, postgres: Server) -> None:
    log_in(here, postgres.url.replace("//nazorg@", "//postgres@"))

    assert refusal() == (
        "DATABASE_URL logs in as postgres, a superuser, whom no guard stops. Put the application's "
        "own role there and keep the owner in DATABASE_OWNER_URL; manage.py database_roles makes "
        "the role."
    )


def test_owner_is_refused(here: pytest.MonkeyPatch, postgres: Server) -> None:
    log_in(here, postgres.owner_url)

    assert "logs in as nazorg_owner, who owns the tables and may change them. Put" in refusal()


def test_member_of_the_owner_is_refused(here: pytest.MonkeyPatch, postgres: Server) -> None:
    as_superuser(postgres, "GRANT nazorg_owner TO nazorg")
    try:
        assert "as nazorg, who is a member of their owner, nazorg_owner and may" in refusal()
    finally:
        as_superuser(postgres, "REVOKE nazorg_owner FROM nazorg")


def test_old_server_is_refused(here: pytest.MonkeyPatch) -> None:
    here.setattr(database_check, "OLDEST", 99)

    assert refusal().endswith("is too old: it has to be 99 or newer.")


def test_more_connections_than_the_role_may_have_are_refused(
    here: pytest.MonkeyPatch, postgres: Server
) -> None:
    as_superuser(postgres, "ALTER ROLE nazorg CONNECTION LIMIT 7")
    try:
        check_before_start(connections=7, counted=WEB)
        assert f"{WEB} takes 8 connections, and the database gives nazorg at most 7" in refusal(8)
    finally:
        as_superuser(postgres, "ALTER ROLE nazorg CONNECTION LIMIT -1")


def test_more_connections_than_are_left_are_a_warning(
    here: pytest.MonkeyPatch, postgres: Server, caplog: pytest.LogCaptureFixture
) -> None:
    with psycopg.connect(postgres.url) as other:
        (most,) = other.execute(
            "SELECT current_setting('max_connections')::int"
            " - current_setting('superuser_reserved_connections')::int"
        ).fetchone() or (0,)
        check_before_start(connections=most, counted="--concurrency")

    assert f"--concurrency takes {most} connections; of at most {most}" in caplog.text
    assert "at most" in refusal(most + 1)


def test_all_that_is_wrong_is_told_at_once(here: pytest.MonkeyPatch, postgres: Server) -> None:
    log_in(here, postgres.owner_url)
    here.setattr(database_check, "OLDEST", 99)

    assert len(refusal(10_000).splitlines()) == 3


def test_database_that_is_away_stops_nothing(
    here: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    log_in(here, "postgresql://nazorg@localhost:9/nazorg")

    check_before_start(connections=8, counted=WEB)

    (line,) = caplog.messages
    assert line.startswith("The database does not answer yet: ")
    assert "refused" in line
    assert "\n" not in line


@pytest.mark.parametrize(
    ("wrong", "role"), [("DATABASE_URL", "application"), ("DATABASE_OWNER_URL", "owner")]
)
def test_command_says_which_database_does_not_answer_and_why(
    postgres: Server, wrong: str, role: str
) -> None:
    """Neither how long the pool waited nor where in Django that was is of any help."""
    nobody = {wrong: f"postgresql://{role}:secret@localhost:9/nazorg"}

    process = subprocess.run(
        [sys.executable, "manage.py", "migrate", "--plan"],
        cwd=BASE,
        env=PRODUCTION | postgres.environment | nobody | {"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert process.returncode == 1
    assert "Traceback" not in process.stderr
    line = process.stderr.splitlines()[-1]
    assert line.startswith(f"The database of {wrong} does not answer: ")
    assert "refused" in line
    assert "secret" not in line


# The zone: tests' own database


def in_tokyo() -> override_settings:
    """The marketplace's settings say another zone than its database, for a while."""
    return override_settings(TIME_ZONE=TOKYO, MARKETPLACE_ZONE=ZoneInfo(TOKYO))


def test_zone_of_before_is_refused_until_migrate(committed_db: None) -> None:
    with in_tokyo():
        assert refusal() == (
            "MARKETPLACE_TIME_ZONE='Asia/Tokyo', and the database keeps its months by "
            "'Europe/Amsterdam'. Set it back, or run manage.py migrate, which changes the "
            "database's."
        )

        call_command("migrate", verbosity=0)

        check_before_start(connections=1, counted=WEB)


@pytest.mark.parametrize("command", ["migrate", "database_roles"])
def test_zone_that_would_move_an_answer_is_refused(
    committed_db: None, fietsenzo: Seller, command: str
) -> None:
    imported(fietsenzo, 3, submitted_at=datetime(2026, 3, 31, 20, tzinfo=UTC))
    match = r"some would belong to another month.*set it back to Europe/Amsterdam"

    with in_tokyo(), pytest.raises(CommandError, match=match):
        call_command(command, verbosity=0)

    check_before_start(connections=1, counted=WEB)  # the database's is as it was
    assert SurveyResponse.objects.get().month.month == 3


@pytest.mark.parametrize(
    "program",
    [
        pytest.param(("config.web", "--port=9"), id="web"),
        pytest.param(("celery", "--app=config", "worker", "--concurrency=2"), id="worker"),
    ],
)
def test_program_stops_with_sentences_and_no_traceback(
    surroundings: dict[str, str], postgres: Server, program: tuple[str, ...]
) -> None:
    process = subprocess.run(
        [sys.executable, "-m", *program],
        cwd=BASE,
        env=os.environ | {"DATABASE_URL": postgres.owner_url},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert process.returncode == 1
    said = process.stderr.splitlines()
    assert said[-2] == "Nazorg cannot start:"
    assert said[-1].startswith("DATABASE_URL logs in as nazorg_owner, who owns the tables")
    assert "Traceback" not in process.stderr
