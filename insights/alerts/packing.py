"""Alerts become mails: a few an hour alone, the rest together, none in somebody's quiet hours."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Q

from insights.alerts.raising import KEPT_FOR, MAILED_WITHIN
from insights.bundling import HOUR, pack
from insights.enums import AlertWork, UnsentAlertReason
from insights.models import Alert, AlertCursor, AlertMail
from sellers.enums import AlertKind, MailState
from sellers.models import AlertPreferences, User


@transaction.atomic
def pack_mails(*, now: datetime) -> int:
    """Put into mails what waits to be mailed; return how many mails were made.

    None while somebody else does the same. What still waits is looked at the next time.
    """
    cursors = AlertCursor.objects.select_for_update(skip_locked=True)
    if cursors.filter(work=AlertWork.MAILS).first() is None:
        return 0
    Alert.objects.to_mail().filter(happened_at__lte=now - MAILED_WITHIN).update(
        unsent_reason=UnsentAlertReason.TOO_OLD
    )
    waiting = defaultdict[int, list[Alert]](list)
    for alert in Alert.objects.to_mail().order_by("happened_at", "pk"):
        waiting[alert.user_id].append(alert)
    wishes = AlertPreferences.objects.by_user(waiting)
    people = [user for user, wish in wishes.items() if wish.quiet_end(now=now) is None]
    recent = _recent_mails(people, now=now)
    users = User.objects.in_bulk(people)
    return sum(
        _pack(user, waiting[pk], recent.get(pk, (0, 0)), now=now) for pk, user in users.items()
    )


def drop_old(*, now: datetime) -> int:
    """Delete the alerts that are long past, and their mails; return how many alerts."""
    count, _models = Alert.objects.filter(happened_at__lt=now - KEPT_FOR).delete()
    AlertMail.objects.finished_before(now - KEPT_FOR).filter(alerts=None).delete()
    return count


def _recent_mails(users: Iterable[int], *, now: datetime) -> Mapping[int, tuple[int, int]]:
    """Return how many mails each of some users got in the last hour: (alone, together).

    The weekly overview is none of them, nor is what was not sent after all.
    """
    recent = AlertMail.objects.filter(user__in=users, created_at__gt=now - HOUR)
    sent = recent.exclude(state=MailState.SUPPRESSED).exclude(kinds=[AlertKind.DIGEST])
    counted = sent.values_list("user").annotate(
        alone=Count("pk", filter=Q(is_bundle=False)), together=Count("pk", filter=Q(is_bundle=True))
    )
    return {user: (alone, together) for user, alone, together in counted}


def _pack(user: User, waiting: Sequence[Alert], recent: tuple[int, int], *, now: datetime) -> int:
    """Put what waits for one user into mails; return how many."""
    overviews = [alert for alert in waiting if alert.kind == AlertKind.DIGEST]
    others = [alert for alert in waiting if alert.kind != AlertKind.DIGEST]
    alone, together = recent
    packing = pack(len(others), alone=alone, bundled=bool(together))
    mails = [[alert] for alert in [*overviews, *others[: packing.alone]]]
    for alerts in mails:
        _make_mail(user, alerts, is_bundle=False, now=now)
    if packing.together:
        rest = others[packing.alone : packing.alone + packing.together]
        _make_mail(user, rest, is_bundle=True, now=now)
    return len(mails) + bool(packing.together)


def _make_mail(user: User, alerts: Sequence[Alert], *, is_bundle: bool, now: datetime) -> None:
    """Queue a mail in the user's stored language; a sender takes it from there."""
    mail = AlertMail(
        user=user,
        language=user.language,
        kinds=sorted({alert.kind for alert in alerts}),
        is_bundle=is_bundle,
        state=MailState.DECIDED,
        next_try_at=now,
        created_at=now,
    )
    mail.make_link()
    mail.save()
    Alert.objects.filter(pk__in=[alert.pk for alert in alerts]).update(mail=mail)
