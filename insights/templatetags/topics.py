"""How the score in detail is written: each word once, so that the templates only print."""

from collections.abc import Iterator
from dataclasses import dataclass

from django import template
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from insights.charts.waterfall import Bar, Sign, Waterfall
from insights.reports import TopicReport, TopicRow
from insights.templatetags.nps import grouped, interval_in_words, month_name, signed
from insights.topics import INDICATIVE_BELOW, Kind
from surveys.enums import Band
from surveys.nps import Tally

register = template.Library()


@dataclass(frozen=True, slots=True)
class WrittenTopic:
    """One part of the score as its bar and its row in the table print it.

    The places are percentages with a decimal point, whatever the language. `explained` is what
    opens below the bar; `address` shows its measurements and `comments` what customers say of it;
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
    address: str
    address_words: str
    comments: str
    interval: str
    bands: tuple[tuple[str, str, int], ...]


@register.filter
def written(chart: Waterfall, report: TopicReport) -> list[WrittenTopic]:
    """Return the parts of a score in their order."""
    since = month_name(report.before, "F") if report.before else ""
    measurements = reverse("insights:measurements")
    comments = f"{reverse('insights:comments')}?month={report.month:%Y-%m}&topic="
    effects = {
        Sign.COSTS: gettext("costs points"),
        Sign.BRINGS: gettext("brings points"),
        Sign.NEITHER: "",
    }
    return [_written(bar, effects[bar.sign], since, measurements, comments) for bar in chart.bars]


@register.filter
def band_cells(tally: Tally) -> tuple[tuple[str, str, int], ...]:
    """Return each band with its count and its share in percent."""
    shares = tally.shares
    assert shares is not None  # nobody asks it of nobody
    return tuple((band.value, grouped(tally.count(band)), shares.of(band)) for band in Band)


def _written(bar: Bar, effect: str, since: str, measurements: str, comments: str) -> WrittenTopic:
    row, tally = bar.row, bar.row.part.tally
    return WrittenTopic(
        label=row.label,
        sign=bar.sign.value,
        effect=effect,
        points=signed(row.shown),
        nps=signed(row.part.nps_shown),
        count=grouped(tally.total),
        note=_note(row, since),
        start=str(bar.start),
        end=str(bar.end),
        x=str(bar.span.x),
        width=str(bar.span.width),
        tip=row.tip,
        explained=tuple(_explained(row, since)),
        address=f"{measurements}?{row.link}" if row.link else "",
        address_words=_address_words(tally.total),
        comments=f"{comments}{row.part.topic}" if row.part.topic else "",
        interval=interval_in_words(row.part.interval),
        bands=band_cells(tally),
    )


def _note(row: TopicRow, since: str) -> str:
    """Return the few words below the name."""
    if row.trend and row.trend.is_certain:
        return gettext("%(points)s since %(month)s") % {
            "points": signed(row.trend.shown),
            "month": since,
        }
    return gettext("indicative") if row.part.indicative else ""


def _explained(row: TopicRow, since: str) -> Iterator[str]:
    """Yield what there is to know about a part: its trend, and how far to trust it."""
    if row.part.kind is Kind.OTHER:
        yield gettext("Topics with fewer than 5 responses each, put together.")
    elif row.trend:
        yield gettext("Since %(month)s: points %(points)s, own NPS %(nps)s.") % {
            "month": since,
            "points": signed(row.trend.shown),
            "nps": signed(row.trend.nps.points),
        }
        if row.trend.indicative:
            yield gettext("There are too few responses to call that a trend.")
        elif row.trend.nps.could_be_chance:
            yield gettext("That could be chance.")
        else:
            yield gettext("That is more than chance.")
    elif since:
        yield gettext("Too few responses to compare with %(month)s.") % {"month": since}
    if row.part.indicative:
        yield gettext("With fewer than %(minimum)s responses this is indicative.") % {
            "minimum": INDICATIVE_BELOW
        }


def _address_words(total: int) -> str:
    return ngettext("Show the one measurement", "Show all %(number)s measurements", total) % {
        "number": grouped(total)
    }
