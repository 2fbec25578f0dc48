"""The stand-ins of a laptop, with real servers and real processes."""

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import environ
import psycopg
import pytest

from config import local
from config.bootstrap import BASE, SetUpError, hold

# Starts a database, says so, and waits to be killed.
USES_DATABASE = """
import sys, time
from pathlib import Path
from config.local import database
with database(Path(sys.argv[1]), durable=False):
    Path(sys.argv[2]).touch()
    time.sleep(60)
"""
# Starts a program that does not listen to SIGTERM and keeps a lock for as long as it lives.
SUPERVISES = """
import os, sys
from pathlib import Path
from config import local
lock, ready = sys.argv[1:]
stubborn = f'''
import signal, time
from pathlib import Path
from config.bootstrap import hold
signal.signal(signal.SIGTERM, signal.SIG_IGN)
with hold(Path({lock!r})):
    Path({ready!r}).touch()
    time.sleep(60)
'''
starter = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {stubborn!r}])"
local.stop_on_signals()
with local.child("starter", [sys.executable, "-c", starter], environment=os.environ) as one:
    while True:
        local.check_running([one])
"""
Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give a folder that PostgreSQL's account may pass; pytest closes its own at every start."""
    with tempfile.TemporaryDirectory(prefix="nazorg-") as name:
        yield Path(name)


@pytest.fixture
def start(folder: Path) -> Start:
    """Run a script with arguments and a file that it makes once it is ready; return it then."""

    def started(script: str, *arguments: Path) -> subprocess.Popen[bytes]:
        ready = folder / "ready"
        process = subprocess.Popen([sys.executable, "-c", script, *arguments, ready], cwd=BASE)
        while not ready.exists():
            assert process.poll() is None
            time.sleep(0.02)
        return process

    return started


def number_of_rows(url: str) -> int:
    """Store one more row and return how many there are."""
    with psycopg.connect(url) as connection:
        connection.execute("create table if not exists visit ()")
        connection.execute("insert into visit default values")
        return connection.execute("select from visit").rowcount


def test_database_keeps_its_rows_from_one_start_to_the_next(folder: Path) -> None:
    rows = []
    for _ in range(2):
        with local.database(folder / "postgres") as url:
            rows.append(number_of_rows(url))

    assert rows == [1, 2]


def test_database_is_stopped_afterwards(folder: Path) -> None:
    with local.database(folder / "postgres", durable=False) as url:
        pass

    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)


@pytest.mark.parametrize(
    "name",
    ["postgres", "A %20 b+c?d", "x" * 100],
    ids=["plain", "odd characters", "too long for a socket"],
)
def test_database_url_is_understood_by_django_and_libpq(folder: Path, name: str) -> None:
    with local.database(folder / name, durable=False) as url:
        settings = environ.Env.db_url_config(url)
        parameters = psycopg.conninfo.conninfo_to_dict(url)

        assert number_of_rows(url) == 1
    assert (settings["NAME"], settings["USER"]) == ("nazorg", "postgres")
    assert settings["OPTIONS"]["host"] == parameters["host"]


def test_database_half_made_is_made_anew(folder: Path) -> None:
    directory = folder / "postgres"
    with local.database(directory, durable=False):
        pass
    (directory / "complete").unlink()
    shutil.rmtree(directory / "global")

    with local.database(directory, durable=False) as url:
        assert number_of_rows(url) == 1


def test_database_starts_after_its_user_was_killed(folder: Path, start: Start) -> None:
    directory = folder / "postgres"
    with local.database(directory) as url:
        number_of_rows(url)
    process = start(USES_DATABASE, directory)

    process.kill()
    process.wait()

    with local.database(directory) as url:
        assert number_of_rows(url) == 2


def test_database_starts_when_another_process_got_the_number_of_a_dead_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = folder / "postgres"
    with local.database(directory, durable=False):
        note = (directory / "postmaster.pid").read_text().splitlines()
    (directory / "postmaster.pid").write_text("\n".join([str(os.getpid()), *note[1:]]))
    shutil.chown(directory / "postmaster.pid", directory.owner())
    monkeypatch.setattr(local, "STOP_SECONDS", 1)

    with local.database(directory, durable=False) as url:
        assert number_of_rows(url) == 1


def test_database_is_shared_with_whoever_started_it(folder: Path, start: Start) -> None:
    process = start(USES_DATABASE, folder / "postgres")

    with local.database(folder / "postgres") as url:
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


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_child_is_ended_with_all_it_started(
    folder: Path, start: Start, number: signal.Signals
) -> None:
    process = start(SUPERVISES, folder / "alive.lock")

    process.send_signal(number)

    assert process.wait() != 0
    with hold(folder / "alive.lock", busy="Still running."):
        pass


def test_child_that_stops_by_itself_is_told_with_the_end_of_its_log(folder: Path) -> None:
    command = [sys.executable, "-c", "raise SystemExit('no more coffee')"]
    log = folder / "log"

    with local.child("The worker", command, environment=os.environ, log=log) as worker:
        worker.process.wait()
        with pytest.raises(SetUpError, match=r"(?s)The worker stopped by itself.*no more coffee"):
            worker.check_running()


def test_port_in_use_gets_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]

        with pytest.raises(SetUpError, match=f"port {number}.*PORT=8080 make demo"):
            local.check_port("127.0.0.1", number)


@pytest.mark.parametrize("text", ["web", "0", "65536", "-1", "80.5", "²"])
def test_port_that_is_none_gets_a_sentence(text: str) -> None:
    with pytest.raises(SetUpError, match=r"is not a port.*PORT=8080 make demo"):
        local.port({"PORT": text})


def test_environment_keeps_what_is_given() -> None:
    given = {"EMAIL_URL": "smtp://mail.example", "DEBUG": "false", "PORT": "8080", "DEMO": ""}

    environment = local.environment(given)

    assert environment["EMAIL_URL"] == "smtp://mail.example"
    assert environment["DEBUG"] == "false"
    assert environment["DEMO"] == "true"
    assert environment["SITE_URL"] == "http://localhost:8080"
    assert environment["CELERY_BROKER_URL"] == "filesystem://"


def test_environment_keeps_mail_as_files() -> None:
    url = local.environment({})["EMAIL_URL"]

    assert environ.Env.email_url_config(url)["EMAIL_FILE_PATH"] == str(BASE / ".local" / "mail")


def test_secret_key_is_made_once_and_kept_secret(folder: Path) -> None:
    file = folder / "folder" / "secret-key"

    keys = {local.secret_key(file), local.secret_key(file)}

    assert [len(key) for key in keys] == [80]
    assert stat.S_IMODE(file.stat().st_mode) == stat.S_IRUSR | stat.S_IWUSR


def test_run_gives_the_command_its_surroundings_and_returns_its_code() -> None:
    script = "import os; assert os.environ['SECRET_KEY'] and os.environ['DATABASE_URL']; exit(7)"
    command = [sys.executable, "-m", "config.local", "run", "--", sys.executable, "-c", script]

    code = subprocess.call(
        command, cwd=BASE, env=os.environ | {"DATABASE_URL": "postgresql://localhost/nazorg"}
    )

    assert code == 7
