"""What a shop can do today, and what a new shop does first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db.models import Exists, QuerySet, Subquery

from insights.reports.followups import midnight_after
from insights.reports.tallies import numbers, tallies_of
from insights.reports.topics import TopicRow
from queries.models import Closing, CustomerQuery, at_turn
from queries.worklist import Number, Tally
from sellers.made_once import ValuesOnce
from sellers.models import Seller
from surveys.models import FollowUp, Invitation, SurveyResponse
from surveys.periods import Period


@dataclass(frozen=True, slots=True)
class ToDo:
    """What presses: follow-ups, customers who wait long, and a topic that costs points.

    Of the follow-ups that are `open` some are `late`, others due `today`. `topic` is None when no
    topic is below the average; a small shop has `remarks` to read instead.
    """

    late: Tally
    today: Tally
    open: Tally
    waiting_long: Tally
    remarks: Tally
    topic: TopicRow | None

    @property
    def is_empty(self) -> bool:
        """Return whether nothing is to be done."""
        pressing = self.open.number or self.topic or self.waiting_long.number
        return not (pressing or self.remarks.number)


def what_to_do(
    seller: Seller, *, costliest: TopicRow | None, small_in: Period | None, now: datetime
) -> ToDo:
    """Count what presses in one statement, each up to a limit, beside the topic that costs most.

    `small_in` are the days that a small shop reads together, and None of other shops.
    """
    # Of other shops between no moments: the database need not look.
    since, until = small_in.bounds(settings.MARKETPLACE_ZONE) if small_in else (None, None)
    moments = {"now": now, "midnight": midnight_after(now), "since": since, "until": until}
    (row,) = PRESSING.all(seller=seller.pk, **moments)
    late, today, open_, waiting_long, remarks = tallies_of(row)
    return ToDo(late, today, open_, waiting_long, remarks, topic=costliest)


def _pressing(
    *, seller: int, now: datetime, midnight: datetime, since: datetime, until: datetime
) -> QuerySet[Seller, tuple[Any, ...]]:
    """Return the statement, in the order of the fields."""
    mine = FollowUp.objects.filter(seller=seller)
    queries = CustomerQuery.objects.filter(seller=seller)
    answers = SurveyResponse.objects.filter(seller=seller).counting().exclude(reason="")
    return numbers(
        seller,
        mine.late(now=now),
        mine.due_between(now, midnight),
        mine.open(),
        queries.waiting_long(now=now),
        answers.filter(submitted_at__gte=since, submitted_at__lt=until),
    )


PRESSING: Final = ValuesOnce(
    {
        "seller": int,
        "now": datetime,
        "midnight": datetime,
        "since": datetime,
        "until": datetime,
    },
    _pressing,
)


@dataclass(frozen=True, slots=True)
class FirstSteps:
    """How far a shop without measurements is.

    `waiting` is how many queries are at its turn, `oldest` since when one is; `has_closed` is
    whether it closed any, `has_sent` whether a survey went out.
    """

    waiting: int
    oldest: datetime | None
    has_closed: bool
    has_sent: bool


def first_steps(seller: Seller, *, now: datetime) -> FirstSteps:
    """Look in one statement how far a shop without measurements is."""
    waiting = CustomerQuery.objects.for_seller(seller).filter(at_turn(now=now)).order_by()
    sent = Invitation.objects.for_seller(seller).filter(sent_at__isnull=False)
    row = (
        Seller.objects.filter(pk=seller.pk)
        .values_list(
            Number(waiting.values("pk")),
            Subquery(waiting.order_by("turn_since").values("turn_since")[:1]),
            Exists(Closing.objects.for_seller(seller)),
            Exists(sent),
        )
        .get()
    )
    return FirstSteps(*row)
