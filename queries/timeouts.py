"""What queries do by themselves when nobody does anything for too long.

May run twice, late, or beside itself: what is due is found and locked in the database, and
queries that somebody works on are left for the next time.
"""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from queries.actions import close, hand_back
from queries.enums import QueryState
from queries.models import (
    HAND_BACK_AFTER,
    CustomerQueries,
    CustomerQuery,
    HandOver,
    Message,
)
from sellers.events import Actor

CLOSE_AFTER: Final = timedelta(days=14)  # somebody waits for the customer
BATCH: Final = 100


@transaction.atomic
def hand_back_due(*, now: datetime, limit: int = BATCH) -> int:
    """Give back up to `limit` queries that staff did nothing with; return how many.

    Not what the marketplace's platform told of: it says itself when that is over, maybe later.
    """
    since = now - HAND_BACK_AFTER
    unanswered = HandOver.objects.open().filter(client=None, unanswered_since__lte=since)
    due = CustomerQuery.objects.in_state(QueryState.WITH_MARKETPLACE).filter(
        pk__in=unanswered.values("query")
    )
    queries = _locked(due, limit)
    for query in queries:
        hand_back(query, by=Actor.SYSTEM, now=now)
    return len(queries)


@transaction.atomic
def close_unanswered(*, now: datetime, limit: int = BATCH) -> int:
    """Close up to `limit` queries whose customer did not react; return how many.

    The customer has all the time since the last words, also when more than one reply was sent.
    """
    since = now - CLOSE_AFTER
    answered = HandOver.objects.open().filter(answered_at__lte=since)
    replies = Message.objects.standing().replies().filter(query=OuterRef("pk"), sent_at__gt=since)
    due = CustomerQuery.objects.filter(
        Q(state=QueryState.WAITING, turn_since__lte=since)
        | Q(state=QueryState.WITH_MARKETPLACE, pk__in=answered.values("query")),
        ~Exists(replies),
    )
    queries = _locked(due, limit)
    for query in queries:
        close(query, by=Actor.SYSTEM, now=now)
    return len(queries)


def _locked(due: CustomerQueries, limit: int) -> list[CustomerQuery]:
    """Lock what is due, longest first, and return what is still due after that.

    What a condition says of other tables may have changed until the lock was ours.
    """
    free = due.longest_waiting_first().select_for_update(no_key=True, skip_locked=True)
    pks = list(free.values_list("pk", flat=True)[:limit])
    return list(due.filter(pk__in=pks).longest_waiting_first())
