"""The score of one month in detail as a table: one row for each of its parts, as on the page."""

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _

from insights.reports.topics import TopicReport, TopicRow
from queries.exports.tables import Cell, Column, Table, Word
from surveys.models import Topic


def topics_table(report: TopicReport, *, topics: Iterable[Topic]) -> Table:
    """Return the parts of a score; the contributions add up to the NPS as the page shows it.

    What they did against the average adds up to 0. The topic is `other` for those with too few
    responses together, and `none` for the responses without one. `nps` is that of a topic's own
    responses, empty when they are too few.
    """
    slugs = {topic.pk: topic.slug for topic in topics}
    return Table(
        name="topics",
        title=_("Topics"),
        columns=[
            Column("month", _("Month")),
            Column("topic", _("Topic")),
            Column("contribution", _("Contribution")),
            Column("against_average", _("Against the average")),
            Column("contribution_change", _("Change of contribution")),
            Column("nps", _("NPS")),
            Column("nps_change", _("Change of NPS")),
            Column("measurements", _("Measurements")),
            Column("promoters", _("Promoters")),
            Column("passives", _("Passives")),
            Column("detractors", _("Detractors")),
            Column("indicative", _("Indicative")),
        ],
        rows=[_row(report, row, slugs) for row in report.rows],
    )


def _row(report: TopicReport, row: TopicRow, slugs: Mapping[int, str]) -> list[Cell]:
    part, trend = row.part, row.trend
    code = slugs[part.topic] if part.topic else part.kind.value
    return [
        report.month,
        Word(code, row.label),
        row.displayed,
        row.against,
        trend.displayed if trend else None,
        part.displayed,
        trend.nps.points if trend else None,
        part.tally.total,
        part.tally.promoters,
        part.tally.passives,
        part.tally.detractors,
        part.indicative,
    ]
