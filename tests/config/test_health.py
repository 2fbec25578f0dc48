"""What machines ask: each answer, and that it is given whatever else is wrong."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone
from pytest_django import Settings

from config import health as module
from config.celery import app
from config.health import health
from sellers.events import Actor
from sellers.held import hold
from sellers.models import Clock
from sellers.tasks import note_tick
from surveys.backlog import LATE_AFTER
from tests.conftest import Market, refused_by


def asked(path: str) -> tuple[int, Any]:
    """Ask the middleware alone, as a machine that knows no name of the portal."""

    def others(request: HttpRequest) -> HttpResponse:
        raise AssertionError("It is answered before all others.")

    page = health(others)(RequestFactory(SERVER_NAME="10.0.0.7").get(path))
    is_json = page["Content-Type"] == "application/json"
    return page.status_code, json.loads(page.content) if is_json else page.content


def test_live_touches_nothing() -> None:
    """A test that does not ask for the database is not let near it."""
    assert asked("/health/live") == (200, b"ok")


def test_answered_for_any_host_and_without_tls(client: Client, settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True

    page = client.get("/health/live", headers={"host": "10.0.0.7:8000"})

    assert (page.status_code, page.content) == (200, b"ok")


def test_everything_else_goes_on() -> None:
    page = HttpResponse("page")

    assert health(lambda _request: page)(RequestFactory().get("/health/lives")) is page


def test_ready_when_database_and_tables_are_there(db: None) -> None:
    assert asked("/health/ready") == (
        200,
        {"database": "ok", "migrations": "ok", "cache": "ok"},
    )


def test_not_ready_without_the_database(db: None) -> None:
    whole = connection.settings_dict["HOST"]
    connection.settings_dict["HOST"] = "/nowhere"
    try:
        status, said = asked("/health/ready")
        assert (status, said["database"]) == (503, "away")
        assert asked("/health/live")[0] == 200
    finally:
        connection.settings_dict["HOST"] = whole


def test_not_ready_before_its_migrations(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module._Known, "is_migrated", False)
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM django_migrations WHERE (app, name) IN"
            " (SELECT app, name FROM django_migrations WHERE app = 'insights'"
            " ORDER BY name DESC LIMIT 1)"
        )

    assert asked("/health/ready") == (
        503,
        {"database": "ok", "migrations": "missing", "cache": "ok"},
    )


def test_ready_without_the_cache_and_says_so(db: None, settings: Settings) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "config.cache.ForgetfulRedis",
            "LOCATION": "redis://127.0.0.1:9/1",
        }
    }

    assert asked("/health/ready") == (
        200,
        {"database": "ok", "migrations": "ok", "cache": "away"},
    )


def test_clock_that_never_ticked_is_told(db: None) -> None:
    status, said = asked("/health/sender")

    assert status == 503
    nothing = dict.fromkeys(("undecided", "unsent", "undelivered", "clock"))
    assert said == {**nothing, "held": False, "behind": []}


def test_database_that_is_held_is_told(db: None) -> None:
    Clock.tick(now=timezone.now())
    hold(by=Actor.SYSTEM, now=timezone.now())

    status, said = asked("/health/sender")

    assert (status, said["held"]) == (503, True)


def test_sender_says_how_long_the_oldest_waits(market: Market) -> None:
    Clock.tick(now=timezone.now())
    assert asked("/health/sender")[0] == 200

    market.closing()  # long ago
    status, said = asked("/health/sender")

    assert status == 503
    assert said["undecided"] > LATE_AFTER.total_seconds()
    assert said["behind"] == ["deciding"]
    assert said["clock"] < 60


def test_tick_that_comes_late_takes_nothing_back(db: None) -> None:
    note_tick()
    ticked = Clock.objects.get().ticked_at
    assert ticked

    Clock.tick(now=ticked - timedelta(minutes=5))

    assert Clock.objects.get().ticked_at == ticked


def test_clock_ticks_often_enough_to_be_watched() -> None:
    every = app.conf.beat_schedule["note tick"]["schedule"]

    assert every < LATE_AFTER / 5


def test_there_is_one_clock(db: None) -> None:
    with refused_by("clock_is_one"):
        Clock.objects.create(pk=2)
