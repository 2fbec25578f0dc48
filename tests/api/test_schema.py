"""What the description of the API promises holds for whatever is sent: schemathesis, all checks.

`make test-api` tries far more: API_EXAMPLES says how many of each operation.
"""

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.management import call_command
from django.core.serializers.json import DjangoJSONEncoder
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.config import SchemathesisConfig

from tests.api.conftest import Register, with_token
from tests.api.test_access import described
from tests.conftest import Market, text

EXAMPLES = int(os.environ.get("API_EXAMPLES", "5"))
# What no description can say: whether a cursor is one of ours, whether a query is closed already.
REFUSED_ANYHOW = ["2xx", "400", "401", "403", "404", "409", "412", "422"]
CONFIG = SchemathesisConfig.from_dict(
    {"checks": {"positive_data_acceptance": {"expected-statuses": REFUSED_ANYHOW}}}
)
SCHEMA = schemathesis.openapi.from_dict(
    json.loads(json.dumps(described(), cls=DjangoJSONEncoder)),  # lazy texts become texts
    config=CONFIG,
)


@pytest.fixture
def authorised(register: Register, market: Market, settings: Any) -> Iterator[dict[str, str]]:
    """Return the headers of a program of Fietsenzo, where something happened."""
    settings.API_PER_MINUTE = 1_000_000
    market.response(3)
    market.query()
    header: str = with_token(register())._credentials["HTTP_AUTHORIZATION"]
    # Keep the connection of the test, as Django's own client does.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield {"Authorization": header, "Accept-Encoding": "identity"}
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@SCHEMA.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
def test_whatever_is_sent_is_answered_as_described(case: Case, authorised: dict[str, str]) -> None:
    case.call_and_validate(headers=authorised, app=get_wsgi_application())


def test_description_has_no_warnings() -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", os.devnull)


@pytest.mark.parametrize("query", ["?version=%0a", "?version=2", "?lang=nl", "?lang=%00"])
def test_description_is_one_whatever_the_address_asks(db: None, query: str) -> None:
    plain, answer = (
        Client().get(f"/api/v1/schema/{asked}", headers={"Accept-Language": "en"})
        for asked in ("", query)
    )

    assert (plain.status_code, answer.status_code) == (200, 200)
    assert answer.content == plain.content


def test_page_for_people_shows_every_operation(db: None) -> None:
    page = text(Client().get("/api/v1/docs/"))

    for path, methods in described()["paths"].items():
        assert path in page
        for operation in methods.values():
            assert f'id="{operation["operationId"]}"' in page
