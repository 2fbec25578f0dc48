"""The receiver that docs/webhooks.md shows does what the page says."""

import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.utils import timezone

from queries.actions import close
from sellers.enums import WebhookKind
from sellers.models import Seller, User
from sellers.webhooks.kinds import source_of
from tests.conftest import Market
from tests.hooks import allow_this_machine, hook_of, send, tell
from tests.mail_server import free_port

PAGE = (Path(__file__).parent.parent.parent / "docs" / "webhooks.md").read_text()


@pytest.fixture
def port() -> int:
    """Where the receiver is to listen."""
    return free_port()


@pytest.fixture
def started() -> Iterator[list[subprocess.Popen[str]]]:
    """Stop what a test starts."""
    processes: list[subprocess.Popen[str]] = []
    yield processes
    for process in processes:
        process.kill()
        process.wait()


def wait_until_it_listens(port: int) -> None:
    """Wait for the receiver to start."""
    for _ in range(200):
        with suppress(ConnectionError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.05)


def test_its_receiver_takes_each_event_once_and_refuses_what_is_not_ours(
    fietsenzo: Seller,
    alice: User,
    market: Market,
    settings: LazySettings,
    port: int,
    started: list[subprocess.Popen[str]],
) -> None:
    allow_this_machine(settings)
    now, url = timezone.now(), f"http://localhost:{port}/"
    hook = hook_of(fietsenzo, url, by=alice, now=now)
    stranger_s = hook_of(fietsenzo, f"{url}other", by=alice, kinds=["query.created"], now=now)
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    program = example.replace("whsec_…", hook.secret).replace("8123", str(port))
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", program], stdout=subprocess.PIPE, stderr=None, text=True
    )
    started.append(process)
    wait_until_it_listens(port)
    query = market.query(asked_at=now)
    close(query, by=market.actor, now=now)
    tell(now=now)

    counts = send(now=now)
    hook.row.deliveries.update(state="waiting", next_try_at=now)
    counts += send(now=now)
    process.terminate()
    said, _ = process.communicate()

    assert counts == {"delivered": 4, "waiting": 1}
    assert stranger_s.row.deliveries.get().tries.get().status == 401
    lines = said.splitlines()
    link = f"http://localhost:8000/api/v1/queries/{query.pk}/"
    assert lines in (
        [f"query.created {link}", f"query.closed {link}"],
        [f"query.closed {link}"],  # it came first, and what came then is old news
    )


@pytest.mark.parametrize("kind", WebhookKind)
def test_it_names_every_kind(kind: WebhookKind) -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("|") and f"`{kind}`" in line]

    assert len(rows) == 1
    assert f"| {source_of(kind).noun} |" in rows[0]
