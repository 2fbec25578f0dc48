"""A query is closed, and opened again."""

from datetime import datetime

from django.db import transaction

from queries.actions.turns import (
    QueryIsClosed,
    QueryIsErased,
    QueryIsOpen,
    actor_type,
    end_handover,
    lock,
    pass_turn,
    record_about,
    refuse_shop,
    undo_closing,
)
from queries.enums import HandOverOutcome, QueryEvent, QueryState
from queries.models import Closing, CustomerQuery
from sellers.events import Actor


@transaction.atomic
def close(
    query: CustomerQuery,
    *,
    predicted_score: int | None = None,
    by: Actor,
    now: datetime,
) -> Closing:
    """Close a query and keep who did it. Raises QueryIsClosed or WithMarketplace.

    No survey is arranged here: the survey engine finds new closings by itself, so closing
    can neither wait for it nor fail because of it.
    """
    lock(query)
    if query.is_closed:
        raise QueryIsClosed
    refuse_shop(query, by=by)
    if query.is_with_marketplace:
        end_handover(query, HandOverOutcome.CLOSED, by=by, now=now)
    pass_turn(query, QueryState.CLOSED, after=QueryEvent.CLOSED, now=now)
    closing = Closing.objects.create(
        query=query,
        seller_id=query.seller_id,
        customer_id=query.customer_id,
        closed_by=actor_type(by, query),
        agent=by.account,
        channel=query.channel,
        subject=query.subject,
        closed_at=now,
        predicted_score=predicted_score,
    )
    record_about(
        QueryEvent.CLOSED, query, by=by, now=now, closing=closing.pk, closed_by=closing.closed_by
    )
    return closing


@transaction.atomic
def reopen(query: CustomerQuery, *, by: Actor, now: datetime) -> None:
    """Open a closed query again at the seller's wish; its closing is kept.

    A customer who had no answer when it was closed waits again, since then and due as it was.
    Raises QueryIsOpen, WithMarketplace or QueryIsErased.
    """
    lock(query)
    refuse_shop(query, by=by)
    if not query.is_closed:
        raise QueryIsOpen
    if query.erased_at:
        raise QueryIsErased
    undo_closing(query, by=by, now=now)
    query.reply_needed_since = query.messages.unanswered_since()
    pass_turn(query, QueryState.YOUR_TURN, after=QueryEvent.REOPENED, now=now)
