"""What Prometheus gets, who gets it, and that nobody is in it."""

import re
import subprocess
import sys
import time
from contextlib import closing
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from config import metrics
from config.local.bootstrap import BASE
from queries.models import Customer
from sellers.models import Clock, User
from sellers.tasks import send_mail
from sellers.tokens import token_for
from surveys.tasks import decide_surveys
from tests.conftest import Market
from tests.mail_server import free_port

TOKEN = "only-for-prometheus-and-long-enough-for-it"
Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@pytest.fixture
def watched(settings: Settings) -> Settings:
    """An installation that is watched."""
    settings.METRICS_TOKEN = TOKEN
    return settings


def collected(client: Client) -> Samples:
    page = client.get(metrics.PAGE, headers={"authorization": f"Bearer {TOKEN}"})
    assert page.status_code == 200
    return samples(page.content.decode())


def samples(text: str) -> Samples:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(found: Samples, name: str, **labels: str) -> float | None:
    return found.get((name, tuple(sorted(labels.items()))))


def test_without_a_token_there_is_no_such_page(db: None, client: Client) -> None:
    assert client.get(metrics.PAGE).status_code == 404


@pytest.mark.parametrize(
    "given", ["", "Bearer", "Bearer ", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "é"]
)
def test_without_the_right_token_nothing_is_told(
    watched: Settings, client: Client, given: str
) -> None:
    page = client.get(metrics.PAGE, headers={"authorization": given})

    assert (page.status_code, page["WWW-Authenticate"], page.content) == (401, "Bearer", b"")


def test_asked_for_with_any_host_and_without_tls(
    db: None, watched: Settings, client: Client
) -> None:
    watched.SECURE_SSL_REDIRECT = True
    headers = {"authorization": f"Bearer {TOKEN}", "host": "10.0.0.7:8000"}

    assert client.get(metrics.PAGE, headers=headers).status_code == 200


def test_requests_are_counted_by_route(
    watched: Settings, client: Client, alice: User, market: Market
) -> None:
    client.force_login(alice)
    query = market.query()
    labels = {"route": "queries:detail", "method": "GET", "status": "2xx"}
    before = value(collected(client), "nazorg_request_seconds_count", **labels) or 0

    assert client.get(f"/queries/{query.pk}/").status_code == 200
    client.get(f"/queries/{query.pk}/", headers={"user-agent": "x"})

    found = collected(client)
    assert value(found, "nazorg_request_seconds_count", **labels) == before + 2
    assert value(found, "nazorg_request_seconds_bucket", le="+Inf", **labels) == before + 2
    assert value(found, "nazorg_request_seconds_sum", **labels)


def test_what_is_no_page_or_no_method_is_one_of_each(
    db: None, watched: Settings, client: Client
) -> None:
    """Or whoever asks for nonsense would fill the memory of Prometheus."""
    for path in ("/nowhere/", "/else/where/"):
        client.generic("NONSENSE", path)
        client.get(path)

    labels = [dict(each) for (name, each) in collected(client) if "request" in name]
    missing = {(each["route"], each["method"]) for each in labels if each["status"] == "4xx"}
    assert {("none", "other"), ("none", "GET")} <= missing
    assert not any("nowhere" in str(each) or "NONSENSE" in str(each) for each in labels)


def test_private_links_and_people_are_in_no_label(
    watched: Settings, client: Client, market: Market, customer: Customer
) -> None:
    invitation = market.invitation(market.closing(customer))
    token = token_for(invitation.token_salt)
    client.get(f"/survey/{token}/")

    page = client.get(metrics.PAGE, headers={"authorization": f"Bearer {TOKEN}"})

    said = page.content.decode()
    assert 'route="surveys:answer"' in said
    assert not any(each in said for each in (token, customer.name, customer.email))
    assert "@" not in said
    assert not re.search(r"[\w-]{43}", said.replace(metrics.DONE._documentation, ""))


def test_what_waits_is_told(watched: Settings, client: Client, market: Market) -> None:
    market.closing()
    Clock.tick(now=timezone.now() - timedelta(seconds=90))

    found = collected(client)

    assert (value(found, "nazorg_oldest_seconds", kind="undecided") or 0) > 3600
    assert 90 <= (value(found, "nazorg_oldest_seconds", kind="clock") or 0) < 150
    assert value(found, "nazorg_oldest_seconds", kind="unsent") is None
    assert value(found, "nazorg_waiting", kind="closings") == 1
    assert value(found, "nazorg_held") == 0
    assert value(found, "nazorg_database_up") == 1


def test_database_that_is_away_is_told_and_the_rest_too(
    db: None, watched: Settings, client: Client
) -> None:
    client.get("/nowhere/")
    connection.needs_rollback = True  # each statement is refused from here
    found = collected(client)
    connection.needs_rollback = False

    assert value(found, "nazorg_database_up") == 0
    assert any(name.startswith("nazorg_request") for name, _labels in found)


def test_task_is_timed_and_says_what_it_did(
    watched: Settings, client: Client, market: Market
) -> None:
    before = collected(client)

    market.closing()
    decide_surveys.apply()
    send_mail.apply()

    found = collected(client)
    task = "sellers.tasks.send_mail"
    runs = [
        value(each, "nazorg_task_seconds_count", task=task, outcome="success") or 0
        for each in (before, found)
    ]
    assert runs[1] == runs[0] + 1
    decided = [
        sum(
            count
            for (name, labels), count in each.items()
            if name == "nazorg_done_total" and dict(labels)["task"].endswith("decide_surveys")
        )
        for each in (before, found)
    ]
    assert decided[1] == decided[0] + 1


WORKER = """
import config.celery
import django
django.setup()
from config import metrics
from sellers.tasks import note_tick
metrics.begin()
note_tick.apply()
"""


def test_all_processes_of_a_host_are_told_of_together(
    surroundings: dict[str, str], tmp_path: Path
) -> None:
    """Whichever of the web server's processes is asked; what one left that is over is forgotten."""
    left = tmp_path / "web" / "counter_1.db"
    left.parent.mkdir()
    left.write_bytes(b"of another start")
    given = {"METRICS_TOKEN": TOKEN, "METRICS_ROOT": str(tmp_path), "GRANIAN_WORKERS": "2"}
    environment = surroundings | given | {"GRANIAN_BLOCKING_THREADS": "2", "DEBUG": "true"}
    port = free_port()
    subprocess.run([sys.executable, "-c", WORKER], cwd=BASE, env=environment, check=True)
    command = [sys.executable, "-m", "config.web", f"--port={port}"]
    web = subprocess.Popen(command, cwd=BASE, env=environment)
    try:
        wait_for(port)
        told = [samples(get(port, metrics.PAGE)) for _time in range(6)]
    finally:
        web.terminate()
        web.wait()

    tick = {"task": "sellers.tasks.note_tick", "outcome": "success"}
    missing = {"route": "none", "method": "GET", "status": "4xx"}
    assert all(value(each, "nazorg_task_seconds_count", **tick) == 1 for each in told)
    assert all(value(each, "nazorg_request_seconds_count", **missing) == 1 for each in told)
    assert not left.exists()


def wait_for(port: int) -> None:
    """Wait until it serves, with one page that is not there."""
    for _ in range(600):
        try:
            get(port, "/nowhere/")
        except ConnectionRefusedError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("The web server does not answer.")


def get(port: int, path: str) -> str:
    with closing(HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.request("GET", path, headers={"Authorization": f"Bearer {TOKEN}"})
        return connection.getresponse().read().decode()


def test_folder_that_cannot_be_written_stops_the_start(
    surroundings: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    given = {"METRICS_TOKEN": TOKEN, "METRICS_ROOT": str(tmp_path / "file")}

    web = subprocess.run(
        [sys.executable, "-m", "config.web"],
        cwd=BASE,
        env=surroundings | given,
        capture_output=True,
        text=True,
        check=False,
    )

    assert web.returncode == 1
    assert "file' cannot be written: Not a directory." in web.stderr
