"""Follow-up tasks as a table, in the order of the list that it is the download of."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.db.models import F
from django.utils.translation import gettext as _

from queries.exports.tables import Cell, Column, Table, Word, words
from surveys.enums import ContactWish, FollowUpState
from surveys.followup_rules import contact_wish
from surveys.models import FollowUps, Topic

CHUNK: Final = 2_000  # rows that the database hands over at a time


def followups_table(followups: FollowUps) -> Table:
    """Return tasks of one shop; of the customer only the name."""
    return Table(
        name="followups",
        title=_("Follow-up tasks"),
        columns=[
            Column("followup", _("Number")),
            Column("score", _("Score")),
            Column("customer", _("Customer")),
            Column("query", _("Customer query")),
            Column("subject", _("Subject")),
            Column("reason", _("Most important reason")),
            Column("contact_wish", _("Contact")),
            Column("state", _("State")),
            Column("assignee", _("Assigned to")),
            Column("opened_at", _("Opened")),
            Column("due_at", _("Contact due")),
            Column("contacted_at", _("First contact")),
            Column("finished_at", _("Finished")),
            Column("note", _("Note")),
            Column("promised", _("Promised")),
            Column("cause_topic", _("Root cause")),
            Column("cause", _("Root cause in own words")),
            Column("lesson", _("Lesson")),
        ],
        rows=_rows(
            followups,
            words(FollowUpState),
            words(ContactWish),
            {topic.pk: Word(topic.slug, topic.label) for topic in Topic.objects.all()},
        ),
    )


def _rows(
    followups: FollowUps,
    states: Mapping[str, Word],
    wishes: Mapping[str, Word],
    topics: Mapping[int, Word],
) -> Iterator[list[Cell]]:
    found: Any = followups.select_related(None).values(
        "pk",
        "state",
        "opened_at",
        "due_at",
        "contacted_at",
        "finished_at",
        "note",
        "promised",
        "cause_topic",
        "cause",
        "lesson",
        score=F("response__score"),
        reason=F("response__reason"),
        may_contact=F("response__may_contact"),
        query=F("response__query"),
        subject=F("response__query__subject"),
        customer=F("response__query__customer__name"),
        agent=F("assignee__name"),
    )
    for row in found.iterator(chunk_size=CHUNK):
        yield [
            row["pk"],
            row["score"],
            row["customer"],
            row["query"],
            row["subject"],
            row["reason"],
            wishes[contact_wish(may_contact=row["may_contact"])],
            states[row["state"]],
            row["agent"],
            row["opened_at"],
            row["due_at"],
            row["contacted_at"],
            row["finished_at"],
            row["note"],
            row["promised"],
            topics[row["cause_topic"]] if row["cause_topic"] else None,
            row["cause"],
            row["lesson"],
        ]
