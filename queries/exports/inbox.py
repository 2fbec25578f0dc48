"""The list of queries as a table, in the order of the page that it is the download of."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.db.models import F
from django.utils.translation import gettext as _

from queries.enums import Channel, QueryState
from queries.exports.tables import Cell, Column, Table, Word, words
from queries.models import CustomerQueries
from sellers.enums import Language

CHUNK: Final = 2_000  # rows that the database hands over at a time


def queries_table(queries: CustomerQueries) -> Table:
    """Return queries of one shop; of the customer only the name."""
    return Table(
        name="queries",
        title=_("Customer queries"),
        columns=[
            Column("query", _("Number")),
            Column("subject", _("Subject")),
            Column("customer", _("Customer")),
            Column("order", _("Order")),
            Column("channel", _("Channel")),
            Column("language", _("Language")),
            Column("state", _("State")),
            Column("since", _("In this state since")),
            Column("asked_at", _("Asked")),
            Column("first_replied_at", _("First reply")),
            Column("due_at", _("Reply due")),
            Column("assignee", _("Assigned to")),
            Column("snoozed_until", _("Snoozed until")),
        ],
        rows=_rows(queries, words(Channel), words(Language), words(QueryState)),
    )


def _rows(
    queries: CustomerQueries,
    channels: Mapping[str, Word],
    languages: Mapping[str, Word],
    states: Mapping[str, Word],
) -> Iterator[list[Cell]]:
    found: Any = queries.select_related(None).values(
        "pk",
        "subject",
        "customer__name",
        "order_reference",
        "channel",
        "language",
        "state",
        "turn_since",
        "asked_at",
        "first_replied_at",
        "due_at",
        "snoozed_until",
        agent=F("assignee__name"),
    )
    for row in found.iterator(chunk_size=CHUNK):
        yield [
            row["pk"],
            row["subject"],
            row["customer__name"],
            row["order_reference"],
            channels[row["channel"]],
            languages[row["language"]],
            states[row["state"]],
            row["turn_since"],
            row["asked_at"],
            row["first_replied_at"],
            row["due_at"],
            row["agent"],
            row["snoozed_until"],
        ]
