"""The settings as they come out of an environment."""

import json
import runpy
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.exceptions import ImproperlyConfigured
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from config.local.bootstrap import BASE

PRODUCTION = {
    "SECRET_KEY": "only-for-tests",
    "DATABASE_URL": "postgresql://portal@db.example/portal",
    "CACHE_URL": "rediscache://redis.example:6379/1",
    "SITE_URL": "https://portal.example",
    "DEBUG": "false",
    "DEMO": "false",
}
Settings = Callable[..., dict[str, Any]]


@pytest.fixture
def settings_of(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    """Give the settings of a real installation whose environment differs in what is named.

    They are read from a copy, beside which no developer has a `.env`.
    """
    (tmp_path / "config").mkdir()
    copy = shutil.copy(BASE / "config" / "settings.py", tmp_path / "config")
    others = ("ALLOWED_HOSTS", "GRANIAN_BLOCKING_THREADS", "TRUSTED_PROXY_COUNT")
    for name in (*PRODUCTION, *others, "WEBHOOK_PORTS", "WEBHOOKS_TO_LOCALHOST"):
        monkeypatch.delenv(name, raising=False)

    def read(**environment: str) -> dict[str, Any]:
        for name, value in (PRODUCTION | environment).items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(str(copy))

    return read


def test_hosts_of_a_real_installation_are_its_own_alone(settings_of: Settings) -> None:
    assert settings_of()["ALLOWED_HOSTS"] == ["portal.example"]


@pytest.mark.parametrize("flag", ["DEBUG", "DEMO"])
def test_hosts_of_a_laptop_are_local_too(settings_of: Settings, flag: str) -> None:
    hosts = settings_of(**{flag: "true"})["ALLOWED_HOSTS"]

    assert hosts == ["portal.example", "localhost", "127.0.0.1"]


def test_connections_are_as_many_as_threads_beside_what_the_url_asks(settings_of: Settings) -> None:
    url = "postgresql://portal@db.example/portal?sslmode=require"

    settings = settings_of(DATABASE_URL=url, GRANIAN_BLOCKING_THREADS="7")

    database = settings["DATABASES"]["default"]
    assert database["OPTIONS"]["sslmode"] == "require"
    assert database["OPTIONS"]["pool"]["max_size"] == settings["WEB_THREADS"] == 7
    assert database["CONN_MAX_AGE"] == 0


def test_cache_is_shared_by_all_processes(settings_of: Settings) -> None:
    cache = settings_of()["CACHES"]["default"]

    assert cache["BACKEND"] == "config.cache.ForgetfulRedis"
    assert cache["LOCATION"] == "redis://redis.example:6379/1"


def test_cache_that_is_missing_stops_the_start(settings_of: Settings) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"Set CACHE_URL: .* shared by all processes"):
        settings_of(CACHE_URL="")


@pytest.mark.parametrize(("given", "count"), [({}, 0), ({"TRUSTED_PROXY_COUNT": "2"}, 2)])
def test_proxies_are_trusted_when_counted(
    settings_of: Settings, given: dict[str, str], count: int
) -> None:
    assert settings_of(**given)["ALLAUTH_TRUSTED_PROXY_COUNT"] == count


def test_proxies_that_are_no_number_stop_the_start(settings_of: Settings) -> None:
    with pytest.raises(ImproperlyConfigured, match="TRUSTED_PROXY_COUNT='yes' is not a whole"):
        settings_of(TRUSTED_PROXY_COUNT="yes")


ED25519 = {"kty": "OKP", "crv": "Ed25519", "x": "SAdaWX5yGhVuLgeZ3lzAxTJNxufq8c3UYlCGjsUyFd0"}


def test_without_a_key_nobody_asks_by_the_marketplace_s_button(settings_of: Settings) -> None:
    assert settings_of(ASK_KEY="")["ASK_KEYS"] == []


def test_keys_of_the_button_are_one_or_a_set(settings_of: Settings) -> None:
    rows = [ED25519 | {"kid": "old"}, ED25519 | {"kid": "new"}]

    (one,) = settings_of(ASK_KEY=json.dumps(ED25519))["ASK_KEYS"]
    both = settings_of(ASK_KEY=json.dumps({"keys": rows}))["ASK_KEYS"]

    assert (one.algorithm_name, one.key_id) == ("EdDSA", None)
    assert [key.key_id for key in both] == ["old", "new"]


@pytest.mark.parametrize(
    "value",
    [
        "x",
        "[]",
        "7",
        "{}",
        '{"keys": 7}',
        '{"keys": ["x"]}',
        json.dumps(ED25519 | {"x": "@@"}),
        "-----BEGIN PUBLIC KEY-----",
    ],
)
def test_key_that_is_none_stops_the_start(settings_of: Settings, value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="ASK_KEY is not a public key written as JSON"):
        settings_of(ASK_KEY=value)


@pytest.mark.parametrize("kind", ["private", "secret", "other curve", "short"])
def test_key_that_could_sign_or_is_weak_stops_the_start(settings_of: Settings, kind: str) -> None:
    key: dict[str, str] = {
        "private": lambda: OKPAlgorithm.to_jwk(Ed25519PrivateKey.generate(), as_dict=True),
        "secret": lambda: {"kty": "oct", "k": "c2VjcmV0"},
        "other curve": lambda: ECAlgorithm.to_jwk(
            ec.generate_private_key(ec.SECP384R1()).public_key(), as_dict=True
        ),
        "short": lambda: RSAAlgorithm.to_jwk(
            rsa.generate_private_key(public_exponent=65537, key_size=1024).public_key(),  # noqa: S505
            as_dict=True,
        ),
    }[kind]()

    with pytest.raises(ImproperlyConfigured, match="ASK_KEY must hold public keys only") as refusal:
        settings_of(ASK_KEY=json.dumps(key))

    assert key.get("d", "nothing") not in str(refusal.value)


def test_webhooks_call_two_ports_and_never_this_machine(settings_of: Settings) -> None:
    targets = settings_of()["WEBHOOK_TARGETS"]

    assert (targets.ports, targets.this_machine) == ({443, 8443}, False)
    assert settings_of(WEBHOOK_PORTS="443")["WEBHOOK_TARGETS"].ports == {443}


def test_webhooks_to_this_machine_are_for_a_demo(settings_of: Settings) -> None:
    with pytest.raises(ImproperlyConfigured, match="WEBHOOKS_TO_LOCALHOST"):
        settings_of(WEBHOOKS_TO_LOCALHOST="true")

    assert settings_of(WEBHOOKS_TO_LOCALHOST="true", DEMO="true")["WEBHOOK_TARGETS"].this_machine
