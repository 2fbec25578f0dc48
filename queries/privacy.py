"""What this app knows about a person: all of it on one page, or gone.

`customers.py` runs this and its like of the other apps (docs/decisions/0005-erasing-a-person.md).
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model

from queries.actions import close
from queries.enums import QueryEvent
from queries.models import Closing, Customer, CustomerQueries, CustomerQuery, Message
from sellers.events import Actor, event, record_all

MODELS = (Customer, CustomerQuery, Message, Closing)

# Other people, and what is in the export in another way.
NOT_THE_CUSTOMER_S = ("agent", "customer", "seller")


def lock_person(customer: Customer) -> None:
    """Wait for whoever works on a customer, then see the row as they left it; in a transaction.

    Queries, closings, customer: who answers or closes holds the first and wants the second, who
    decides surveys holds the second and wants the third. The lock on the customer also keeps out
    new rows that point there, so the queries that were asked while we waited are the last.
    """
    queries = customer.queries.order_by("pk").select_for_update(no_key=True)
    list(queries)
    list(customer.closings.order_by("pk").select_for_update(no_key=True))
    customer.refresh_from_db(from_queryset=Customer.objects.select_for_update())
    list(queries.all())


def erase(customer: Customer, *, by: Actor, now: datetime) -> None:
    """Forget who a locked customer is and what was said; twice is once.

    What is still open is closed by the system: nobody is left to be answered.
    """
    for query in customer.queries.open():
        close(query, by=Actor.SYSTEM, now=now)
    erase_texts(customer.queries.with_texts(), by=by, now=now)
    customer.name = customer.email = ""
    customer.erased_at = customer.erased_at or now
    customer.save(update_fields=["name", "email", "erased_at"])
    # The admin writes the name of what was changed into its history.
    LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(Customer), object_id=str(customer.pk)
    ).update(object_repr=f"#{customer.pk}")


def erase_texts(queries: CustomerQueries, *, by: Actor, now: datetime) -> int:
    """Delete the messages of closed, locked queries and empty their subjects; return how many."""
    erased = list(queries.only("seller"))
    pks = [query.pk for query in erased]
    # First the queries: only of an erased one may messages be deleted.
    CustomerQuery.objects.filter(pk__in=pks).update(subject="", order_reference="", erased_at=now)
    Closing.objects.filter(query__in=pks).update(subject="")
    Message.objects.filter(query__in=pks).delete()
    record_all(
        event(QueryEvent.TEXTS_ERASED, query, seller_id=query.seller_id, by=by, now=now)
        for query in erased
    )
    return len(erased)


def stored_about(customer: Customer) -> dict[str, Any]:
    """Return all that is stored here about a customer, as plain values under readable names."""
    queries = customer.queries.order_by("asked_at", "pk")
    return {
        "customer": as_plain(customer),
        "queries": [
            as_plain(query)
            | {
                "seller": query.seller.name,
                "messages": [
                    as_plain(each, without=["query"])
                    for each in query.messages.order_by("sent_at", "pk")
                ],
                "closings": [
                    as_plain(each, without=["query"])
                    for each in query.closings.order_by("closed_at", "pk")
                ],
            }
            for query in queries.select_related("seller")
        ],
    }


def as_plain(row: Model, *, without: Collection[str] = ()) -> dict[str, Any]:
    """Return every column of a row by its name, so that a new one is never forgotten."""
    left_out = {*NOT_THE_CUSTOMER_S, *without}
    return {
        field.name: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if field.name not in left_out
    }
