"""How many of the surveys that can no longer be answered were answered, per channel.

A survey belongs to the month of its closing; only what the shop's own people closed counts for it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.conf import settings
from django.db.models import Count, Func, IntegerField, Q, QuerySet, Value

from insights.response import ChannelResponse, ResponseRates
from queries.enums import ActorType
from queries.models import Closing
from sellers.models import Seller
from surveys.models import REACHED_CUSTOMER, SurveyResponse, is_excluded
from surveys.nps import Tally
from surveys.periods import Period, month_bounds

OUTCOME: Final = ("invitation__response__score",)
SURVEYS: Final = {
    "sent": Count("pk"),
    "excluded": Count(
        "pk", filter=is_excluded("invitation__response", "invitation__response__batch")
    ),
}
CUSTOMERS: Final = {
    "customers": Count("query__customer", distinct=True),
    "measurements": Count("query"),
}


@dataclass(frozen=True, slots=True)
class WhoAnswered:
    """The response per channel, and how many different `customers` gave so many `measurements`.

    Measurements from before this portal are not among these: whose they are is not known.
    """

    rates: ResponseRates
    customers: int
    measurements: int


def who_answered(seller: Seller, *, period: Period, now: datetime) -> WhoAnswered:
    """Count the surveys after the closings of some days, and who answered in them.

    Two statements, whatever their number.
    """
    rows = _settled(seller, period, now).values_list("channel", *OUTCOME).annotate(**SURVEYS)
    answered = SurveyResponse.objects.for_seller(seller).counting().submitted_in(period)
    return WhoAnswered(_rates(rows), **answered.aggregate(**CUSTOMERS))


def who_answered_by_month(
    seller: Seller, *, months: Sequence[date], now: datetime
) -> Mapping[date, WhoAnswered]:
    """Count the same for each of a row of months, oldest first, in two statements."""
    # Truncating each moment to its month in a zone takes three times as long.
    begins = [month_bounds(month, settings.MARKETPLACE_ZONE)[0] for month in months]
    number = Func("closed_at", Value(begins), function="width_bucket", output_field=IntegerField())
    settled = _settled(seller, Period.of_months(months[0], months[-1]), now)
    rows = settled.annotate(number=number).values_list("number", "channel", *OUTCOME)
    surveys = defaultdict[date, list[Any]](list)
    for place, *row in rows.annotate(**SURVEYS):
        surveys[months[place - 1]].append(row)
    answered = SurveyResponse.objects.for_seller(seller).counting()
    of_months = answered.in_months(months[0], months[-1]).order_by().values_list("month")
    customers = {month: found for month, *found in of_months.annotate(**CUSTOMERS)}
    return {
        month: WhoAnswered(_rates(surveys.get(month, ())), *customers.get(month, (0, 0)))
        for month in months
    }


def _settled(seller: Seller, period: Period, now: datetime) -> QuerySet[Closing]:
    """Return the closings of which the survey reached the customer and can be answered no more."""
    begin, end = period.bounds(settings.MARKETPLACE_ZONE)
    reached = Q(invitation__state__in=REACHED_CUSTOMER, invitation__expires_at__lte=now)
    closings = Closing.objects.for_seller(seller).filter(reached, closed_by=ActorType.SELLER)
    return closings.filter(closed_at__gte=begin, closed_at__lt=end).order_by()


def _rates(rows: Iterable[Sequence[Any]]) -> ResponseRates:
    """Return what rows of channel, score (None of no answer), sent and excluded come down to."""
    channels = defaultdict[str, ChannelResponse](ChannelResponse)
    for channel, score, sent, excluded in rows:
        answered = score is not None
        tally = Tally.from_scores({score: sent - excluded}) if answered else Tally()
        so_far = channels[channel]
        channels[channel] = ChannelResponse(
            sent=so_far.sent + sent,
            answered=so_far.answered + sent * answered,
            tally=so_far.tally + tally,
            channel=channel,
        )
    most_first = sorted(channels.values(), key=lambda each: (-each.sent, each.channel))
    return ResponseRates(tuple(most_first))
