"""What happens to queries by the clock. Each task may run twice, late, or beside itself."""

import logging

from celery import shared_task
from django.utils import timezone

from queries import feeding, files, incoming, timeouts
from sellers.tasks import unless_held

logger = logging.getLogger(__name__)


@shared_task
def sweep_attachments() -> None:
    """Delete files that were left without a row."""
    if swept := files.sweep(now=timezone.now()):
        logger.info("Deleted files of attachments without a row: %d", swept)


@shared_task
def discard_old_mail() -> None:
    """Throw away received mail that waited too long for staff."""
    if count := incoming.discard_old(now=timezone.now()):
        logger.info("Received mail thrown away: %d", count)


@shared_task
@unless_held
def hand_back_due() -> None:
    """Give back to their shops what staff did nothing with."""
    now, total = timezone.now(), 0
    while count := timeouts.hand_back_due(now=now):
        total += count
    if total:
        logger.info("Handed back by themselves: %d queries", total)


@shared_task
@unless_held
def close_unanswered() -> None:
    """Close what waited too long for the customer."""
    now, total = timezone.now(), 0
    while count := timeouts.close_unanswered(now=now):
        total += count
    if total:
        logger.info("Closed by themselves: %d queries", total)


@shared_task
@unless_held
def give_up_waiting() -> None:
    """Reject what the platform told of before what it belongs to, and nothing came; forget that."""
    now = timezone.now()
    if count := feeding.give_up_waiting(now=now):
        logger.warning("Fed in, waited in vain and rejected: %d", count)
    if count := feeding.drop_given_up(now=now):
        logger.info("Forgot what was rejected long ago: %d", count)
