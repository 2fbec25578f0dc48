"""What can be done with a query. Every door (page, admin, command, task) comes through here."""

from datetime import datetime

from django.db import transaction

from queries.deadlines import deadlines
from queries.enums import ActorType, Author, Channel, QueryState
from queries.models import Closing, Customer, CustomerQuery, Message
from sellers.models import Seller, User


class QueryIsClosed(Exception):
    """The query is closed already; reopen it first."""


class QueryIsOpen(Exception):
    """The query is not closed, so it cannot be reopened."""


class UnknownCustomer(Exception):
    """No customer of this shop has that address."""


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
    email: str,
    subject: str,
    note: str,
    agent: User,
    predicted_score: int | None = None,
    order_reference: str = "",
    now: datetime,
) -> CustomerQuery:
    """Store a contact by phone that is over: a query that is closed from the start.

    An address must be one of this shop's customers: whoever could type in any address could
    choose who is surveyed. Without one there is no survey. Raises UnknownCustomer.
    """
    customer = (
        _known_customer(seller, email)
        if email
        else Customer.objects.create(name=name, language=agent.language)
    )
    query = _new_query(
        seller,
        customer=customer,
        subject=subject,
        channel=Channel.PHONE,
        order_reference=order_reference,
        now=now,
    )
    reply(query, author=Author.SELLER, agent=agent, body=note, now=now)
    close(query, closed_by=ActorType.SELLER, agent=agent, predicted_score=predicted_score, now=now)
    return query


@transaction.atomic
def reply(
    query: CustomerQuery, *, author: Author, agent: User | None, body: str, now: datetime
) -> Message:
    """Answer the customer; then it is the customer's turn. Raises QueryIsClosed."""
    _lock(query)
    if query.is_closed:
        raise QueryIsClosed
    query.first_replied_at = query.first_replied_at or now
    _pass_turn(query, QueryState.WAITING, now=now)
    return Message.objects.create(query=query, author=author, agent=agent, body=body, sent_at=now)


@transaction.atomic
def receive_reaction(query: CustomerQuery, *, body: str, now: datetime) -> Message:
    """Store what the customer wrote back; it is the seller's turn, and a closing stands no more."""
    _lock(query)
    query.closings.standing().update(reopened_at=now)
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
    """Open a closed query again at the seller's wish; its closing is kept. Raises QueryIsOpen."""
    _lock(query)
    if not query.is_closed:
        raise QueryIsOpen
    query.closings.standing().update(reopened_at=now)
    _pass_turn(query, QueryState.YOUR_TURN, now=now)


def _known_customer(seller: Seller, email: str) -> Customer:
    asked_here = Customer.objects.filter(queries__seller=seller, email__iexact=email.strip())
    customer = asked_here.first()
    if customer is None:
        raise UnknownCustomer
    return customer


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


def _pass_turn(query: CustomerQuery, state: QueryState, *, now: datetime) -> None:
    query.state, query.turn_since = state, now
    query.save(update_fields=["state", "turn_since", "first_replied_at"])
