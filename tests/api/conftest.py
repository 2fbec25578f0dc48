"""Programs that ask the API: one of the shop, one of the marketplace."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import pytest
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
