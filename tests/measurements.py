"""Measurements without their history: quickly stored, and as many as a test wants."""

from collections.abc import Collection
from datetime import datetime
from uuid import uuid4

from django.conf import settings

from queries.enums import ActorType
from sellers.models import Seller
from surveys.models import ResponseTopic, SurveyResponse, Topic
from surveys.periods import month_of


def imported(
    seller: Seller,
    *scores: int,
    submitted_at: datetime,
    topics: Collection[Topic] = (),
    closed_by: ActorType = ActorType.SELLER,
    reason: str = "",
) -> list[SurveyResponse]:
    """Store measurements from before this portal, one for each score, all else alike."""
    responses = SurveyResponse.objects.bulk_create(
        SurveyResponse(
            seller=seller,
            closed_by=closed_by,
            score=score,
            submitted_at=submitted_at,
            month=month_of(submitted_at, settings.MARKETPLACE_ZONE),
            reason=reason,
            external_id=uuid4().hex,
            imported_at=submitted_at,
        )
        for score in scores
    )
    ResponseTopic.objects.bulk_create(
        ResponseTopic(response=response, topic=topic) for response in responses for topic in topics
    )
    return responses
