"""The embedded server, started for real."""

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import environ
import psycopg
import pytest

from config.local import postgres
from config.local.bootstrap import BASE
from config.local.postgres import database
from tests.config.conftest import Start

# Starts a database, says so, and waits to be killed.
USES_DATABASE = """
import sys, time
from pathlib import Path
from config.local.postgres import database
with database(Path(sys.argv[1]), durable=False):
    Path(sys.argv[2]).touch()
    time.sleep(60)
"""


def number_of_rows(url: str) -> int:
    """Store one more row and return how many there are."""
    with psycopg.connect(url) as connection:
        connection.execute("create table if not exists visit ()")
        connection.execute("insert into visit default values")
        return connection.execute("select from visit").rowcount


def test_database_keeps_its_rows_from_one_start_to_the_next(folder: Path) -> None:
    rows = []
    for _ in range(2):
        with database(folder / "postgres") as url:
            rows.append(number_of_rows(url))

    assert rows == [1, 2]


def test_database_is_stopped_afterwards(folder: Path) -> None:
    with database(folder / "postgres", durable=False) as url:
        pass

    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)


@pytest.mark.parametrize(
    "name",
    ["postgres", "A %20 b+c?d", "x" * 100],
    ids=["plain", "odd characters", "too long for a socket"],
)
def test_database_url_is_understood_by_django_and_libpq(folder: Path, name: str) -> None:
    with database(folder / name, durable=False) as url:
        settings = environ.Env.db_url_config(url)
        parameters = psycopg.conninfo.conninfo_to_dict(url)

        assert number_of_rows(url) == 1
    assert (settings["NAME"], settings["USER"]) == ("nazorg", "postgres")
    assert settings["OPTIONS"]["host"] == parameters["host"]


def test_database_half_made_is_made_anew(folder: Path) -> None:
    directory = folder / "postgres"
    with database(directory, durable=False):
        pass
    (directory / "complete").unlink()
    shutil.rmtree(directory / "global")

    with database(directory, durable=False) as url:
        assert number_of_rows(url) == 1


def test_database_starts_after_its_user_was_killed(folder: Path, start: Start) -> None:
    directory = folder / "postgres"
    with database(directory) as url:
        number_of_rows(url)
    process = start(USES_DATABASE, directory)

    process.kill()
    process.wait()

    with database(directory) as url:
        assert number_of_rows(url) == 2


def test_database_starts_when_another_process_got_the_number_of_a_dead_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = folder / "postgres"
    with database(directory, durable=False):
        note = (directory / "postmaster.pid").read_text().splitlines()
    (directory / "postmaster.pid").write_text("\n".join([str(os.getpid()), *note[1:]]))
    shutil.chown(directory / "postmaster.pid", directory.owner())
    monkeypatch.setattr(postgres, "STOP_SECONDS", 1)

    with database(directory, durable=False) as url:
        assert number_of_rows(url) == 1


def test_database_is_shared_with_whoever_started_it(folder: Path, start: Start) -> None:
    process = start(USES_DATABASE, folder / "postgres")

    with database(folder / "postgres") as url:
        assert number_of_rows(url) == 1

    assert number_of_rows(url) == 2
    process.kill()
    process.wait()


def test_database_started_twice_at_once_starts_once(folder: Path) -> None:
    scripts = [
        [sys.executable, "-c", USES_DATABASE.replace("time.sleep(60)", ""), folder / "postgres"]
        for _ in range(3)
    ]

    with ThreadPoolExecutor() as threads:
        codes = list(
            threads.map(
                lambda script: subprocess.call([*script, folder / "ready"], cwd=BASE), scripts
            )
        )

    assert codes == [0, 0, 0]
