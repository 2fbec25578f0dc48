"""Celery is the clock: what it runs, and when."""

from datetime import timedelta

import pytest
from django.conf import settings

from config.celery import NIGHT_HOUR, app


def test_clock_knows_only_tasks_that_exist() -> None:
    app.loader.import_default_modules()

    planned = {entry["task"] for entry in app.conf.beat_schedule.values()}

    assert planned == {name for name in app.tasks if not name.startswith("celery.")}


@pytest.mark.parametrize("name", ["apply retention", "drop sessions", "sweep attachments"])
def test_clock_erases_at_night(name: str) -> None:
    entry = app.conf.beat_schedule[name]

    assert (entry["schedule"].hour, entry["schedule"].minute) == ({NIGHT_HOUR}, {0})


@pytest.mark.parametrize("name", ["decide surveys", "expire surveys"])
def test_clock_looks_for_work_at_least_every_minute(name: str) -> None:
    entry = app.conf.beat_schedule[name]

    assert entry["schedule"] == settings.SURVEY_POLL_EVERY <= timedelta(minutes=1)
    assert entry["options"]["expires"] == entry["schedule"].total_seconds()


@pytest.mark.parametrize("name", ["hand back queries", "close queries"])
def test_clock_looks_for_old_queries_every_minute(name: str) -> None:
    entry = app.conf.beat_schedule[name]

    assert entry["schedule"] == timedelta(minutes=1)
    assert entry["options"]["expires"] == 60


def test_clock_lets_mail_leave_within_seconds() -> None:
    entry = app.conf.beat_schedule["send mail"]

    assert entry["schedule"] == settings.MAIL_POLL_EVERY <= timedelta(seconds=5)
    assert entry["options"]["expires"] == entry["schedule"].total_seconds()
