"""What comes back: the customer's words, somebody else's, or a mail that did not arrive."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction

from queries.actions.turns import (
    SECOND_CLICK_WITHIN,
    QueryIsErased,
    lock,
    record_about,
    refuse_shop,
    wait_for_answer,
)
from queries.attachments import CheckedFile
from queries.enums import AttachmentKind, Author, MessageVia, QueryEvent
from queries.files import attach
from queries.models import CustomerQuery, Message
from sellers.events import Actor
from sellers.tokens import mask


class AlreadyAccepted(Exception):
    """The message is accepted, or was the customer's own from the start."""


@transaction.atomic
def receive_reaction(
    query: CustomerQuery,
    *,
    body: str,
    via: MessageVia = MessageVia.PORTAL,
    attachments: Sequence[CheckedFile] = (),
    by: Actor,
    now: datetime,
    **of_mail: Any,
) -> Message:
    """Store what the customer wrote back; it is the seller's turn, and a closing is undone.

    What is with the marketplace stays there: now the customer waits for staff. `of_mail` is what
    only a mail brings: `quoted_from`, `message_id_header`, `refused_files`. Raises QueryIsErased
    and FilesCannotBeStored.
    """
    lock(query)
    if via == MessageVia.LINK and (sent_already := _second_click(query, body=body, now=now)):
        return sent_already
    message = _received(
        query,
        Author.CUSTOMER,
        body=body,
        attachments=attachments,
        via=via,
        now=now,
        **of_mail,
    )
    record_about(QueryEvent.REACTED, query, by=by, now=now, message=message.pk, via=via)
    wait_for_answer(query, after=QueryEvent.REACTED, by=by, now=now)
    return message


@transaction.atomic
def receive_from_other(
    query: CustomerQuery,
    *,
    from_email: str,
    body: str,
    attachments: Sequence[CheckedFile] = (),
    by: Actor,
    now: datetime,
    **of_mail: Any,
) -> Message:
    """Store what somebody else wrote to the address of a conversation; nothing follows from it.

    An agent may accept it. Raises QueryIsErased and FilesCannotBeStored.
    """
    via = MessageVia.MAIL
    message = _received(
        query,
        Author.OTHER,
        body=body,
        attachments=attachments,
        via=via,
        now=now,
        from_email=from_email,
        **of_mail,
    )
    record_about(QueryEvent.OTHER_WROTE, query, by=by, now=now, message=message.pk)
    return message


@transaction.atomic
def accept_message(message: Message, *, by: Actor, now: datetime) -> None:
    """Let what somebody else wrote count as the customer's reaction.

    Raises AlreadyAccepted, WithMarketplace or QueryIsErased.
    """
    query = message.query
    lock(query)
    refuse_shop(query, by=by)
    if query.erased_at:
        raise QueryIsErased
    message.refresh_from_db(fields=["accepted_at", "author"])
    if not message.is_unaccepted:
        raise AlreadyAccepted
    message.accepted_at, message.accepted_by = now, by.account
    message.save(update_fields=["accepted_at", "accepted_by"])
    record_about(QueryEvent.OTHER_ACCEPTED, query, by=by, now=now, message=message.pk)
    wait_for_answer(query, after=QueryEvent.OTHER_ACCEPTED, by=by, now=now)


@transaction.atomic
def note_not_delivered(message: Message, *, by: Actor, now: datetime) -> None:
    """Let a query wait for an answer whose reply did not arrive; of an erased one, do nothing.

    A closing is undone: the customer has not read why. When anything was said since, the reply
    that was lost matters no more, and it is only noted.
    """
    query = message.query
    lock(query)
    if query.erased_at:
        return
    record_about(QueryEvent.NOT_DELIVERED, query, by=by, now=now, message=message.pk)
    since = query.messages.standing().filter(sent_at__gt=message.sent_at)
    if not since.exclude(author=Author.OTHER, accepted_at=None).exists():
        wait_for_answer(query, after=QueryEvent.NOT_DELIVERED, by=by, now=now)


def _second_click(query: CustomerQuery, *, body: str, now: datetime) -> Message | None:
    """Return the last message when the customer sent the same by link a moment ago."""
    last = query.messages.standing().order_by("sent_at", "pk").last()
    if last is None or last.via != MessageVia.LINK or last.body != mask(body):
        return None
    return last if now - last.sent_at < SECOND_CLICK_WITHIN else None


def _received(
    query: CustomerQuery,
    author: Author,
    *,
    body: str,
    attachments: Sequence[CheckedFile],
    quoted_from: int | None = None,
    now: datetime,
    **columns: Any,
) -> Message:
    """Store what came from outside in a locked query. Raises QueryIsErased."""
    lock(query)
    if query.erased_at:
        raise QueryIsErased
    # What is answered repeats the link of the mail, which is the customer's alone.
    known = [token for link in query.thread_links.all() for token in (link.token, link.reply_token)]
    words, quoted = body[:quoted_from], body[quoted_from:] if quoted_from else ""
    words = mask(words, known=known)
    message = Message.objects.create(
        query=query,
        author=author,
        body=words + mask(quoted, known=known),
        quoted_from=len(words) if quoted else None,
        sent_at=now,
        **columns,
    )
    attach(message, [_masked(file, known) for file in attachments])
    return message


def _masked(file: CheckedFile, known: Iterable[str]) -> CheckedFile:
    """Return a file that says no secret: a mail that is sent along is stored as text."""
    if file.kind != AttachmentKind.TEXT:
        return file
    return replace(file, data=mask(file.data.decode(), known=known).encode())
