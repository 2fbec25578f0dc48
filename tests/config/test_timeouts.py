"""Nothing waits for ever: what PostgreSQL ends, in which process, and what people get then."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from threading import Event

import psycopg
import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import InternalError, connection, transaction
from django.test import Client, RequestFactory

from config.environment import Timeouts
from config.errors import server_error
from config.local.bootstrap import BASE
from config.management.commands import migrate
from insights.exports import measurements
from queries.exports import files
from queries.models import CustomerQuery
from sellers.models import User
from tests.conftest import NOON, Market
from tests.measurements import imported

SHOWN = """
import django
django.setup()
from django.db import InternalError, connection, transaction
with connection.cursor() as cursor:
    for name in ("application_name", "statement_timeout", "lock_timeout",
                 "idle_in_transaction_session_timeout", "work_mem"):
        cursor.execute(f"SELECT current_setting('{name}'), "
                       f"(SELECT setting FROM pg_settings WHERE name = '{name}')")
        print(cursor.fetchone()[1])
"""
PROCESSES = {
    "web": ("-c", f"import config.wsgi\n{SHOWN}"),
    "worker": ("-c", f"import config.celery\n{SHOWN}"),
    "command": ("manage.py", "shell", "--no-imports", "--command", SHOWN),
}
NOT_LONG = 200  # milliseconds
WAITS_FOR_SESSIONS = """
    SELECT pid FROM pg_locks WHERE relation = 'django_session'::regclass AND NOT granted
"""


@contextmanager
def doing(statement: str) -> Iterator[None]:
    """Let the owner be in the middle of something that others have to wait for."""
    name = connection.settings_dict["NAME"]
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], dbname=name) as other:
        other.execute(statement)
        yield
        other.rollback()


@pytest.fixture
def impatient(committed_db: None) -> Iterator[None]:
    """Let this connection wait as little as the tests do."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = {NOT_LONG}")
    yield
    connection.close()


@pytest.mark.parametrize("kind", PROCESSES)
def test_each_kind_of_process_has_limits_of_its_own(
    surroundings: dict[str, str], kind: str
) -> None:
    """What the URL asks for itself holds beside them, or instead of them."""
    url = surroundings["DATABASE_URL"] + "&options=-c%20work_mem%3D1234kB"

    process = subprocess.run(
        [sys.executable, *PROCESSES[kind]],
        cwd=BASE,
        env=surroundings | {"DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=True,
    )

    name, *limits, memory = process.stdout.split("\n")[:5]
    assert name == f"nazorg {kind}"
    assert memory == "1234"
    asked = settings.TIMEOUTS[kind]
    assert limits == [
        str(int(each.total_seconds() * 1000)) for each in (asked.statement, asked.lock, asked.idle)
    ]


def test_page_gives_up_before_its_proxy() -> None:
    nginx = (BASE / "deploy" / "nginx.conf").read_text()
    web: Timeouts = settings.TIMEOUTS["web"]

    assert "proxy_read_timeout    60s;" in nginx
    assert (web.lock + web.statement).total_seconds() < 60


def test_row_that_somebody_holds_is_not_waited_for_and_nothing_is_stored(
    impatient: None, client: Client, market: Market, alice: User
) -> None:
    query = market.query()
    client.force_login(alice)
    client.raise_request_exception = False
    url = f"/queries/{query.pk}/close/"

    with doing("SELECT FROM queries_customerquery FOR UPDATE"):
        refused = client.post(url)
        other = client.get("/queries/")

    assert (refused.status_code, refused["Retry-After"]) == (503, "60")
    assert other.status_code == 200
    assert not CustomerQuery.objects.get(pk=query.pk).closings.exists()
    assert client.post(url).status_code == 302
    assert CustomerQuery.objects.get(pk=query.pk).closings.count() == 1


@pytest.mark.parametrize("extension", ["csv", "json", "xlsx"])
def test_download_that_is_given_up_is_no_half_a_file(
    impatient: None, client: Client, market: Market, alice: User, extension: str
) -> None:
    client.force_login(alice)
    client.raise_request_exception = False
    lock = "LOCK TABLE surveys_responsetopic"

    with doing(lock):
        refused = client.get(f"/queries/nps/download/measurements.{extension}")

    assert refused.status_code == 503
    whole = client.get(f"/queries/nps/download/measurements.{extension}")
    assert whole.getvalue()
    whole.close()


def test_transaction_in_which_nothing_happened_is_a_503_too(
    committed_db: None, rf: RequestFactory
) -> None:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL idle_in_transaction_session_timeout = {NOT_LONG}")
            time.sleep(3 * NOT_LONG / 1000)
            cursor.execute("SELECT 1")
    except InternalError:
        page = server_error(rf.get("/queries/"))

    assert page.status_code == 503
    connection.close()


def test_migration_gives_way_to_who_uses_the_table(
    committed_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or all who come after it would wait behind it."""
    monkeypatch.setattr(migrate, "TRIES", 1)
    monkeypatch.setattr(migrate, "PATIENCE", timedelta(milliseconds=NOT_LONG))
    anew = ("migrate", "sessions", "zero")

    with (
        doing("LOCK TABLE django_session IN ACCESS SHARE MODE"),
        pytest.raises(CommandError, match=r"in use for longer than 0\.2 s.* Run it again"),
    ):
        call_command(*anew, verbosity=0)

    assert not Session.objects.exists()  # its table is still there
    call_command(*anew, verbosity=0)


def test_migration_waits_a_moment_at_a_time_until_the_table_is_free(
    committed_db: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever comes while it waits waits for that moment, not for as long as the table is used."""
    monkeypatch.setattr(migrate, "BETWEEN", timedelta(milliseconds=NOT_LONG))
    waits: list[float] = []
    url, name = os.environ["DATABASE_OWNER_URL"], connection.settings_dict["NAME"]

    def read_while_it_waits() -> None:
        with (
            psycopg.connect(url, dbname=name) as using,
            psycopg.connect(url, dbname=name, autocommit=True) as reader,
        ):
            using.execute("LOCK TABLE django_session IN ACCESS SHARE MODE")
            in_use.set()
            while not reader.execute(WAITS_FOR_SESSIONS).fetchone():
                time.sleep(0.01)
            while len(waits) < 20:
                begin = time.monotonic()
                reader.execute("SELECT FROM django_session")
                waits.append(time.monotonic() - begin)
                time.sleep(0.05)

    in_use = Event()
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(read_while_it_waits)
        in_use.wait()
        call_command("migrate", "sessions", "zero", verbosity=0)
        reading.result()

    assert "A table is in use; trying again" in capsys.readouterr().out
    assert max(waits) < 1  # on a machine that is busy
    call_command("migrate", "sessions", verbosity=0)


@pytest.mark.parametrize("extension", ["csv", "json"])
def test_slow_reader_of_a_download_holds_no_transaction(
    impatient: None,
    surroundings: dict[str, str],
    client: Client,
    market: Market,
    alice: User,
    monkeypatch: pytest.MonkeyPatch,
    extension: str,
) -> None:
    """Or PostgreSQL would end it in the middle, and keep what others delete until then."""
    monkeypatch.setattr(measurements, "CHUNK", 2)
    monkeypatch.setattr(files, "BATCH", 2)
    imported(market.shop, *range(11), submitted_at=NOON)
    client.force_login(alice)
    url = f"/queries/nps/download/measurements.{extension}?since=2026-01-01&until=2026-12-31"

    response = client.get(url)
    with connection.cursor() as cursor:
        cursor.execute(f"SET idle_in_transaction_session_timeout = {NOT_LONG}")
    pieces = iter(response.streaming_content)
    read = [next(pieces)]
    time.sleep(3 * NOT_LONG / 1000)
    with psycopg.connect(surroundings["DATABASE_URL"]) as other:
        states = other.execute(
            "SELECT state FROM pg_stat_activity WHERE pid = %s", [backend_pid()]
        ).fetchall()
    read += pieces

    assert states == [("idle",)]
    assert len(read) > 5
    assert b"".join(read).count(b"Fietsenzo") >= 11


def backend_pid() -> int:
    return int(connection.connection.info.backend_pid)
