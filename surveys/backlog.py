"""What deciding and sending have still to do, for who watches over it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count, Min, Q

from queries.models import Closing
from sellers import mailings
from sellers.models import Installation, MailServer, RefusedAddress, WebhookDelivery
from surveys.deciding import survey_rules

LATE_AFTER: Final = timedelta(minutes=15)  # deciding and sending run every minute
MOST_COUNTED: Final = 1_000
REFUSED_DURING: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Backlog:
    """What is behind at one moment.

    `closings` are past the moment at which their survey was to be decided, the first of them since
    `closings_since`; of them `stale` are so late that they get no survey any more. `mails` may
    leave now, and `calls` to webhooks: at most MOST_COUNTED of each kind are counted. `refused` is
    how many addresses were refused for good during the last 24 hours. `is_held` is a restored
    database.
    """

    closings: int
    closings_since: datetime | None
    stale: int
    mails: int
    calls: int
    refused: int
    paused_until: datetime | None
    is_held: bool
    now: datetime

    @property
    def waited(self) -> timedelta:
        """Return how long the first of the closings has waited."""
        return self.now - self.closings_since if self.closings_since else timedelta()

    @property
    def deciding_is_late(self) -> bool:
        """Return whether surveys are decided too late."""
        return self.waited > LATE_AFTER

    @property
    def sending_is_late(self) -> bool:
        """Return whether mail leaves too late: the server is left alone, or too much waits."""
        return self.paused_until is not None or self.mails >= MOST_COUNTED


def backlog(*, now: datetime) -> Backlog:
    """Return what is behind; some statements over partial indexes."""
    rules = survey_rules(now=now)
    delay = rules.delay
    due = Closing.objects.undecided().filter(closed_at__lte=now - delay)
    is_stale = Q(closed_at__lt=now - delay - rules.stale_after)
    found = due.aggregate(
        count=Count("pk"), first=Min("closed_at"), stale=Count("pk", filter=is_stale)
    )
    calls = WebhookDelivery.objects.due(now=now)[:MOST_COUNTED]
    paused = MailServer.objects.paused(now=now).values_list("paused_until", flat=True).first()
    refused = RefusedAddress.objects.filter(refused_at__gt=now - REFUSED_DURING)
    return Backlog(
        closings=found["count"],
        closings_since=found["first"] and found["first"] + delay,
        stale=found["stale"],
        mails=mailings.waiting(now=now, most=MOST_COUNTED),
        calls=calls.count(),
        refused=refused.count(),
        paused_until=paused,
        is_held=Installation.objects.held().exists(),
        now=now,
    )
