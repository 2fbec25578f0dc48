"""Celery is the clock: what it runs and what its broker needs."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings

from config.celery import NIGHT_HOUR, app, broker_options


@pytest.mark.parametrize("url", ["redis://localhost:6379/0", "memory://", "amqp://localhost"])
def test_broker_needs_no_folders(tmp_path: Path, url: str) -> None:
    assert broker_options(url, tmp_path / "broker") == {}
    assert not (tmp_path / "broker").exists()


def test_broker_of_files_gets_its_folders(tmp_path: Path) -> None:
    options = broker_options("filesystem://", tmp_path / "broker")

    queue, control = tmp_path / "broker" / "queue", tmp_path / "broker" / "control"
    assert options == {
        "data_folder_in": str(queue),
        "data_folder_out": str(queue),
        "control_folder": str(control),
    }
    assert queue.is_dir()
    assert control.is_dir()
    assert broker_options("filesystem://", tmp_path / "broker") == options


def test_clock_knows_only_tasks_that_exist() -> None:
    app.loader.import_default_modules()

    planned = {entry["task"] for entry in app.conf.beat_schedule.values()}

    assert planned == {name for name in app.tasks if not name.startswith("celery.")}


def test_clock_erases_at_night() -> None:
    entry = app.conf.beat_schedule["apply retention"]

    assert (entry["schedule"].hour, entry["schedule"].minute) == ({NIGHT_HOUR}, {0})


@pytest.mark.parametrize("name", ["decide surveys", "send surveys", "expire surveys"])
def test_clock_looks_for_work_at_least_every_minute(name: str) -> None:
    entry = app.conf.beat_schedule[name]

    assert entry["schedule"] == settings.SURVEY_POLL_EVERY <= timedelta(minutes=1)
    assert entry["options"]["expires"] == entry["schedule"].total_seconds()
