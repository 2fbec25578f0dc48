"""What a shop can do today, and what a new shop does first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Exists, Subquery

from insights.reports.followups import Part
from insights.reports.tallies import tallies
from insights.reports.topics import TopicReport, TopicRow
from queries.models import Closing, CustomerQuery, at_turn
from queries.worklist import Number, Tally
from sellers.models import Seller, User
from surveys.models import FollowUp, Invitation

FOLLOWUPS: Final = (Part.LATE, Part.TODAY, Part.OPEN)


@dataclass(frozen=True, slots=True)
class ToDo:
    """What presses: follow-ups, a topic that costs points, and customers who wait long.

    `topic` is None when no topic is below the average.
    """

    followups: Mapping[Part, Tally]
    topic: TopicRow | None
    waiting_long: Tally

    @property
    def late(self) -> Tally:
        """Return how many follow-ups are late."""
        return self.followups[Part.LATE]

    @property
    def today(self) -> Tally:
        """Return how many follow-ups are due today."""
        return self.followups[Part.TODAY]

    @property
    def open(self) -> Tally:
        """Return how many follow-ups are open, late and due today included."""
        return self.followups[Part.OPEN]

    @property
    def is_empty(self) -> bool:
        """Return whether nothing is to be done."""
        return not (self.open.number or self.topic or self.waiting_long.number)


def what_to_do(seller: Seller, *, topics: TopicReport, user: User, now: datetime) -> ToDo:
    """Count what presses in one statement, each up to a limit."""
    mine = FollowUp.objects.for_seller(seller)
    *followups, waiting_long = tallies(
        seller,
        *(part.of(mine, user=user, now=now) for part in FOLLOWUPS),
        CustomerQuery.objects.for_seller(seller).waiting_long(now=now),
    )
    return ToDo(
        followups=dict(zip(FOLLOWUPS, followups, strict=True)),
        topic=topics.costliest,
        waiting_long=waiting_long,
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
