"""What happens to the numbers by the clock."""

import logging

from celery import shared_task
from django.utils import timezone

from insights import counts
from insights.emails import alert_staff
from insights.integrity import check_all

logger = logging.getLogger(__name__)


@shared_task
def check_integrity() -> None:
    """Recount everything that is stored twice, and mail staff what differs."""
    broken = [found for found in check_all() if found.is_alarming]
    if broken:
        names = ", ".join(found.check.name for found in broken)
        logger.error("Integrity: these differ: %s", names)
        logger.info("Integrity: %d mails to staff", alert_staff(broken, now=timezone.now()))


@shared_task
def keep_counts() -> None:
    """Count the answers that came since the last time into the months."""
    if shops := counts.keep_counts():
        logger.info("Counted the new answers of %d shops", shops)
