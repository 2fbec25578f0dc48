"""What a week brought to a shop, and what it has in hand."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.conf import settings
from django.db.models import Q

from insights.reports.followups import Part, count_followups
from queries.enums import QueryState
from queries.models import CustomerQueries, CustomerQuery
from queries.worklist import Tally as UpTo
from sellers.models import Seller, User
from surveys.models import FollowUp, SurveyResponse
from surveys.nps import Tally
from surveys.periods import Period

DAYS: Final = timedelta(days=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """Seven days of one shop from a Monday on, and what it has in hand at a moment.

    `late_tasks` are those of the open ones whose customer should have been contacted by now.
    """

    period: Period
    tally: Tally
    asked: int
    waiting: int
    open_tasks: UpTo
    late_tasks: UpTo


def week_of(monday: date) -> Period:
    """Return the seven days from a Monday on."""
    return Period(monday, monday + DAYS)


def shop_week(seller: Seller, *, user: User, monday: date, now: datetime) -> Week:
    """Count what a week brought to a shop, for one of its members, in four statements."""
    period = week_of(monday)
    answered = SurveyResponse.objects.for_seller(seller).counting().submitted_in(period)
    tasks = count_followups(seller, user=user, now=now, parts=[Part.OPEN, Part.LATE])
    queries = CustomerQuery.objects.for_seller(seller)
    return Week(
        period=period,
        tally=answered.tally(),
        asked=_asked_in(queries, period).count(),
        waiting=_waiting(queries).count(),
        open_tasks=tasks[Part.OPEN],
        late_tasks=tasks[Part.LATE],
    )


def shops_with_news(monday: date) -> Set[int]:
    """Return the primary keys of the shops of which a week has something to tell."""
    period = week_of(monday)
    answered = SurveyResponse.objects.for_shops().counting().submitted_in(period)
    queries = CustomerQuery.objects.all()
    rows = (
        answered.filter(imported_at=None),
        _asked_in(queries, period),
        _waiting(queries),
        FollowUp.objects.open(),
    )
    return {
        seller
        for found in rows
        for seller in found.order_by().values_list("seller", flat=True).distinct()
    }


def _asked_in(queries: CustomerQueries, period: Period) -> CustomerQueries:
    start, end = period.bounds(settings.MARKETPLACE_ZONE)
    return queries.filter(Q(asked_at__gte=start), Q(asked_at__lt=end))


def _waiting(queries: CustomerQueries) -> CustomerQueries:
    """Return those in which the customer waits for the shop."""
    return queries.in_state(QueryState.YOUR_TURN).filter(reply_needed_since__isnull=False)
