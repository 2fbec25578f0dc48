"""The settings as they come out of an environment."""

import json
import os
import re
import runpy
import shutil
import subprocess
import sys
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
    "SECRET_KEY": "only-for-tests-and-long-enough-for-them",
    "DATABASE_URL": "postgresql://portal@db.example/portal",
    "CACHE_URL": "rediscache://redis.example:6379/1",
    "SITE_URL": "https://portal.example",
    "DEBUG": "false",
    "DEMO": "false",
}
# Every variable there is, as .env.example has them.
NAMES = re.findall(r"(?m)^([A-Z_]+)=", (BASE / ".env.example").read_text())
Settings = Callable[..., dict[str, Any]]


@pytest.fixture
def settings_of(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    """Give the settings of a real installation whose environment differs in what is named.

    They are read from a copy, beside which no developer has a `.env`.
    """
    (tmp_path / "config").mkdir()
    copy = shutil.copy(BASE / "config" / "settings.py", tmp_path / "config")
    for name in NAMES:
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
    laptop = {flag: "true", "SITE_URL": "http://portal.example"}

    hosts = settings_of(**laptop)["ALLOWED_HOSTS"]

    assert hosts == ["portal.example", "localhost", "127.0.0.1"]


def test_connections_are_as_many_as_threads_beside_what_the_url_asks(settings_of: Settings) -> None:
    url = "postgresql://portal@db.example/portal?sslmode=require"

    settings = settings_of(DATABASE_URL=url, GRANIAN_BLOCKING_THREADS="7")

    database = settings["DATABASES"]["default"]
    assert database["OPTIONS"]["sslmode"] == "require"
    assert database["OPTIONS"]["pool"]["max_size"] == settings["WEB_THREADS"] == 7
    assert database["CONN_MAX_AGE"] == 0


def test_replica_is_asked_for_nothing_without_its_setting(settings_of: Settings) -> None:
    settings = settings_of()

    assert [*settings["DATABASES"]] == ["default"]
    assert not [each for each in settings["MIDDLEWARE"] if "replica" in each]


def test_replica_is_not_written_to_nor_waited_for(settings_of: Settings) -> None:
    url = "postgresql://portal@standby.example/portal?sslmode=require&options=-c%20work_mem%3D8MB"

    settings = settings_of(DATABASE_REPLICA_URL=url, GRANIAN_BLOCKING_THREADS="7")

    assert settings["MIDDLEWARE"][-1] == "config.replica.ReadFromReplica"
    primary, replica = settings["DATABASES"]["default"], settings["DATABASES"]["replica"]
    assert (primary["HOST"], replica["HOST"]) == ("db.example", "standby.example")
    asked = replica["OPTIONS"]
    assert asked["options"].endswith("-c default_transaction_read_only=on -c work_mem=8MB")
    assert asked["options"].startswith(primary["OPTIONS"]["options"])
    assert asked["sslmode"] == "require"
    assert (asked["pool"]["max_size"], asked["pool"]["timeout"], asked["connect_timeout"]) == (
        7,
        1,
        2,
    )


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

    demo = {"DEMO": "true", "SITE_URL": "http://localhost:8000"}
    assert settings_of(WEBHOOKS_TO_LOCALHOST="true", **demo)["WEBHOOK_TARGETS"].this_machine


# Each setting with what it cannot be, and what its sentence says.
WRONG = [
    ("SECRET_KEY", "", "Set SECRET_KEY: a long random text"),
    ("SECRET_KEY", "short", "SECRET_KEY has 5 characters; it needs 32 or more"),
    ("SECRET_KEY_FALLBACKS", "one,,two", "SECRET_KEY_FALLBACKS has a comma too many"),
    ("DATABASE_URL", "", "Set DATABASE_URL: PostgreSQL 15 or newer"),
    ("DATABASE_URL", "foo", "DATABASE_URL is not a URL of PostgreSQL"),
    ("DATABASE_URL", "sqlite:///portal.db", "DATABASE_URL is not a URL of PostgreSQL"),
    ("DATABASE_URL", "mysql://a:b@db/portal", "DATABASE_URL is not a URL of PostgreSQL"),
    ("DATABASE_URL", "postgresql://db.example", "DATABASE_URL is not a URL of PostgreSQL"),
    ("DATABASE_URL", "postgresql://db:port/portal", "DATABASE_URL is not a URL of PostgreSQL"),
    ("DATABASE_OWNER_URL", "sqlite://", "DATABASE_OWNER_URL is not a URL of PostgreSQL"),
    ("DATABASE_REPLICA_URL", "foo", "DATABASE_REPLICA_URL is not a URL of PostgreSQL"),
    ("CACHE_URL", "", "Set CACHE_URL: rediscache://"),
    ("CACHE_URL", "foo", "CACHE_URL is not a URL such as rediscache://"),
    ("CACHE_URL", "redis:1", "CACHE_URL is not a URL such as rediscache://"),
    ("CACHE_URL", "rediscache://host:many/1", "CACHE_URL is not a URL such as rediscache://"),
    ("CACHE_URL", "dummycache://", "CACHE_URL is not a URL such as rediscache://"),
    ("SITE_URL", "portal.example", "SITE_URL='portal.example' is not a URL such as https://"),
    ("SITE_URL", "https://portal.example/shop", "is not a URL such as https://portal.example, wi"),
    ("SITE_URL", "ftp://portal.example", "SITE_URL='ftp://portal.example' is not a URL"),
    ("SITE_URL", "https://me:secret@portal.example", "is not a URL such as"),
    ("SITE_URL", "https://por tal.example", "is not a URL such as"),
    ("ALLOWED_HOSTS", "https://x", "ALLOWED_HOSTS: 'https://x' is not a host name"),
    ("ALLOWED_HOSTS", "portal.example,*", "ALLOWED_HOSTS: '*' is not a host name"),
    ("ALLOWED_HOSTS", "portal.example:443", "ALLOWED_HOSTS: 'portal.example:443' is not a host"),
    ("TRUSTED_PROXY_COUNT", "-1", "TRUSTED_PROXY_COUNT='-1' is not a whole number"),
    ("MARKETPLACE_NAME", " ", "MARKETPLACE_NAME is empty or more than a line"),
    ("MARKETPLACE_NAME", "Markt\nplein", "MARKETPLACE_NAME is empty or more than a line"),
    ("MARKETPLACE_TIME_ZONE", "Amsterdam", "MARKETPLACE_TIME_ZONE='Amsterdam' is not a time zone"),
    ("MARKETPLACE_TIME_ZONE", "../etc/passwd", "is not a time zone such as Europe/Amsterdam"),
    ("LANGUAGE_CODE", "", "LANGUAGE_CODE='' is none of nl, en"),
    ("LANGUAGE_CODE", "de", "LANGUAGE_CODE='de' is none of nl, en"),
    ("LEARNING_URL", "javascript:alert(1)", "LEARNING_URL='javascript:alert(1)' is not a URL"),
    ("SENTRY_DSN", "foo", "SENTRY_DSN is not such as https://key@sentry.example/1"),
    ("SENTRY_DSN", "https://sentry.example/1", "SENTRY_DSN is not such as"),
    ("SENTRY_DSN", "https://key@sentry.example/", "SENTRY_DSN is not such as"),
    ("LEARNING_URL", "leren", "LEARNING_URL='leren' is not a URL"),
    ("PEER_BENCHMARK", "perhaps", "PEER_BENCHMARK='perhaps' is neither true nor false"),
    ("ASK_KEY", "{}", "ASK_KEY is not a public key"),
    ("SURVEY_DELAY", "soon", "SURVEY_DELAY='soon' is not a duration"),
    ("RETENTION_CUSTOMERS", "24m", "RETENTION_CUSTOMERS='24m' is not between"),
    ("RETENTION_MESSAGES", "1d", "RETENTION_MESSAGES='1d' is not between"),
    ("RETENTION_ANSWERS", "long", "RETENTION_ANSWERS='long' is not a duration"),
    ("ATTACHMENTS_ROOT", " ", "ATTACHMENTS_ROOT is empty"),
    ("STATIC_ROOT", " ", "STATIC_ROOT is empty"),
    ("GRANIAN_WORKERS", "0", "GRANIAN_WORKERS='0' is not a whole number from 1"),
    ("GRANIAN_BLOCKING_THREADS", "many", "GRANIAN_BLOCKING_THREADS='many' is not a whole number"),
    ("WEB_TIMEOUTS", "20s", "WEB_TIMEOUTS='20s' is not such as statement=20s lock=2s idle=1m"),
    ("WEB_TIMEOUTS", "lock=soon", "WEB_TIMEOUTS='lock=soon' is not such as"),
    ("WEB_TIMEOUTS", "wait=1s", "WEB_TIMEOUTS='wait=1s' is not such as"),
    ("WEB_TIMEOUTS", "lock=1s lock=2s", "WEB_TIMEOUTS='lock=1s lock=2s' is not such as"),
    ("WORKER_TIMEOUTS", "statement=8d", "WORKER_TIMEOUTS='statement=8d' is not such as"),
    ("COMMAND_TIMEOUTS", "idle", "COMMAND_TIMEOUTS='idle' is not such as"),
    ("CELERY_BROKER_URL", "foo", "CELERY_BROKER_URL is not a URL such as redis://"),
    ("CELERY_BROKER_URL", "redis:///0", "CELERY_BROKER_URL is not a URL such as redis://"),
    ("CELERY_BROKER_URL", "http://redis/0", "CELERY_BROKER_URL is not a URL such as redis://"),
    ("EMAIL_URL", "foo", "EMAIL_URL is not a URL such as smtp+tls://"),
    ("EMAIL_URL", "smtp://mail:abc", "EMAIL_URL is not a URL such as smtp+tls://"),
    ("EMAIL_URL", "smtp://", "EMAIL_URL is not a URL such as smtp+tls://"),
    ("MAIL_CONNECTIONS", "1.5", "MAIL_CONNECTIONS='1.5' is not a whole number"),
    ("MAIL_PER_MINUTE", "x", "MAIL_PER_MINUTE='x' is not a whole number"),
    ("DEFAULT_FROM_EMAIL", "survey", "DEFAULT_FROM_EMAIL='survey' is not an address"),
    ("MAIL_IN_DOMAIN", "me@reply.example", "MAIL_IN_DOMAIN='me@reply.example' is not a domain"),
    ("API_PER_MINUTE", "0", "API_PER_MINUTE='0' is not a whole number from 1"),
    ("WEBHOOK_PORTS", "https", "WEBHOOK_PORTS='https' is not a list of ports"),
    ("WEBHOOKS_TO_LOCALHOST", "true", "WEBHOOKS_TO_LOCALHOST is for DEMO or DEBUG only"),
    ("STAFF_SECOND_FACTOR", "app", "STAFF_SECOND_FACTOR='app' is neither true nor false"),
    ("HSTS", "yes", "HSTS='yes' is none of host, subdomains, preload"),
    ("LOG_FORMAT", "xml", "LOG_FORMAT='xml' is none of line, json"),
    ("METRICS_TOKEN", "short", "METRICS_TOKEN has 5 characters; it needs 32 or more"),
    ("METRICS_ROOT", " ", "METRICS_ROOT is empty"),
    ("DEBUG", "true", "DEBUG and DEMO are for a laptop, and SITE_URL is https://"),
    ("DEMO", "true", "DEBUG and DEMO are for a laptop, and SITE_URL is https://"),
]


def test_every_setting_has_a_wrong_value_that_is_told() -> None:
    assert {name for name, _value, _sentence in WRONG} == set(NAMES)


@pytest.mark.parametrize(("name", "value", "sentence"), WRONG)
def test_wrong_value_stops_the_start_with_a_sentence_of_its_own(
    settings_of: Settings, name: str, value: str, sentence: str
) -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        settings_of(**{name: value})

    said = str(refusal.value).splitlines()
    assert len(said) == 1
    assert sentence in said[0]
    assert name in said[0]


def test_all_that_is_wrong_is_told_at_once(settings_of: Settings) -> None:
    wrong = {name: value for name, value, _sentence in WRONG}
    del wrong["SITE_URL"], wrong["DEBUG"], wrong["DEMO"]  # which others are read beside

    with pytest.raises(ImproperlyConfigured) as refusal:
        settings_of(**wrong)

    assert len(str(refusal.value).splitlines()) == len(wrong)


def test_what_is_wrong_shows_no_password(settings_of: Settings) -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        settings_of(
            SECRET_KEY="hunter2",
            DATABASE_URL="sqlite://me:hunter2@db",
            CACHE_URL="foo://:hunter2@redis",
            CELERY_BROKER_URL="foo://:hunter2@redis",
            EMAIL_URL="smtp://me:hunter2@mail:x",
        )

    assert "hunter2" not in str(refusal.value)


def test_secret_may_be_in_a_file(settings_of: Settings, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("out-of-a-file-and-long-enough-to-be-one\n")

    assert settings_of(SECRET_KEY_FILE=str(file))["SECRET_KEY"] == file.read_text().strip()
    with pytest.raises(ImproperlyConfigured, match=r"SECRET_KEY_FILE='.*' cannot be read: No such"):
        settings_of(SECRET_KEY_FILE=str(tmp_path / "none"))


@pytest.mark.parametrize(
    ("asked", "subdomains", "preload"),
    [({}, False, False), ({"HSTS": "subdomains"}, True, False), ({"HSTS": "preload"}, True, True)],
)
def test_other_names_of_the_domain_are_left_alone_unless_asked(
    settings_of: Settings, asked: dict[str, str], subdomains: bool, preload: bool
) -> None:
    settings = settings_of(**asked)

    assert settings["SECURE_HSTS_SECONDS"] > 0
    assert settings["SECURE_HSTS_INCLUDE_SUBDOMAINS"] == subdomains
    assert settings["SECURE_HSTS_PRELOAD"] == preload


@pytest.mark.parametrize(
    "program",
    [
        ("manage.py", "check"),
        ("manage.py", "migrate"),
        ("-m", "config.web"),
        ("-m", "celery", "--app", "config", "worker"),
        ("-m", "celery", "--app", "config", "beat"),
    ],
)
def test_program_ends_with_sentences_and_no_traceback(program: tuple[str, ...]) -> None:
    wrong = {"DATABASE_URL": "foo", "CELERY_BROKER_URL": "foo", "PATH": os.environ["PATH"]}

    process = subprocess.run(
        [sys.executable, *program],
        cwd=BASE,
        env=PRODUCTION | wrong,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert process.returncode == 1
    assert process.stderr.splitlines() == [
        "Nazorg cannot start:",
        "DATABASE_URL is not a URL of PostgreSQL: postgresql://user:password@host/name. No other "
        "database will do.",
        "CELERY_BROKER_URL is not a URL such as redis://redis.example:6379/0 or amqp://…",
    ]
