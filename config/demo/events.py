"""What happened lately in the demo, as the portal itself would have written it.

Its people are told of it as soon as the clock runs. It is longer than a day ago, so that nobody's
mailbox is full.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from queries.enums import QueryEvent
from queries.models import CustomerQuery
from sellers.events import Actor, event, record_all
from sellers.models import Event, Seller
from surveys.enums import Band, SurveyEvent
from surveys.models import SurveyResponse

AGO: Final = timedelta(days=1, hours=1)
LOW_SCORES: Final = 8  # of a shop
QUERIES: Final = 4


def record_lately(*, now: datetime) -> None:
    """Write the events of the latest low scores and questions of each shop."""
    for seller in Seller.objects.order_by("pk"):
        record_all(sorted(_lately(seller, before=now - AGO), key=lambda each: each.at))


def _lately(seller: Seller, *, before: datetime) -> Iterator[Event]:
    by = Actor.CUSTOMER
    low = SurveyResponse.objects.for_seller(seller).in_band(Band.DETRACTOR)
    for each in low.filter(submitted_at__lt=before).latest_first()[:LOW_SCORES]:
        at = each.submitted_at
        yield event(SurveyEvent.MEASURED, each, seller_id=seller.pk, by=by, now=at)
    asked = CustomerQuery.objects.for_seller(seller).filter(asked_at__lt=before)
    for query in asked.order_by("-asked_at", "-pk")[:QUERIES]:
        at = query.asked_at
        yield event(QueryEvent.ASKED, query, seller_id=seller.pk, by=by, now=at)
