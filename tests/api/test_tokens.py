"""Tokens of API clients: who gets one, for what, and until when."""

from base64 import b64encode
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from oauth2_provider.models import AccessToken
from rest_framework.test import APIClient as Program

from sellers.actions import (
    ClientIsRevoked,
    NotAnOwner,
    ScopesNotAllowed,
    TooManyClients,
    make_client,
    replace_secret,
    revoke_client,
)
from sellers.actions.clients import MOST, drop_answers, drop_tokens
from sellers.enums import SELLER_SCOPES, Scope, SellerEvent
from sellers.events import Actor, record
from sellers.models import ApiAnswer, ApiClient, Event, Seller, User
from tests.api.conftest import Register, Registered, with_token
from tests.conftest import NOON, refused_by

MEMBERS = "/api/v1/members/"
URN = "urn:ietf:params:oauth:grant-type"  # of kinds of grants that others made up


def test_client_gets_a_token_for_an_hour(register: Register) -> None:
    answer = register().ask_token(Program(), scope="queries:read")

    said = answer.json()
    assert answer.status_code == 200
    assert (said["token_type"], said["expires_in"], said["scope"]) == (
        "Bearer",
        3600,
        "queries:read",
    )
    assert "refresh_token" not in said
    assert "no-store" in answer["Cache-Control"]


def test_who_names_no_scope_gets_reading_of_its_own(register: Register) -> None:
    answer = register().ask_token(Program())

    assert set(answer.json()["scope"].split()) == {"queries:read", "insights:read"}


@pytest.mark.parametrize("scope", ["marketplace:write", "queries:read admin", "*"])
def test_nobody_gets_more_than_is_theirs(register: Register, scope: str) -> None:
    answer = register().ask_token(Program(), scope=scope)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"client_secret": ""}, "invalid_client"),
        ({"client_id": "nobody"}, "invalid_client"),
        ({"client_id": "nul\x00"}, "invalid_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "authorization_code"}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token"}, "unsupported_grant_type"),
        ({"grant_type": ""}, "invalid_request"),
        ({"grant_type": f"{URN}:device_code"}, "unsupported_grant_type"),
        ({"grant_type": f"{URN}:device_code", "device_code": "\x00"}, "unsupported_grant_type"),
        ({"grant_type": f"{URN}:jwt-bearer", "assertion": "x"}, "unsupported_grant_type"),
        ({"grant_type": f"{URN}:token-exchange"}, "unsupported_grant_type"),
    ],
)
def test_others_get_none(register: Register, fields: dict[str, str], error: str) -> None:
    answer = register().ask_token(Program(), **fields)

    assert answer.status_code in (400, 401)
    assert answer.json()["error"] == error
    assert not AccessToken.objects.exists()


@pytest.mark.parametrize("given", [b"nobody:wrong", b":", b"\xff:\xff", b"\x00:\x00", b"nothing"])
def test_others_get_none_with_basic_authentication(db: None, given: bytes) -> None:
    basic = f"Basic {b64encode(given).decode()}"
    asked = {"grant_type": "client_credentials"}
    answer = Program().post("/oauth/token", asked, format="multipart", HTTP_AUTHORIZATION=basic)

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_nobody_in_particular_gets_none(db: None) -> None:
    asked = {"grant_type": "client_credentials"}
    answer = Program().post("/oauth/token", asked, format="multipart")

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize("query", ["client_secret=x", "%zz"])
def test_what_the_address_says_is_not_read(register: Register, query: str) -> None:
    registered = register()
    asked = {
        "grant_type": "client_credentials",
        "client_id": registered.client.client_id,
        "client_secret": registered.secret,
    }

    assert Program().post(f"/oauth/token?{query}", asked, format="multipart").status_code == 200


def test_neither_token_nor_secret_is_stored(register: Register) -> None:
    registered = register()
    token = registered.ask_token(Program()).json()["access_token"]

    stored = AccessToken.objects.get()
    assert stored.token == ""
    assert token not in stored.token_checksum
    registered.client.refresh_from_db()
    assert registered.secret not in registered.client.client_secret


def test_token_is_not_taken_from_the_address(register: Register) -> None:
    token = register().ask_token(Program()).json()["access_token"]

    assert Program().get(MEMBERS, {"access_token": token}).status_code == 401


def test_token_ends_after_an_hour(register: Register) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        program = with_token(register())
        assert program.get(MEMBERS).status_code == 200
        clock.shift(timedelta(hours=1))
        answer = program.get(MEMBERS)

    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer["WWW-Authenticate"]
    assert answer["Content-Type"] == "application/problem+json"


def test_both_secrets_work_for_a_week(register: Register, alice: User) -> None:
    registered = register()
    now = datetime.now(UTC)
    secret = replace_secret(registered.client, by=Actor.user(alice), now=now)
    new = Registered(registered.client, secret)

    assert registered.ask_token(Program()).status_code == 200
    assert new.ask_token(Program()).status_code == 200
    with time_machine.travel(now + timedelta(days=7, seconds=1)):
        assert registered.ask_token(Program()).status_code == 401
        assert new.ask_token(Program()).status_code == 200


def test_revoked_client_is_out_at_once(register: Register, alice: User) -> None:
    registered = register()
    program = with_token(registered)
    assert program.get(MEMBERS).status_code == 200

    revoke_client(registered.client, by=Actor.user(alice), now=NOON)

    assert program.get(MEMBERS).status_code == 401
    assert registered.ask_token(Program()).status_code == 401
    with pytest.raises(ClientIsRevoked):
        replace_secret(registered.client, by=Actor.user(alice), now=NOON)
    assert Event.objects.filter(kind=SellerEvent.CLIENT_REVOKED).count() == 1


def test_client_takes_its_token_back(register: Register) -> None:
    registered = register()
    token = registered.ask_token(Program()).json()["access_token"]
    given = {"client_id": registered.client.client_id, "client_secret": registered.secret}

    assert Program().post("/oauth/revoke", given | {"token": token}, format="multipart").status_code
    program = Program()
    program.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    assert program.get(MEMBERS).status_code == 401


def test_use_is_noted(register: Register) -> None:
    registered = register()
    registered.ask_token(Program())

    registered.client.refresh_from_db()
    assert registered.client.last_token_at


def test_only_owners_make_clients(fietsenzo: Seller, bob: User, alice: User) -> None:
    with pytest.raises(NotAnOwner):
        make_client(fietsenzo, name="CRM", scopes=SELLER_SCOPES, by=Actor.user(bob), now=NOON)
    with pytest.raises(ScopesNotAllowed):
        make_client(
            fietsenzo, name="X", scopes=[Scope.MARKETPLACE_WRITE], by=Actor.user(alice), now=NOON
        )
    for _number in range(MOST):
        make_client(fietsenzo, name="X", scopes=SELLER_SCOPES, by=Actor.user(alice), now=NOON)
    with pytest.raises(TooManyClients):
        make_client(fietsenzo, name="X", scopes=SELLER_SCOPES, by=Actor.user(alice), now=NOON)


@pytest.mark.parametrize(
    ("guard", "fields"),
    [
        ("client_name_given", {"name": ""}),
        ("client_of_one_kind", {"client_type": "public"}),
        ("client_of_one_kind", {"authorization_grant_type": "password"}),
        ("client_secret_is_digest", {"client_secret": "in clear"}),
        ("client_previous_has_end", {"previous_secret": "a" * 64}),
        ("client_scopes_known", {"scopes": ["everything"]}),
        ("client_scopes_known", {"scopes": []}),
        ("client_of_shop_feeds_nothing_in", {"scopes": ["marketplace:write"]}),
    ],
)
def test_database_refuses(register: Register, guard: str, fields: dict[str, object]) -> None:
    client = register().client

    with refused_by(guard):
        ApiClient.objects.filter(pk=client.pk).update(**fields)


def test_metadata_says_where_tokens_come_from(db: None) -> None:
    said = Program().get("/.well-known/oauth-authorization-server", HTTP_HOST="localhost").json()

    assert said["issuer"] == "http://localhost:8000"
    assert said["token_endpoint"] == "http://localhost:8000/oauth/token"
    assert said["grant_types_supported"] == ["client_credentials"]
    assert set(said["scopes_supported"]) == {scope.value for scope in Scope}
    assert "authorization_endpoint" not in said


def test_event_of_a_program_names_it(register: Register, fietsenzo: Seller) -> None:
    client, agent = register().client, fietsenzo.memberships.first().user
    for by in (Actor.program(client), Actor.program(client, agent=agent)):
        record(SellerEvent.SELLER_CHANGED, fietsenzo, seller_id=fietsenzo.pk, by=by, now=NOON)

    told = Event.objects.filter(kind=SellerEvent.SELLER_CHANGED)
    assert [(each.actor, each.client, each.user) for each in told.order_by("pk")] == [
        ("client", client, None),
        ("client", client, agent),
    ]
    with refused_by("event_by_client_names_client"):
        Event.objects.create(kind="seller.changed", at=NOON, object_pk=1, actor="client")


@pytest.mark.parametrize(
    ("guard", "fields"),
    [("answer_once_per_key", {}), ("answer_not_of_a_failure", {"key": "b", "status": 500})],
)
def test_answers_are_kept_once_and_none_of_a_failure(
    register: Register, guard: str, fields: dict[str, object]
) -> None:
    answer = {"client": register().client, "key": "a", "status": 201, "at": NOON}
    ApiAnswer.objects.create(**answer)

    with refused_by(guard):
        ApiAnswer.objects.create(**answer | fields)


def test_what_is_over_is_forgotten(register: Register) -> None:
    registered = register()
    with time_machine.travel(NOON, tick=False):
        registered.ask_token(Program())
    ApiAnswer.objects.create(client=registered.client, key="a", status=201, at=NOON)

    assert (drop_tokens(now=NOON), drop_answers(now=NOON)) == (0, 0)
    assert drop_tokens(now=NOON + timedelta(hours=2)) == 1
    assert drop_answers(now=NOON + timedelta(hours=25)) == 1
