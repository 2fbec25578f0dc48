"""What is reported of an error, to a server that takes what Sentry takes."""

import gzip
import json
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from config.local.bootstrap import BASE

# An error of a page, as Django logs it: the link, what was typed, and what the database said.
FAILS = """
import logging
import {entry_point}
typed = "Klaas, klaas@klant.example"
try:
    raise ValueError(f"Key (email)=({{typed}}) already exists")
except ValueError:
    logging.getLogger("django.request").error(
        "Internal Server Error: %s", "/survey/{token}/", exc_info=True, extra={{"request": typed}})
logging.getLogger("sellers").warning("Nothing to report of %s", typed)
import sentry_sdk
sentry_sdk.flush()
"""
TOKEN = "t" * 43


@pytest.fixture
def reported() -> Iterator[tuple[str, list[str]]]:
    """Where to report to, and all that was."""
    taken: list[str] = []

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            compressed = self.headers["Content-Encoding"] == "gzip"
            taken.append((gzip.decompress(body) if compressed else body).decode())
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Taking) as server:
        Thread(target=server.serve_forever).start()
        yield f"http://key@127.0.0.1:{server.server_port}/1", taken
        server.shutdown()


@pytest.mark.parametrize("entry_point", ["config.wsgi", "config.celery"])
def test_error_is_reported_without_what_anybody_said(
    surroundings: dict[str, str], reported: tuple[str, list[str]], entry_point: str
) -> None:
    dsn, taken = reported
    fails = FAILS.format(entry_point=entry_point, token=TOKEN)
    if entry_point == "config.celery":
        fails = f"import django\nimport config.celery\ndjango.setup()\n{fails}"

    subprocess.run(
        [sys.executable, "-c", fails],
        cwd=BASE,
        env=surroundings | {"SENTRY_DSN": dsn},
        check=True,
        capture_output=True,
    )

    (envelope,) = taken
    for said in ("klaas", "klant.example", TOKEN, "already exists"):
        assert said not in envelope.lower()
    event = next(json.loads(line) for line in envelope.splitlines() if '"exception"' in line)
    (exception,) = event["exception"]["values"]
    assert (exception["type"], event["level"]) == ("ValueError", "error")
    assert exception["stacktrace"]["frames"][-1]["lineno"] == 6 + fails.count("django.setup") * 3
    assert event["logentry"] == {"message": "Internal Server Error: /survey/…/"}  # as logged
    assert event["tags"] == {"request_id": "-"}
    assert left_out(event) == set()


def left_out(event: dict[str, Any]) -> set[str]:
    """Return which kinds of data there are that nobody asked for."""
    return event.keys() & {"request", "user", "breadcrumbs", "extra", "modules"}


def test_nothing_is_reported_where_nobody_asked_for_it(surroundings: dict[str, str]) -> None:
    fails = "import sys, config.wsgi\nprint('sentry_sdk' in sys.modules)"

    process = subprocess.run(
        [sys.executable, "-c", fails],
        cwd=BASE,
        env=surroundings,
        check=True,
        capture_output=True,
        text=True,
    )

    assert process.stdout == "False\n"
