"""Libraries that programs are written with, as they are: they get a token and read a month."""

import pytest
from authlib.integrations.requests_client import OAuth2Session as AuthlibSession
from oauthlib.oauth2 import BackendApplicationClient
from requests_oauthlib import OAuth2Session

from sellers.enums import Scope
from tests.api.conftest import Register, Registered
from tests.conftest import Market

MONTHS = "/api/v1/nps/months/"
SCOPE = [Scope.INSIGHTS_READ.value]


@pytest.fixture
def registered(
    committed_db: None, register: Register, market: Market, monkeypatch: pytest.MonkeyPatch
) -> Registered:
    """A program of a shop that was scored."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "yes")  # the server of a test has no TLS
    market.response(9)
    return register()


def test_requests_oauthlib(registered: Registered, server: str) -> None:
    client = BackendApplicationClient(client_id=registered.client.client_id, scope=SCOPE)
    with OAuth2Session(client=client) as session:
        token = session.fetch_token(f"{server}/oauth/token", client_secret=registered.secret)
        answer = session.get(f"{server}{MONTHS}")

    assert token["expires_in"] == 3600
    assert answer.status_code == 200
    assert answer.json()


def test_authlib(registered: Registered, server: str) -> None:
    with AuthlibSession(registered.client.client_id, registered.secret, scope=SCOPE[0]) as session:
        session.fetch_token(f"{server}/oauth/token", grant_type="client_credentials")
        answer = session.get(f"{server}{MONTHS}")

    assert answer.status_code == 200
    assert answer.json()
