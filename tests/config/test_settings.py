"""The settings as they come out of an environment."""

import runpy
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

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
    for name in (*PRODUCTION, "ALLOWED_HOSTS", "GRANIAN_BLOCKING_THREADS", "TRUSTED_PROXY_COUNT"):
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

    assert cache["BACKEND"] == "django.core.cache.backends.redis.RedisCache"
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
