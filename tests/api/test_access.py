"""Every operation of the API against who may not do it; they come from its own description."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
import time_machine
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient as Program

from sellers.actions import revoke_client
from sellers.enums import Scope
from sellers.events import Actor
from sellers.models import Seller, User
from tests.api.conftest import Register, with_token
from tests.conftest import Market

PROBLEM = "application/problem+json"
SUBJECT = "Squeaking brakes"


@dataclass(frozen=True)
class Operation:
    """One thing that can be asked, as the description has it."""

    method: str
    path: str
    scopes: tuple[Scope, ...]  # of which it needs one

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def is_of_marketplace(self) -> bool:
        """Return whether it is for clients of the marketplace."""
        return self.scopes == (Scope.MARKETPLACE_WRITE,)

    @property
    def names(self) -> tuple[str, ...]:
        """Return what the path has in braces."""
        return tuple(part[1:-1] for part in self.path.split("/") if part.startswith("{"))


@cache
def described() -> dict[str, Any]:
    """Return the description of the API."""
    schema: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return schema


def operations() -> Iterator[Operation]:
    """Yield every operation."""
    for path, methods in described()["paths"].items():
        for method, operation in methods.items():
            needed = tuple(Scope(each["oauth2"][0]) for each in operation["security"])
            yield Operation(method, path, needed)


ALL = list(operations())
OF_A_SHOP = [each for each in ALL if not each.is_of_marketplace]
# Every shop has the same months.
OF_SOMETHING = [each for each in OF_A_SHOP if each.names and each.names != ("period",)]


def ask(program: Program, operation: Operation, path: str) -> Any:
    """Ask an operation with nothing in its body."""
    body = {} if operation.method in ("post", "put", "patch") else None
    return getattr(program, operation.method)(path, body, format="json", HTTP_IF_MATCH="*")


def anything(operation: Operation) -> str:
    """Return a path of nothing there is."""
    return operation.path.format(**dict.fromkeys(operation.names, "0"))


def is_problem(answer: Any, status: int) -> bool:
    """Return whether an answer is a problem with this status."""
    is_one = (answer.status_code, answer["Content-Type"]) == (status, PROBLEM)
    return is_one and answer.json()["status"] == status


def test_operations_are_found() -> None:
    assert len(ALL) >= 2
    assert {scope for each in ALL for scope in each.scopes} == set(Scope)


@pytest.mark.parametrize("operation", ALL, ids=str)
def test_no_token(db: None, operation: Operation) -> None:
    answer = ask(Program(), operation, anything(operation))

    assert is_problem(answer, 401)
    assert answer["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("operation", OF_A_SHOP, ids=str)
def test_scopes_of_everything_else(register: Register, operation: Operation) -> None:
    others = [scope for scope in Scope if scope not in (*operation.scopes, Scope.MARKETPLACE_WRITE)]
    answer = ask(with_token(register(scopes=others)), operation, anything(operation))

    assert is_problem(answer, 403)
    assert answer.json()["code"] == "insufficient_scope"


@pytest.mark.parametrize("operation", ALL, ids=str)
def test_revoked(register: Register, alice: User, operation: Operation) -> None:
    registered = _for(register, operation)
    program = with_token(registered)
    revoke_client(registered.client, by=Actor.user(alice), now=datetime.now(UTC))

    assert is_problem(ask(program, operation, anything(operation)), 401)


@pytest.mark.parametrize("operation", ALL, ids=str)
def test_expired(register: Register, operation: Operation) -> None:
    program = with_token(_for(register, operation))

    with time_machine.travel(datetime.now(UTC) + timedelta(hours=1, seconds=1)):
        assert is_problem(ask(program, operation, anything(operation)), 401)


@pytest.mark.parametrize("operation", ALL, ids=str)
def test_other_side(register: Register, operation: Operation) -> None:
    """A shop feeds nothing in, and the marketplace is no shop, whatever its scopes."""
    scopes = [Scope.QUERIES_READ] if operation.is_of_marketplace else list(Scope)
    seller = {} if operation.is_of_marketplace else {"seller": None}
    program = with_token(register(scopes=scopes, **seller))

    assert is_problem(ask(program, operation, anything(operation)), 403)


@pytest.mark.usefixtures("dirk")
@pytest.mark.parametrize("operation", OF_SOMETHING, ids=str)
def test_of_another_shop_is_as_unknown_as_nothing(
    register: Register,
    operation: Operation,
    other_shop: Seller,
    dirk: User,
    ids: Callable[[Operation], str],
) -> None:
    stranger = with_token(register(seller=other_shop))
    owner = with_token(register())
    assert ask(owner, operation, ids(operation)).status_code != 404

    theirs, nothing = (
        ask(stranger, operation, path) for path in (ids(operation), anything(operation))
    )

    assert is_problem(theirs, 404)
    assert theirs.content == nothing.content


def _for(register: Register, operation: Operation) -> Any:
    if operation.is_of_marketplace:
        return register(scopes=operation.scopes, seller=None)
    return register()


@pytest.fixture
def ids(market: Market) -> Callable[[Operation], str]:
    """Return the path of an operation about something of Fietsenzo's."""
    response = market.response(3, reason=SUBJECT)
    values: dict[str, object] = {
        "query_id": response.query_id,
        "measurement_id": response.pk,
        "followup_id": response.followup.pk,
    }

    def path_of(operation: Operation) -> str:
        unknown = set(operation.names) - set(values)
        assert not unknown, f"{operation}: add {unknown} of Fietsenzo's to `values` in {__file__}."
        return operation.path.format(**values)

    return path_of
