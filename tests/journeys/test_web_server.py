"""What only the real web server can show."""

import socket
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from tests.journeys.conftest import Portal


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
