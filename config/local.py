"""What stands in for the real parts on a laptop: database, broker, mail, and `make demo`.

`python -m config.local demo` runs all of Nazorg until Ctrl-C, and `python -m config.local run --
COMMAND` one command in the same surroundings. What the environment or `.env` already names
(DATABASE_URL, CELERY_BROKER_URL, EMAIL_URL …) is used instead of its stand-in.
"""

import http.client
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import environ

from config.bootstrap import (
    BASE,
    LOCAL,
    SetUpError,
    check_owner,
    check_space,
    hold,
    in_sentences,
    say,
)
from config.postgres import server
from config.processes import (
    START_SECONDS,
    Child,
    check_running,
    child,
    ignore_interrupts,
    stop_on_signals,
)

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


# The surroundings


def environment(given: Mapping[str, str]) -> dict[str, str]:
    """Return `given`, and a stand-in for all it leaves open; the database's is `surroundings`."""
    stand_ins = {
        "CACHE_URL": "locmemcache://",  # one web process: its memory is all there is to share
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
            ignore_interrupts()
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


def wait_for_web(host: str, number: int, children: Sequence[Child]) -> None:
    """Return once the web server, the last of `children`, answers a first request without error."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        check_running(children)
        connection = http.client.HTTPConnection(host, number, timeout=START_SECONDS)
        with suppress(OSError), closing(connection):
            connection.request("GET", "/", headers={"Host": f"localhost:{number}"})
            if connection.getresponse().status < http.HTTPStatus.INTERNAL_SERVER_ERROR:
                return
            break
    raise SetUpError(f"The web server gives an error{children[-1].last_words()}")


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
