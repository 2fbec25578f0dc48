"""Rows as they go into the database, and the fast way in: PostgreSQL's COPY.

Each class has the columns of one table, under the names that the database knows.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import count
from typing import Final, NamedTuple

from django.db import connection
from psycopg import sql


class CustomerRow(NamedTuple):
    """A person who asks."""

    id: int
    name: str
    email: str
    language: str

    @property
    def first_name(self) -> str:
        """Return how a shop greets this person."""
        return self.name.partition(" ")[0]


class QueryRow(NamedTuple):
    """A question, in the state that it is in now."""

    id: int
    seller_id: int
    customer_id: int
    order_reference: str
    subject: str
    channel: str
    language: str
    state: str
    turn_since: datetime
    asked_at: datetime
    long_open_at: datetime
    due_at: datetime
    first_replied_at: datetime | None


class MessageRow(NamedTuple):
    """One message of a thread."""

    id: int
    query_id: int
    author: str
    agent_id: int | None
    body: str
    sent_at: datetime


class ClosingRow(NamedTuple):
    """One time that a query was closed."""

    id: int
    query_id: int
    seller_id: int
    customer_id: int
    closed_by: str
    agent_id: int | None
    channel: str
    subject: str
    closed_at: datetime
    predicted_score: int | None
    reopened_at: datetime | None
    survey_decided_at: datetime


class InvitationRow(NamedTuple):
    """What was decided about a closing, and how the mail fared."""

    id: int
    closing_id: int
    seller_id: int
    customer_id: int
    query_id: int
    language: str
    state: str
    reason: str
    decided_at: datetime
    token_salt: str
    token_digest: str | None
    tries: int
    sent_at: datetime | None
    opened_at: datetime | None
    answered_at: datetime | None
    expires_at: datetime | None
    bounced_at: datetime | None


class ResponseRow(NamedTuple):
    """A measurement."""

    id: int
    invitation_id: int
    seller_id: int
    query_id: int
    closed_by: str
    score: int
    submitted_at: datetime
    month: date
    reason: str
    may_contact: bool | None


class TopicRow(NamedTuple):
    """A topic ticked with a measurement."""

    id: int
    response_id: int
    topic_id: int


class OptOutRow(NamedTuple):
    """A customer who wants no surveys."""

    id: int
    customer_id: int
    opted_out_at: datetime


@dataclass(frozen=True, slots=True)
class Rows:
    """A load of rows, in an order in which each refers to what went before."""

    customers: list[CustomerRow] = field(default_factory=list)
    queries: list[QueryRow] = field(default_factory=list)
    messages: list[MessageRow] = field(default_factory=list)
    closings: list[ClosingRow] = field(default_factory=list)
    invitations: list[InvitationRow] = field(default_factory=list)
    responses: list[ResponseRow] = field(default_factory=list)
    topics: list[TopicRow] = field(default_factory=list)
    opt_outs: list[OptOutRow] = field(default_factory=list)


TABLES: Final = {
    "customers": "queries_customer",
    "queries": "queries_customerquery",
    "messages": "queries_message",
    "closings": "queries_closing",
    "invitations": "surveys_invitation",
    "responses": "surveys_surveyresponse",
    "topics": "surveys_responsetopic",
    "opt_outs": "surveys_surveyoptout",
}


@dataclass(frozen=True, slots=True)
class Numbers:
    """The next free primary keys, per table."""

    customers: Iterator[int] = field(default_factory=lambda: count(1))
    queries: Iterator[int] = field(default_factory=lambda: count(1))
    messages: Iterator[int] = field(default_factory=lambda: count(1))
    closings: Iterator[int] = field(default_factory=lambda: count(1))
    invitations: Iterator[int] = field(default_factory=lambda: count(1))
    responses: Iterator[int] = field(default_factory=lambda: count(1))
    topics: Iterator[int] = field(default_factory=lambda: count(1))
    opt_outs: Iterator[int] = field(default_factory=lambda: count(1))


def free_numbers() -> Numbers:
    """Return primary keys after those in use."""
    return Numbers(**{each: count(_last_number(table) + 1) for each, table in TABLES.items()})


def check_at_once() -> None:
    """Have each load checked when it is stored, so that the end does not take half the time."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def store(rows: Rows) -> int:
    """Copy a load into the database; return how many rows it had."""
    return sum(_copy(table, getattr(rows, each)) for each, table in TABLES.items())


def finish() -> None:
    """Let the database go on numbering where we stopped, and know the size of its tables."""
    with connection.cursor() as cursor:
        for table in TABLES.values():
            following = _last_number(table) + 1
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s, false)", [table, following]
            )
            cursor.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(table)))


def _last_number(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("SELECT coalesce(max(id), 0) FROM {}").format(sql.Identifier(table)))
        return int(cursor.fetchone()[0])


def _copy(table: str, rows: Sequence[NamedTuple]) -> int:
    if not rows:
        return 0
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, rows[0]._fields))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
    return len(rows)
