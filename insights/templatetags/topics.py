"""What the templates of the score in detail print: each word made once."""

from dataclasses import dataclass
from datetime import date

from django import template
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from insights.charts.differences import Differences
from insights.charts.waterfall import Bar, Sign, Waterfall
from insights.reports.topics import TopicReport
from insights.topic_wording import topic_explanation, topic_note
from insights.wording import grouped, interval_in_words, signed
from surveys.enums import Band
from surveys.nps import Tally

register = template.Library()


@dataclass(frozen=True, slots=True)
class PrintedTopic:
    """One part of the score as its bar and its row in the table print it.

    The places are percentages with a decimal point, whatever the language. `explained` is what
    opens below the bar; `url` leads to its measurements and `comments` what customers say of it;
    they are empty where that cannot be.
    """

    label: str
    sign: str
    effect: str
    points: str
    nps: str
    count: str
    note: str
    start: str
    end: str
    x: str
    width: str
    tip: str
    explained: tuple[str, ...]
    url: str
    url_words: str
    comments: str
    interval: str
    bands: tuple[tuple[str, str, int], ...]


@register.filter
def printed_topics(chart: Waterfall, report: TopicReport) -> list[PrintedTopic]:
    """Return the parts of a score in their order."""
    measurements = reverse("insights:measurements")
    comments = f"{reverse('insights:comments')}?month={report.month:%Y-%m}&topic="
    effects = {
        Sign.COSTS: gettext("costs points"),
        Sign.BRINGS: gettext("brings points"),
        Sign.NEITHER: "",
    }
    return [
        _printed(bar, effects[bar.sign], report.before, measurements, comments)
        for bar in chart.bars
    ]


@dataclass(frozen=True, slots=True)
class PrintedDifference:
    """One part of the score beside the average; the places are percentages with a decimal point."""

    label: str
    url: str
    kind: str
    x: str
    width: str
    against: str
    nps: str
    points: str
    count: str
    indicative: bool


@register.filter
def printed_differences(chart: Differences) -> list[PrintedDifference]:
    """Return the parts of a score in their order."""
    measurements = reverse("insights:measurements")
    return [
        PrintedDifference(
            label=bar.row.label,
            url=f"{measurements}?{bar.row.link}" if bar.row.link else "",
            kind=bar.kind,
            x=str(bar.span.x),
            width=str(bar.span.width),
            against=signed(bar.row.against),
            nps=signed(bar.row.part.displayed),
            points=signed(bar.row.displayed),
            count=grouped(bar.row.part.tally.total),
            indicative=bar.row.part.indicative,
        )
        for bar in chart.bars
    ]


@register.filter
def band_cells(tally: Tally) -> tuple[tuple[str, str, int], ...]:
    """Return each band with its count and its share in percent."""
    shares = tally.shares
    assert shares is not None  # nobody asks it of nobody
    return tuple((band.value, grouped(tally.count(band)), shares.of(band)) for band in Band)


def _printed(
    bar: Bar, effect: str, since: date | None, measurements: str, comments: str
) -> PrintedTopic:
    row, tally = bar.row, bar.row.part.tally
    return PrintedTopic(
        label=row.label,
        sign=bar.sign.value,
        effect=effect,
        points=signed(row.displayed),
        nps=signed(row.part.displayed),
        count=grouped(tally.total),
        note=topic_note(row, since),
        start=str(bar.start),
        end=str(bar.end),
        x=str(bar.span.x),
        width=str(bar.span.width),
        tip=row.tip,
        explained=tuple(topic_explanation(row, since)),
        url=f"{measurements}?{row.link}" if row.link else "",
        url_words=_url_words(tally.total),
        comments=f"{comments}{row.part.topic}" if row.part.topic else "",
        interval=interval_in_words(row.part.interval),
        bands=band_cells(tally),
    )


def _url_words(total: int) -> str:
    return ngettext("Show the one measurement", "Show all %(number)s measurements", total) % {
        "number": grouped(total)
    }
