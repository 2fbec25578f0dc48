"""How the programs that measurements come from write them as CSV, our own downloads included."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

# In a download, before the number of a measurement that was made in this portal.
OWN_PREFIX: Final = "nazorg:"


class Column(StrEnum):
    """What we want to know of each measurement, under its name in our own format."""

    EXTERNAL_ID = "external_id"
    SELLER = "seller"
    SCORE = "score"
    SUBMITTED_AT = "submitted_at"
    REASON = "reason"
    CLOSED_BY = "closed_by"


REQUIRED: Final = (Column.EXTERNAL_ID, Column.SCORE, Column.SUBMITTED_AT)


@dataclass(frozen=True, slots=True)
class Format:
    """How one program writes measurements; of several column names the first one present counts."""

    name: str
    columns: Mapping[Column, Sequence[str]]
    prefix: str = ""  # keeps the numbers of two programs apart
    survey_type: str = ""  # column that says nps, or that the row is no NPS measurement
    escapes_formulas: bool = False  # texts that look like one have a mark before them
    unix_seconds: bool = False

    def missing(self, header: Sequence[str]) -> list[str]:
        """Return the required columns that a header lacks."""
        return [
            " / ".join(self.columns[column])
            for column in REQUIRED
            if not set(self.columns[column]) & set(header)
        ]

    def column_positions(self, header: Sequence[str]) -> dict[Column, int]:
        """Return at which place in a row each column is."""
        names = {
            column: next((name for name in names if name in header), None)
            for column, names in self.columns.items()
        }
        return {column: header.index(name) for column, name in names.items() if name is not None}


PORTAL: Final = Format(
    "portal", {column: [column.value] for column in Column}, escapes_formulas=True
)

# The fields of a response, as https://delighted.com/docs/api/listing-survey-responses names them.
# A column "seller" can be there as a property of the person who answered.
DELIGHTED: Final = Format(
    "delighted",
    {
        Column.EXTERNAL_ID: ["id"],
        Column.SELLER: ["seller"],
        Column.SCORE: ["score"],
        Column.SUBMITTED_AT: ["created_at"],
        Column.REASON: ["comment"],
    },
    prefix="delighted:",
    survey_type="survey_type",
    unix_seconds=True,
)

# https://developer.zendesk.com/api-reference/ticketing/nps-api/nps_responses/ says created_at, and
# its neighbour nps_incremental_exports_-_responses/, of all surveys together, says rated_at.
ZENDESK: Final = Format(
    "zendesk",
    {
        Column.EXTERNAL_ID: ["id"],
        Column.SELLER: ["seller"],
        Column.SCORE: ["rating"],
        Column.SUBMITTED_AT: ["rated_at", "created_at"],
        Column.REASON: ["comment"],
    },
    prefix="zendesk:",
)

FORMATS: Final = {each.name: each for each in (PORTAL, DELIGHTED, ZENDESK)}
