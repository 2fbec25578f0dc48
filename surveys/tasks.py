"""The survey engine's clock. Each task may run twice, late, or beside itself."""

import logging
from collections import Counter
from datetime import timedelta

from celery import shared_task
from django.core.mail import get_connection
from django.utils import timezone

from surveys import invitations, retention

logger = logging.getLogger(__name__)

SENDING_LASTS = timedelta(seconds=50)  # then the next tick goes on, with a fresh connection


@shared_task
def decide_surveys() -> None:
    """Decide every due closing."""
    rules = invitations.survey_rules(now=timezone.now())
    counts = Counter[str]()
    while decided := invitations.decide_due(now=timezone.now(), rules=rules):
        counts += decided
    _log("decided", counts)


@shared_task
def send_surveys() -> None:
    """Send due invitations, as long as the mail server answers and the time lasts."""
    started = timezone.now()
    rules = invitations.survey_rules(now=started)
    counts = Counter[str]()
    mail = get_connection()
    try:
        while (now := timezone.now()) < started + SENDING_LASTS:
            state = invitations.send_next(connection=mail, now=now, rules=rules)
            if state is None:
                break
            counts[state.value] += 1
    except invitations.MailServerUnavailable as failure:
        logger.warning("The mail server cannot be reached: %s", type(failure.__cause__).__name__)
    finally:
        mail.close()
    _log("sent", counts)


@shared_task
def expire_surveys() -> None:
    """Note which links may not be used any more."""
    _log("expired", Counter(expired=invitations.expire_due(now=timezone.now())))


@shared_task
def apply_retention() -> None:
    """Erase what was kept long enough."""
    periods = retention.retention_periods()
    counts = retention.erase_outdated(now=timezone.now(), periods=periods)
    if counts.total():
        logger.info("Erased what was kept long enough: %s", _told(counts))


def _log(verb: str, counts: Counter[str]) -> None:
    if counts.total():
        logger.info("Surveys %s: %s", verb, _told(counts))


def _told(counts: Counter[str]) -> str:
    return ", ".join(f"{n} {what}" for what, n in counts.items())
