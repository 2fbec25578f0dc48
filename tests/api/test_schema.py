"""What the description of the API promises holds for whatever is sent: schemathesis, all checks.

`make test-api` tries far more: API_EXAMPLES says how many of each operation.
"""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
import schemathesis
from django.core.management import call_command
from django.core.serializers.json import DjangoJSONEncoder
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from django.test import Client
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from schemathesis import Case
from schemathesis.config import SchemathesisConfig
from schemathesis.core.parameters import ParameterLocation

from sellers.enums import SELLER_SCOPES, Scope
from surveys.feeding import MOST, feed_told
from tests.api.conftest import Register, with_token
from tests.api.feeding import item, shop
from tests.api.test_access import described
from tests.conftest import Market, text

EXAMPLES = int(os.environ.get("API_EXAMPLES", "5"))
# What no description can say: whether a cursor is one of ours, whether a query is closed already.
REFUSED_ANYHOW = ["2xx", "400", "401", "403", "404", "409", "412", "422"]
# A batch says of each item what is wrong with it.
REFUSED = ["207", "400", "401", "403", "404", "405", "406", "409", "415", "422", "428", "429"]
CONFIG = SchemathesisConfig.from_dict(
    {
        "checks": {
            "positive_data_acceptance": {"expected-statuses": REFUSED_ANYHOW},
            "negative_data_rejection": {"expected-statuses": REFUSED},
        }
    }
)
SCHEMA = schemathesis.openapi.from_dict(
    json.loads(json.dumps(described(), cls=DjangoJSONEncoder)),  # lazy texts become texts
    config=CONFIG,
)
SOURCE = "mp"
FED = [*shop(), item("order", "o1"), item("query", "q1"), item("message", "t1")]
BELONGS_TO = {"seller": "s1", "agent": "m1", "customer": "c1", "query": "q1"}


@dataclass(frozen=True)
class Portal:
    """What there is to ask about, and the tokens of those who ask: by scope."""

    ids: dict[str, str]
    tokens: dict[Scope, str]

    def token_for(self, case: Case) -> str:
        """Return the token of the client that an operation is for."""
        needed = case.operation.definition.raw["security"][0]
        return self.tokens[Scope(needed["oauth2"][0])]

    def ask_about_what_there_is(self, case: Case) -> None:
        """Let a case be about rows that exist, wherever it is as described."""
        if not case.meta.is_negative_at(ParameterLocation.PATH):
            case.path_parameters |= {
                name: self.ids[name] for name in case.path_parameters if name in self.ids
            }
        if "If-Match" in case.headers and not case.meta.is_negative_at(ParameterLocation.HEADER):
            case.headers["If-Match"] = "*"
        if isinstance(case.body, dict) and not case.meta.is_negative_at(ParameterLocation.BODY):
            for each in case.body.get("items", [case.body]):
                each |= {name: BELONGS_TO[name] for name in BELONGS_TO if each.get(name)}
                if "occurred_at" in each:
                    each["occurred_at"] = datetime.now(UTC).isoformat()


@pytest.fixture
def portal(register: Register, market: Market, settings: Any) -> Iterator[Portal]:
    """Fietsenzo, where something happened, a shop that was fed in, and a client of each kind."""
    settings.API_PER_MINUTE = 1_000_000
    response = market.response(3)
    market.query()
    platform = register(scopes=[Scope.MARKETPLACE_WRITE], seller=None)
    results = feed_told(SOURCE, FED, client=platform.client, now=datetime.now(UTC))
    assert {result["outcome"] for result in results} == {"created"}
    shops = with_token(register())._credentials["HTTP_AUTHORIZATION"]
    tokens = {
        **dict.fromkeys(SELLER_SCOPES, shops),
        Scope.MARKETPLACE_WRITE: with_token(platform)._credentials["HTTP_AUTHORIZATION"],
    }
    ids = {
        "query_id": str(market.query().pk),
        "measurement_id": str(response.pk),
        "followup_id": str(response.followup.pk),
        "source": SOURCE,
    }
    # Keep the connection of the test, as Django's own client does.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield Portal(ids, tokens)
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@SCHEMA.given(exists=st.booleans())
@SCHEMA.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
def test_whatever_is_sent_is_answered_as_described(
    case: Case, portal: Portal, exists: bool
) -> None:
    if exists:
        portal.ask_about_what_there_is(case)
    headers = {"Authorization": portal.token_for(case), "Accept-Encoding": "identity"}
    with transaction.atomic():  # each case finds what the one before did
        answer = case.call_and_validate(headers=headers, app=get_wsgi_application())
        transaction.set_rollback(True)
    if answer.status_code >= 400:
        described_as = case.operation.definition.raw["responses"][str(answer.status_code)]
        code = answer.json()["code"]
        assert re.search(rf"Code: .*\b{code}\b", described_as["description"]), code


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


def test_description_says_what_newcomers_missed() -> None:
    shared, paths = described()["components"], described()["paths"]
    closing = paths["/api/v1/queries/{query_id}/close/"]["post"]["responses"]

    assert not [name for name in shared["schemas"] if "Blank" in name]
    assert shared["schemas"]["BatchRequest"]["properties"]["items"]["maxItems"] == MOST
    assert shared["schemas"]["CloseRequest"]["additionalProperties"] is False
    assert closing["200"]["headers"].keys() == {"ETag", "RateLimit", "RateLimit-Policy"}
    assert "Retry-After" in closing["429"]["headers"]
    assert "query_is_closed" in closing["409"]["description"]
    assert {
        operation["description"].partition(" ")[0]
        for methods in paths.values()
        for operation in methods.values()
    }.isdisjoint({"Return", "Raise", "Raises"})


def test_page_for_people_shows_every_kind_of_a_batch(db: None) -> None:
    page = text(Client().get("/api/v1/docs/"))
    batch = page.partition('id="postBatch"')[2].partition("</article>")[0]

    for kind in ("Seller", "Member", "Customer", "Order", "Query", "Message", "Closing"):
        assert f"{kind}ItemRequest" in batch
    assert "items[].items[].quantity" in batch
    assert "too_much_waits" not in batch  # each item has a problem of its own
    assert "query_is_closed" in page.partition('id="closeQuery"')[2].partition("</article>")[0]


def test_page_for_people_shows_every_operation(db: None) -> None:
    page = text(Client().get("/api/v1/docs/"))

    for path, methods in described()["paths"].items():
        assert path in page
        for operation in methods.values():
            assert f'id="{operation["operationId"]}"' in page
