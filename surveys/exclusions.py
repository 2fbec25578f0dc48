"""Staff exclude a measurement, or include it again; the measurement itself never changes."""

from datetime import datetime

from django.db import transaction

from sellers.events import Actor, record
from surveys.enums import SurveyEvent
from surveys.followups.lapsing import count_again, lapse_excluded
from surveys.models import MeasurementExclusion, SurveyResponse


class AlreadyExcluded(Exception):
    """The measurement is excluded already."""


class AlreadyLifted(Exception):
    """The measurement is included again already."""


@transaction.atomic
def exclude(
    response: SurveyResponse, *, reason: str, by: Actor, now: datetime
) -> MeasurementExclusion:
    """Exclude a measurement from the score of its shop, which reads the reason.

    Raises AlreadyExcluded.
    """
    assert by.account, "Somebody of the staff decides."
    SurveyResponse.objects.select_for_update(no_key=True).get(pk=response.pk)
    if response.exclusions.filter(lifted_at=None).exists():
        raise AlreadyExcluded
    exclusion = MeasurementExclusion.objects.create(
        response=response, reason=reason, excluded_at=now, excluded_by=by.account
    )
    lapse_excluded([response.pk], by=by, now=now)
    _record(SurveyEvent.EXCLUDED, exclusion, by=by, now=now)
    return exclusion


@transaction.atomic
def lift(exclusion: MeasurementExclusion, *, by: Actor, now: datetime) -> None:
    """Include a measurement again. Raises AlreadyLifted."""
    assert by.account, "Somebody of the staff decides."
    exclusion.refresh_from_db(from_queryset=MeasurementExclusion.objects.select_for_update())
    if exclusion.lifted_at is not None:
        raise AlreadyLifted
    exclusion.lifted_at, exclusion.lifted_by = now, by.account
    exclusion.save(update_fields=["lifted_at", "lifted_by"])
    count_again([exclusion.response_id], by=by, now=now)
    _record(SurveyEvent.COUNTS_AGAIN, exclusion, by=by, now=now)


def _record(
    kind: SurveyEvent, exclusion: MeasurementExclusion, *, by: Actor, now: datetime
) -> None:
    response = exclusion.response
    record(kind, response, seller_id=response.seller_id, by=by, now=now, exclusion=exclusion.pk)
