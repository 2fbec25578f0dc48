"""Work that is behind is told to staff: when it begins, once a day, and when it is over.

What is measured is due already, so one measure of lateness fits all. A mail server that fails keeps
these mails back too: staff's start page and /health/sender say the same.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import Sum

from insights.enums import AlertWork
from insights.models import AlertCursor
from insights.reminders import morning
from sellers import mailings
from sellers.enums import TroubleKind
from sellers.models import (
    Event,
    EventCursor,
    MailDay,
    MailServer,
    Trouble,
    WebhookCursor,
    WebhookDelivery,
)
from surveys.backlog import LATE_AFTER, backlog
from surveys.models import Invitation

TOLD_EVERY: Final = timedelta(days=1)
OVER_AFTER: Final = timedelta(minutes=15)  # without it: what comes and goes is one trouble
BOUNCED_FROM: Final = 20  # mails that came back today and yesterday …
BOUNCED_SHARE: Final = 0.05  # … of all that left
REFUSALS_FROM: Final = 2  # in a row


@dataclass(frozen=True, slots=True)
class Found:
    """Something that is not as it should be: since when, and what it stopped at, if anything."""

    since: datetime
    mark: str = ""


@dataclass(frozen=True, slots=True)
class News:
    """What staff are to be told: what began, what lasts, and what is over, each with its moment."""

    begun: dict[TroubleKind, datetime] = field(default_factory=dict)
    lasting: dict[TroubleKind, datetime] = field(default_factory=dict)
    over: dict[TroubleKind, datetime] = field(default_factory=dict)

    def parts(self) -> dict[str, dict[TroubleKind, datetime]]:
        """Return the three by their names."""
        return {"begun": self.begun, "lasting": self.lasting, "over": self.over}

    def __bool__(self) -> bool:
        return bool(self.begun or self.lasting or self.over)


@transaction.atomic
def watch(*, now: datetime) -> News:
    """Note what is behind; return what staff were not told yet. Twice at once tells it once."""
    found, news = troubles(now=now), News()
    Trouble.objects.bulk_create(
        [
            Trouble(kind=kind, since=each.since, mark=each.mark, seen_at=now)
            for kind, each in found.items()
        ],
        ignore_conflicts=True,
    )
    for row in Trouble.objects.select_for_update().order_by("kind"):
        _note(row, found.get(TroubleKind(row.kind)), news, now=now)
    return news


def behind(*, now: datetime) -> dict[TroubleKind, datetime]:
    """Return what is behind and since when: what staff were told, and what is seen just now."""
    told = Trouble.objects.filter(told_at__isnull=False).values_list("kind", "since")
    seen = {
        kind: each.since
        for kind, each in troubles(now=now).items()
        if now - each.since >= LATE_AFTER
    }
    both = {TroubleKind(kind): since for kind, since in told} | seen
    return {kind: both[kind] for kind in TroubleKind if kind in both}


def troubles(*, now: datetime) -> Mapping[TroubleKind, Found]:
    """Return what may be behind; some statements over partial indexes."""
    return dict([*_work(now), *_readers(now), *_of_the_mail_server(now)])


def _note(row: Trouble, found: Found | None, news: News, *, now: datetime) -> None:
    """Note how one trouble goes on, and what is to be told of it."""
    kind = TroubleKind(row.kind)
    if found is None:
        if row.told_at is None:
            row.delete()
        elif now - row.seen_at >= OVER_AFTER:
            news.over[kind] = row.since
            row.delete()
        return
    if row.mark != found.mark:
        row.since, row.mark = found.since, found.mark
    row.seen_at = max(row.seen_at, now)
    if now - row.since >= LATE_AFTER and (row.told_at is None or now - row.told_at >= TOLD_EVERY):
        (news.lasting if row.told_at else news.begun)[kind] = row.since
        row.told_at = now
    row.save()


def _work(now: datetime) -> Iterator[tuple[TroubleKind, Found]]:
    """Yield the work whose oldest piece has been due for too long."""
    waiting = mailings.oldest_by_kind(now=now)
    calls = WebhookDelivery.objects.due(now=now).order_by("next_try_at")
    since = {
        TroubleKind.DECIDING: backlog(now=now).closings_since,
        TroubleKind.INVITATIONS: waiting.pop(Invitation, None),
        TroubleKind.MAIL: min(waiting.values(), default=None),
        TroubleKind.DIGEST: _digest_since(now),
        TroubleKind.WEBHOOKS: calls.values_list("next_try_at", flat=True).first(),
    }
    for kind, moment in since.items():
        if moment and now - moment >= LATE_AFTER:
            yield kind, Found(moment)


def _digest_since(now: datetime) -> datetime | None:
    """Return when the overview of the week that ended was to be made; None once it is.

    Where none was ever made nobody waits for one.
    """
    today = now.astimezone(settings.MARKETPLACE_ZONE).date()
    monday = today - timedelta(days=today.weekday())
    begins = morning(monday, zone=settings.MARKETPLACE_ZONE)
    cursor = AlertCursor.objects.get(work=AlertWork.TIMES)
    is_missing = cursor.week is not None and cursor.week < monday
    return begins if is_missing and now >= begins else None


def _readers(now: datetime) -> Iterator[tuple[TroubleKind, Found]]:
    """Yield whose events wait; late once it still stops at the same one.

    By the age of an event it cannot be judged: what is fed in may have happened long ago.
    """
    cursors: dict[TroubleKind, EventCursor] = {
        TroubleKind.ALERTS: AlertCursor.objects.get(work=AlertWork.EVENTS),
        TroubleKind.WEBHOOKS_READING: WebhookCursor.objects.get(),
    }
    for kind, cursor in cursors.items():
        if Event.objects.settled_after(cursor.position).exists():
            yield kind, Found(now, f"{cursor.transaction} {cursor.event_id}")


def _of_the_mail_server(now: datetime) -> Iterator[tuple[TroubleKind, Found]]:
    """Yield what is wrong with the mail that leaves; late once it stays so."""
    if MailServer.objects.filter(refusals__gte=REFUSALS_FROM).exists():
        yield TroubleKind.SERVER, Found(now)
    if mailings.is_tried_in_vain():
        yield TroubleKind.RETRIED, Found(now)
    yesterday = now.astimezone(UTC).date() - timedelta(days=1)
    days = MailDay.objects.filter(day__gte=yesterday)
    counted = days.aggregate(left=Sum("left", default=0), bounced=Sum("bounced", default=0))
    share = counted["bounced"] / max(counted["left"], 1)
    if counted["bounced"] >= BOUNCED_FROM and share > BOUNCED_SHARE:
        yield TroubleKind.BOUNCES, Found(now)
