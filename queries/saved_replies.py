"""Texts that a shop uses again and again."""

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Case, Value, When

from queries.models import CustomerQuery, SavedReply
from queries.placeholders import filled_in
from sellers.models import Seller, User


class NameIsTaken(Exception):
    """Another saved reply of the shop has this name."""


def save_reply(
    seller: Seller,
    *,
    saved: SavedReply | None = None,
    title: str,
    body: str,
    language: str,
    now: datetime,
) -> SavedReply:
    """Keep a new saved reply, or other words for one; the same once more is a second click.

    Raises NameIsTaken.
    """
    is_new = saved is None
    saved = saved or SavedReply(seller=seller)
    saved.title, saved.body, saved.language, saved.changed_at = title, body, language, now
    try:
        with transaction.atomic():
            saved.save()
    except IntegrityError as error:
        same = SavedReply.objects.filter(seller=seller, title=title, body=body, language=language)
        if is_new and (kept := same.first()):
            return kept
        raise NameIsTaken from error
    return saved


def saved_replies_for(query: CustomerQuery) -> Sequence[SavedReply]:
    """Return the shop's saved replies: of the query's language first, then of all, then others."""
    fits = Case(When(language=query.language, then=Value(0)), When(language="", then=Value(1)))
    replies = SavedReply.objects.filter(seller=query.seller_id).alias(fits=fits)
    return list(replies.order_by("fits", "title", "pk"))


def text_for(saved: SavedReply, *, query: CustomerQuery, agent: User) -> str:
    """Return a saved reply as it is put into an answer to this query."""
    return filled_in(
        saved.body,
        {
            "{customer}": query.customer.name,
            "{first_name}": query.customer.name.partition(" ")[0],
            "{order}": query.order_reference,
            "{shop}": query.seller.name,
            "{agent}": agent.name,
        },
    )
