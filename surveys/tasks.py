"""The survey engine's clock. Each task may run twice, late, or beside itself."""

import logging
from collections import Counter

from celery import shared_task
from django.core.mail import get_connection
from django.utils import timezone

from surveys import invitations

logger = logging.getLogger(__name__)


@shared_task
def survey_round() -> None:
    """Decide every due closing, send every due invitation, note what expired."""
    rules = invitations.survey_rules()
    counts = Counter[str]()
    while decided := invitations.decide_due(now=timezone.now(), rules=rules):
        counts += decided
    mail = get_connection()
    try:
        while state := invitations.send_next(connection=mail, now=timezone.now(), rules=rules):
            counts[state] += 1
    finally:
        mail.close()
    counts["expired"] += invitations.expire_due(now=timezone.now())
    if counts.total():
        outcomes = (f"{count} {outcome}" for outcome, count in (+counts).items())
        logger.info("Survey round: %s", ", ".join(outcomes))
