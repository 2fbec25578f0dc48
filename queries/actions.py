"""What can be done with a query. Every door (page, admin, command, task) comes through here."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest

from queries.attachments import CheckedFile
from queries.customer_mail import mail_reply
from queries.deadlines import deadlines
from queries.enums import (
    ActorType,
    Author,
    Channel,
    HandOverOutcome,
    MessageVia,
    QueryEvent,
    QueryState,
)
from queries.files import attach
from queries.models import Closing, Customer, CustomerQuery, HandOver, Message
from queries.tokens import mask
from sellers.addresses import normalised_email
from sellers.enums import Right
from sellers.events import Actor, record
from sellers.models import Membership, Seller, User

SECOND_CLICK_WITHIN = timedelta(minutes=1)


class QueryIsClosed(Exception):
    """The query is closed already; reopen it first."""


class QueryIsOpen(Exception):
    """The query is not closed, so it cannot be reopened."""


class QueryIsErased(Exception):
    """The texts of the query were erased: it is closed for good."""


class AlreadyAccepted(Exception):
    """The message is accepted, or was the customer's own from the start."""


class WithMarketplace(Exception):
    """The marketplace has the query in hand: the shop only reads until it comes back."""


class NotWithMarketplace(Exception):
    """The query is not with the marketplace, or not any more."""


class NotOfTheShop(Exception):
    """Only who may answer for the shop can hand its queries over."""


@transaction.atomic
def ask(
    seller: Seller,
    *,
    customer: Customer,
    subject: str,
    body: str,
    channel: Channel,
    contact_email: str = "",
    order_reference: str = "",
    statement_digest: str = "",
    attachments: Sequence[CheckedFile] = (),
    by: Actor,
    now: datetime,
) -> CustomerQuery:
    """Store a new question of a customer; it is the seller's turn. Raises FilesCannotBeStored.

    `contact_email` is where they want the answer to this one, whatever address they have later.
    """
    query = _new_query(
        seller,
        customer=customer,
        subject=subject,
        channel=channel,
        contact_email=normalised_email(contact_email),
        order_reference=order_reference,
        statement_digest=statement_digest,
        now=now,
    )
    message = Message.objects.create(query=query, author=Author.CUSTOMER, body=body, sent_at=now)
    attach(message, attachments)
    _record(QueryEvent.ASKED, query, by=by, now=now, message=message.pk)
    return query


@transaction.atomic
def log_phone_contact(
    seller: Seller,
    *,
    name: str,
    subject: str,
    note: str,
    order_reference: str = "",
    by: Actor,
    now: datetime,
) -> CustomerQuery:
    """Store a contact by phone that is over: a query that is closed from the start.

    The customer is a name without an e-mail, so there is no survey about it: a seller who could
    choose the e-mail would choose who is surveyed (docs/decisions/0004-phone-contacts.md).
    """
    assert by.account, "Somebody was on the phone."
    query = _new_query(
        seller,
        customer=Customer.objects.create(name=name, language=by.account.language),
        subject=subject,
        channel=Channel.PHONE,
        order_reference=order_reference,
        now=now,
    )
    _record(QueryEvent.PHONE_CONTACT_LOGGED, query, by=by, now=now)
    reply(query, body=note, by=by, now=now)
    close(query, by=by, now=now)
    return query


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
    _lock(query)
    if sent_already := _second_click(query, body=body, attachments=attachments, by=by, now=now):
        return sent_already
    if query.is_closed:
        raise QueryIsClosed
    _refuse_shop(query, by=by)
    query.first_replied_at = query.first_replied_at or now
    if query.is_with_marketplace:
        query.handovers.open().update(unanswered_since=None, answered_at=now)
        _pass_turn(query, QueryState.WITH_MARKETPLACE, now=now)
    else:
        _pass_turn(query, QueryState.WAITING, now=now)
    message = Message.objects.create(
        query=query, author=Author(_actor_type(by, query)), agent=by.account, body=body, sent_at=now
    )
    attach(message, attachments)
    mail_reply(message, now=now)
    _record(QueryEvent.REPLIED, query, by=by, now=now, message=message.pk)
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
    message = _received(
        query,
        Author.CUSTOMER,
        body=body,
        attachments=attachments,
        via=via,
        now=now,
        **of_mail,
    )
    _record(QueryEvent.REACTED, query, by=by, now=now, message=message.pk, via=via)
    _waits_for_answer(query, by=by, now=now)
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
    _record(QueryEvent.OTHER_WROTE, query, by=by, now=now, message=message.pk)
    return message


@transaction.atomic
def accept_message(message: Message, *, by: Actor, now: datetime) -> None:
    """Let what somebody else wrote count as the customer's reaction.

    Raises AlreadyAccepted or QueryIsErased.
    """
    query = message.query
    _lock(query)
    if query.erased_at:
        raise QueryIsErased
    message.refresh_from_db(fields=["accepted_at", "author"])
    if not message.is_unaccepted:
        raise AlreadyAccepted
    message.accepted_at, message.accepted_by = now, by.account
    message.save(update_fields=["accepted_at", "accepted_by"])
    _record(QueryEvent.OTHER_ACCEPTED, query, by=by, now=now, message=message.pk)
    _waits_for_answer(query, by=by, now=now)


@transaction.atomic
def note_not_delivered(message: Message, *, by: Actor, now: datetime) -> None:
    """Let a query wait for an answer whose reply did not arrive; of an erased one, do nothing.

    A closing is undone: the customer has not read why.
    """
    query = message.query
    _lock(query)
    if query.erased_at:
        return
    _record(QueryEvent.NOT_DELIVERED, query, by=by, now=now, message=message.pk)
    _waits_for_answer(query, by=by, now=now)


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
    _lock(query)
    if query.is_closed:
        raise QueryIsClosed
    _refuse_shop(query, by=by)
    if query.is_with_marketplace:
        _end_handover(query, HandOverOutcome.CLOSED, by=by, now=now)
    _pass_turn(query, QueryState.CLOSED, now=now)
    closing = Closing.objects.create(
        query=query,
        seller_id=query.seller_id,
        customer_id=query.customer_id,
        closed_by=_actor_type(by, query),
        agent=by.account,
        channel=query.channel,
        subject=query.subject,
        closed_at=now,
        predicted_score=predicted_score,
    )
    _record(
        QueryEvent.CLOSED, query, by=by, now=now, closing=closing.pk, closed_by=closing.closed_by
    )
    return closing


@transaction.atomic
def reopen(query: CustomerQuery, *, by: Actor, now: datetime) -> None:
    """Open a closed query again at the seller's wish; its closing is kept.

    Raises QueryIsOpen, WithMarketplace or QueryIsErased.
    """
    _lock(query)
    _refuse_shop(query, by=by)
    if not query.is_closed:
        raise QueryIsOpen
    if query.erased_at:
        raise QueryIsErased
    _undo_closing(query, by=by, now=now)
    _pass_turn(query, QueryState.YOUR_TURN, now=now)


@transaction.atomic
def hand_over(query: CustomerQuery, *, reason: str, by: Actor, now: datetime) -> HandOver:
    """Give an open query to the marketplace; the shop only reads until it comes back.

    Raises QueryIsClosed, WithMarketplace when it is there already, or NotOfTheShop.
    """
    _lock(query)
    if query.is_closed:
        raise QueryIsClosed
    if query.is_with_marketplace:
        raise WithMarketplace
    if by.account is None or not _answers_for_shop(by.account, query):
        raise NotOfTheShop
    _pass_turn(query, QueryState.WITH_MARKETPLACE, now=now)
    handover = HandOver.objects.create(
        query=query,
        seller_id=query.seller_id,
        reason=reason,
        handed_over_at=now,
        by=by.account,
        unanswered_since=now,
    )
    _record(QueryEvent.HANDED_OVER, query, by=by, now=now, handover=handover.pk)
    return handover


@transaction.atomic
def hand_back(query: CustomerQuery, *, by: Actor, now: datetime) -> None:
    """Give a query back to the shop, whose turn it is then; its due moment is as it was.

    Raises NotWithMarketplace, or WithMarketplace for the shop itself.
    """
    _lock(query)
    if not query.is_with_marketplace:
        raise NotWithMarketplace
    _refuse_shop(query, by=by)
    _end_handover(query, HandOverOutcome.HANDED_BACK, by=by, now=now)
    _pass_turn(query, QueryState.YOUR_TURN, now=now)
    _record(QueryEvent.HANDED_BACK, query, by=by, now=now)


@transaction.atomic
def settle(query: CustomerQuery, *, body: str, closes: bool, by: Actor, now: datetime) -> None:
    """Let staff answer what was handed over, close it, or both; without words only close it.

    Raises NotWithMarketplace when it went back or was closed meanwhile, or WithMarketplace for
    the shop itself.
    """
    assert body or closes, "There is something to do."
    _lock(query)
    if not query.is_with_marketplace:
        raise NotWithMarketplace
    if body:
        reply(query, body=body, by=by, now=now)
    if closes:
        close(query, by=by, now=now)


def _new_query(
    seller: Seller,
    *,
    customer: Customer,
    subject: str,
    channel: Channel,
    contact_email: str = "",
    order_reference: str,
    statement_digest: str = "",
    now: datetime,
) -> CustomerQuery:
    moments = deadlines(now, country=seller.country)
    return CustomerQuery.objects.create(
        seller=seller,
        customer=customer,
        contact_email=contact_email,
        order_reference=order_reference,
        statement_digest=statement_digest,
        subject=subject,
        channel=channel,
        language=customer.language,
        state=QueryState.YOUR_TURN,
        turn_since=now,
        asked_at=now,
        long_open_at=moments.long_open_at,
        due_at=moments.due_at,
    )


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
    _lock(query)
    if query.erased_at:
        raise QueryIsErased
    # What is answered repeats the link of the mail, which is the customer's alone.
    words, quoted = body[:quoted_from], body[quoted_from:] if quoted_from else ""
    words = mask(words)
    message = Message.objects.create(
        query=query,
        author=author,
        body=words + mask(quoted),
        quoted_from=len(words) if quoted else None,
        sent_at=now,
        **columns,
    )
    attach(message, attachments)
    return message


def _waits_for_answer(query: CustomerQuery, *, by: Actor, now: datetime) -> None:
    """Make it the turn of who answers in a locked query; a closing is undone.

    That is the seller; of what is with the marketplace, staff.
    """
    if query.is_closed:
        _undo_closing(query, by=by, now=now)
    if query.is_with_marketplace:
        answered = query.handovers.open().filter(unanswered_since=None)
        answered.update(unanswered_since=now, answered_at=None)
        _pass_turn(query, QueryState.WITH_MARKETPLACE, now=now)
    else:
        _pass_turn(query, QueryState.YOUR_TURN, now=now)


def _lock(query: CustomerQuery) -> None:
    """Wait for whoever works on this query, then see it as they left it."""
    query.refresh_from_db(from_queryset=CustomerQuery.objects.select_for_update(no_key=True))


def _actor_type(by: Actor, query: CustomerQuery) -> ActorType:
    """Return for which side somebody answers or closes; ValueError for a customer, who cannot.

    Marketplace staff who also belong to the shop act for the shop.
    """
    if by.account is None:
        return ActorType(by.kind)
    if not by.account.is_staff:
        return ActorType.SELLER
    of_shop = Membership.objects.of_user(by.account).filter(seller=query.seller_id)
    return ActorType.SELLER if of_shop.exists() else ActorType.MARKETPLACE


def _answers_for_shop(user: User, query: CustomerQuery) -> bool:
    membership = Membership.objects.of_user(user).filter(seller=query.seller_id).first()
    return membership is not None and membership.may(Right.ANSWER)


def _refuse_shop(query: CustomerQuery, *, by: Actor) -> None:
    """Raise WithMarketplace when the shop wants to write in what it handed over."""
    if query.is_with_marketplace and _actor_type(by, query) == ActorType.SELLER:
        raise WithMarketplace


def _record(
    kind: QueryEvent, query: CustomerQuery, *, by: Actor, now: datetime, **details: object
) -> None:
    record(kind, query, seller_id=query.seller_id, by=by, now=now, **details)


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


def _undo_closing(query: CustomerQuery, *, by: Actor, now: datetime) -> None:
    """Note that the last closing was reopened, never earlier than it was made.

    `now` was read before we waited for the lock, and clocks of two servers differ a little.
    """
    query.closings.not_reopened().update(reopened_at=Greatest(Value(now), F("closed_at")))
    _record(QueryEvent.REOPENED, query, by=by, now=now)


def _end_handover(
    query: CustomerQuery, outcome: HandOverOutcome, *, by: Actor, now: datetime
) -> None:
    """Note how the hand-over ended, never earlier than it began: clocks differ a little."""
    query.handovers.open().update(
        handed_back_at=Greatest(Value(now), F("handed_over_at")),
        handed_back_by=by.account,
        outcome=outcome,
    )


def _pass_turn(query: CustomerQuery, state: QueryState, *, now: datetime) -> None:
    """Say whose turn it is; who was at turn already stays so since the same moment."""
    if query.state != state:
        query.state, query.turn_since = state, now
    query.save(update_fields=["state", "turn_since", "first_replied_at"])
