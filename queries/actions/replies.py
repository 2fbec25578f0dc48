"""The shop or the marketplace answers; who sent an answer may take it back before it leaves."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from queries.actions.endings import close
from queries.actions.turns import (
    FIRST_REPLY,
    SECOND_CLICK_WITHIN,
    QueryIsClosed,
    QueryIsErased,
    actor_type,
    how_it_stands,
    lock,
    note_first_reply,
    pass_turn,
    put_back,
    record_about,
    refuse_shop,
    refuse_unpredicted,
    refuse_unseen,
    undo_closing,
)
from queries.attachments import CheckedFile
from queries.customer_mail import MailHasLeft, hold_back, mail_reply
from queries.drafts import drop_draft, save_draft, sent_already
from queries.enums import Author, DraftKind, QueryEvent, QueryState
from queries.files import attach
from queries.models import CustomerQuery, Message
from queries.seen import Seen
from sellers.events import Actor
from sellers.models import User


class TooLate(Exception):
    """The reply left, or was taken back already."""


@transaction.atomic
def reply(
    query: CustomerQuery,
    *,
    body: str,
    attachments: Sequence[CheckedFile] = (),
    closes: bool = False,
    predicted_score: int | None = None,
    send_key: UUID | None = None,
    seen: Seen | None = None,
    version: int | None = None,
    delivered: bool = False,
    by: Actor,
    now: datetime,
) -> Message:
    """Answer the customer, by mail too; then it is the customer's turn, or the query is closed.

    What staff answer stays with the marketplace. The same form (`send_key`) with the same words is
    stored once; without a key, or with that of other words, the last words and files of the same
    agent within a minute are. The writer's draft is dropped. A program has neither clicks nor
    drafts: what it sends is stored. What the customer has read elsewhere already, `delivered`, is
    not mailed nor taken back.

    Raises QueryIsClosed, WithMarketplace, FilesCannotBeStored, PredictionMissing, and MovedOn when
    others wrote what is not `seen` or it has another version.
    """
    lock(query, version=version)
    if sent := sent_already(query, send_key, body=body, user=by.account):
        return sent
    send_key = _unused(send_key)
    if sent := _second_click(query, send_key, body, attachments, by=by, now=now):
        return sent
    if query.is_closed:
        raise QueryIsClosed
    refuse_shop(query, by=by)
    refuse_unseen(query, seen=seen, by=by)
    if closes:
        refuse_unpredicted(query, predicted_score, by=by)
    before = how_it_stands(query)
    _pass_turn_on(query, now=now)
    message = Message.objects.create(
        query=query,
        author=Author(actor_type(by, query)),
        agent=by.account,
        client=by.client,
        body=body,
        sent_at=now,
        send_key=send_key,
        query_before=None if delivered else before,
    )
    attach(message, attachments)
    record_about(QueryEvent.REPLIED, query, by=by, now=now, message=message.pk)
    if not delivered:
        mail_reply(message, now=now)
    if by.account and not by.client:
        drop_draft(query, kind=DraftKind.REPLY, user=by.account)
    if closes:
        close(query, predicted_score=predicted_score, by=by, now=now)
    return message


@transaction.atomic
def write_after_closing(
    query: CustomerQuery,
    *,
    body: str,
    send_key: UUID | None = None,
    assignee: User | None = None,
    delivered: bool = False,
    by: Actor,
    now: datetime,
) -> Message:
    """Write to the customer about a query that is over, by mail too; a closed one stays closed.

    What the customer writes back is for `assignee`. One that was opened meanwhile waits for that
    then. The same form (`send_key`) with the same words is stored once. There is nothing to take
    back, and what is being written in the conversation stays. Raises QueryIsErased or
    WithMarketplace.
    """
    lock(query)
    if query.erased_at:
        raise QueryIsErased
    if sent := sent_already(query, send_key, body=body, user=by.account):
        return sent
    refuse_shop(query, by=by)
    if not query.is_closed:
        _pass_turn_on(query, now=now)
    message = Message.objects.create(
        query=query,
        author=Author(actor_type(by, query)),
        agent=by.account,
        client=by.client,
        body=body,
        sent_at=now,
        send_key=_unused(send_key),
    )
    if not delivered:
        mail_reply(message, now=now)
    _reaction_is_for(query, assignee)
    record_about(QueryEvent.REPLIED, query, by=by, now=now, message=message.pk)
    return message


@transaction.atomic
def hand_on_reaction(
    query: CustomerQuery, *, assignee: User | None, by: Actor, now: datetime
) -> None:
    """Let what the customer writes back to a closed query be for somebody else, or nobody yet."""
    lock(query)
    if query.is_closed and query.assignee != assignee:
        ids = {"assignee": assignee and assignee.pk, "was": query.assignee_id}
        _reaction_is_for(query, assignee)
        record_about(QueryEvent.ASSIGNED, query, by=by, now=now, **ids)


def _reaction_is_for(query: CustomerQuery, assignee: User | None) -> None:
    query.assignee = assignee
    query.save(update_fields=["assignee"])


@transaction.atomic
def take_back(message: Message, *, by: Actor, now: datetime) -> None:
    """Withdraw one's own reply before it leaves, and the closing that came with it.

    Both are kept. The query stands again as before it, unless something happened since; the words
    are a draft again. Raises TooLate and QueryIsErased.
    """
    query = message.query
    lock(query)
    if query.erased_at:
        raise QueryIsErased
    message.refresh_from_db(fields=["withdrawn_at"])
    is_own = message.author == Author.SELLER and message.agent == by.account
    if not is_own or not message.may_be_taken_back(now=now):
        raise TooLate
    try:
        hold_back(message)
    except MailHasLeft as error:
        raise TooLate from error
    is_last = _is_last(message)
    message.withdrawn_at = now
    message.save(update_fields=["withdrawn_at"])
    closing = query.closings.not_reopened().filter(closed_at=message.sent_at, agent=message.agent)
    predicted = closing.values_list("predicted_score", flat=True).first()
    if closing.exists():
        undo_closing(query, by=by, now=now)
    before = message.query_before or {}
    if is_last:
        put_back(query, before)
    elif not query.messages.standing().replies().exists():
        put_back(query, {name: before[name] for name in FIRST_REPLY if name in before})
    record_about(QueryEvent.REPLY_WITHDRAWN, query, by=by, now=now, message=message.pk)
    _draft_again(message, predicted_score=predicted, now=now)


def _pass_turn_on(query: CustomerQuery, *, now: datetime) -> None:
    note_first_reply(query, now=now)
    if query.is_with_marketplace:
        query.handovers.open().update(unanswered_since=None, answered_at=now)
        pass_turn(query, QueryState.WITH_MARKETPLACE, after=QueryEvent.REPLIED, now=now)
    else:
        pass_turn(query, QueryState.WAITING, after=QueryEvent.REPLIED, now=now)


def _second_click(
    query: CustomerQuery,
    send_key: UUID | None,
    body: str,
    attachments: Sequence[CheckedFile],
    *,
    by: Actor,
    now: datetime,
) -> Message | None:
    """Return the last message when it says the same, a moment ago, and passed the turn on.

    Only where no key tells one form from another; a program says which version it answers.
    """
    if send_key or by.account is None or by.client or query.state == QueryState.YOUR_TURN:
        return None
    last = query.messages.standing().order_by("sent_at", "pk").last()
    if last is None or (last.agent_id, last.body) != (by.account.pk, body):
        return None
    if now - last.sent_at >= SECOND_CLICK_WITHIN:
        return None
    sent = last.attachments.order_by("position").values_list("name", "size")
    return last if list(sent) == [(file.name, len(file.data)) for file in attachments] else None


def _unused(send_key: UUID | None) -> UUID | None:
    """Return the key unless it sent something else: other words in a form that was restored."""
    return None if Message.objects.filter(send_key=send_key).exists() else send_key


def _is_last(message: Message) -> bool:
    """Return whether a locked query still stands as this reply left it."""
    query, before = message.query, message.query_before or {}
    unaccepted = Q(author=Author.OTHER, accepted_at=None)
    later = query.messages.standing().exclude(unaccepted).filter(pk__gt=message.pk)
    unmoved = how_it_stands(query)["turn_since"] in (str(message.sent_at), before["turn_since"])
    return unmoved and not later.exists()


def _draft_again(message: Message, *, predicted_score: int | None, now: datetime) -> None:
    """Let the words of a reply be a draft again, before what was typed since."""
    assert message.agent, "Somebody took it back."
    mine = message.query.drafts.filter(user=message.agent, kind=DraftKind.REPLY)
    since = mine.values_list("body", flat=True)
    save_draft(
        message.query,
        kind=DraftKind.REPLY,
        body="\n\n".join([message.body, *since]),
        predicted_score=predicted_score,
        user=message.agent,
        now=now,
    )
