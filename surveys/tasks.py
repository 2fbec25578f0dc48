"""The survey engine's clock. Each task may run twice, late, or beside itself."""

import logging
from collections import Counter

from celery import shared_task
from django.utils import timezone

from sellers.tasks import unless_held
from surveys import deciding, inviting, retention
from surveys.followups import escalation

logger = logging.getLogger(__name__)


@shared_task
@unless_held
def decide_surveys() -> Counter[str]:
    """Decide every due closing."""
    rules = deciding.survey_rules(now=timezone.now())
    counts = Counter[str]()
    while decided := deciding.decide_due(now=timezone.now(), rules=rules):
        counts += decided
    _log("decided", counts)
    return counts


@shared_task
@unless_held
def expire_surveys() -> None:
    """Note which links may not be used any more."""
    _log("expired", Counter(expired=inviting.expire_due(now=timezone.now())))


@shared_task
@unless_held
def watch_followups() -> None:
    """Tell once of each task that is overdue, and give those of who left to others."""
    counts = Counter(overdue=escalation.escalate_overdue(now=timezone.now()))
    counts["handed on"] = escalation.hand_on_left(now=timezone.now())
    if counts.total():
        logger.info("Follow-up tasks: %s", _listed(counts))


@shared_task
def apply_retention() -> None:
    """Erase what was kept long enough."""
    periods = retention.retention_periods()
    counts = retention.erase_outdated(now=timezone.now(), periods=periods)
    if counts.total():
        logger.info("Erased what was kept long enough: %s", _listed(counts))


def _log(verb: str, counts: Counter[str]) -> None:
    if counts.total():
        logger.info("Surveys %s: %s", verb, _listed(counts))


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{n} {what}" for what, n in counts.items())
