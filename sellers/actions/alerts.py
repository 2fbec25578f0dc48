"""What a user wants to be told of."""

from collections.abc import Collection
from datetime import datetime, time

from django.db import transaction

from sellers.enums import AlertKind, SellerEvent
from sellers.events import Actor, record
from sellers.models import AlertPreferences, User
from sellers.models.alerts import UNMAILED_AT_FIRST


@transaction.atomic
def choose_alerts(
    user: User,
    *,
    unlisted: Collection[AlertKind],
    unmailed: Collection[AlertKind],
    low_score_at_most: int,
    quiet_from: time | None,
    quiet_until: time | None,
    by: Actor,
    now: datetime,
) -> None:
    """Store which kinds of alerts a user does not want, and how."""
    preferences = _locked(user)
    _store(
        preferences,
        by=by,
        now=now,
        unlisted=sorted(unlisted),
        unmailed=sorted(unmailed),
        low_score_at_most=low_score_at_most,
        quiet_from=quiet_from,
        quiet_until=quiet_until,
    )


@transaction.atomic
def stop_mailing(user: User, *, kinds: Collection[AlertKind], by: Actor, now: datetime) -> None:
    """Mail a user no alerts of these kinds any more; twice is once."""
    preferences = _locked(user)
    _store(preferences, by=by, now=now, unmailed=sorted({*preferences.unmailed, *kinds}))


@transaction.atomic
def mail_again(user: User, *, kinds: Collection[AlertKind], by: Actor, now: datetime) -> None:
    """Mail a user alerts of these kinds after all; twice is once."""
    preferences = _locked(user)
    _store(preferences, by=by, now=now, unmailed=sorted({*preferences.unmailed} - {*kinds}))


def _locked(user: User) -> AlertPreferences:
    """Wait for whoever changes what this user wants, then see it as they left it."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    preferences, _is_new = AlertPreferences.objects.get_or_create(
        user=user, defaults={"unmailed": [*UNMAILED_AT_FIRST]}
    )
    return preferences


def _store(preferences: AlertPreferences, *, by: Actor, now: datetime, **chosen: object) -> None:
    changes = {
        name: [getattr(preferences, name), value]
        for name, value in chosen.items()
        if getattr(preferences, name) != value
    }
    if not changes:
        return
    for name, (_old, new) in changes.items():
        setattr(preferences, name, new)
    preferences.save(update_fields=changes)
    record(
        SellerEvent.ALERTS_CHOSEN,
        preferences.user,
        seller_id=None,
        by=by,
        now=now,
        changes=changes,
    )
