"""Staff publish what to do after a score: a version more, from then on for the tasks that open."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection, transaction

from sellers.events import Actor, record
from surveys.enums import FollowUpEvent
from surveys.models import Playbook, PlaybookStep


class StepText(NamedTuple):
    """One step as it is written, in both languages."""

    label_nl: str
    label_en: str
    hint_nl: str = ""
    hint_en: str = ""
    is_contact: bool = False


class NothingChanged(Exception):
    """The version that holds says the same already."""


class NoSteps(Exception):
    """A playbook has at least one step."""


@transaction.atomic
def publish(
    score: int,
    *,
    intro_nl: str,
    intro_en: str,
    steps: Sequence[StepText],
    by: Actor,
    now: datetime,
) -> Playbook:
    """Store a new version for a score; tasks keep the version they opened with.

    Raises NoSteps or NothingChanged.
    """
    if not steps:
        raise NoSteps
    _one_at_a_time(score)
    held = Playbook.objects.filter(score=score).order_by("version").last()
    intros = (intro_nl, intro_en)
    if held and (held.intro_nl, held.intro_en) == intros and texts_of(held) == list(steps):
        raise NothingChanged
    playbook = Playbook.objects.create(
        score=score,
        version=held.version + 1 if held else 1,
        intro_nl=intro_nl,
        intro_en=intro_en,
        published_at=now,
        published_by=by.account,
    )
    PlaybookStep.objects.bulk_create(
        PlaybookStep(playbook=playbook, position=position, **step._asdict())
        for position, step in enumerate(steps, start=1)
    )
    record(
        FollowUpEvent.PLAYBOOK_PUBLISHED,
        playbook,
        seller_id=None,
        by=by,
        now=now,
        score=score,
        version=playbook.version,
    )
    return playbook


def texts_of(playbook: Playbook) -> list[StepText]:
    """Return the steps of a playbook as they were written, in their order."""
    steps = playbook.steps.order_by("position")
    return [StepText(*row) for row in steps.values_list(*StepText._fields)]


def _one_at_a_time(score: int) -> None:
    """Wait until nobody else publishes for this score."""
    # No row is locked for it: the application may change none.
    with connection.cursor() as cursor:
        key = "hashtext('surveys.publish_playbook')"
        cursor.execute(f"SELECT pg_advisory_xact_lock({key}, %s)", [score])
