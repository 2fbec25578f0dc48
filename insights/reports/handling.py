"""What became of the queries of each shop, for staff: who dodges surveys is not unseen.

Only a query that its shop closes is surveyed for that shop. Handing it over, letting it close by
itself and never closing it are the ways around that.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from queries.enums import ActorType
from queries.models import Closing, CustomerQuery, HandOver
from queries.timeouts import CLOSE_AFTER
from surveys.periods import Period


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    count: int = 0
    of: int = 0

    @property
    def percentage(self) -> int | None:
        """Return it in whole percents, halves up; None of nothing.

        Only nothing is 0 and only all is 100.
        """
        if not self.of:
            return None
        rounded = (200 * self.count + self.of) // (2 * self.of)
        return min(max(rounded, 1), 99) if 0 < self.count < self.of else rounded

    @property
    def fraction(self) -> float | None:
        """Return what to sort by; None of nothing."""
        return self.count / self.of if self.of else None


@dataclass(frozen=True, slots=True)
class Handling:
    """What became of the queries of a shop in a period."""

    handed_over: Share = Share()  # of the queries asked in the period
    closed_by_itself: Share = Share()  # of the closings in the period
    never_closed: Share = Share()  # of the queries asked in the period and old enough by now


def handling_by_shop(
    period: Period, *, sellers: Collection[int], now: datetime
) -> Mapping[int, Handling]:
    """Return the shares of these shops, by primary key; four statements, whatever their number.

    Shops without queries and closings in the period are left out.
    """
    begin, end = period.bounds(settings.MARKETPLACE_ZONE)
    of_shops = Q(seller__in=sellers)
    queries = CustomerQuery.objects.filter(of_shops, asked_at__gte=begin, asked_at__lt=end)
    closings = Closing.objects.filter(of_shops, closed_at__gte=begin, closed_at__lt=end)
    # What erasing a person closed is nobody's doing.
    closings = closings.exclude(query__erased_at=F("closed_at"), closed_by=ActorType.SYSTEM)
    # Nothing is handed over before it is asked.
    handovers = HandOver.objects.filter(of_shops, handed_over_at__gte=begin, query__in=queries)
    old, by_system = Q(asked_at__lte=now - CLOSE_AFTER), Q(closed_by=ActorType.SYSTEM)
    never_closed = queries.open().filter(old, ~Exists(Closing.objects.filter(query=OuterRef("pk"))))
    asked = _count(queries, all=Count("*"), old=Count("asked_at", filter=old))
    closed = _count(closings, all=Count("*"), by_itself=Count("closed_at", filter=by_system))
    handed_over = _count(handovers, queries=Count("query", distinct=True))
    left_open = _count(never_closed, all=Count("*"))
    handlings = {}
    for seller in asked.keys() | closed.keys():
        all_asked, old_ones = asked.get(seller, (0, 0))
        all_closed, by_themselves = closed.get(seller, (0, 0))
        handlings[seller] = Handling(
            handed_over=Share(handed_over.get(seller, (0,))[0], all_asked),
            closed_by_itself=Share(by_themselves, all_closed),
            never_closed=Share(left_open.get(seller, (0,))[0], old_ones),
        )
    return handlings


def _count(rows: QuerySet[Any], **counts: Count) -> dict[int, tuple[int, ...]]:
    """Return the counts of each shop that has any of these rows."""
    counted = rows.order_by().values_list("seller").annotate(**counts)
    return {seller: tuple(found) for seller, *found in counted}
