"""More readers at once than the web server has threads: each waits its turn."""

import re
import shlex
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from http.client import HTTPConnection

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from sellers.models import User
from tests.conftest import Market, at_once
from tests.journeys.conftest import BASE, web_server

CROWD = 200
README_COMMAND = re.compile(r"^\.venv/bin/python -m config\.web (.*?) *#", re.MULTILINE)
CONNECTIONS = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'crowd'"


@pytest.fixture
def web_port(surroundings: dict[str, str]) -> Iterator[int]:
    """The port of a web server that was started as README says, with the threads it has then."""
    line = README_COMMAND.search((BASE / "README.md").read_text())
    assert line
    url = surroundings["DATABASE_URL"]
    mark = "application_name=crowd"
    environment = surroundings | {"DATABASE_URL": f"{url}{'&' if '?' in url else '?'}{mark}"}
    del environment["GRANIAN_BLOCKING_THREADS"]
    with web_server(environment, *shlex.split(line[1])) as port:
        yield port


def test_crowd_waits_its_turn_and_leaves_no_connection_behind(
    web_port: int, market: Market, alice: User, client: Client
) -> None:
    market.query()
    client.force_login(alice)
    cookie = f"{settings.SESSION_COOKIE_NAME}={client.session.session_key}"

    statuses = Counter(at_once(*[partial(_look, web_port, cookie)] * CROWD))

    with connection.cursor() as cursor:
        cursor.execute(CONNECTIONS)
        ((open_connections,),) = cursor.fetchall()
    assert statuses == {200: CROWD}
    assert 2 <= open_connections <= 8  # two workers of four threads


def _look(port: int, cookie: str) -> int:
    """Look at the list of queries over a connection of one's own; return the status."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=60)) as web:
        web.request("GET", "/queries/", headers={"Cookie": cookie})
        return web.getresponse().status
