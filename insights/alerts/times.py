"""What the clock tells: a task or a reply is due soon, a month or a week is over."""

from collections.abc import Callable, Container, Iterator
from datetime import date, datetime, timedelta
from functools import cache
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef

from insights.alerts.raising import News, raise_alerts
from insights.counts import tallies_by_shop
from insights.enums import AlertWork
from insights.models import Alert, AlertCursor, holding_standards
from insights.recipients import Concerned
from insights.reminders import is_office_hour, may_be_due_until, morning, reminder_at
from insights.reports.months import HISTORY_MONTHS
from insights.reports.weeks import shops_with_news
from insights.scores import JudgedScore, crossed
from insights.standards import standard_for_month
from queries.enums import QueryState
from queries.models import CustomerQuery
from sellers.enums import AlertKind
from sellers.models import HolidayChange
from surveys.models import FollowUp
from surveys.nps import Tally
from surveys.periods import Period, months_back, previous_month

TASK_DUE_SOON: Final = timedelta(hours=6)
WEEK: Final = timedelta(days=7)


@transaction.atomic
def look_at_clock(*, now: datetime) -> int:
    """Tell what is due soon and what is over; return how many alerts were tried.

    None while somebody else looks.
    """
    cursors = AlertCursor.objects.select_for_update(skip_locked=True)
    cursor = cursors.filter(work=AlertWork.TIMES).first()
    if cursor is None:
        return 0
    news = [*_tasks_due_soon(now), *_replies_due_soon(now)]
    for tell in (_months_that_ended, _weeks_that_ended):
        news += tell(cursor, now)
    return raise_alerts(news, now=now)


def _tasks_due_soon(now: datetime) -> Iterator[News]:
    """Yield the tasks whose assignee was not told yet."""
    soon = FollowUp.objects.to_do().filter(
        escalated_at=None, due_at__gt=now, due_at__lte=now + TASK_DUE_SOON, assignee__isnull=False
    )
    told = set(Alert.objects.due_after(now, AlertKind.TASK_DUE).values_list("followup", "user"))
    for task in soon:
        if (task.pk, task.assignee_id) not in told:
            yield News(
                kind=AlertKind.TASK_DUE,
                seller_id=task.seller_id,
                key=f"task {task.pk}",
                happened_at=now,
                concerned=Concerned(assignee=task.assignee_id),
                followup_id=task.pk,
                due_at=task.due_at,
            )


def _replies_due_soon(now: datetime) -> Iterator[News]:
    """Yield the queries of which nobody was told that a reply is due, during office hours.

    The database keeps back those of which somebody was, and those that cannot be due yet.
    """
    if not is_office_hour(now, zone=settings.MARKETPLACE_ZONE, holidays=()):
        return
    told = Alert.objects.due_after(now, AlertKind.DEADLINE)
    near = CustomerQuery.objects.in_state(QueryState.YOUR_TURN).filter(
        ~Exists(told.filter(query=OuterRef("pk"), due_at=OuterRef("due_at"))),
        reply_needed_since__isnull=False,
        due_at__gt=now,
        long_open_at__lte=may_be_due_until(now, zone=settings.MARKETPLACE_ZONE),
    )
    days_off = _days_off(now)
    for query in near.select_related("seller"):
        holidays = days_off(query.seller.country, query.seller.region)
        if _is_time_to_remind(query, now=now, holidays=holidays):
            yield News(
                kind=AlertKind.DEADLINE,
                seller_id=query.seller_id,
                key=f"reply {query.pk} {query.due_at:%Y-%m-%d %H:%M}",
                happened_at=now,
                concerned=Concerned(assignee=query.assignee_id),
                query_id=query.pk,
                due_at=query.due_at,
            )


def _is_time_to_remind(query: CustomerQuery, *, now: datetime, holidays: Container[date]) -> bool:
    zone = settings.MARKETPLACE_ZONE
    if not is_office_hour(now, zone=zone, holidays=holidays):
        return False
    return now >= reminder_at(query.long_open_at, zone=zone, holidays=holidays)


def _days_off(now: datetime) -> Callable[[str, str], Container[date]]:
    """Return who knows the days off of a country or region, asked once for each."""

    @cache
    def days_off(country: str, region: str) -> Container[date]:
        return HolidayChange.objects.days_off(country, region, year=now.year)

    return days_off


def _months_that_ended(cursor: AlertCursor, now: datetime) -> Iterator[News]:
    """Yield the shops that crossed the standard in the last finished month, once it is morning."""
    today = now.astimezone(settings.MARKETPLACE_ZONE).date()
    begins = morning(today.replace(day=1), zone=settings.MARKETPLACE_ZONE)
    month = previous_month(today)
    if now < begins or (cursor.month and cursor.month >= month):
        return
    months = months_back(month, HISTORY_MONTHS - 1)
    tallies = tallies_by_shop(*(Period.of_months(each, each) for each in months))
    standards = holding_standards()
    holding = [standard_for_month(standards, each, today=today) for each in months]
    for seller in sorted({seller for seller, _place in tallies}):
        scores = [
            JudgedScore(tally=tallies.get((seller, place), Tally()), standard=standard)
            for place, standard in enumerate(holding)
        ]
        last = scores[-1]
        if (is_met := crossed(scores)) is not None and last.standard:
            yield News(
                kind=AlertKind.STANDARD,
                seller_id=seller,
                key=f"standard {month}",
                happened_at=begins,
                day=month,
                numbers={
                    "is_met": is_met,
                    "nps": str(last.displayed),
                    "standard": last.standard.value,
                    "count": last.tally.total,
                },
            )
    cursor.month = month
    cursor.save(update_fields=["month"])


def _weeks_that_ended(cursor: AlertCursor, now: datetime) -> Iterator[News]:
    """Yield the shops of which the week that ended has something to tell, on Monday morning."""
    today = now.astimezone(settings.MARKETPLACE_ZONE).date()
    monday = today - timedelta(days=today.weekday())
    begins = morning(monday, zone=settings.MARKETPLACE_ZONE)
    if now < begins or (cursor.week and cursor.week >= monday):
        return
    for seller in sorted(shops_with_news(monday - WEEK)):
        yield News(
            kind=AlertKind.DIGEST,
            seller_id=seller,
            key=f"week {monday - WEEK}",
            happened_at=begins,
            day=monday - WEEK,
        )
    cursor.week = monday
    cursor.save(update_fields=["week"])
