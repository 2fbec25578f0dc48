"""How numbers and words of the NPS tab are written."""

from decimal import Decimal
from fractions import Fraction

from django import template
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext, ngettext

from insights.reports import MonthScore
from surveys.nps import Verdict, displayed

register = template.Library()

MINUS = "\N{MINUS SIGN}"
NO_SCORE = "\N{EN DASH}"
THOUSAND = 1000
LONGEST_WRITTEN = 9999  # four digits fit below a bar


@register.filter
def signed(value: Decimal | int | None) -> str:
    """Return a score with its sign, in the reader's notation: +24, −8, 0, +24,4; – for none."""
    if value is None:
        return NO_SCORE
    sign = "+" if value > 0 else MINUS if value < 0 else ""
    return sign + number_format(abs(Decimal(value)))


@register.filter
def whole(value: float) -> Decimal:
    """Return a score rounded as the NPS is, half away from zero."""
    return displayed(Fraction(value))


@register.filter
def grouped(count: int) -> str:
    """Return a count with its thousands apart: 12.345 in Dutch, 12,345 in English."""
    return number_format(count, force_grouping=True)


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


@register.filter
def verdict_in_words(score: MonthScore) -> str:
    """Return how a month stands against its standard, in a few words."""
    if score.nps is None:
        return gettext("No measurements")
    if score.standard is None:
        return gettext("No standard yet")
    standard = signed(score.standard.value)
    match score.verdict:
        case Verdict.MET:
            return gettext("Standard %(standard)s met") % {"standard": standard}
        case Verdict.NOT_MET:
            return gettext("Standard %(standard)s not met") % {"standard": standard}
        case _:
            return gettext("Too few for a verdict")


@register.filter
def month_in_words(score: MonthScore) -> str:
    """Return what a bar of the history says: month, score, count, verdict."""
    month = date_format(score.month, "F Y")
    if score.nps is None:
        return gettext("%(month)s: no measurements") % {"month": month}
    total = score.tally.total
    return ngettext(
        "%(month)s: %(nps)s from %(count)s measurement. %(verdict)s.",
        "%(month)s: %(nps)s from %(count)s measurements. %(verdict)s.",
        total,
    ) % {
        "month": month,
        "nps": signed(score.shown),
        "count": grouped(total),
        "verdict": verdict_in_words(score),
    }
