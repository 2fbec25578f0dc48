"""What people of a shop write for each other about a query."""

from datetime import datetime

from django.db import transaction

from queries.actions.turns import (
    SECOND_CLICK_WITHIN,
    QueryIsErased,
    lock,
    pass_turn,
    record_about,
    refuse_shop,
)
from queries.drafts import drop_draft
from queries.enums import DraftKind, NoteKind, QueryEvent, QueryState
from queries.models import CustomerQuery, Note
from sellers.events import Actor


class NobodyWaits(Exception):
    """It is not the shop's turn, so there is no reply to be spared."""


@transaction.atomic
def write_note(query: CustomerQuery, *, body: str, by: Actor, now: datetime) -> Note:
    """Keep an internal note; nothing follows from it. The writer's draft of one is dropped.

    A program writes for somebody, whose draft stays. The same words of the same person within a
    minute are a second click: stored once. Raises QueryIsErased.
    """
    assert by.account, "Somebody of the shop writes it."
    lock(query)
    if query.erased_at:
        raise QueryIsErased
    if not by.client:
        drop_draft(query, kind=DraftKind.NOTE, user=by.account)
    last = query.notes.filter(kind=NoteKind.NOTE).order_by("pk").last()
    if (
        last
        and (last.author_id, last.body) == (by.account.pk, body)
        and now - last.written_at < SECOND_CLICK_WITHIN
    ):
        return last
    note = _note(query, NoteKind.NOTE, body=body, by=by, now=now)
    record_about(QueryEvent.NOTE_WRITTEN, query, by=by, now=now, note=note.pk)
    return note


@transaction.atomic
def need_no_reply(
    query: CustomerQuery,
    *,
    body: str = "",
    version: int | None = None,
    by: Actor,
    now: datetime,
) -> Note:
    """Say that what the customer wrote last needs no reply, with why if there is more to say.

    Then it is the customer's turn and nothing is closed. Raises NobodyWaits, WithMarketplace, and
    MovedOn when it has another version.
    """
    lock(query, version=version)
    refuse_shop(query, by=by)
    if query.state != QueryState.YOUR_TURN:
        raise NobodyWaits
    pass_turn(query, QueryState.WAITING, after=QueryEvent.NO_REPLY_NEEDED, now=now)
    note = _note(query, NoteKind.NO_REPLY_NEEDED, body=body, by=by, now=now)
    record_about(QueryEvent.NO_REPLY_NEEDED, query, by=by, now=now, note=note.pk)
    return note


def _note(query: CustomerQuery, kind: NoteKind, *, body: str, by: Actor, now: datetime) -> Note:
    assert by.account, "Somebody of the shop writes it."
    return Note.objects.create(query=query, kind=kind, author=by.account, body=body, written_at=now)
