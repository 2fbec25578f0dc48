"""What this app knows about a person: all of it on one page, or gone.

`customers.py` runs this and its like of the other apps (docs/decisions/0005-erasing-a-person.md).
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, Q, QuerySet
from django.db.models.functions import Coalesce

from queries.actions import close
from queries.enums import FedKind, IncomingState, QueryEvent
from queries.files import delete_attachments
from queries.models import (
    Attachment,
    Closing,
    Customer,
    CustomerMail,
    CustomerQueries,
    CustomerQuery,
    Draft,
    FedRow,
    HandOver,
    IncomingMail,
    IncomingMails,
    Message,
    Note,
    Order,
    OrderItem,
    SearchDocument,
    ThreadLink,
    Visit,
)
from sellers.actions import empty_answers
from sellers.addresses import normalised_email
from sellers.events import Actor, event, record_all
from sellers.models import RefusedAddress

MODELS = (
    Customer,
    CustomerQuery,
    Message,
    Attachment,
    Note,
    Draft,
    Visit,
    HandOver,
    Closing,
    ThreadLink,
    CustomerMail,
    IncomingMail,
    Order,
    OrderItem,
    SearchDocument,  # the words of the others: the database empties it with them
)

# Other people, and what is in the export in another way.
NOT_THE_CUSTOMER_S = (
    "agent",
    "accepted_by",
    "assignee",
    "by",
    "customer",
    "handed_back_by",
    "merged_into",
    "seller",
    "user",
)
# What a platform knows by the id of a customer, or tells of one.
OF_A_CUSTOMER = (FedKind.CUSTOMER, FedKind.OPT_OUT, FedKind.BOUNCE)
# What opens a conversation, and what a mail is known by.
SECRETS = ("token_salt", "token_digest", "reply_digest", "message_key")


def lock_person(customer: Customer) -> Customer:
    """Lock all about a customer, as `lock_people` does; return who it was merged into, if so."""
    customer.refresh_from_db(fields=["merged_into"])
    if customer.merged_into:
        return lock_person(customer.merged_into)
    lock_people(customer)
    return lock_person(customer) if customer.merged_into_id else customer


def lock_people(*customers: Customer) -> None:
    """Wait for whoever works on customers, then see the rows as they left them; in a transaction.

    Queries, closings, customers: who answers or closes holds the first and wants the second, who
    decides surveys holds the second and wants the third. The lock on a customer also keeps out
    new rows that point there, so the queries that were asked while we waited are the last.
    """
    pks = [customer.pk for customer in customers]
    theirs = CustomerQuery.objects.filter(customer__in=pks)
    queries = theirs.order_by("pk").select_for_update(no_key=True)
    closings = Closing.objects.filter(customer__in=pks).order_by("pk")
    list(queries)
    list(closings.select_for_update(no_key=True))
    list(Customer.objects.filter(pk__in=pks).order_by("pk").select_for_update())
    for customer in customers:
        customer.refresh_from_db()
    list(queries.all())


def erase(customer: Customer, *, by: Actor, now: datetime) -> None:
    """Forget who a locked customer is, in all its rows, and what was said; twice is once.

    What is still open is closed by the system: nobody is left to be answered.
    """
    for query in customer.queries.open():
        close(query, by=Actor.SYSTEM, now=now)
    _forget_addresses(customer)
    # Before their numbers go from the queries. Nothing was counted of them, so no row need stay.
    delete_orders(Order.objects.of_customer(customer))
    erase_texts(customer.queries.with_texts(), by=by, now=now)
    rows = (customer, *customer.merged.all())
    FedRow.objects.of_rows(
        Customer.objects.filter(pk__in=[row.pk for row in rows]), *OF_A_CUSTOMER
    ).delete()
    for row in rows:
        row.name = row.email = ""
        row.external_id, row.shares_email = None, False
        row.erased_at = row.erased_at or now
        row.save()
        # The admin writes the name of what was changed into its history.
        LogEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(Customer), object_id=str(row.pk)
        ).update(object_repr=f"#{row.pk}")


def _rows_of(customer: Customer) -> QuerySet[Customer]:
    """Return the row of a customer, and those that were merged into it."""
    return Customer.objects.filter(Q(pk=customer.pk) | Q(merged_into=customer))


def move(customer: Customer, *, into: Customer) -> None:
    """Let what a locked customer asked, and how it was closed, be another's."""
    customer.queries.update(customer=into)
    customer.closings.update(customer=into)
    customer.orders.update(customer=into)


def _forget_addresses(customer: Customer) -> None:
    """Forget what is known of the customer's addresses, and hold none of their mails any more."""
    emails = _own_addresses(customer)
    RefusedAddress.objects.of(*emails).delete()
    _held_mails(customer, emails).update(
        state=IncomingState.DISCARDED, raw=None, from_email="", subject=""
    )


def _own_addresses(customer: Customer) -> set[str]:
    """Return the addresses that are this person's and nobody else's, as they are stored.

    What several people share goes by the number, never by the address.
    """
    links = ThreadLink.objects.filter(query__customer=customer)
    rows = (customer, *customer.merged.all())
    written = [
        *(row.email for row in rows if not row.shares_email),
        *customer.queries.values_list("contact_email", flat=True),
        *links.values_list("email", flat=True),
    ]
    emails = {normalised_email(email) for email in written} - {""}
    others = Customer.objects.themselves().with_address(emails).exclude(pk=customer.pk)
    shared = {row.email for row in rows if row.shares_email} | {other.email for other in others}
    return emails - {normalised_email(email) for email in shared}


def _held_mails(customer: Customer, emails: Collection[str]) -> IncomingMails:
    """Return what waits for staff: from these addresses, or in the customer's conversations."""
    of_person = Q(query__customer=customer) | Q(query=None, from_email__in=emails)
    return IncomingMail.objects.held().filter(of_person)


def erase_texts(queries: CustomerQueries, *, by: Actor, now: datetime) -> int:
    """Delete what was said and attached in closed, locked queries; return in how many.

    All other words and addresses are emptied; the orders go that nothing else is said about.
    """
    erased = list(queries.only("seller"))
    pks = [query.pk for query in erased]
    orders = Order.objects.named_in(CustomerQuery.objects.filter(pk__in=pks))
    order_pks = list(orders.values_list("pk", flat=True))
    # First the queries: only of an erased one may messages and attachments be deleted.
    CustomerQuery.objects.filter(pk__in=pks).update(
        subject="", order_reference="", contact_email="", erased_at=now
    )
    # In the order in which a sender locks: the mail, then its link.
    mails = CustomerMail.objects.filter(query__in=pks).order_by("pk")
    list(mails.select_for_update().values_list("pk"))
    links = ThreadLink.objects.filter(query__in=pks)
    links.update(email="", revoked_at=Coalesce("revoked_at", now))
    Closing.objects.filter(query__in=pks).update(subject="")
    HandOver.objects.filter(query__in=pks).update(reason="")
    Note.objects.filter(query__in=pks).update(body="")
    Draft.objects.filter(query__in=pks).delete()
    Visit.objects.filter(query__in=pks).delete()
    delete_attachments(Attachment.objects.filter(message__query__in=pks))
    messages, notes = (model.objects.filter(query__in=pks) for model in (Message, Note))
    rows = [*pks, *messages.values_list("pk", flat=True), *notes.values_list("pk", flat=True)]
    empty_answers(sellers={query.seller_id for query in erased}, rows=rows, queries=pks)
    # The platform's ids of all but the queries themselves, which nobody is to feed in anew.
    handovers = HandOver.objects.filter(query__in=pks)
    FedRow.objects.of_rows(Closing.objects.filter(query__in=pks), FedKind.CLOSING).delete()
    FedRow.objects.of_rows(handovers, FedKind.HANDOVER).delete()
    FedRow.objects.of_rows(CustomerQuery.objects.filter(pk__in=pks), FedKind.HANDBACK).delete()
    FedRow.objects.of_rows(messages, FedKind.MESSAGE).delete()
    messages.delete()
    delete_orders(Order.objects.filter(pk__in=order_pks).named_no_more())
    record_all(
        event(QueryEvent.TEXTS_ERASED, query, seller_id=query.seller_id, by=by, now=now)
        for query in erased
    )
    return len(erased)


def delete_orders(orders: QuerySet[Order]) -> int:
    """Delete orders, and by which ids of the platform they were known; return how many."""
    FedRow.objects.of_rows(orders, FedKind.ORDER).delete()
    _total, of_each = orders.delete()
    return of_each.get(Order._meta.label, 0)


def stored_about(customer: Customer) -> dict[str, Any]:
    """Return all that is stored here about a customer, as plain values under readable names."""
    queries = customer.queries.order_by("asked_at", "pk")
    emails = _own_addresses(customer)
    without_query = _held_mails(customer, emails).filter(query=None).order_by("pk")
    orders = Order.objects.of_customer(customer).order_by("ordered_on", "pk")
    return {
        "customer": as_plain(customer),
        "known_to_platforms_as": [
            as_plain(each, without=["object_pk"])
            for each in FedRow.objects.of_rows(_rows_of(customer), *OF_A_CUSTOMER)
            | FedRow.objects.of_rows(queries, FedKind.QUERY)
        ],
        "merged_customers": [as_plain(each) for each in customer.merged.order_by("pk")],
        "undeliverable_addresses": [as_plain(each) for each in RefusedAddress.objects.of(*emails)],
        "received_mails": [_received(each) for each in without_query],
        "orders": [
            as_plain(order)
            | {
                "seller": order.seller.name,
                "items": [as_plain(each, without=["order"]) for each in order.items.all()],
            }
            for order in orders.select_related("seller").with_items()
        ],
        "queries": [
            as_plain(query)
            | {
                "seller": query.seller.name,
                "messages": [
                    as_plain(each, without=["query"])
                    | {
                        "attachments": [
                            as_plain(file, without=["message"]) | {"file": name_in_export(file)}
                            for file in each.attachments.order_by("position")
                        ]
                    }
                    for each in query.messages.order_by("sent_at", "pk")
                ],
                "links": [
                    as_plain(each, without=["query", *SECRETS])
                    for each in query.thread_links.order_by("created_at", "pk")
                ],
                "mails": [
                    as_plain(each, without=["query", *SECRETS])
                    for each in query.customer_mails.order_by("created_at", "pk")
                ],
                "received_mails": [
                    _received(each) for each in query.incoming_mails.order_by("received_at", "pk")
                ],
                "notes": [
                    as_plain(each, without=["query", "author"])
                    for each in query.notes.order_by("written_at", "pk")
                ],
                "drafts": [
                    as_plain(each, without=["query"]) for each in query.drafts.order_by("pk")
                ],
                "handovers": [
                    as_plain(each, without=["query"])
                    for each in query.handovers.order_by("handed_over_at", "pk")
                ],
                "closings": [
                    as_plain(each, without=["query"])
                    for each in query.closings.order_by("closed_at", "pk")
                ],
            }
            for query in queries.select_related("seller")
        ],
    }


def name_in_export(attachment: Attachment) -> str:
    """Return where a file is in the zip with what is stored about a customer."""
    return f"attachments/{attachment.pk}-{attachment.name}"


def _received(mail: IncomingMail) -> dict[str, Any]:
    """Return a mail that came, whole while it is held."""
    whole = bytes(mail.raw or b"").decode(errors="replace")
    return as_plain(mail, without=["query", "digest", "raw"]) | {"raw": whole}


def as_plain(row: Model, *, without: Collection[str] = ()) -> dict[str, Any]:
    """Return every column of a row by its name, so that a new one is never forgotten."""
    left_out = {*NOT_THE_CUSTOMER_S, *without}
    return {
        field.name: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if field.name not in left_out
    }
