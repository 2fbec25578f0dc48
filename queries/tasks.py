"""The clock of the queries. Each task may run twice, late, or beside itself."""

import logging

from celery import shared_task
from django.utils import timezone

from queries import files

logger = logging.getLogger(__name__)


@shared_task
def sweep_attachments() -> None:
    """Delete files that were left without a row."""
    if swept := files.sweep(now=timezone.now()):
        logger.info("Deleted files of attachments without a row: %d", swept)
