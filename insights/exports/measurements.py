"""Measurements as a table, in the order of the list that it is the download of."""

from collections.abc import Iterator
from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, QuerySet
from django.utils.translation import gettext as _

from queries.enums import Channel
from queries.exports.tables import Cell, Column, Table, Word, words
from sellers.enums import Language
from sellers.models import Seller
from surveys.enums import Band
from surveys.imports.formats import HEADINGS, OWN_PREFIX
from surveys.imports.formats import Column as Imported
from surveys.models import (
    ResponseTopic,
    SurveyResponse,
    SurveyResponses,
    Topic,
    exclusion_reason,
)
from surveys.nps import band

# How many rows the database hands over at a time; it keeps the others.
CHUNK: Final = 2_000


def measurements_table(responses: SurveyResponses, *, seller: Seller) -> Table:
    """Return measurements of one shop.

    As CSV for programs it can be imported again, here or in another portal: `external_id` is the
    number that a measurement had where it came from, and of our own `nazorg:` and our pk.
    """
    return Table(
        name="measurements",
        title=_("Measurements"),
        columns=[
            _imported(Imported.EXTERNAL_ID),
            _imported(Imported.SELLER),
            _imported(Imported.SCORE),
            _imported(Imported.SUBMITTED_AT),
            Column("month", _("Month")),
            Column("band", _("Band")),
            _imported(Imported.REASON),
            Column("topics", _("Topics")),
            Column("agent", _("Agent")),
            Column("channel", _("Channel")),
            Column("subject", _("Subject")),
            Column("query", _("Customer query")),
            Column("language", _("Language")),
            Column("excluded", _("Excluded")),
            Column("exclusion_reason", _("Reason for excluding")),
            Column("imported_at", _("Imported")),
            Column("predicted_score", _("Predicted score")),
        ],
        rows=_Rows(responses, seller),
    )


def _imported(column: Imported) -> Column:
    """Return a column under the name and the heading by which the import knows it."""
    return Column(column.value, str(HEADINGS[column]))


class _Rows:
    """The rows of the table, from one cursor in the database."""

    def __init__(self, responses: SurveyResponses, seller: Seller) -> None:
        """Look up all words, while the reader's language is active."""
        self._responses = responses
        self._seller = seller.name
        self._bands = words(Band)
        self._channels = words(Channel)
        self._languages = words(Language)
        self._topics = {topic.pk: Word(topic.slug, topic.label) for topic in Topic.objects.all()}

    def __iter__(self) -> Iterator[list[Cell]]:
        """Yield a row for each measurement.

        Outside a transaction the cursor keeps its rows, as they were at the start, in a file of
        the database: a slow reader holds up nobody.
        """
        for found in self._found().iterator(chunk_size=CHUNK):
            yield self._row(found)

    def _found(self) -> QuerySet[SurveyResponse, Any]:
        ticked = ResponseTopic.objects.filter(response=OuterRef("pk"))
        return self._responses.prefetch_related(None).values(
            "pk",
            "external_id",
            "score",
            "submitted_at",
            "month",
            "reason",
            "query",
            "imported_at",
            ticked=ArraySubquery(ticked.order_by("topic__position", "topic").values("topic")),
            predicted_score=F("invitation__closing__predicted_score"),
            agent=F("invitation__closing__agent__name"),
            agent_email=F("invitation__closing__agent__email"),
            channel=F("invitation__closing__channel"),
            subject=F("query__subject"),
            language=F("query__language"),
            exclusion_reason=exclusion_reason(),
        )

    def _row(self, found: dict[str, Any]) -> list[Cell]:
        channel, language = found["channel"], found["language"]
        return [
            found["external_id"] or f"{OWN_PREFIX}{found['pk']}",
            self._seller,
            found["score"],
            found["submitted_at"],
            found["month"],
            self._bands[band(found["score"])],
            found["reason"],
            tuple(self._topics[topic] for topic in found["ticked"]),
            found["agent"] or found["agent_email"],
            self._channels[channel] if channel else None,
            found["subject"],
            found["query"],
            self._languages[language] if language else None,
            found["exclusion_reason"] is not None,
            found["exclusion_reason"],
            found["imported_at"],
            found["predicted_score"],
        ]
