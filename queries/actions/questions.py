"""A query begins: a customer asks, or a contact by phone is logged that is over."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from django.db import transaction

from queries.actions.endings import close
from queries.actions.turns import (
    SECOND_CLICK_WITHIN,
    DaysOff,
    actor_type,
    days_off_of,
    lock,
    record_about,
)
from queries.attachments import CheckedFile
from queries.deadlines import deadlines
from queries.enums import Author, Channel, FirstReply, QueryEvent, QueryState
from queries.files import attach
from queries.models import Customer, CustomerQuery, Message, Order
from sellers.actions import hold_team
from sellers.addresses import normalised_email
from sellers.events import Actor
from sellers.models import Seller
from sellers.tokens import mask


class CustomerIsGone(Exception):
    """Who was chosen was erased meanwhile."""


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
    language: str = "",
    attachments: Sequence[CheckedFile] = (),
    by: Actor,
    now: datetime,
) -> CustomerQuery:
    """Store a new question of a customer; it is the seller's turn. Raises FilesCannotBeStored.

    `contact_email` is where they want the answer to this one, whatever address they have later;
    `language` is in which they ask it, when it is another than they asked in last.
    """
    query = _new_query(
        seller,
        customer=customer,
        subject=mask(subject),
        channel=channel,
        contact_email=normalised_email(contact_email),
        order_reference=order_reference,
        statement_digest=statement_digest,
        language=language,
        now=now,
    )
    message = Message.objects.create(
        query=query, author=Author.CUSTOMER, body=mask(body), sent_at=now
    )
    attach(message, attachments)
    record_about(QueryEvent.ASKED, query, by=by, now=now, message=message.pk)
    return query


@transaction.atomic
def log_phone_contact(
    seller: Seller,
    *,
    name: str,
    subject: str,
    note: str,
    order_reference: str = "",
    earlier: CustomerQuery | Order | None = None,
    predicted_score: int | None = None,
    by: Actor,
    now: datetime,
) -> CustomerQuery:
    """Store a contact by phone that is over: a query that is closed from the start.

    Who called is who asked this shop something `earlier`, and has the address given with that; or
    whose order it is; or else somebody new, a name without an e-mail. What was agreed goes into the
    thread and is mailed to nobody. Whoever it is, there is no survey about it: a seller who logs
    contacts would choose who is surveyed (docs/decisions/0004-phone-contacts.md). The same words of
    the same agent within a minute are a second click: stored once. Raises CustomerIsGone and
    PredictionMissing.
    """
    assert by.account, "Somebody was on the phone."
    hold_team(seller)  # the second click waits for the first
    if logged := _logged_already(seller, subject=subject, note=note, by=by, now=now):
        return logged
    query = _new_query(
        seller,
        customer=_who_called(earlier)
        if earlier
        else Customer.objects.create(name=name, language=by.account.language),
        subject=subject,
        channel=Channel.PHONE,
        contact_email=earlier.contact_email if isinstance(earlier, CustomerQuery) else "",
        order_reference=order_reference or _order_of(earlier),
        logged_by_seller=True,
        first_replied_at=now,
        first_reply_result=FirstReply.NOT_COUNTED,
        now=now,
    )
    record_about(QueryEvent.PHONE_CONTACT_LOGGED, query, by=by, now=now)
    message = Message.objects.create(
        query=query,
        author=Author(actor_type(by, query)),
        agent=by.account,
        body=note,
        sent_at=now,
    )
    record_about(QueryEvent.REPLIED, query, by=by, now=now, message=message.pk)
    close(query, predicted_score=predicted_score, by=by, now=now)
    return query


def _logged_already(
    seller: Seller, *, subject: str, note: str, by: Actor, now: datetime
) -> CustomerQuery | None:
    """Return the contact with these words that the same agent logged a moment ago."""
    logged = CustomerQuery.objects.for_seller(seller).filter(
        asked_at__gt=now - SECOND_CLICK_WITHIN,
        logged_by_seller=True,
        subject=subject,
        messages__agent=by.account,
        messages__body=note,
    )
    return logged.first()


def _who_called(earlier: CustomerQuery | Order) -> Customer:
    """Return who asked or bought before. Whoever erases or merges them waits for us, or we do."""
    if isinstance(earlier, Order):
        assert earlier.customer_id, "Only of who is known it can be said that they called."
        customer = Customer.objects.select_for_update(no_key=True).get(pk=earlier.customer_id)
        if not customer.is_themselves:
            raise CustomerIsGone
        return customer
    lock(earlier)
    if earlier.erased_at or not earlier.customer.is_themselves:
        raise CustomerIsGone
    return earlier.customer


def _order_of(earlier: CustomerQuery | Order | None) -> str:
    """Return the number of the order that it was about."""
    match earlier:
        case Order():
            return earlier.reference
        case CustomerQuery():
            return earlier.order_reference
        case None:
            return ""


def _new_query(
    seller: Seller,
    *,
    customer: Customer,
    subject: str,
    channel: Channel,
    contact_email: str = "",
    order_reference: str,
    statement_digest: str = "",
    language: str = "",
    logged_by_seller: bool = False,
    first_replied_at: datetime | None = None,
    first_reply_result: FirstReply | Literal[""] = "",
    now: datetime,
) -> CustomerQuery:
    query = new_query(
        seller,
        customer=customer,
        contact_email=contact_email,
        order_reference=order_reference,
        statement_digest=statement_digest,
        logged_by_seller=logged_by_seller,
        first_replied_at=first_replied_at,
        subject=subject,
        channel=channel,
        language=language or customer.language,
        first_reply_result=first_reply_result,
        asked_at=now,
    )
    query.save()
    return query


def new_query(
    seller: Seller, *, asked_at: datetime, days_off: DaysOff = days_off_of, **fields: Any
) -> CustomerQuery:
    """Return a query that begins at a moment: it is the seller's turn. It is not stored yet."""
    moments = deadlines(asked_at, days_off=days_off(seller, since=asked_at))
    return CustomerQuery(
        seller=seller,
        state=QueryState.YOUR_TURN,
        turn_since=asked_at,
        asked_at=asked_at,
        long_open_at=moments.long_open_at,
        due_at=moments.due_at,
        reply_needed_since=asked_at,
        **fields,
    )
