"""What can be done with a query. Every door (page, admin, command, task) comes through here."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest

from queries.deadlines import deadlines
from queries.enums import ActorType, Author, Channel, QueryState
from queries.models import Closing, Customer, CustomerQuery, Message
from sellers.models import Seller, User

SECOND_CLICK_WITHIN = timedelta(minutes=1)


class QueryIsClosed(Exception):
    """The query is closed already; reopen it first."""


class QueryIsOpen(Exception):
    """The query is not closed, so it cannot be reopened."""


class QueryIsErased(Exception):
    """The texts of the query were erased: it is closed for good."""


@transaction.atomic
def ask(
    seller: Seller,
    *,
    customer: Customer,
    subject: str,
    body: str,
    channel: Channel,
    order_reference: str = "",
    now: datetime,
) -> CustomerQuery:
    """Store a new question of a customer; it is the seller's turn."""
    query = _new_query(
        seller,
        customer=customer,
        subject=subject,
        channel=channel,
        order_reference=order_reference,
        now=now,
    )
    Message.objects.create(query=query, author=Author.CUSTOMER, body=body, sent_at=now)
    return query


@transaction.atomic
def log_phone_contact(
    seller: Seller,
    *,
    name: str,
    subject: str,
    note: str,
    agent: User,
    order_reference: str = "",
    now: datetime,
) -> CustomerQuery:
    """Store a contact by phone that is over: a query that is closed from the start.

    The customer is a name without an address, so there is no survey about it: a seller who could
    choose the address would choose who is surveyed (docs/decisions/0004-phone-contacts.md).
    """
    query = _new_query(
        seller,
        customer=Customer.objects.create(name=name, language=agent.language),
        subject=subject,
        channel=Channel.PHONE,
        order_reference=order_reference,
        now=now,
    )
    reply(query, author=Author.SELLER, agent=agent, body=note, now=now)
    close(query, closed_by=ActorType.SELLER, agent=agent, now=now)
    return query


@transaction.atomic
def reply(
    query: CustomerQuery, *, author: Author, agent: User | None, body: str, now: datetime
) -> Message:
    """Answer the customer; then it is the customer's turn. Raises QueryIsClosed.

    The last words of the same agent once more, within a minute, are a second click: stored once.
    """
    _lock(query)
    if agent and (sent_already := _second_click(query, agent=agent, body=body, now=now)):
        return sent_already
    if query.is_closed:
        raise QueryIsClosed
    query.first_replied_at = query.first_replied_at or now
    _pass_turn(query, QueryState.WAITING, now=now)
    return Message.objects.create(query=query, author=author, agent=agent, body=body, sent_at=now)


@transaction.atomic
def reply_and_close(
    query: CustomerQuery,
    *,
    agent: User,
    body: str,
    predicted_score: int | None = None,
    now: datetime,
) -> Closing:
    """Answer the customer for the last time and close the query. Raises QueryIsClosed."""
    reply(query, author=Author.SELLER, agent=agent, body=body, now=now)
    if query.is_closed:  # a second click
        return query.closings.standing().get()
    return close(
        query,
        closed_by=ActorType.SELLER,
        agent=agent,
        predicted_score=predicted_score,
        now=now,
    )


@transaction.atomic
def receive_reaction(query: CustomerQuery, *, body: str, now: datetime) -> Message:
    """Store what the customer wrote back; it is the seller's turn, and a closing stands no more.

    Raises QueryIsErased.
    """
    _lock(query)
    if query.erased_at:
        raise QueryIsErased
    _undo_closing(query, now=now)
    _pass_turn(query, QueryState.YOUR_TURN, now=now)
    return Message.objects.create(query=query, author=Author.CUSTOMER, body=body, sent_at=now)


@transaction.atomic
def close(
    query: CustomerQuery,
    *,
    closed_by: ActorType,
    agent: User | None,
    predicted_score: int | None = None,
    now: datetime,
) -> Closing:
    """Close a query and keep who did it. Raises QueryIsClosed.

    No survey is arranged here: the survey engine finds new closings by itself, so closing
    can neither wait for it nor fail because of it.
    """
    _lock(query)
    if query.is_closed:
        raise QueryIsClosed
    _pass_turn(query, QueryState.CLOSED, now=now)
    return Closing.objects.create(
        query=query,
        seller_id=query.seller_id,
        customer_id=query.customer_id,
        closed_by=closed_by,
        agent=agent,
        channel=query.channel,
        subject=query.subject,
        closed_at=now,
        predicted_score=predicted_score,
    )


@transaction.atomic
def reopen(query: CustomerQuery, *, now: datetime) -> None:
    """Open a closed query again at the seller's wish; its closing is kept.

    Raises QueryIsOpen or QueryIsErased.
    """
    _lock(query)
    if not query.is_closed:
        raise QueryIsOpen
    if query.erased_at:
        raise QueryIsErased
    _undo_closing(query, now=now)
    _pass_turn(query, QueryState.YOUR_TURN, now=now)


def _new_query(
    seller: Seller,
    *,
    customer: Customer,
    subject: str,
    channel: Channel,
    order_reference: str,
    now: datetime,
) -> CustomerQuery:
    moments = deadlines(now, country=seller.country)
    return CustomerQuery.objects.create(
        seller=seller,
        customer=customer,
        order_reference=order_reference,
        subject=subject,
        channel=channel,
        language=customer.language,
        state=QueryState.YOUR_TURN,
        turn_since=now,
        asked_at=now,
        long_open_at=moments.long_open_at,
        due_at=moments.due_at,
    )


def _lock(query: CustomerQuery) -> None:
    """Wait for whoever works on this query, then see it as they left it."""
    query.refresh_from_db(from_queryset=CustomerQuery.objects.select_for_update(no_key=True))


def _second_click(query: CustomerQuery, *, agent: User, body: str, now: datetime) -> Message | None:
    """Return the last message when it says the same, a moment ago, and passed the turn on."""
    last = query.messages.order_by("sent_at", "pk").last()
    if last is None or query.state == QueryState.YOUR_TURN:
        return None
    is_same = (last.agent_id, last.body) == (agent.pk, body)
    return last if is_same and now - last.sent_at < SECOND_CLICK_WITHIN else None


def _undo_closing(query: CustomerQuery, *, now: datetime) -> None:
    """Note that the last closing stands no more, never earlier than it was made.

    `now` was read before we waited for the lock, and clocks of two servers differ a little.
    """
    query.closings.standing().update(reopened_at=Greatest(Value(now), F("closed_at")))


def _pass_turn(query: CustomerQuery, state: QueryState, *, now: datetime) -> None:
    """Say whose turn it is; who was at turn already stays so since the same moment."""
    if query.state != state:
        query.state, query.turn_since = state, now
    query.save(update_fields=["state", "turn_since", "first_replied_at"])
