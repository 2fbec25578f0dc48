"""How many first replies of a shop came in time, by the month in which the customer asked.

Counted is what is settled, and what is overdue at this moment: docs/decisions/0019-who-waits.md.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.conf import settings
from django.db.models import Count, Func, IntegerField, Q, Value

from insights.reports.handling import Share
from queries.enums import FirstReply, QueryState
from queries.models import CustomerQueries, CustomerQuery
from sellers.models import Seller
from surveys.periods import Period, month_bounds


def month_first_replies(seller: Seller, *, month: date, now: datetime) -> Share:
    """Count the first replies to what was asked in a month, in one statement."""
    counted = _asked(seller, month, month).aggregate(**_counts(now))
    return Share(counted["in_time"], counted["counted"])


def first_replies_by_month(
    seller: Seller, *, months: Sequence[date], now: datetime
) -> Mapping[date, Share]:
    """Count the first replies of each of a row of months, in one statement.

    Months in which nobody asked are left out.
    """
    # Truncating each moment to its month in a zone takes three times as long.
    begins = [month_bounds(month, settings.MARKETPLACE_ZONE)[0] for month in months]
    number = Func("asked_at", Value(begins), function="width_bucket", output_field=IntegerField())
    asked = _asked(seller, months[0], months[-1]).order_by().annotate(number=number)
    counted = asked.values_list("number").annotate(**_counts(now))
    return {months[number - 1]: Share(in_time, of) for number, in_time, of in counted}


def _asked(seller: Seller, first: date, last: date) -> CustomerQueries:
    """Return what was asked in a row of months, all of it from one index."""
    begin, end = Period.of_months(first, last).bounds(settings.MARKETPLACE_ZONE)
    mine = CustomerQuery.objects.for_seller(seller)
    return mine.filter(asked_at__gte=begin, asked_at__lt=end)


def _counts(now: datetime) -> dict[str, Count]:
    in_time = Q(first_reply_result=FirstReply.IN_TIME)
    late = Q(first_reply_result=FirstReply.LATE)
    overdue = Q(first_reply_result="", state=QueryState.YOUR_TURN, due_at__lte=now)
    return {
        "in_time": Count("asked_at", filter=in_time),
        "counted": Count("asked_at", filter=in_time | late | overdue),
    }
