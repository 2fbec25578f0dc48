"""Celery: only the clock and the hands. What is to be done stands in the database."""

import os
from datetime import timedelta
from typing import Any

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.conf import settings

NIGHT_HOUR = 2  # UTC

app = Celery("nazorg")


def tick(task: str) -> dict[str, Any]:
    """Return the schedule of a task that looks for work all the time.

    A tick nobody took in time is thrown away: the next one finds the same work.
    """
    every = settings.SURVEY_POLL_EVERY
    return {"task": task, "schedule": every, "options": {"expires": every.total_seconds()}}


def nightly(task: str) -> dict[str, Any]:
    """Return the schedule of a task that runs once a night; a night that was missed is skipped."""
    return {
        "task": task,
        "schedule": crontab(hour=NIGHT_HOUR, minute=0),
        "options": {"expires": timedelta(hours=6).total_seconds()},
    }


app.conf.update(
    broker_url=settings.CELERY_BROKER_URL,
    broker_connection_retry_on_startup=True,
    task_ignore_result=True,
    task_serializer="json",
    timezone="UTC",
    worker_enable_remote_control=False,
    worker_hijack_root_logger=False,
    beat_schedule={
        # Decide the closings that have become due.
        "decide surveys": tick("surveys.tasks.decide_surveys"),
        # Send what was decided; apart, so that a slow mail server never delays a decision.
        "send surveys": tick("surveys.tasks.send_surveys"),
        # Note which links may not be used any more.
        "expire surveys": tick("surveys.tasks.expire_surveys"),
        # Count new answers into the months of their shops, so that pages need not.
        "keep counts": tick("insights.tasks.keep_counts"),
        # Erase what was kept long enough, when few people work.
        "apply retention": nightly("surveys.tasks.apply_retention"),
        # Recount what is stored twice, and tell staff what differs.
        "check integrity": nightly("insights.tasks.check_integrity"),
    },
)
app.autodiscover_tasks()
