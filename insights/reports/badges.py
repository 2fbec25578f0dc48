"""What the bar above every page of a shop counts."""

from dataclasses import dataclass
from datetime import datetime

from insights.models import Alert
from insights.reports.followups import Part
from insights.reports.tallies import tallies
from queries.worklist import Tally
from sellers.models import Seller, User
from surveys.models import FollowUp


@dataclass(frozen=True, slots=True)
class Badges:
    """How many follow-ups of the shop are late, and how many alerts the reader did not read."""

    late: Tally
    unread: Tally


def count_badges(seller: Seller, *, user: User, now: datetime) -> Badges:
    """Count both in one statement."""
    followups = FollowUp.objects.for_seller(seller)
    late = Part.LATE.of(followups, user=user, now=now)
    unread = Alert.objects.of_user(user, seller=seller).unread()
    return Badges(*tallies(seller, late, unread))
