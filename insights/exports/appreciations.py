"""Passives and promoters as a table, in the order of the list that it is the download of."""

from collections.abc import Iterator
from typing import Any, Final

from django.db.models import F
from django.utils.translation import gettext as _

from insights.reports.appreciations import LATEST, with_what_followed
from queries.exports.tables import Cell, Column, Table, words
from surveys.enums import Band, ContactWish
from surveys.followup_rules import contact_wish
from surveys.models import SurveyResponses

CHUNK: Final = 2_000  # rows that the database hands over at a time


def happy_table(customers: SurveyResponses, *, band: Band) -> Table:
    """Return passives or promoters of one shop with what followed; of the customer only the name.

    `name` of the table is also that of its list in JSON.
    """
    if band == Band.PASSIVE:
        name, title = "passives", _("Passives")
        followed = [
            Column("asked_at", _("Asked what was missing")),
            Column("improvement", _("What would have made it a 9 or 10")),
        ]
    else:
        name, title = "promoters", _("Promoters")
        followed = [
            Column("thanked_at", _("Thanked")),
            Column("quoted_as", _("Quoted as")),
            Column("referrals", _("Referrals")),
            Column("referrals_worth", _("Worth of the referrals in euros")),
        ]
    return Table(
        name=name,
        title=title,
        columns=[
            Column("score", _("Score")),
            Column("submitted_at", _("Submitted")),
            Column("customer", _("Customer")),
            Column("query", _("Customer query")),
            Column("subject", _("Subject")),
            Column("reason", _("Most important reason")),
            Column("contact_wish", _("Contact")),
            *followed,
        ],
        rows=_rows(customers, band),
    )


def _rows(customers: SurveyResponses, band: Band) -> Iterator[list[Cell]]:
    wishes = words(ContactWish)
    found: Any = with_what_followed(customers).order_by(*LATEST)
    found = found.values(
        "score",
        "submitted_at",
        "query",
        "reason",
        "may_contact",
        "approached_at",
        "improved_by",
        "quoted_as",
        "referred",
        "referred_worth",
        subject=F("query__subject"),
        customer=F("query__customer__name"),
    )
    for row in found.iterator(chunk_size=CHUNK):
        yield [
            row["score"],
            row["submitted_at"],
            row["customer"],
            row["query"],
            row["subject"],
            row["reason"],
            wishes[contact_wish(may_contact=row["may_contact"])],
            row["approached_at"],
            *_followed(row, band),
        ]


def _followed(row: dict[str, Any], band: Band) -> list[Cell]:
    if band == Band.PASSIVE:
        return [row["improved_by"]]
    return [row["quoted_as"], row["referred"] or 0, row["referred_worth"] or 0]
