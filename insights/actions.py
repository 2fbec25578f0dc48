"""Staff announce a service standard, change it or withdraw it, as long as it has not begun."""

from collections.abc import Collection
from datetime import date, datetime

from django.conf import settings
from django.db import transaction

from insights.enums import StandardEvent
from insights.models import ServiceStandard
from insights.standards import Objection, objections
from sellers.events import Actor, record


class StandardRefused(Exception):
    """A standard cannot be announced like this."""

    def __init__(self, objections: Collection[Objection]) -> None:
        super().__init__(*sorted(objection.name for objection in objections))
        self.objections = objections


class DayIsTaken(Exception):
    """Another standard begins on that day."""


class HasBegun(Exception):
    """The standard holds or held: its terms stay, and so does it."""


@transaction.atomic
def announce_standard(
    standard: ServiceStandard, *, by: Actor, now: datetime, confirmed: bool = False
) -> ServiceStandard:
    """Store a standard that begins on a day to come; the one before it holds until then.

    What would judge the running month anew must be confirmed.
    Raises StandardRefused, DayIsTaken.
    """
    _one_at_a_time()
    _check(standard, today=_day(now), confirmed=confirmed)
    standard.set_by = by.account
    standard.save(force_insert=True)
    _record(StandardEvent.ANNOUNCED, standard, by=by, now=now)
    return standard


@transaction.atomic
def change_standard(
    standard: ServiceStandard, *, by: Actor, now: datetime, confirmed: bool = False
) -> ServiceStandard:
    """Store other terms, announced anew, of a standard that has not begun; or other labels of any.

    Raises HasBegun, StandardRefused, DayIsTaken.
    """
    _one_at_a_time()
    stored = ServiceStandard.objects.get(pk=standard.pk)
    if any(getattr(stored, term) != getattr(standard, term) for term in ServiceStandard.TERMS):
        if stored.has_begun(today=_day(now)):
            raise HasBegun
        _check(standard, today=_day(now), confirmed=confirmed)
        standard.set_by = by.account
    standard.save(force_update=True)
    _record(StandardEvent.CHANGED, standard, by=by, now=now)
    return standard


@transaction.atomic
def withdraw_standard(standard: ServiceStandard, *, by: Actor, now: datetime) -> None:
    """Delete a standard that has not begun; the one before it holds on. Raises HasBegun."""
    _one_at_a_time()
    stored = ServiceStandard.objects.get(pk=standard.pk)
    if stored.has_begun(today=_day(now)):
        raise HasBegun
    _record(StandardEvent.WITHDRAWN, stored, by=by, now=now)
    standard.delete()


def _one_at_a_time() -> None:
    """Wait until nobody else changes a standard; the seeded ones are always there to lock."""
    list(ServiceStandard.objects.select_for_update().order_by("pk"))


def _day(now: datetime) -> date:
    return now.astimezone(settings.MARKETPLACE_ZONE).date()


def _record(kind: StandardEvent, standard: ServiceStandard, *, by: Actor, now: datetime) -> None:
    terms = {term: getattr(standard, term) for term in ServiceStandard.TERMS}
    record(kind, standard, seller_id=None, by=by, now=now, **terms)


def _check(standard: ServiceStandard, *, today: date, confirmed: bool) -> None:
    found = objections(
        valid_from=standard.valid_from, announced_on=standard.announced_on, today=today
    )
    if confirmed:
        found.discard(Objection.JUDGES_RUNNING_MONTH)
    if found:
        raise StandardRefused(found)
    others = ServiceStandard.objects.exclude(pk=standard.pk)
    if others.filter(valid_from=standard.valid_from).exists():
        raise DayIsTaken
