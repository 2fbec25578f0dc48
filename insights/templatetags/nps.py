"""What the templates of the NPS tab print: the wording as filters, and links to measurements."""

from dataclasses import dataclass

from django import template
from django.urls import reverse
from django.utils.html import escape
from django.utils.translation import gettext

from insights import wording
from insights.calibration import Calibration
from insights.charts.columns import Column, HistoryChart, Mark
from insights.reports.handling import Share
from insights.reports.months import POOLED_MONTHS, MonthScore
from insights.wording import NO_SCORE, grouped, interval_in_words, signed, verdict_in_words
from surveys.enums import Band
from surveys.nps import Tally
from surveys.periods import months_back

register = template.Library()

for words in (
    wording.band_name,
    wording.bias_in_words,
    wording.change_in_words,
    wording.city,
    wording.counts_in_words,
    wording.exact,
    wording.grouped,
    wording.interval_in_words,
    wording.measurements_in_words,
    wording.month_in_words,
    wording.no_score_in_words,
    wording.one_decimal,
    wording.percentage_in_words,
    wording.period_name,
    wording.points_in_words,
    wording.share_in_words,
    wording.shift_in_words,
    wording.short,
    wording.signed,
    wording.skill_in_words,
    wording.standard_in_words,
    wording.verdict_in_words,
    wording.verdict_label,
    wording.whole,
):
    register.filter(words.__name__, words)

THIRDS = ("start", "middle", "end")


@dataclass(frozen=True, slots=True)
class PrintedMonth:
    """One month of the history as the chart and the table print it, each word made once."""

    url: str
    chosen: bool
    words: str
    anchor: str  # how the words are placed above the column: inside the chart, also at its ends
    x: float
    marks: tuple[Mark, ...]
    whisker: str
    value_y: float | None
    abbreviation: str
    year: str
    count_below: str
    month: str
    notes: str
    nps: str
    count: str
    cells: tuple[str, ...]


@register.simple_tag
def rows_of(score: MonthScore) -> str:
    """Return the URL of the list with exactly the measurements that a month counts."""
    return f"{reverse('insights:measurements')}?since={score.month}&until={score.last_day}"


@register.simple_tag
def rows_below(score: MonthScore) -> str:
    """Return the same for the list on the tab, which goes on showing that month."""
    return f"?month={score.month:%Y-%m}&since={score.month}&until={score.last_day}"


@register.simple_tag
def rows_of_year(score: MonthScore) -> str:
    """Return the same for the twelve months up to and including a month."""
    first = months_back(score.month, POOLED_MONTHS)[0]
    return f"{reverse('insights:measurements')}?since={first}&until={score.last_day}"


@register.filter
def right_band_share(calibration: Calibration) -> Share:
    """Return how many of the predictions were in the band of the score that came."""
    return Share(calibration.in_right_band, calibration.pairs)


@register.filter
def printed_months(chart: HistoryChart[Column]) -> list[PrintedMonth]:
    """Return the months of the history as its chart and its table print them, oldest first."""
    shares = chart.reading == "shares"
    suffix = "&reading=shares" if shares else ""
    running, corrected = gettext("(running)"), gettext("(corrected)")
    months = []
    for position, column in enumerate(chart.columns):
        slot, score = column.slot, column.slot.score
        total, sentence = score.tally.total, wording.month_in_words
        notes = [running] * score.running + [corrected] * bool(score.excluded)
        if shares:
            sentence = wording.shares_in_words
        months.append(
            PrintedMonth(
                url=f"?month={score.month:%Y-%m}{suffix}",
                chosen=slot.chosen,
                words=escape(sentence(score)),  # escaped here, since it is printed twice
                anchor=THIRDS[len(THIRDS) * position // len(chart.columns)],
                x=slot.x,
                marks=column.marks,
                whisker=column.whisker.path if column.whisker else "",
                value_y=column.value_y,
                abbreviation=wording.short_month_name(score.month) + "*" * bool(score.excluded),
                year=str(score.month.year) if slot.names_year else "",
                count_below=wording.short(total) if total else NO_SCORE,
                month=wording.month_name(score.month),
                notes=" ".join(notes),
                nps=signed(score.displayed),
                count=grouped(total),
                cells=_share_cells(score.tally) if shares else _score_cells(score),
            )
        )
    return months


def _score_cells(score: MonthScore) -> tuple[str, ...]:
    """Return what else the table of the scores has of a month: interval, standard, verdict."""
    standard = signed(score.standard.value if score.standard else None)
    return interval_in_words(score.interval), standard, verdict_in_words(score)


def _share_cells(tally: Tally) -> tuple[str, ...]:
    """Return the count and the share of each band, 72 · 45%; – when nobody answered."""
    shares = tally.shares
    if shares is None:
        return (NO_SCORE,) * len(Band)
    return tuple(f"{grouped(tally.count(each))} · {shares.of(each)}%" for each in Band)
