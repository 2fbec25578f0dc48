"""Staff let a measurement not count, or count again; the measurement itself never changes."""

from datetime import datetime

from django.db import transaction

from sellers.models import User
from surveys.models import MeasurementExclusion, SurveyResponse


class AlreadyExcluded(Exception):
    """The measurement does not count as it is."""


class AlreadyLifted(Exception):
    """The measurement counts again as it is."""


@transaction.atomic
def exclude(
    response: SurveyResponse, *, reason: str, by: User, now: datetime
) -> MeasurementExclusion:
    """Let a measurement not count for its shop, which reads the reason.

    Raises AlreadyExcluded.
    """
    SurveyResponse.objects.select_for_update(no_key=True).get(pk=response.pk)
    if response.exclusions.filter(lifted_at=None).exists():
        raise AlreadyExcluded
    return MeasurementExclusion.objects.create(
        response=response, reason=reason, excluded_at=now, excluded_by=by
    )


@transaction.atomic
def lift(exclusion: MeasurementExclusion, *, by: User, now: datetime) -> None:
    """Let a measurement count again. Raises AlreadyLifted."""
    exclusion.refresh_from_db(from_queryset=MeasurementExclusion.objects.select_for_update())
    if exclusion.lifted_at is not None:
        raise AlreadyLifted
    exclusion.lifted_at, exclusion.lifted_by = now, by
    exclusion.save(update_fields=["lifted_at", "lifted_by"])
