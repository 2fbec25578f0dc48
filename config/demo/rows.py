"""The rows of the demo: where they wait, how they are numbered, and how they are stored."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from typing import Final

from django.db import connection, connections, transaction
from django.db.models import Model

from config.demo.loading import copy_rows, row_class
from config.roles import as_owner
from queries.models import (
    Closing,
    Customer,
    CustomerQuery,
    HandOver,
    Message,
    Order,
    OrderItem,
)
from surveys.models import (
    FollowUp,
    FollowUpContact,
    FollowUpTick,
    Invitation,
    ResponseTopic,
    SurveyOptOut,
    SurveyResponse,
)

BLOCK: Final = 1_000  # primary keys that are asked for at a time

CustomerRow = row_class(Customer)
QueryRow = row_class(CustomerQuery)
MessageRow = row_class(Message)
HandOverRow = row_class(HandOver)
ClosingRow = row_class(Closing)
InvitationRow = row_class(Invitation)
ResponseRow = row_class(SurveyResponse)
TopicRow = row_class(ResponseTopic)
OptOutRow = row_class(SurveyOptOut)
FollowUpRow = row_class(FollowUp)
ContactRow = row_class(FollowUpContact)
TickRow = row_class(FollowUpTick)
OrderRow = row_class(Order)
OrderItemRow = row_class(OrderItem)


@dataclass(frozen=True, slots=True)
class Rows:
    """A load of rows, in an order in which each refers to what went before."""

    customers: list[Customer] = field(default_factory=list)
    queries: list[CustomerQuery] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    handovers: list[HandOver] = field(default_factory=list)
    closings: list[Closing] = field(default_factory=list)
    invitations: list[Invitation] = field(default_factory=list)
    responses: list[SurveyResponse] = field(default_factory=list)
    topics: list[ResponseTopic] = field(default_factory=list)
    opt_outs: list[SurveyOptOut] = field(default_factory=list)
    followups: list[FollowUp] = field(default_factory=list)
    contacts: list[FollowUpContact] = field(default_factory=list)
    ticks: list[FollowUpTick] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    order_items: list[OrderItem] = field(default_factory=list)


MODELS: Final[dict[str, type[Model]]] = {
    "customers": Customer,
    "queries": CustomerQuery,
    "messages": Message,
    "handovers": HandOver,
    "closings": Closing,
    "invitations": Invitation,
    "responses": SurveyResponse,
    "topics": ResponseTopic,
    "opt_outs": SurveyOptOut,
    "followups": FollowUp,
    "contacts": FollowUpContact,
    "ticks": FollowUpTick,
    "orders": Order,
    "order_items": OrderItem,
}


# What refuses a low score without its task, as PostgreSQL calls it.
LOW_SCORES: Final = next(
    trigger.get_pgid(SurveyResponse)
    for trigger in SurveyResponse._meta.triggers  # type: ignore[attr-defined]
    if trigger.name == "response_low_score_has_followup"
)


@dataclass(frozen=True, slots=True)
class FreePks:
    """The next free primary keys, per table."""

    customers: Iterator[int] = field(default_factory=lambda: count(1))
    queries: Iterator[int] = field(default_factory=lambda: count(1))
    messages: Iterator[int] = field(default_factory=lambda: count(1))
    handovers: Iterator[int] = field(default_factory=lambda: count(1))
    closings: Iterator[int] = field(default_factory=lambda: count(1))
    invitations: Iterator[int] = field(default_factory=lambda: count(1))
    responses: Iterator[int] = field(default_factory=lambda: count(1))
    topics: Iterator[int] = field(default_factory=lambda: count(1))
    opt_outs: Iterator[int] = field(default_factory=lambda: count(1))
    followups: Iterator[int] = field(default_factory=lambda: count(1))
    contacts: Iterator[int] = field(default_factory=lambda: count(1))
    ticks: Iterator[int] = field(default_factory=lambda: count(1))
    orders: Iterator[int] = field(default_factory=lambda: count(1))
    order_items: Iterator[int] = field(default_factory=lambda: count(1))


def free_pks() -> FreePks:
    """Return the primary keys that the database gives out."""
    return FreePks(**{each: _free_pks(model) for each, model in MODELS.items()})


@transaction.atomic
def store(rows: Rows) -> int:
    """Copy a load into the database; return how many rows it had.

    Each row is checked when it is stored: every trigger walks through all checks that wait. Only
    the tasks of low scores come later than these. Each trigger asks which ones are ignored; that
    nobody has ever said would be an error that it catches, for each row anew.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL pgtrigger.ignore = '{}'")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"SET CONSTRAINTS {LOW_SCORES} DEFERRED")
        stored = [copy_rows(cursor, model, getattr(rows, each)) for each, model in MODELS.items()]
        cursor.execute(f"SET CONSTRAINTS {LOW_SCORES} IMMEDIATE")
    return sum(stored)


def made_ahead(loads: Iterator[Rows]) -> Iterator[Rows]:
    """Yield the loads; another thread makes the next while the database stores this one.

    That thread sees nothing of what is not committed yet: it asks for primary keys alone.
    """
    with ThreadPoolExecutor(max_workers=1) as thread:
        try:
            coming = thread.submit(next, loads, None)
            while rows := coming.result():
                coming = thread.submit(next, loads, None)
                yield rows
        finally:
            thread.submit(connections.close_all)  # those of the thread


def analyze() -> None:
    """Let PostgreSQL know at once what the tables are like; of itself it looks a minute later.

    Only their owner may ask for that.
    """
    with as_owner(), connection.cursor() as cursor:
        for model in MODELS.values():
            cursor.execute(f"ANALYZE {model._meta.db_table}")


def _free_pks(model: type[Model]) -> Iterator[int]:
    statement = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
    while True:
        with connection.cursor() as cursor:
            cursor.execute(statement, [model._meta.db_table, BLOCK])
            block = cursor.fetchall()
        yield from (pk for (pk,) in block)
