"""All of Nazorg on a laptop, as `make demo` runs it."""

import http.client
import os
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, suppress

from config.local.bootstrap import (
    BASE,
    LOCAL,
    SetUpError,
    check_owner,
    check_space,
    hold,
    say,
)
from config.local.processes import START_SECONDS, Child, check_running, child, ignore_interrupts
from config.local.surroundings import port, surroundings

COMMANDS = {
    ("migrate",): "Preparing its tables",
    ("load_demo", "--scale=0.35"): "Loading the shops",  # all within a minute or so
}
READY = """
Nazorg is running at {url}/

  owner@demo.example   the large shop, its owner
  agent@demo.example   the large shop, an agent
  small@demo.example   a small shop
  staff@demo.example   the marketplace, at {url}/admin/
  Password for all: demo-portal

The mail that customers get: {url}/demo/mailbox/
Their orders, to ask about: {url}/demo/shop/
The API: {url}/api/v1/docs/, clients demo-shop and demo-platform, secret demo-secret
Logs: {logs}. Ctrl-C stops everything; the data stay for the next time."""


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
            # Pages are as in production: their styles are collected meanwhile.
            with manage("collectstatic", "--no-input", environment=completed) as styles:
                for command, does in COMMANDS.items():
                    say(f"{does} …")
                    with manage(*command, environment=completed) as working:
                        working.finish()
                styles.finish()
            say("Starting worker, clock and web server …")
            serving = services(host, number)
            for name, module in serving.items():
                children.append(stack.enter_context(serve(name, module, completed)))
            wait_for_web(host, number, children)
            say(READY.format(url=completed["SITE_URL"], logs=LOCAL / "logs"))
            watched = sys.stdout.isatty()
            while not watched or sys.stdout.isatty():  # make keeps a closed terminal to itself
                check_running([each for each in children if each.name not in serving])
                for place, each in enumerate(children):
                    if each.name in serving and each.was_killed():
                        say(f"The {each.name} was killed; starting it again …")
                        begin = serve(each.name, serving[each.name], completed, again=True)
                        children[place] = stack.enter_context(begin)
                    else:
                        each.check_running()
        finally:
            ignore_interrupts()
            say("\nStopping; the worker first finishes what it is doing …")


def manage(*command: str, environment: Mapping[str, str]) -> AbstractContextManager[Child]:
    """Start one of the commands of `manage.py`, which says only what is wrong."""
    called = (sys.executable, "manage.py", *command, "--verbosity=0")
    return child(f"manage.py {command[0]}", called, environment=environment)


def serve(
    name: str, module: Sequence[str], environment: Mapping[str, str], *, again: bool = False
) -> AbstractContextManager[Child]:
    """Start one of the services, which writes its own log."""
    command = (sys.executable, "-m", *module)
    log = LOCAL / "logs" / f"{name}.log"
    return child(name, command, environment=environment, log=log, again=again)


def services(host: str, number: int) -> dict[str, tuple[str, ...]]:
    """Return what runs beside the database, in the order of starting.

    The worker has threads: processes of a pool share a lock when the broker is files, and one that
    is killed while it waits for work keeps it for ever.
    """
    celery = ("celery", "--app=config.local.celery", "--quiet")
    alone = ("--without-gossip", "--without-mingle", "--without-heartbeat")
    threads = ("--pool=threads", "--concurrency=3")
    return {
        "worker": (*celery, "worker", *threads, "--loglevel=warning", *alone),
        "beat": (*celery, "beat", f"--schedule={LOCAL / 'beat-schedule'}", "--pidfile="),
        "web": ("config.web", f"--host={host}", f"--port={number}"),
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
    raise SetUpError(f"The web server gives an error{children[-1].log_tail()}")
