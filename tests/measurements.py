"""Measurements without their history: quickly stored, and as many as a test wants."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import uuid4

from django.conf import settings
from django.db import transaction

from queries.enums import ActorType
from sellers.events import Actor
from sellers.models import Seller
from surveys.exclusions import AlreadyExcluded, AlreadyLifted
from surveys.imports.storing import SourceFile, close_batch
from surveys.models import ImportBatch, ResponseTopic, SurveyResponse, Topic
from surveys.periods import month_of


@contextmanager
def an_import(*, now: datetime, name: str = "history.csv") -> Iterator[int]:
    """Give the key of an import for what is stored within; then close it."""
    with transaction.atomic():
        pk = ImportBatch.objects.next_pk()
        yield pk
        file = SourceFile(name, b"")
        close_batch(pk, file, format_name="portal", skipped=0, by=Actor.SYSTEM, now=now)


def imported(
    seller: Seller,
    *scores: int,
    submitted_at: datetime,
    imported_at: datetime | None = None,
    external_id: str = "",
    topics: Collection[Topic] = (),
    closed_by: ActorType = ActorType.SELLER,
    reason: str = "",
) -> list[SurveyResponse]:
    """Store measurements from before this portal, one for each score, all else alike."""
    if not scores:
        return []
    now = imported_at or submitted_at
    with an_import(now=now) as batch_pk:
        responses = SurveyResponse.objects.bulk_create(
            SurveyResponse(
                seller=seller,
                closed_by=closed_by,
                score=score,
                submitted_at=submitted_at,
                month=month_of(submitted_at, settings.MARKETPLACE_ZONE),
                reason=reason,
                external_id=external_id or uuid4().hex,
                imported_at=now,
                batch_id=batch_pk,
            )
            for score in scores
        )
    ResponseTopic.objects.bulk_create(
        ResponseTopic(response=response, topic=topic) for response in responses for topic in topics
    )
    return responses


def outcome(call: Callable[[], object]) -> str:
    """Exclude or include something; return how it went: done, or the name of what was raised."""
    try:
        call()
    except (AlreadyExcluded, AlreadyLifted) as refusal:
        return type(refusal).__name__
    return "done"
