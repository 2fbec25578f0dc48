"""A query is closed, and opened again."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max

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
    refuse_unpredicted,
    refuse_unseen,
    undo_closing,
)
from queries.enums import HandOverOutcome, NoteKind, QueryEvent, QueryState
from queries.models import Closing, CustomerQuery
from queries.seen import Seen
from sellers.events import Actor


class NoDuplicate(Exception):
    """A duplicate is of one kept query of the same customer and shop."""


@transaction.atomic
def close(
    query: CustomerQuery,
    *,
    predicted_score: int | None = None,
    seen: Seen | None = None,
    version: int | None = None,
    by: Actor,
    now: datetime,
) -> Closing:
    """Close a query and keep who did it.

    Raises QueryIsClosed, WithMarketplace, PredictionMissing, and MovedOn when others wrote what is
    not `seen` or it has another version.

    No survey is arranged here: the survey engine finds new closings by itself, so closing
    can neither wait for it nor fail because of it.
    """
    _lock_to_close(query, version=version, by=by)
    refuse_unseen(query, seen=seen, by=by)
    refuse_unpredicted(query, predicted_score, by=by)
    return _close(query, predicted_score=predicted_score, by=by, now=now)


@transaction.atomic
def close_as_duplicate(
    query: CustomerQuery, *, of: CustomerQuery, by: Actor, now: datetime
) -> Closing:
    """Close a query because the same customer asked the same in another one, which is kept.

    Only the kept one is surveyed; so what a shop logged itself is not kept for what a customer
    asked, and there is no score to predict. Opened again, it is no duplicate any more. Raises
    NoDuplicate, QueryIsClosed or WithMarketplace.
    """
    for each in sorted((query, of), key=lambda each: each.pk):
        lock(each)
    same = (query.seller_id, query.customer_id) == (of.seller_id, of.customer_id)
    is_kept = query.duplicates.exists() or of.duplicate_of_id or of.erased_at
    is_unsurveyed = of.logged_by_seller and not query.logged_by_seller
    if query == of or not same or is_kept or is_unsurveyed:
        raise NoDuplicate
    _lock_to_close(query, by=by)
    closing = _close(query, predicted_score=None, by=by, now=now)
    query.duplicate_of = of
    query.save(update_fields=["duplicate_of"])
    record_about(QueryEvent.MARKED_DUPLICATE, query, by=by, now=now, duplicate_of=of.pk)
    return closing


@transaction.atomic
def reopen(query: CustomerQuery, *, version: int | None = None, by: Actor, now: datetime) -> None:
    """Open a closed query again at the seller's wish; its closing is kept.

    A customer who waited for an answer when it was closed waits again, as long and due as before.
    Raises QueryIsOpen, WithMarketplace, QueryIsErased, and MovedOn when it has another version.
    """
    lock(query, version=version)
    refuse_shop(query, by=by)
    if not query.is_closed:
        raise QueryIsOpen
    if query.erased_at:
        raise QueryIsErased
    undo_closing(query, by=by, now=now)
    spared = query.notes.filter(kind=NoteKind.NO_REPLY_NEEDED).aggregate(at=Max("written_at"))
    query.reply_needed_since = query.messages.unanswered_since(spared_at=spared["at"])
    pass_turn(query, QueryState.YOUR_TURN, after=QueryEvent.REOPENED, now=now)


def _lock_to_close(query: CustomerQuery, *, version: int | None = None, by: Actor) -> None:
    lock(query, version=version)
    if query.is_closed:
        raise QueryIsClosed
    refuse_shop(query, by=by)


def _close(
    query: CustomerQuery, *, predicted_score: int | None, by: Actor, now: datetime
) -> Closing:
    """Close a locked query."""
    if query.is_with_marketplace:
        end_handover(query, HandOverOutcome.CLOSED, by=by, now=now)
    pass_turn(query, QueryState.CLOSED, after=QueryEvent.CLOSED, now=now)
    closing = Closing.objects.create(
        query=query,
        seller_id=query.seller_id,
        customer_id=query.customer_id,
        closed_by=actor_type(by, query),
        agent=by.account,
        client=by.client,
        channel=query.channel,
        subject=query.subject,
        closed_at=now,
        predicted_score=predicted_score,
    )
    record_about(
        QueryEvent.CLOSED, query, by=by, now=now, closing=closing.pk, closed_by=closing.closed_by
    )
    return closing
