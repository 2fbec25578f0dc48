"""What happens to the numbers by the clock."""

import logging

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from insights import keeping, watching
from insights.alerts import packing, reading, times
from insights.emails import alert_staff, tell_of_work
from insights.integrity import KEPT_COUNTS, check_all
from sellers.tasks import unless_held

logger = logging.getLogger(__name__)


@shared_task
@unless_held
def check_integrity() -> None:
    """Recount everything that is stored twice, and mail staff what differs."""
    broken = [found for found in check_all() if found.is_alarming]
    if broken:
        names = ", ".join(found.check.name for found in broken)
        logger.error("Integrity: these differ: %s", names)
        logger.info("Integrity: %d mails to staff", alert_staff(broken, now=timezone.now()))
        if KEPT_COUNTS in [found.check.name for found in broken]:
            keeping.mend(sorted(keeping.wrong_shops()))


@shared_task
@unless_held
def watch_over_work() -> None:
    """Tell staff of work that is behind, and when it is over."""
    now = timezone.now()
    with transaction.atomic():
        if news := watching.watch(now=now):
            said = "; ".join(f"{part} {', '.join(of)}" for part, of in news.parts().items() if of)
            logger.warning("Work: %s; %d mails to staff", said, tell_of_work(news, now=now))


@shared_task
def keep_counts() -> None:
    """Count the answers that came since the last time into the months."""
    if shops := keeping.keep_counts():
        logger.info("Counted the new answers of %d shops", shops)


@shared_task
@unless_held
def read_events() -> None:
    """Tell of what happened whom it concerns."""
    now, total = timezone.now(), 0
    while count := reading.read_events(now=now):
        total += count
    if total:
        logger.info("Alerts: %d events read", total)


@shared_task
@unless_held
def look_at_clock() -> None:
    """Tell of what is due soon, and of months and weeks that ended."""
    if count := times.look_at_clock(now=timezone.now()):
        logger.info("Alerts: the clock told of %d", count)


@shared_task
@unless_held
def pack_alerts() -> None:
    """Put alerts into mails."""
    if count := packing.pack_mails(now=timezone.now()):
        logger.info("Alerts: %d mails made", count)


@shared_task
def drop_alerts() -> None:
    """Delete alerts that nobody looks at any more."""
    if count := packing.drop_old(now=timezone.now()):
        logger.info("Deleted %d old alerts", count)
