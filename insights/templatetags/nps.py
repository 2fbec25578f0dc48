"""How numbers and words of the NPS tab are written."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import lru_cache

from django import template
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format, number_format
from django.utils.html import escape
from django.utils.translation import gettext, ngettext

from insights.charts.columns import Column, HistoryChart
from insights.reports import POOLED_MONTHS, MonthScore
from sellers.enums import Language
from surveys.enums import Band
from surveys.nps import Change, Interval, Shift, Tally, Verdict
from surveys.periods import months_back

register = template.Library()

MINUS = "\N{MINUS SIGN}"
NO_SCORE = "\N{EN DASH}"
THOUSAND = 1000
LONGEST_WRITTEN = 9999  # four digits fit below a bar
THIRDS = ("start", "middle", "end")


@dataclass(frozen=True, slots=True)
class WrittenMonth:
    """One month of the history as the chart and the table print it, each word written once."""

    address: str
    chosen: bool
    words: str
    anchor: str  # how the words stand above the column: inside the chart, also at its ends
    x: float
    value_y: float | None
    abbreviation: str
    year: str
    count_below: str
    month: str
    notes: str
    nps: str
    count: str
    cells: tuple[str, ...]


@register.filter
def signed(value: Decimal | int | None) -> str:
    """Return a score with its sign, in the reader's notation: +24, −8, 0, +24,4; – for none."""
    if value is None:
        return NO_SCORE
    sign = "+" if value > 0 else MINUS if value < 0 else ""
    # Asking Django how the reader writes numbers takes a while, and most are whole.
    if isinstance(value, int) or not value.as_tuple().exponent:
        return f"{sign}{abs(value)}"
    return sign + number_format(abs(value))


@register.filter
def exact(value: Fraction) -> str:
    """Return a score as the fraction it is: +24, −25/2."""
    below = "" if value.denominator == 1 else f"/{value.denominator}"
    return signed(value.numerator) + below


@register.filter
def whole(value: float) -> Decimal:
    """Return a score rounded as the NPS is, half away from zero."""
    return Decimal(value).quantize(Decimal(1), ROUND_HALF_UP)


@register.filter
def grouped(count: int) -> str:
    """Return a count with its thousands apart: 12.345 in Dutch, 12,345 in English."""
    return str(count) if count < THOUSAND else number_format(count, force_grouping=True)


@register.filter
def short(count: int) -> str:
    """Return a count in at most four signs: 9999, 12k, 123k."""
    if count <= LONGEST_WRITTEN:
        return str(count)
    return f"{count // THOUSAND}k"


@register.filter
def city(zone: str) -> str:
    """Return the place that a time zone is named after: Amsterdam for Europe/Amsterdam."""
    return zone.rpartition("/")[2].replace("_", " ")


def month_name(month: date, notation: str = "F Y") -> str:
    """Return a month as the reader writes it: August 2026."""
    return _month_name(month, notation, translation.get_language())


def short_month_name(month: date) -> str:
    """Return a month in a few letters, small in Dutch: aug, Aug."""
    return month_name(month, "b" if translation.get_language() == Language.DUTCH else "M")


@register.filter
def verdict_in_words(score: MonthScore) -> str:
    """Return how a month stands against its standard, in a few words."""
    if not score.tally.total:
        return gettext("No measurements")
    if score.standard is None:
        return gettext("No standard")
    standard = signed(score.standard.value)
    match score.verdict:
        case Verdict.MET:
            return gettext("Standard %(standard)s met") % {"standard": standard}
        case Verdict.NOT_MET:
            return gettext("Standard %(standard)s not met") % {"standard": standard}
        case _:
            return gettext("Too few for a verdict")


@register.filter
def interval_in_words(interval: Interval | None) -> str:
    """Return the ends of an interval in whole points: −10 to +53; – for none."""
    if interval is None:
        return NO_SCORE
    ends = {"low": signed(whole(interval.low)), "high": signed(whole(interval.high))}
    return gettext("%(low)s to %(high)s") % ends


@register.filter
def month_in_words(score: MonthScore) -> str:
    """Return what a bar of the history says: month, score, count, verdict, correction."""
    month = month_name(score.month)
    if not score.tally.total:
        said = gettext("%(month)s: no measurements") % {"month": month}
    else:
        said = ngettext(
            "%(month)s: %(nps)s from %(count)s measurement. %(verdict)s.",
            "%(month)s: %(nps)s from %(count)s measurements. %(verdict)s.",
            score.tally.total,
        ) % {
            "month": month,
            "nps": signed(score.shown),
            "count": grouped(score.tally.total),
            "verdict": verdict_in_words(score),
        }
    return f"{said} {gettext('Corrected.')}" if score.excluded else said


@register.filter
def shares_in_words(score: MonthScore) -> str:
    """Return what the bands of a month in the history say: month, shares, count."""
    month, shares = month_name(score.month), score.tally.shares
    if shares is None:
        return gettext("%(month)s: no measurements") % {"month": month}
    return gettext(
        "%(month)s: %(promoters)s%% promoters, %(passives)s%% passives, "
        "%(detractors)s%% detractors (n = %(count)s)."
    ) % {
        "month": month,
        "promoters": shares.promoters,
        "passives": shares.passives,
        "detractors": shares.detractors,
        "count": grouped(score.tally.total),
    }


@register.filter
def change_in_words(change: Change, since: date) -> str:
    """Return how the score changed since another month, and whether that may mean nothing."""
    month, points = date_format(since, "F"), abs(change.points)
    if not points:
        return gettext("Less than a point from %(month)s.") % {"month": month}
    if change.exact > 0:
        fact = ngettext(
            "%(points)s point up since %(month)s.", "%(points)s points up since %(month)s.", points
        )
    else:
        fact = ngettext(
            "%(points)s point down since %(month)s.",
            "%(points)s points down since %(month)s.",
            points,
        )
    chance = (
        gettext("That could be chance.")
        if change.could_be_chance
        else gettext("That is more than chance.")
    )
    return f"{fact % {'points': points, 'month': month}} {chance}"


@register.filter
def shift_in_words(shift: Shift, since: date) -> str:
    """Return which band the passives came from or went to, and what that says of customers."""
    match shift.more, shift.other:
        case True, Band.DETRACTOR:
            fact = gettext("More passives than in %(month)s, because there were fewer detractors.")
            meaning = gettext("That is progress.")
        case True, _:
            fact = gettext("More passives than in %(month)s, because there were fewer promoters.")
            meaning = gettext("Enthusiastic customers are becoming merely content.")
        case _, Band.PROMOTER:
            fact = gettext("Fewer passives than in %(month)s, because there were more promoters.")
            meaning = gettext("That is progress.")
        case _:
            fact = gettext("Fewer passives than in %(month)s, because there were more detractors.")
            meaning = gettext("Content customers are becoming unhappy.")
    if shift.could_be_chance:
        meaning = gettext("That could be chance.")
    return f"{fact % {'month': date_format(since, 'F')}} {meaning}"


@register.simple_tag
def rows_of(score: MonthScore) -> str:
    """Return the address of the list with exactly the measurements that a month counts."""
    return f"{reverse('insights:measurements')}?from={score.month}&to={score.last_day}"


@register.simple_tag
def rows_below(score: MonthScore) -> str:
    """Return the same for the list on the tab, which goes on showing that month."""
    return f"?month={score.month:%Y-%m}&from={score.month}&to={score.last_day}"


@register.simple_tag
def rows_of_year(score: MonthScore) -> str:
    """Return the same for the twelve months up to and including a month."""
    first = months_back(score.month, POOLED_MONTHS)[0]
    return f"{reverse('insights:measurements')}?from={first}&to={score.last_day}"


@register.filter
def written(chart: HistoryChart[Column]) -> list[WrittenMonth]:
    """Return the months of the history as its chart and its table print them, oldest first."""
    shares = chart.reading == "shares"
    suffix = "&reading=shares" if shares else ""
    running, corrected = gettext("(running)"), gettext("(corrected)")
    months = []
    for position, column in enumerate(chart.columns):
        place, score = column.place, column.place.score
        total, month = score.tally.total, month_name(score.month)
        notes = [running] * score.running + [corrected] * bool(score.excluded)
        months.append(
            WrittenMonth(
                address=f"?month={score.month:%Y-%m}{suffix}",
                chosen=place.chosen,
                # Escaped here, since it is printed twice.
                words=escape(shares_in_words(score) if shares else month_in_words(score)),
                anchor=THIRDS[len(THIRDS) * position // len(chart.columns)],
                x=place.x,
                value_y=column.value_y,
                abbreviation=short_month_name(score.month) + "*" * bool(score.excluded),
                year=str(score.month.year) if place.names_year else "",
                count_below=short(total) if total else NO_SCORE,
                month=month,
                notes=" ".join(notes),
                nps=signed(score.shown),
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


@lru_cache(maxsize=500)
def _month_name(month: date, notation: str, language: str) -> str:
    """Return the name of a month in the active language, which is what it is kept by."""
    return date_format(month, notation)
