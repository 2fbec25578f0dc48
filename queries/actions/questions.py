"""A query begins: a customer asks, or a contact by phone is logged that is over."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from queries.actions.endings import close
from queries.actions.replies import reply
from queries.actions.turns import record_about
from queries.attachments import CheckedFile
from queries.deadlines import deadlines
from queries.enums import Author, Channel, QueryEvent, QueryState
from queries.files import attach
from queries.models import Customer, CustomerQuery, Message
from sellers.addresses import normalised_email
from sellers.events import Actor
from sellers.models import Seller
from sellers.tokens import mask


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
        subject=mask(subject),
        channel=channel,
        contact_email=normalised_email(contact_email),
        order_reference=order_reference,
        statement_digest=statement_digest,
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
    record_about(QueryEvent.PHONE_CONTACT_LOGGED, query, by=by, now=now)
    reply(query, body=note, by=by, now=now)
    close(query, by=by, now=now)
    return query


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
