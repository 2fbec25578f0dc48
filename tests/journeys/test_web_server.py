"""What only the real web server can show."""

import socket
import time
from contextlib import suppress
from http.client import HTTPConnection
from urllib.parse import urlsplit

import psutil
import pytest
from playwright.sync_api import Page

from tests.journeys.conftest import PATIENCE_SECONDS, Portal


def test_survey_that_breaks_off_halfway_is_refused(portal: Portal) -> None:
    url = urlsplit(portal.url)
    head = (
        "POST /survey/whatever/ HTTP/1.1\r\n"
        f"Host: {url.netloc}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        "Content-Length: 500\r\n\r\n"
    )
    with socket.create_connection((url.hostname, url.port), timeout=10) as connection:
        connection.sendall((head + "score=1").encode())
        connection.shutdown(socket.SHUT_WR)

        answer = connection.recv(4096).decode()

    assert answer.startswith("HTTP/1.1 400 ")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nowhere/", 404),
        ("/survey/no-such-link/", 404),
        ("/static/nothing.css", 404),
        ("/admin/nothing/", 302),
        ("/static/favicon.svg", 200),
    ],
)
def test_demo_shows_the_designed_pages(portal: Portal, path: str, status: int) -> None:
    connection = HTTPConnection(urlsplit(portal.url).netloc, timeout=10)
    connection.request("GET", path)

    answer = connection.getresponse()
    page = answer.read().decode()
    connection.close()

    assert answer.status == status
    assert "camera=()" in answer.headers["Permissions-Policy"]
    assert "DEBUG" not in page  # Django's yellow page names the setting it comes from
    assert status != 404 or "<h1" in page


@pytest.mark.parametrize("killed", ["all that the worker started", "the worker", "the clock"])
def test_demo_goes_on_after_a_part_of_it_is_killed(portal: Portal, page: Page, killed: str) -> None:
    name = "beat" if killed == "the clock" else "worker"
    part = running(portal, name)
    doomed = part.children(recursive=True) if killed.startswith("all") else [part]
    for each in doomed:
        each.kill()
    psutil.wait_procs(doomed, timeout=PATIENCE_SECONDS)
    portal.mailbox.letters.clear()

    page.goto(f"{portal.url}/accounts/password/reset/")
    page.get_by_label("E-mailadres").fill("small@demo.example")
    page.get_by_role("button", name="Stuur de link").click()
    page.wait_for_load_state()

    portal.mailbox.wait_for("/accounts/password/reset/key/", saying="")
    assert running(portal, name).is_running()


def running(portal: Portal, name: str) -> psutil.Process:
    """Return the process of the demo that runs this service."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        for each in psutil.Process(portal.process.pid).children():
            with suppress(psutil.Error):
                if name in each.cmdline() and each.status() != psutil.STATUS_ZOMBIE:
                    return each
        time.sleep(0.1)
    raise AssertionError(f"No {name}.")
