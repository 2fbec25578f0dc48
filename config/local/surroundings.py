"""What stands in for the real parts on a laptop: database, broker, cache and mail.

What the environment or `.env` already names (DATABASE_URL, CELERY_BROKER_URL, EMAIL_URL …) is used
instead of its stand-in.
"""

import os
import secrets
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from config.local.bootstrap import BASE, LOCAL, SetUpError
from config.local.postgres import server
from config.local.processes import Child


def environment(given: Mapping[str, str]) -> dict[str, str]:
    """Return `given`, and a stand-in for all it leaves open; the database's is `surroundings`."""
    stand_ins = {
        "CACHE_URL": "locmemcache://",
        "GRANIAN_WORKERS": "1",  # so its memory is all there is to share
        "CELERY_BROKER_URL": "filesystem://",
        "EMAIL_URL": f"filemail:///{quote(str(LOCAL / 'mail'))}",
        "MAIL_IN_DOMAIN": "reply.localhost",  # whose mail the demo's mailbox answers
        "SITE_URL": f"http://localhost:{port(given)}",
        "SECRET_KEY": secret_key(LOCAL / "secret-key"),
        "MARKETPLACE_NAME": "Marktplein",
        "SURVEY_DELAY": "30s",
        "DEMO": "true",
        "WEBHOOKS_TO_LOCALHOST": "true",
        "CELERY_SKIP_CHECKS": "true",  # half of what a worker takes to start
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
        yield completed | started.environment, [started.process] if started.process else []


def run(command: Sequence[str], given: Mapping[str, str]) -> int:
    """Run one command in the surroundings, with our keyboard, and return its exit code."""
    with surroundings(given) as (completed, _):
        process = subprocess.Popen(command, cwd=BASE, env=completed)
        signal.signal(signal.SIGINT, lambda *_: None)  # Ctrl-C reaches the command, which decides
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda number, _: process.send_signal(number))
        return process.wait()
