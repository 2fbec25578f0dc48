"""Clients made from the description compile, and do what a shop's program does."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from queries.models import CustomerQuery
from sellers.enums import Scope
from tests.api.clients.conftest import HERE, run, run_npm, run_typescript
from tests.api.conftest import Register
from tests.conftest import Market
from tests.journeys.conftest import web_server

SCHEMA = "/api/v1/schema/"
SCOPE = " ".join([Scope.QUERIES_READ, Scope.QUERIES_WRITE, Scope.INSIGHTS_READ])
GENERATE = [sys.executable, "-m", "openapi_python_client", "generate", "--fail-on-warning"]


@pytest.fixture
def environment(
    surroundings: dict[str, str], register: Register, market: Market
) -> Iterator[dict[str, str]]:
    """What a program of Fietsenzo knows; the portal runs, a customer scored 9 and two wait."""
    market.response(9)
    market.query(subject="Does it come on Tuesday?")
    market.query()
    registered = register()
    with web_server(surroundings) as port:
        yield {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PORTAL": f"http://127.0.0.1:{port}",
            "CLIENT_ID": registered.client.client_id,
            "CLIENT_SECRET": registered.secret,
            "SCOPE": SCOPE,
        }


def is_done(said: dict[str, Any]) -> bool:
    """Return whether the query that a program says it closed was answered, then closed, by it."""
    query = CustomerQuery.objects.get(pk=said["closed"])
    closing, reply = query.closings.get(), query.messages.last()
    assert (closing.client.name, closing.predicted_score) == ("CRM", 8)
    assert (reply.client.name, reply.body) == ("CRM", "It left this morning.")
    expected = {"subject": query.subject, "more": True, "refused": "changed_meanwhile"}
    assert said == {**expected, "closed": str(query.pk), "scores": [9]}
    return query.is_closed


def test_openapi_python_client(environment: dict[str, str], tmp_path: Path) -> None:
    url, made = environment["PORTAL"] + SCHEMA, tmp_path / "nazorg"
    options = [f"--url={url}", "--meta=none", f"--output-path={made}"]

    run(*GENERATE, *options, env=environment)

    names = [
        ".".join(file.relative_to(tmp_path).with_suffix("").parts) for file in made.rglob("*.py")
    ]
    assert len(names) > 100
    path = {**environment, "PYTHONPATH": str(tmp_path)}
    run(sys.executable, "-W", "error", "-c", f"import {', '.join(names)}", env=path)
    assert is_done(json.loads(run(sys.executable, HERE / "shop.py", env=path)))


def test_openapi_typescript(environment: dict[str, str], project: Path) -> None:
    url = environment["PORTAL"] + SCHEMA

    run_npm(project, "openapi-typescript", url, "--output", "portal.ts")

    assert is_done(json.loads(run_typescript(project, "shop", env=environment)))
