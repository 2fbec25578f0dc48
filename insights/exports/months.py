"""The months of a shop as a table: one row for each of the history, oldest first."""

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from django.utils.translation import gettext as _

from insights.reports.handling import Share
from insights.reports.months import History, MonthScore
from insights.reports.response import WhoAnswered
from insights.trend_wording import trend_in_words
from insights.wording import verdict_label
from queries.exports.tables import Cell, Column, Table, Word
from surveys.nps import HIGHEST_SCORE, LOWEST_SCORE

SCORES: Final = range(LOWEST_SCORE, HIGHEST_SCORE + 1)
HUNDREDTH: Final = Decimal("0.01")


def months_table(
    history: History,
    *,
    first_replies: Mapping[date, Share],
    who_answered: Mapping[date, WhoAnswered],
) -> Table:
    """Return the months; a cell about the score is empty when nobody answered.

    `nps` is the score as the page shows it; exactly, it is 100 × (promoters − detractors) ÷
    measurements. The ends of the 95 % interval have two decimals.
    """
    return Table(
        name="months",
        title=_("Months"),
        columns=[
            Column("month", _("Month")),
            Column("provisional", _("Provisional")),
            Column("nps", _("NPS")),
            Column("measurements", _("Measurements")),
            Column("promoters", _("Promoters")),
            Column("passives", _("Passives")),
            Column("detractors", _("Detractors")),
            Column("promoters_percent", _("Promoters in %")),
            Column("passives_percent", _("Passives in %")),
            Column("detractors_percent", _("Detractors in %")),
            Column("interval_low", _("95% interval from")),
            Column("interval_high", _("95% interval to")),
            Column("standard", _("Standard")),
            Column("minimum_measurements", _("Minimum measurements")),
            Column("verdict", _("Verdict")),
            Column("could_be_chance", _("Could be chance")),
            Column("excluded", _("Excluded")),
            Column("imported", _("Imported")),
            *(
                Column(f"score_{score}", _("Score %(score)d") % {"score": score})
                for score in SCORES
            ),
            Column("first_replies", _("First replies")),
            Column("first_replies_in_time", _("First replies in time")),
            Column("surveys", _("Surveys that can no longer be answered")),
            Column("surveys_answered", _("Answered of those")),
            Column("customers", _("Different customers")),
            Column("note", _("Note")),
        ],
        rows=(
            _row(each, first_replies.get(each.month, Share()), who_answered[each.month])
            for each in history.months
        ),
        summary=trend_in_words(history.trend),
    )


def _row(month: MonthScore, first_replies: Share, who: WhoAnswered) -> list[Cell]:
    shares, interval, standard = month.tally.shares, month.interval, month.standard
    judged = month.verdict if month.tally.total else None
    return [
        month.month,
        month.running,
        month.displayed,
        month.tally.total,
        month.tally.promoters,
        month.tally.passives,
        month.tally.detractors,
        shares.promoters if shares else None,
        shares.passives if shares else None,
        shares.detractors if shares else None,
        hundredths(interval.low) if interval else None,
        hundredths(interval.high) if interval else None,
        standard.value if standard else None,
        standard.minimum if standard else None,
        Word(judged.value, verdict_label(judged)) if judged else None,
        month.could_be_chance if judged and not month.running else None,
        month.excluded,
        month.imported,
        *(month.scores.get(score, 0) for score in SCORES),
        first_replies.of,
        first_replies.count,
        who.rates.total.sent,
        who.rates.total.answered,
        who.customers,
        month.note,
    ]


def hundredths(number: float) -> Decimal:
    """Return an end of an interval as files have it."""
    return Decimal(number).quantize(HUNDREDTH, ROUND_HALF_UP)
