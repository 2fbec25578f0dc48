"""Staff exclude a measurement or a whole import, or include it again; nothing measured changes."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Count

from sellers.events import Actor, event, record, record_all
from sellers.models import Seller
from surveys.enums import SurveyEvent
from surveys.followups.lapsing import count_again, lapse_excluded
from surveys.models import ImportBatch, MeasurementExclusion, SurveyResponse


class AlreadyExcluded(Exception):
    """The measurement, or the import as a whole, is excluded already."""


class AlreadyLifted(Exception):
    """The measurement, or the import as a whole, is included again already."""


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
def exclude_import(
    batch: ImportBatch, *, reason: str, by: Actor, now: datetime
) -> MeasurementExclusion:
    """Exclude all that came with an import from the scores of its shops, which read the reason.

    That is one row, however many measurements there are; nothing imported has a follow-up task.
    Raises AlreadyExcluded.
    """
    assert by.account, "Somebody of the staff decides."
    try:
        with transaction.atomic():
            exclusion = MeasurementExclusion.objects.create(
                batch=batch, reason=reason, excluded_at=now, excluded_by=by.account
            )
    except IntegrityError as error:
        if batch.exclusions.in_force().exists():
            raise AlreadyExcluded from error
        raise
    _record_import(SurveyEvent.IMPORT_EXCLUDED, exclusion, by=by, now=now)
    return exclusion


@transaction.atomic
def lift(exclusion: MeasurementExclusion, *, by: Actor, now: datetime) -> None:
    """Include a measurement again, unless its import is excluded too. Raises AlreadyLifted."""
    response = exclusion.response
    assert response, "An import is included again with a reason."
    _lift(exclusion, by=by, now=now)
    count_again([response.pk], by=by, now=now)
    _record(SurveyEvent.COUNTS_AGAIN, exclusion, by=by, now=now)


@transaction.atomic
def lift_import(batch: ImportBatch, *, reason: str, by: Actor, now: datetime) -> None:
    """Include again all that came with an import, but for what is excluded by itself too.

    Raises AlreadyLifted.
    """
    exclusion = batch.exclusions.in_force().first()
    if exclusion is None:
        raise AlreadyLifted
    _lift(exclusion, by=by, now=now, reason=reason)
    _record_import(SurveyEvent.IMPORT_COUNTS_AGAIN, exclusion, by=by, now=now)


def _lift(exclusion: MeasurementExclusion, *, by: Actor, now: datetime, reason: str = "") -> None:
    assert by.account, "Somebody of the staff decides."
    exclusion.refresh_from_db(from_queryset=MeasurementExclusion.objects.select_for_update())
    if exclusion.lifted_at is not None:
        raise AlreadyLifted
    exclusion.lifted_at, exclusion.lifted_by, exclusion.lift_reason = now, by.account, reason
    exclusion.save(update_fields=["lifted_at", "lifted_by", "lift_reason"])


def _record(
    kind: SurveyEvent, exclusion: MeasurementExclusion, *, by: Actor, now: datetime
) -> None:
    response = exclusion.response
    assert response, "It is about one measurement."
    record(kind, response, seller_id=response.seller_id, by=by, now=now, exclusion=exclusion.pk)


def _record_import(
    kind: SurveyEvent, exclusion: MeasurementExclusion, *, by: Actor, now: datetime
) -> None:
    """Write one event for each shop, as the import itself had, and not one per measurement."""
    batch = exclusion.batch
    assert batch, "It is about an import."
    counts = batch.responses.order_by("seller").values_list("seller").annotate(count=Count("pk"))
    details = {"batch": batch.pk, "exclusion": exclusion.pk}
    record_all(
        event(kind, Seller(pk=seller), seller_id=seller, by=by, now=now, count=count, **details)
        for seller, count in counts
    )
