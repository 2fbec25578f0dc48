"""How the programs that measurements come from write them, our own downloads included."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple
from unicodedata import normalize

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

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

# What our downloads for people call the columns, in their language.
HEADINGS: Final[Mapping[Column, Promise]] = {
    Column.EXTERNAL_ID: _("Number"),
    Column.SELLER: _("Shop"),
    Column.SCORE: _("Score"),
    Column.SUBMITTED_AT: _("Submitted"),
    Column.REASON: _("Most important reason"),
}


class Finder(NamedTuple):
    """A column that has no fixed name: what it is called in words, and the places where it is."""

    said: str | Promise
    find: Callable[[Sequence[str]], list[int]]


def fold(name: str) -> str:
    """Return the name of a column as it is compared, whatever its capitals, blanks and accents."""
    return "_".join(normalize("NFC", name).casefold().split())


@dataclass(frozen=True, slots=True)
class Format:
    """How one program writes measurements; of several column names the first one present counts."""

    name: str
    columns: Mapping[Column, Sequence[str | Finder]]
    prefix: str = ""  # keeps the numbers of two programs apart
    needed: Sequence[Column] = REQUIRED
    signature: frozenset[str] = frozenset()  # columns by which it is known, whatever else lacks
    survey_type: str = ""  # column that says nps, or that the row is no NPS measurement
    escapes_formulas: bool = False  # texts that look like one have a mark before them in CSV
    unix_seconds: bool = False
    marketplace_clock: bool = False  # its moments are as the clock of the marketplace showed them

    def places(self, names: Sequence[str], column: Column) -> list[int]:
        """Return at which places in a row a column is; several when its name is there twice."""
        for wanted in self.columns.get(column, ()):
            if isinstance(wanted, Finder):
                places = wanted.find(names)
            else:
                places = [place for place, name in enumerate(names) if name == wanted]
            if places:
                return places
        return []

    def named(self, column: Column) -> str:
        """Return what the program calls a column, in words."""
        wanted = self.columns.get(column, ())
        return " / ".join(str(one.said) if isinstance(one, Finder) else one for one in wanted)


QUESTION: Final = re.compile(
    r"how_likely.*recommend|hoe_waarschijnlijk.*(?:aanbeve|aanbeva|aanra)|zou_je.*aanbevelen"
)
NPS_GROUP: Final = "_nps_group"


def _is_the_question(names: Sequence[str]) -> list[int]:
    return [place for place, name in enumerate(names) if QUESTION.search(name)]


def _has_nps_group(names: Sequence[str]) -> list[int]:
    scores = [name.removesuffix(NPS_GROUP) for name in names if name.endswith(NPS_GROUP)]
    return [place for place, name in enumerate(names) if name in scores]


def _has_heading(heading: Promise) -> Finder:
    def find(names: Sequence[str]) -> list[int]:
        words = set()
        for language, _name in settings.LANGUAGES:
            with override(language):
                words.add(fold(str(heading)))
        return [place for place, name in enumerate(names) if name in words]

    return Finder(heading, find)


THE_QUESTION: Final = Finder(_("the question how likely one is to recommend"), _is_the_question)

PORTAL: Final = Format(
    "portal", {column: [column.value] for column in Column}, escapes_formulas=True
)

# Our downloads for people, XLSX and CSV: headings in their language, the clock of the marketplace.
PORTAL_EXCEL: Final = Format(
    "portal-excel",
    {column: [_has_heading(heading)] for column, heading in HEADINGS.items()},
    needed=(*REQUIRED, Column.SELLER),
    escapes_formulas=True,
    marketplace_clock=True,
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

# The fields of a response, as https://docs.wootric.com/api names them and
# https://github.com/singer-io/tap-wootric (tap_wootric/schemas/responses.json) reads them; its text
# tells it from Delighted's, whose comment is called so.
WOOTRIC: Final = Format(
    "wootric",
    {
        Column.EXTERNAL_ID: ["id"],
        Column.SELLER: ["seller"],
        Column.SCORE: ["score"],
        Column.SUBMITTED_AT: ["created_at"],
        Column.REASON: ["text"],
    },
    prefix="wootric:",
    unix_seconds=True,
)

# https://asknicely.asknice.ly/help/apidocs/responses, which gives CSV too; moments in Unix seconds.
ASKNICELY: Final = Format(
    "asknicely",
    {
        Column.EXTERNAL_ID: ["response_id"],
        Column.SELLER: ["seller"],
        Column.SCORE: ["answer"],
        Column.SUBMITTED_AT: ["responded"],
        Column.REASON: ["comment"],
    },
    prefix="asknicely:",
    survey_type="question_type",
    unix_seconds=True,
)

# https://www.qualtrics.com/support/survey-platform/data-and-analysis-module/data/download-data/
# understanding-your-dataset/: three rows of headers, and beside an NPS question its group. Moments
# are in the zone of the account, which is not always written.
QUALTRICS: Final = Format(
    "qualtrics",
    {
        Column.EXTERNAL_ID: ["responseid", "response_id"],
        Column.SELLER: ["seller"],
        Column.SCORE: [Finder(_("the question that has a column …_NPS_GROUP"), _has_nps_group)],
        Column.SUBMITTED_AT: ["recordeddate", "recorded_date", "enddate", "end_date"],
    },
    prefix="qualtrics:",
    signature=frozenset({"responseid", "recordeddate"}),
)

# As Typeform downloads results: a column per question, and the moments in UTC. Its help pages name
# no columns; public code that reads such files has "#" first and "Start Date (UTC)", "Stage Date
# (UTC)", "Submit Date (UTC)", "Network ID" last.
TYPEFORM: Final = Format(
    "typeform",
    {
        Column.EXTERNAL_ID: ["#"],
        Column.SELLER: ["seller"],
        Column.SCORE: [THE_QUESTION],
        Column.SUBMITTED_AT: ["submit_date_(utc)"],
    },
    prefix="typeform:",
    signature=frozenset({"#", "submit_date_(utc)"}),
)

# As SurveyMonkey exports all responses: "Respondent ID, Collector ID, Start Date, End Date, IP
# Address, …" in public code that reads such files, a column per question, and a second row of
# headers. Its API has date_created and date_modified instead of the two dates.
SURVEYMONKEY: Final = Format(
    "surveymonkey",
    {
        Column.EXTERNAL_ID: ["respondent_id"],
        Column.SELLER: ["seller"],
        Column.SCORE: [THE_QUESTION],
        Column.SUBMITTED_AT: ["end_date", "date_modified", "date_created"],
    },
    prefix="surveymonkey:",
    signature=frozenset({"respondent_id", "collector_id"}),
)

# The fields of a response of GET /api/v2/feedback (https://www.retently.com/api/), as the schema of
# https://github.com/airbytehq/airbyte (source-retently/source_retently/schemas/feedback.json) has
# them; stars, CSAT and CES are in the same list.
RETENTLY: Final = Format(
    "retently",
    {
        Column.EXTERNAL_ID: ["id"],
        Column.SELLER: ["seller"],
        Column.SCORE: ["score"],
        Column.SUBMITTED_AT: ["createddate"],
        Column.REASON: ["comment"],
    },
    prefix="retently:",
    survey_type="metricstype",
)

# Not here: Trustpilot, whose 1 to 5 stars are no NPS, and GetFeedback, whose columns are the
# questions of each survey (https://www.getfeedback.com/api): those are told one by one.

FORMATS: Final = {
    each.name: each
    for each in (
        PORTAL,
        PORTAL_EXCEL,
        DELIGHTED,
        ZENDESK,
        WOOTRIC,
        ASKNICELY,
        QUALTRICS,
        TYPEFORM,
        SURVEYMONKEY,
        RETENTLY,
    )
}

# A file of no known program, whose columns are told one by one; the others go by our own names.
MAPPED: Final = Format("mapped", PORTAL.columns)
