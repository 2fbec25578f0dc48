"""One month of one shop on one page, or twelve together: a PDF to hang on the wall."""

import math
from collections.abc import Iterator
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from insights.poster.chart import Chart
from insights.poster.paper import LEFT, RIGHT, VERDICT_COLOURS, Colour, Paper
from insights.reports.months import History, MonthScore, PeriodScore
from insights.reports.response import WhoAnswered
from insights.reports.topics import TopicReport
from insights.response_wording import answered_in_words, response_sentences
from insights.topics import Kind, TopicPart
from insights.trend_wording import trend_in_words
from insights.wording import (
    band_name,
    city,
    grouped,
    interval_in_words,
    measurements_in_words,
    month_name,
    months_in_words,
    no_score_in_words,
    note_in_words,
    signed,
    standard_in_words,
    this_month_in_words,
    together_in_words,
    verdict_in_words,
)
from sellers.models import Seller
from surveys.enums import Band
from surveys.nps import BAND_SCORES, Verdict

BAND_COLOURS: Final[dict[Band, Colour]] = {
    Band.PROMOTER: "promoter",
    Band.PASSIVE: "passive",
    Band.DETRACTOR: "detractor",
}
COLUMN: Final = 128.0  # where the facts beside the number begin
SHOWN_MONTHS: Final = 12
SHOWN_TOPICS: Final = 3
# In points, and up to how many letters: what is said ends above the distribution.
TEXT_SIZES: Final = ((11.5, 240), (9.0, 440), (7.5, math.inf))
NARROWEST_LABEL: Final = 9.0  # a part of the bar that "12%" fits in


def poster(
    seller: Seller,
    history: History,
    month: MonthScore,
    score: PeriodScore,
    topics: TopicReport,
    who: WhoAnswered,
    *,
    now: datetime,
    zone: ZoneInfo,
) -> bytes:
    """Return the PDF of a score up to and including a month, in the reader's language."""
    moment = now.astimezone(zone)
    paper = Paper(title=f"NPS · {seller.name} · {_days(score)}", written_at=moment)
    _head(paper, seller, month, score)
    _number(paper, score)
    _facts(paper, history, month, score, who)
    _sentences(paper, history, month, score, who)
    _distribution(paper, score)
    _months(paper, history, month)
    _topics(paper, topics)
    _foot(paper, score, moment)
    return paper.as_bytes()


def _days(score: PeriodScore) -> str:
    return months_in_words(score) if score.months > 1 else month_name(score.month)


def _head(paper: Paper, seller: Seller, month: MonthScore, score: PeriodScore) -> None:
    paper.text(LEFT, 20, _("NPS after customer contact"), 11, colour="soft", width=110)
    paper.text(RIGHT, 20, settings.MARKETPLACE_NAME, 11, colour="soft", align="right", width=60)
    paper.text(LEFT, 33, seller.name, 28, bold=True)
    x = LEFT + paper.text(LEFT, 44, capfirst(_days(score)), 18, colour="soft")
    for mark in _marks(score):
        width = paper.text(x + 7, 43.4, mark, 10.5, bold=True, colour="passive", width=50)
        paper.box(x + 4, 38.6, width + 6, 7, "passive", outline=True, radius=3.5)
        x += width + 10
    if month.note and score.months == 1:
        note = note_in_words(month)
        paper.text(LEFT, 49.4, note, 9.5, colour="soft", width=RIGHT - LEFT)
    paper.line((LEFT, 51), (RIGHT, 51))


def _marks(score: PeriodScore) -> Iterator[str]:
    if score.running and score.months == 1:
        yield _("provisional")
    if score.excluded:
        yield _("corrected")
    if score.imported:
        yield _("imported")


def _number(paper: Paper, score: PeriodScore) -> None:
    if score.tally.total:
        paper.text(LEFT - 2, 103, signed(score.displayed), 168, bold=True, width=COLUMN - LEFT - 6)
    counted = measurements_in_words(score.tally.total)
    if score.months > 1:
        counted = f"{_('Twelve months together')}: {counted}"
    paper.text(LEFT, 116, counted, 16, colour="soft")


def _facts(
    paper: Paper, history: History, month: MonthScore, score: PeriodScore, who: WhoAnswered
) -> None:
    _verdict(paper, score)
    for row, (name, value) in enumerate(_named_facts(history, month, score, who)):
        y = 81 + 10.5 * row
        paper.text(COLUMN, y, name, 9.5, colour="soft", width=RIGHT - COLUMN)
        paper.text(COLUMN, y + 5.2, value, 12.5, bold=True, width=RIGHT - COLUMN)


def _verdict(paper: Paper, score: PeriodScore) -> None:
    """Write the verdict of a month; months together have none, only a side of the standard."""
    judged = score.verdict if score.tally.total and score.months == 1 else None
    colour = VERDICT_COLOURS.get(judged, "soft")
    x, y = COLUMN + 4.5, 67.0
    match judged:
        case Verdict.MET:
            paper.disc(x, y, 4.5, colour)
            tick = ((x - 2, y + 0.2), (x - 0.6, y + 1.7), (x + 2.1, y - 1.5))
            paper.line(*tick, colour="white", width=0.8)
        case Verdict.NOT_MET:
            paper.disc(x, y, 4.5, colour)
            paper.line((x - 1.6, y - 1.6), (x + 1.6, y + 1.6), colour="white", width=0.8)
            paper.line((x - 1.6, y + 1.6), (x + 1.6, y - 1.6), colour="white", width=0.8)
        case _:
            paper.disc(x, y, 4.2, colour, dash=1.4)
    words = together_in_words(score) if score.months > 1 else verdict_in_words(score)
    paper.text(x + 7, y + 1.9, words, 15, bold=True, colour=colour, width=RIGHT - x - 7)


def _named_facts(
    history: History, month: MonthScore, score: PeriodScore, who: WhoAnswered
) -> Iterator[tuple[str, str]]:
    if score.interval:
        yield _("95% interval"), interval_in_words(score.interval)
    if score.months == 1:
        if month.before:
            more = f" ({signed(month.change.points)})" if month.change else ""
            yield _("Previous month"), signed(month.before.displayed) + more
        together = history.twelve_months(month)
        if together.tally.total:
            displayed = signed(together.displayed)
            yield _("12 months together"), f"{displayed} ({grouped(together.tally.total)})"
    if who.rates.total.sent:
        yield _("Response"), answered_in_words(who.rates.total)


def _sentences(
    paper: Paper, history: History, month: MonthScore, score: PeriodScore, who: WhoAnswered
) -> None:
    if score.tally.total:
        # What the months came to is no news of an earlier one, whose chart ends before.
        is_latest = all(month.month >= each.month for each in history.finished)
        trend = trend_in_words(history.trend) if is_latest else ""
        beside = this_month_in_words(month) if score.months > 1 else standard_in_words(month)
        said = [trend, beside, *response_sentences(who.rates, score)]
        sentences = " ".join(filter(None, said))
    else:
        sentences = no_score_in_words(score)
    size = next(points for points, letters in TEXT_SIZES if len(sentences) <= letters)
    paper.lines(LEFT, 127 - (11.5 - size), sentences, size, width=RIGHT - LEFT)


def _distribution(paper: Paper, score: PeriodScore) -> None:
    shares = score.tally.shares
    if shares is None:
        return
    _title(paper, 145, _("Distribution"))
    x, third = LEFT, (RIGHT - LEFT) / len(Band)
    for place, band in enumerate(Band):
        name = f"{band_name(band)} {BAND_SCORES[band][0]}–{BAND_SCORES[band][-1]}"
        share = shares.of(band)
        count, colour = score.tally.count(band), BAND_COLOURS[band]
        width = (RIGHT - LEFT) * count / score.tally.total
        paper.box(x, 149, width, 9, colour)
        if width >= NARROWEST_LABEL:
            label = f"{share}%"
            paper.text(x + width / 2, 155, label, 11, bold=True, colour="white", align="centre")
        x += width
        at = LEFT + third * place
        paper.disc(at + 1.5, 162.9, 1.5, colour)
        written = paper.text(at + 5, 164.2, name, 10, colour="soft", width=third)
        paper.text(at + 7 + written, 164.2, f"{grouped(count)} · {share}%", 10, bold=True)


def _title(paper: Paper, y: float, text: str) -> None:
    paper.text(LEFT, y, text, 12.5, bold=True)


def _months(paper: Paper, history: History, month: MonthScore) -> None:
    if not history.measured:
        return
    end = history.months.index(month) + 1
    months = history.months[max(0, end - SHOWN_MONTHS) : end]
    title = ngettext("%(months)s month", "%(months)s months", len(months))
    _title(paper, 177, title % {"months": len(months)})
    Chart(paper, months).draw()


def _topics(paper: Paper, topics: TopicReport) -> None:
    """Write the topics that moved the score most, up or down, the best first."""
    rows = [row for row in topics.rows if row.part.kind is Kind.TOPIC]
    rows.sort(key=lambda row: abs(row.part.contribution), reverse=True)
    most = sorted(rows[:SHOWN_TOPICS], key=lambda row: row.part.contribution, reverse=True)
    if not most:
        return
    _title(paper, 253, _("Topics that counted most"))
    third = (RIGHT - LEFT) / SHOWN_TOPICS
    for place, row in enumerate(most):
        x = LEFT + third * place
        colour: Colour = "promoter" if row.part.contribution >= 0 else "detractor"
        points = paper.text(x, 263, signed(row.displayed), 17, bold=True, colour=colour)
        left = third - points - 6
        paper.text(x + points + 3, 260.4, row.label, 10.5, bold=True, width=left)
        known = " · ".join(_basis(row.part))
        paper.text(x + points + 3, 264.8, known, 8.5, colour="soft", width=left)


def _basis(part: TopicPart) -> Iterator[str]:
    """Yield how many measurements a topic is about, and whether those are few."""
    yield measurements_in_words(part.tally.total)
    if part.indicative:
        yield _("indicative")


def _foot(paper: Paper, score: PeriodScore, moment: datetime) -> None:
    """Say how the number came about, and when."""
    paper.line((LEFT, 272), (RIGHT, 272))
    tally = score.tally
    if tally.total:
        formula = _(
            "NPS = 100 × (promoters − detractors) ÷ measurements = "
            "100 × (%(promoters)s − %(detractors)s) ÷ %(total)s = %(nps)s"
        )
        values = {
            "promoters": grouped(tally.promoters),
            "detractors": grouped(tally.detractors),
            "total": grouped(tally.total),
            "nps": signed(score.displayed),
        }
        paper.text(LEFT, 277.5, formula % values, 8.5, colour="soft")
    paper.text(LEFT, 282, " ".join(_notes(score)), 8.5, colour="soft")
    moments = {
        "day": date_format(moment, "j F Y"),
        "time": date_format(moment, "H:i"),
        "place": city(settings.TIME_ZONE),
    }
    made = _("Months and times by the clock of %(place)s. Made on %(day)s at %(time)s.")
    paper.text(LEFT, 286.5, made % moments, 8.5, colour="soft")


def _notes(score: PeriodScore) -> Iterator[str]:
    yield _("95% interval by the adjusted Wald method (Rocks, 2016).")
    if score.excluded:
        said = ngettext(
            "%(number)s measurement was excluded by the marketplace and does not count.",
            "%(number)s measurements were excluded by the marketplace and do not count.",
            score.excluded,
        )
        yield said % {"number": grouped(score.excluded)}
