"""A task lapses with its measurement: then it is in no figure and nothing is left to do."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from sellers.events import Actor, event, record_all
from surveys.enums import FollowUpEvent, Lapse
from surveys.models import FollowUp, FollowUpContact, FollowUps


@transaction.atomic
def lapse_excluded(response_pks: Iterable[int], *, by: Actor, now: datetime) -> None:
    """Let the tasks of excluded measurements lapse; lifting the exclusion brings them back."""
    lapsing = _locked(FollowUp.objects.counting(), response_pks)
    _of(lapsing).update(lapsed_at=now, lapse=Lapse.EXCLUDED)
    _record(FollowUpEvent.LAPSED, lapsing, by=by, now=now)


@transaction.atomic
def count_again(response_pks: Iterable[int], *, by: Actor, now: datetime) -> None:
    """Let the tasks of measurements count again that were excluded, as they were before."""
    excluded = FollowUp.objects.filter(lapse=Lapse.EXCLUDED)
    counting = _locked(excluded, response_pks)
    _of(counting).update(lapsed_at=None, lapse="")
    _record(FollowUpEvent.COUNTS_AGAIN, counting, by=by, now=now)


@transaction.atomic
def lapse_erased(response_pks: Iterable[int], *, by: Actor, now: datetime) -> None:
    """Empty what was written about customers whose words were erased; the tasks lapse for ever."""
    erased = _locked(FollowUp.objects.exclude(lapse=Lapse.ERASED), response_pks)
    _of(erased).update(lapsed_at=now, lapse=Lapse.ERASED, note="", promised="", cause="", lesson="")
    pks = [followup.pk for followup in erased]
    FollowUpContact.objects.filter(followup__in=pks).exclude(note="").update(note="")
    _record(FollowUpEvent.LAPSED, erased, by=by, now=now)


def _locked(followups: FollowUps, response_pks: Iterable[int]) -> list[FollowUp]:
    """Wait for whoever works on these tasks; return them as they left them."""
    rows = followups.filter(response__in=list(response_pks)).order_by("pk")
    return list(rows.select_for_update(of=("self",), no_key=True))


def _of(followups: Iterable[FollowUp]) -> FollowUps:
    return FollowUp.objects.filter(pk__in=[followup.pk for followup in followups])


def _record(
    kind: FollowUpEvent, followups: Iterable[FollowUp], *, by: Actor, now: datetime
) -> None:
    record_all(
        event(kind, followup, seller_id=followup.seller_id, by=by, now=now)
        for followup in followups
    )
