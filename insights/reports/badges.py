"""What the bar above every page of a shop counts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet

from insights.models import Alert
from insights.reports.tallies import numbers, tallies_of
from queries.worklist import Tally
from sellers.made_once import ValuesOnce
from sellers.models import Seller, User
from surveys.models import FollowUp


@dataclass(frozen=True, slots=True)
class Badges:
    """How many follow-ups of the shop are late, and how many alerts the reader did not read."""

    late: Tally
    unread: Tally


def count_badges(seller: Seller, *, user: User, now: datetime) -> Badges:
    """Count both in one statement."""
    (row,) = BADGES.all(seller=seller.pk, user=user.pk, now=now)
    return Badges(*tallies_of(row))


def _badges(*, seller: int, user: int, now: datetime) -> QuerySet[Seller, tuple[Any, ...]]:
    late = FollowUp.objects.filter(seller=seller).late(now=now)
    unread = Alert.objects.filter(seller=seller, user=user).unread()
    return numbers(seller, late, unread)


BADGES: Final = ValuesOnce({"seller": int, "user": int, "now": datetime}, _badges)
