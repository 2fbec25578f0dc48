"""Celery: only the clock and the hands. What is to be done is in the database."""

import os
from datetime import timedelta
from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import setup_logging, worker_init

os.environ["NAZORG_PROCESS"] = "worker"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.conf import settings

from config.environment import in_sentences

with in_sentences():
    settings.INSTALLED_APPS  # noqa: B018  reads the settings

NIGHT_HOUR = 2  # UTC
LOOK_FOR_OLD_QUERIES_EVERY = timedelta(minutes=1)
LOOK_AT_CLOCK_EVERY = timedelta(minutes=1)

app = Celery("nazorg")


@setup_logging.connect
def log_as_the_web_server_does(**_options: Any) -> None:
    """Leave the logs as settings.LOGGING has them; Celery would show warnings alone."""


@worker_init.connect
def look_at_the_database(sender: Any, **_options: Any) -> None:
    """Stop what cannot go well before anything is taken up."""
    from config import metrics  # Django is ready by now
    from config.database_check import check_before_start

    with in_sentences():
        check_before_start(connections=sender.concurrency, counted="--concurrency")
        metrics.begin()


def tick(task: str, *, every: timedelta = settings.SURVEY_POLL_EVERY) -> dict[str, Any]:
    """Return the schedule of a task that looks for work all the time.

    A tick nobody took in time is thrown away: the next one finds the same work.
    """
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
    beat_scheduler="celery.beat:Scheduler",  # writes no file: a tick that is missed is made again
    beat_schedule={
        # Note that all of this runs, for who watches over it.
        "note tick": tick("sellers.tasks.note_tick", every=LOOK_AT_CLOCK_EVERY),
        # Decide the closings that have become due.
        "decide surveys": tick("surveys.tasks.decide_surveys"),
        # Send all mail, a task of its own: a mail server that fails pauses sending and nothing
        # else. Where much mail waits, each tick finds one more sender a place.
        "send mail": tick("sellers.tasks.send_mail", every=settings.MAIL_POLL_EVERY),
        # Tell webhooks what happened, a task of its own: it waits for servers of others.
        "deliver webhooks": tick("sellers.tasks.deliver_webhooks", every=settings.MAIL_POLL_EVERY),
        # Give back to the shops what staff did nothing with, close what waits for its customer.
        "hand back queries": tick("queries.tasks.hand_back_due", every=LOOK_FOR_OLD_QUERIES_EVERY),
        "close queries": tick("queries.tasks.close_unanswered", every=LOOK_FOR_OLD_QUERIES_EVERY),
        # Tell of low scores that nobody followed up in time.
        "watch follow-ups": tick("surveys.tasks.watch_followups"),
        # Note which links may not be used any more.
        "expire surveys": tick("surveys.tasks.expire_surveys"),
        # Count new answers into the months of their shops, so that pages need not.
        "keep counts": tick("insights.tasks.keep_counts"),
        # Tell of what happened whom it concerns, then put what is to be mailed into mails.
        "read events": tick("insights.tasks.read_events", every=settings.MAIL_POLL_EVERY),
        "pack alerts": tick("insights.tasks.pack_alerts", every=settings.MAIL_POLL_EVERY),
        # Tell of what is due soon, and of months and weeks that ended.
        "look at clock": tick("insights.tasks.look_at_clock", every=LOOK_AT_CLOCK_EVERY),
        # Tell staff what is behind, and when it is over.
        "watch over work": tick("insights.tasks.watch_over_work", every=LOOK_AT_CLOCK_EVERY),
        # Delete notices whose fate nobody asks after any more.
        "drop notices": nightly("sellers.tasks.drop_notices"),
        # Delete what became of calls to webhooks, after a month.
        "drop webhook log": nightly("sellers.tasks.drop_webhook_log"),
        # Delete alerts that nobody looks at any more.
        "drop alerts": nightly("insights.tasks.drop_alerts"),
        # Forget who was invited to a team long ago.
        "drop invitations": nightly("sellers.tasks.drop_invitations"),
        # Forget tokens of programs that are over, and answers that nobody asks for again.
        "drop API traces": nightly("sellers.tasks.drop_api_traces"),
        # Delete sessions that are over, with the drafts in them.
        "drop sessions": nightly("sellers.tasks.drop_sessions"),
        # Delete files of attachments that were left without a row.
        "sweep attachments": nightly("queries.tasks.sweep_attachments"),
        # Throw away received mail that nobody placed.
        "discard old mail": nightly("queries.tasks.discard_old_mail"),
        # Reject what was fed in and belongs to nothing that came.
        "give up waiting": nightly("queries.tasks.give_up_waiting"),
        # Erase what was kept long enough, when few people work.
        "apply retention": nightly("surveys.tasks.apply_retention"),
        # Recount what is stored twice, and mail staff what differs.
        "check integrity": nightly("insights.tasks.check_integrity"),
    },
)
app.autodiscover_tasks()
