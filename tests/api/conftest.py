"""Programs that ask the API: one of the shop, one of the marketplace."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from socketserver import ThreadingMixIn
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIServer, make_server

import pytest
from django.core.wsgi import get_wsgi_application
from rest_framework.test import APIClient as Program

from sellers.actions import make_client
from sellers.enums import SELLER_SCOPES, Scope
from sellers.events import Actor
from sellers.models import ApiClient, Membership, Seller, User
from tests.conftest import NOON


@dataclass(frozen=True)
class Registered:
    """A client and its secret."""

    client: ApiClient
    secret: str

    def ask_token(self, program: Program, **fields: str) -> Any:
        """Ask for a token; return the answer."""
        asked = {
            "grant_type": "client_credentials",
            "client_id": self.client.client_id,
            "client_secret": self.secret,
        }
        return program.post("/oauth/token", asked | fields, format="multipart")


Register = Callable[..., Registered]


@pytest.fixture
def register(fietsenzo: Seller, alice: User) -> Register:
    """Register a client of Fietsenzo, or of nobody: the marketplace."""

    def register(
        *, scopes: Collection[Scope] = SELLER_SCOPES, seller: Seller | None = fietsenzo
    ) -> Registered:
        owners = Membership.objects.owning().filter(seller=seller)
        by = Actor.user(owners.get().user if seller else alice)
        return Registered(*make_client(seller, name="CRM", scopes=scopes, by=by, now=NOON))

    return register


def with_token(registered: Registered, *, scope: str = "") -> Program:
    """Return a program that sends a token of this client."""
    program = Program()
    fields = {"scope": scope or " ".join(registered.client.scopes)}
    answer = registered.ask_token(program, **fields)
    assert answer.status_code == 200, answer.content
    program.credentials(HTTP_AUTHORIZATION=f"Bearer {answer.json()['access_token']}")
    return program


@pytest.fixture
def crm(register: Register) -> Program:
    """A program of Fietsenzo that may do all that a shop's may."""
    return with_token(register())


@pytest.fixture
def platform(register: Register) -> Program:
    """The marketplace's platform."""
    return with_token(register(scopes=[Scope.MARKETPLACE_WRITE], seller=None))


class Threads(ThreadingMixIn, WSGIServer):
    """A web server with a thread for each request."""

    daemon_threads = False  # their connections are closed before the database goes


@pytest.fixture
def server(committed_db: None) -> Iterator[str]:
    """The portal on a port, for who asks from outside; its address."""
    with make_server("127.0.0.1", 0, get_wsgi_application(), Threads) as running:
        thread = Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()
