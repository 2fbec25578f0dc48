"""What the templates of the NPS tab print: the wording as filters, and links to measurements."""

from dataclasses import dataclass

from django import template
from django.conf import settings
from django.urls import reverse
from django.utils.html import escape
from django.utils.translation import gettext

from insights import response_wording, wording
from insights.calibration import Calibration
from insights.charts.columns import Column, HistoryChart, Mark
from insights.reports.handling import Share
from insights.reports.months import POOLED_MONTHS, MonthScore, PeriodScore
from insights.trend_wording import shift_sentence, trend_in_words
from insights.wording import NO_SCORE, grouped, interval_in_words, signed, verdict_in_words
from surveys.enums import Band
from surveys.nps import Tally, Verdict
from surveys.periods import Period, months_back

register = template.Library()

for words in (
    response_wording.answered_in_words,
    response_wording.bridge_in_words,
    response_wording.channel_name,
    response_wording.customers_in_words,
    response_wording.known_in_words,
    response_wording.rate_in_words,
    response_wording.response_sentences,
    wording.band_name,
    wording.bias_in_words,
    wording.city,
    wording.counts_in_words,
    wording.exact,
    wording.grouped,
    wording.interval_in_words,
    wording.measurements_in_words,
    wording.month_in_words,
    wording.months_in_words,
    wording.no_score_in_words,
    wording.one_decimal,
    wording.percentage_in_words,
    wording.period_name,
    wording.places_in_words,
    wording.points_in_words,
    wording.share_in_words,
    wording.shift_in_words,
    wording.short,
    wording.short_month_name,
    wording.signed,
    wording.skill_in_words,
    wording.standard_in_words,
    wording.this_month_in_words,
    wording.together_in_words,
    wording.verdict_in_words,
    wording.verdict_label,
    wording.whole,
):
    register.filter(words.__name__, words)
for sentence in (trend_in_words, shift_sentence):
    register.filter(sentence.__name__, sentence)

THIRDS = ("start", "middle", "end")


@dataclass(frozen=True, slots=True)
class PrintedMonth:
    """One month of the history as its chart prints it, each word made once."""

    url: str
    chosen: bool
    words: str
    note: str
    anchor: str  # how the words are placed above the column: inside the chart, also at its ends
    x: float
    marks: tuple[Mark, ...]
    whisker: str
    value_y: float | None
    abbreviation: str
    year: str
    count_below: str
    month: str
    nps: str


@dataclass(frozen=True, slots=True)
class MonthRow:
    """One month of the history as its table prints it; `kind` is that of its mark in the chart."""

    url: str
    chosen: bool
    month: str
    code: str
    notes: str
    said: str
    nps: str
    count: str
    cells: tuple[str, ...]
    kind: str


@register.simple_tag
def rows_of(score: PeriodScore) -> str:
    """Return the URL of the list with exactly the measurements that a score counts."""
    return f"{reverse('insights:measurements')}?{_days(score)}"


@register.simple_tag
def rows_below(score: PeriodScore) -> str:
    """Return the same for the list on the tab, which goes on showing that score."""
    month = "" if score.months > 1 else f"month={score.month:%Y-%m}&"
    return f"?{month}{_days(score)}"


def _days(score: PeriodScore) -> str:
    return f"since={score.period.first}&until={score.period.last}"


@register.simple_tag
def compares_shops() -> bool:
    """Return whether the marketplace lets shops see how they do among others."""
    return settings.PEER_BENCHMARK


@register.simple_tag
def rows_of_year(score: MonthScore) -> str:
    """Return the same for the twelve months up to and including a month."""
    first = months_back(score.month, POOLED_MONTHS)[0]
    return f"{reverse('insights:measurements')}?since={first}&until={score.last_day}"


@register.filter
def response_query(score: PeriodScore) -> str:
    """Return how the page of who answered is asked for the months of a score."""
    return "" if score.months > 1 else f"?month={score.month:%Y-%m}"


@register.simple_tag
def beside_recent(score: MonthScore, recent: int, period: Period) -> str:
    """Return why a list of the last days has more or fewer rows than the score of a month."""
    first = period.first
    return response_wording.recent_in_words(recent, score, first=first) if first else ""


@register.filter
def right_band_share(calibration: Calibration) -> Share:
    """Return how many of the predictions were in the band of the score that came."""
    return Share(calibration.in_right_band, calibration.pairs)


@register.filter
def printed_months(chart: HistoryChart[Column]) -> list[PrintedMonth]:
    """Return the months of the history as its chart prints them, oldest first."""
    shares = chart.reading == "shares"
    sentence = wording.shares_in_words if shares else wording.month_in_words
    months = []
    for position, column in enumerate(chart.columns):
        slot, score = column.slot, column.slot.score
        total = score.tally.total
        months.append(
            PrintedMonth(
                url=_url(score, chart.reading),
                chosen=slot.chosen,
                words=escape(sentence(score)),  # escaped here, since it is printed twice
                note=escape(wording.note_in_words(score)),
                anchor=THIRDS[len(THIRDS) * position // len(chart.columns)],
                x=slot.x,
                marks=column.marks,
                whisker=column.whisker.path if column.whisker else "",
                value_y=column.value_y,
                abbreviation=wording.short_month_name(score.month) + "*" * bool(score.excluded),
                year=str(score.month.year) if slot.names_year else "",
                count_below=wording.short(total) if total else NO_SCORE,
                month=wording.month_name(score.month),
                nps=signed(score.displayed),
            )
        )
    return months


@register.filter
def month_rows(chart: HistoryChart[Column]) -> list[MonthRow]:
    """Return the months of the history as its table prints them, the latest first."""
    shares = chart.reading == "shares"
    running, corrected = gettext("(running)"), gettext("(corrected)")
    imported = gettext("(imported)")
    rows = []
    for column in reversed(chart.columns):
        score = column.slot.score
        notes = [running] * score.running + [corrected] * bool(score.excluded)
        notes += [imported] * score.imported
        rows.append(
            MonthRow(
                url=reverse("insights:nps") + _url(score, chart.reading),
                chosen=column.slot.chosen,
                month=wording.month_name(score.month),
                code=f"{score.month:%Y-%m}",
                notes=" ".join(notes),
                said=score.note,
                nps=signed(score.displayed),
                count=grouped(score.tally.total),
                cells=_share_cells(score.tally) if shares else _score_cells(score),
                kind=column.slot.kind,
            )
        )
    return rows


def _url(score: MonthScore, reading: str) -> str:
    """Return how the tab is asked for a month, read the same way."""
    return f"?month={score.month:%Y-%m}" + "&reading=shares" * (reading == "shares")


def _score_cells(score: MonthScore) -> tuple[str, ...]:
    """Return what else the table of the scores has of a month: interval, standard, verdict."""
    standard = signed(score.standard.value if score.standard else None)
    verdict = verdict_in_words(score)
    is_judged = score.verdict in (Verdict.MET, Verdict.NOT_MET)
    if is_judged and score.could_be_chance and not score.running:  # which claims nothing of chance
        verdict = gettext("%(verdict)s, could be chance") % {"verdict": verdict}
    return interval_in_words(score.interval), standard, verdict


def _share_cells(tally: Tally) -> tuple[str, ...]:
    """Return the count and the share of each band, 72 · 45%; – when nobody answered."""
    shares = tally.shares
    if shares is None:
        return (NO_SCORE,) * len(Band)
    return tuple(f"{grouped(tally.count(each))} · {shares.of(each)}%" for each in Band)
