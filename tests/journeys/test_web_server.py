"""What only the real web server can show."""

import socket
from urllib.parse import urlsplit

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
