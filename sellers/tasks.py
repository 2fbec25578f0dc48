"""Mail and webhooks by the clock. Each task may run twice, late, or beside itself."""

import logging
from collections import Counter
from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from celery import shared_task
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from sellers import guessing, notices, sending
from sellers.actions.clients import drop_answers, drop_tokens
from sellers.actions.invitations import drop_over
from sellers.held import look_whether_held
from sellers.models import Clock
from sellers.webhooks import clearing
from sellers.webhooks import sending as calls
from sellers.webhooks.reading import read_events

logger = logging.getLogger(__name__)

T = TypeVar("T")


def unless_held(work: Callable[[], T]) -> Callable[[], T | None]:
    """Let a task do nothing while the database is held."""

    @wraps(work)
    def working() -> T | None:
        return None if look_whether_held(now=timezone.now()) else work()

    return working


@shared_task
def note_tick() -> None:
    """Note that the clock ticks and that a worker hears it."""
    Clock.tick(now=timezone.now())


@shared_task
@unless_held
def send_mail() -> Counter[str]:
    """Send what is due, as long as the mail server takes it and the time lasts."""
    counts = sending.send_due(clock=timezone.now)
    if counts:
        logger.info("Mail: %s", ", ".join(f"{count} {state}" for state, count in counts.items()))
    return counts


@shared_task
@unless_held
def deliver_webhooks() -> Counter[str]:
    """Queue what happened for the webhooks that want it, and send what is due."""
    while read_events(now=timezone.now()):
        pass
    counts = calls.send_due(clock=timezone.now)
    if counts:
        logger.info(
            "Webhooks: %s", ", ".join(f"{count} {state}" for state, count in counts.items())
        )
    return counts


@shared_task
def drop_webhook_log() -> None:
    """Delete what became of calls to webhooks long ago."""
    if count := clearing.drop_old(now=timezone.now()):
        logger.info("Deleted %d old deliveries to webhooks", count)


@shared_task
def drop_sessions() -> None:
    """Delete what browsers left behind that nobody can use any more: drafts are in it."""
    SessionStore.clear_expired()
    guessing.drop_over(now=timezone.now())


@shared_task
def drop_notices() -> None:
    """Delete the notices that are long finished."""
    if count := notices.drop_finished(now=timezone.now()):
        logger.info("Deleted %d old notices", count)


@shared_task
def drop_invitations() -> None:
    """Forget the addresses of who was invited to a team long ago."""
    if count := drop_over(now=timezone.now()):
        logger.info("Deleted %d old invitations", count)


@shared_task
def drop_api_traces() -> None:
    """Forget tokens that are over, and answers whose keys hold no more."""
    drop_tokens(now=timezone.now())
    drop_answers(now=timezone.now())
