"""The shop or the marketplace answers."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction

from queries.actions.endings import close
from queries.actions.turns import (
    SECOND_CLICK_WITHIN,
    QueryIsClosed,
    actor_type,
    days_off_of,
    lock,
    pass_turn,
    record_about,
    refuse_shop,
)
from queries.attachments import CheckedFile
from queries.customer_mail import mail_reply
from queries.enums import Author, QueryEvent, QueryState
from queries.files import attach
from queries.models import Closing, CustomerQuery, Message
from queries.office_hours import hours_between
from sellers.events import Actor


@transaction.atomic
def reply(
    query: CustomerQuery,
    *,
    body: str,
    attachments: Sequence[CheckedFile] = (),
    by: Actor,
    now: datetime,
) -> Message:
    """Answer the customer, by mail too; then it is the customer's turn.

    What staff answer stays with the marketplace.

    The last words and files of the same agent once more, within a minute, are a second click:
    stored once. Raises QueryIsClosed, WithMarketplace and FilesCannotBeStored.
    """
    lock(query)
    if sent_already := _second_click(query, body=body, attachments=attachments, by=by, now=now):
        return sent_already
    if query.is_closed:
        raise QueryIsClosed
    refuse_shop(query, by=by)
    if query.first_replied_at is None:
        _note_first_reply(query, now=now)
    if query.is_with_marketplace:
        query.handovers.open().update(unanswered_since=None, answered_at=now)
        pass_turn(query, QueryState.WITH_MARKETPLACE, after=QueryEvent.REPLIED, now=now)
    else:
        pass_turn(query, QueryState.WAITING, after=QueryEvent.REPLIED, now=now)
    message = Message.objects.create(
        query=query, author=Author(actor_type(by, query)), agent=by.account, body=body, sent_at=now
    )
    attach(message, attachments)
    mail_reply(message, now=now)
    record_about(QueryEvent.REPLIED, query, by=by, now=now, message=message.pk)
    return message


@transaction.atomic
def reply_and_close(
    query: CustomerQuery,
    *,
    body: str,
    attachments: Sequence[CheckedFile] = (),
    predicted_score: int | None = None,
    by: Actor,
    now: datetime,
) -> Closing:
    """Answer the customer for the last time and close the query.

    Raises QueryIsClosed, WithMarketplace and FilesCannotBeStored.
    """
    reply(query, body=body, attachments=attachments, by=by, now=now)
    if query.is_closed:  # a second click
        return query.closings.not_reopened().get()
    return close(query, predicted_score=predicted_score, by=by, now=now)


def _note_first_reply(query: CustomerQuery, *, now: datetime) -> None:
    """Note when the first reply is sent and, of the shop's own, how long it took."""
    query.first_replied_at = now
    if not query.is_with_marketplace:
        query.first_reply_took = hours_between(
            query.asked_at,
            now,
            zone=settings.MARKETPLACE_ZONE,
            holidays=days_off_of(query.seller, since=query.asked_at),
        )


def _second_click(
    query: CustomerQuery,
    *,
    body: str,
    attachments: Sequence[CheckedFile],
    by: Actor,
    now: datetime,
) -> Message | None:
    """Return the last message when it says the same, a moment ago, and passed the turn on."""
    if by.account is None or query.state == QueryState.YOUR_TURN:
        return None
    last = query.messages.order_by("sent_at", "pk").last()
    if last is None:
        return None
    if (last.agent_id, last.body) != (by.account.pk, body):
        return None
    if now - last.sent_at >= SECOND_CLICK_WITHIN:
        return None
    sent = last.attachments.order_by("position").values_list("name", "size")
    return last if list(sent) == [(file.name, len(file.data)) for file in attachments] else None
