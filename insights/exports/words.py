"""The words of customers as a table: one row for each, as on the page."""

from django.utils.translation import gettext as _

from insights.reports.words import Word, WordReport
from queries.exports.tables import Cell, Column, Table
from queries.exports.tables import Word as Code


def words_table(report: WordReport) -> Table:
    """Return the words; `detractors` is how many remarks of detractors have it, of `remarks`.

    `more_than_promoters` is whether that is more than chance.
    """
    return Table(
        name="words",
        title=_("Words"),
        columns=[
            Column("word", _("Word")),
            Column("language", _("Language")),
            Column("detractors", _("Remarks of detractors with the word")),
            Column("detractor_remarks", _("All remarks of detractors")),
            Column("promoters", _("Remarks of promoters with the word")),
            Column("promoter_remarks", _("All remarks of promoters")),
            Column("customers", _("Customers")),
            Column("more_than_promoters", _("More than promoters")),
        ],
        rows=(_row(word) for word in report.words),
    )


def _row(word: Word) -> list[Cell]:
    return [
        word.word,
        Code(word.language.value, str(word.language.label)),
        word.have.detractors,
        word.all.detractors,
        word.have.promoters,
        word.all.promoters,
        word.have.customers,
        word.is_sure,
    ]
