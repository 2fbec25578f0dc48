"""Celery: only the clock and the hands. What is to be done stands in the database."""

import os
from pathlib import Path
from typing import Any

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.conf import settings

app = Celery("nazorg")


def broker_options(url: str, folder: Path) -> dict[str, Any]:
    """Return what kombu needs besides the address: folders for `filesystem://`, else nothing."""
    if not url.startswith("filesystem://"):
        return {}
    places = {"data_folder_in": "queue", "data_folder_out": "queue", "control_folder": "control"}
    for name in places.values():
        (folder / name).mkdir(parents=True, exist_ok=True)
    return {key: str(folder / name) for key, name in places.items()}


app.conf.update(
    broker_url=settings.CELERY_BROKER_URL,
    broker_transport_options=broker_options(
        settings.CELERY_BROKER_URL, settings.BASE_DIR / ".local" / "broker"
    ),
    broker_connection_retry_on_startup=True,
    task_ignore_result=True,
    task_serializer="json",
    timezone="UTC",
    worker_enable_remote_control=False,
    worker_hijack_root_logger=False,
    beat_schedule={
        # Decide the closings that have become due, then send what was decided, then expire.
        "survey round": {
            "task": "surveys.tasks.survey_round",
            "schedule": settings.SURVEY_POLL_EVERY,
            # A tick nobody took in time is worthless: the next one finds the same work.
            "options": {"expires": settings.SURVEY_POLL_EVERY.total_seconds()},
        },
    },
)
app.autodiscover_tasks()
