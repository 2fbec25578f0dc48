"""What became of what the platform told of."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import TextChoices
from rest_framework.exceptions import APIException

from queries.enums import FedKind


class Outcome(TextChoices):
    """What became of one item."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    WAITING = "waiting"
    REJECTED = "rejected"


class Effect(TextChoices):
    """What follows from an item that one may not expect."""

    DEADLINE_PASSED = "deadline_passed"
    OLDER_THAN_KNOWN = "older_than_known"
    ERASED = "erased"
    SURVEY_STALE = "survey_stale"


@dataclass(slots=True)
class Result:
    """What became of one item, and what follows from it.

    `row` is what is stored, `waits_for` what has to come first, `problem` why it was rejected.
    """

    kind: FedKind
    external_id: str
    outcome: Outcome
    row: Any = None
    row_pk: int | None = None
    effects: list[Effect] = field(default_factory=list)
    waits_for: tuple[str, str] | None = None
    problem: APIException | None = None
