"""Celery is the clock: what it runs and what its broker needs."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings

from config.celery import app, broker_options
from surveys.tasks import survey_round


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


def test_clock_runs_the_survey_round_at_least_every_minute() -> None:
    (entry,) = app.conf.beat_schedule.values()

    assert entry["task"] == survey_round.name
    assert entry["schedule"] == settings.SURVEY_POLL_EVERY <= timedelta(minutes=1)
    assert entry["options"]["expires"] == entry["schedule"].total_seconds()
