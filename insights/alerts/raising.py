"""News becomes alerts: one for each person whom it concerns and who wants it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from insights.enums import UnsentAlertReason
from insights.models import Alert
from insights.recipients import Concerned, Team, told_of
from sellers.enums import AlertKind, Right, Role
from sellers.models import AlertPreferences, Membership

MAILED_WITHIN: Final = timedelta(hours=24)  # what is older is listed, and nobody's mailbox is full
KEPT_FOR: Final = timedelta(days=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """Something that members of a shop may want to know; `key` tells it from all else."""

    kind: AlertKind
    seller_id: int
    key: str
    happened_at: datetime
    concerned: Concerned = field(default_factory=Concerned)
    score: int | None = None
    query_id: int | None = None
    response_id: int | None = None
    followup_id: int | None = None
    day: date | None = None
    due_at: datetime | None = None
    numbers: Mapping[str, Any] = field(default_factory=dict)


def raise_alerts(news: Iterable[News], *, now: datetime) -> int:
    """Store who is told of what; return how many alerts were tried, those of before included.

    What is too old to be listed tells nobody.
    """
    fresh = [one for one in news if now - one.happened_at < KEPT_FOR]
    teams = _teams({one.seller_id for one in fresh})
    told = [
        (one, user)
        for one in fresh
        for user in sorted(told_of(one.kind, teams[one.seller_id], one.concerned))
    ]
    wishes = AlertPreferences.objects.by_user(user for _one, user in told)
    alerts = [
        alert
        for one, user in told
        if (alert := _alert(one, user, wishes[user], now=now)) is not None
    ]
    Alert.objects.bulk_create(alerts, ignore_conflicts=True, batch_size=1_000)
    return len(alerts)


def _teams(sellers: Iterable[int]) -> Mapping[int, Team]:
    """Return who works for each of some shops, in one statement."""
    owners, answering, everybody = (defaultdict[int, set[int]](set) for _ in range(3))
    members = Membership.objects.current().filter(seller__in=sellers, user__is_active=True)
    for member in members:
        everybody[member.seller_id].add(member.user_id)
        if member.may(Right.ANSWER):
            answering[member.seller_id].add(member.user_id)
        if member.role == Role.OWNER:
            owners[member.seller_id].add(member.user_id)
    return {
        seller: Team(owners=owners[seller], answering=answering[seller], all=everybody[seller])
        for seller in sellers
    }


def _alert(one: News, user: int, wish: AlertPreferences, *, now: datetime) -> Alert | None:
    """Return the alert of one person, or None when they want to hear nothing of it."""
    if one.score is not None and one.score > wish.low_score_at_most:
        return None
    listed, mailed = wish.lists(one.kind), wish.mails(one.kind)
    is_old = now - one.happened_at >= MAILED_WITHIN
    if not listed and (is_old or not mailed):
        return None
    unsent = UnsentAlertReason.TOO_OLD if is_old else ""
    return Alert(
        user_id=user,
        seller_id=one.seller_id,
        kind=one.kind,
        key=one.key,
        query_id=one.query_id,
        response_id=one.response_id,
        followup_id=one.followup_id,
        day=one.day,
        due_at=one.due_at,
        numbers=dict(one.numbers),
        happened_at=one.happened_at,
        created_at=now,
        listed=listed,
        unsent_reason=unsent if mailed else UnsentAlertReason.SWITCHED_OFF,
    )
