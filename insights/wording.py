"""What is said of a score: each number and each sentence once, for page, paper, file and mail.

Everything is in the active language. Nothing here is escaped or marked up.
"""

from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Final

from django.contrib.humanize.templatetags.humanize import ordinal
from django.utils import translation
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from insights.calibration import Bias
from insights.reports.handling import Share
from insights.reports.months import HISTORY_MONTHS, MonthScore, PeriodScore
from insights.reports.peers import Places
from insights.scores import JudgedScore
from sellers.enums import Language
from surveys.enums import Band
from surveys.nps import Interval, Verdict
from surveys.periods import RECENT_DAYS, Period, months_back

MINUS: Final = "\N{MINUS SIGN}"
NO_SCORE: Final = "\N{EN DASH}"
THOUSAND: Final = 1000
LONGEST_COUNT: Final = 9999  # four digits fit below a bar

# Numbers


def signed(value: Decimal | int | None) -> str:
    """Return a score with its sign, in the reader's notation: +24, −8, 0, +24,4; – for none."""
    if value is None:
        return NO_SCORE
    sign = "+" if value > 0 else MINUS if value < 0 else ""
    # Asking Django how the reader writes numbers takes a while, and most are whole.
    if isinstance(value, int) or not value.as_tuple().exponent:
        return f"{sign}{abs(value)}"
    return sign + number_format(abs(value))


def exact(value: Fraction) -> str:
    """Return a score with two decimals, unless it is whole: +24, −12.50."""
    return signed(_rounded(value, Decimal(1) if value.denominator == 1 else Decimal("0.01")))


def whole(value: Fraction | float) -> Decimal:
    """Return a score rounded as the NPS is, half away from zero."""
    return _rounded(value, Decimal(1))


def one_decimal(value: Fraction | float) -> Decimal:
    """Return a number rounded to one decimal, half away from zero."""
    return _rounded(value, Decimal("0.1"))


def _rounded(value: Fraction | float, unit: Decimal) -> Decimal:
    exactly = Fraction(value)
    decimal = Decimal(exactly.numerator) / Decimal(exactly.denominator)
    return decimal.quantize(unit, ROUND_HALF_UP)


def grouped(count: int) -> str:
    """Return a count with its thousands apart: 12.345 in Dutch, 12,345 in English."""
    return str(count) if count < THOUSAND else number_format(count, force_grouping=True)


def short(count: int) -> str:
    """Return a count in at most four signs: 9999, 12k, 123k."""
    return str(count) if count <= LONGEST_COUNT else f"{count // THOUSAND}k"


def percentage_in_words(share: Share) -> str:
    """Return a share in whole percents: 3%; – of nothing."""
    return NO_SCORE if share.percentage is None else f"{share.percentage}%"


def counts_in_words(share: Share) -> str:
    """Return how many of how many a share is: 12 of 400; nothing of nothing."""
    if not share.of:
        return ""
    return _("%(count)s of %(of)s") % {"count": grouped(share.count), "of": grouped(share.of)}


def share_in_words(share: Share) -> str:
    """Return a share with its counts: 92% (46 of 50); – of nothing."""
    counts = counts_in_words(share)
    return f"{percentage_in_words(share)} ({counts})" if counts else NO_SCORE


def interval_in_words(interval: Interval | None) -> str:
    """Return the ends of an interval in whole points: −10 to +53; – for none."""
    if interval is None:
        return NO_SCORE
    ends = {"low": signed(whole(interval.low)), "high": signed(whole(interval.high))}
    return _("%(low)s to %(high)s") % ends


def points_in_words(interval: Interval) -> str:
    """Return the ends of an interval with one decimal: −0.3 to +1.1."""
    low, high = (signed(one_decimal(end)) for end in (interval.low, interval.high))
    return _("%(low)s to %(high)s") % {"low": low, "high": high}


def bias_in_words(bias: Bias) -> str:
    """Return whether predictions are too high or too low, when that is more than chance."""
    off = {"points": number_format(abs(one_decimal(bias.mean)))}
    if bias.could_be_chance:
        return _("Neither clearly too high nor clearly too low")
    if bias.mean > 0:
        return _("On average %(points)s too high") % off
    return _("On average %(points)s too low") % off


def skill_in_words(skill: Fraction | None) -> str:
    """Return which part of the naive error is avoided: +12%, 0%, −30%; – when there was none."""
    return NO_SCORE if skill is None else f"{signed(whole(100 * skill))}%"


def measurements_in_words(count: int) -> str:
    """Return how many measurements there are."""
    counted = ngettext("%(number)s measurement", "%(number)s measurements", count)
    return counted % {"number": grouped(count)}


# Names


def city(zone: str) -> str:
    """Return the place that a time zone is named after: Amsterdam for Europe/Amsterdam."""
    return zone.rpartition("/")[2].replace("_", " ")


def month_name(month: date, notation: str = "F Y") -> str:
    """Return a month as the reader writes it: August 2026."""
    return _month_name(month, notation, translation.get_language())


def short_month_name(month: date) -> str:
    """Return a month in a few letters, small in Dutch: aug, Aug."""
    return month_name(month, "b" if translation.get_language() == Language.DUTCH else "M")


@lru_cache(maxsize=500)
def _month_name(month: date, notation: str, language: str) -> str:
    """Return the name of a month in the active language, which is what it is kept by."""
    return date_format(month, notation)


def period_name(period: Period) -> str:
    """Return what a period is called in the middle of a sentence."""
    if period.is_recent:
        days = ngettext("last %(days)s day", "last %(days)s days", RECENT_DAYS)
        return days % {"days": RECENT_DAYS}
    if period.month:
        return month_name(period.month)
    days_ = {
        name: date_format(day, "j F Y")
        for name, day in (("first", period.first), ("last", period.last))
        if day
    }
    match period.first, period.last:
        case date(), date():
            return _("%(first)s to %(last)s") % days_
        case date(), None:
            return _("since %(first)s") % days_
        case _:
            return _("until %(last)s") % days_


def no_month_in_words(written: str, *, today: date) -> str:
    """Return what is said to who asks for a month that is none of the history."""
    return _("“%(month)s” is not among the last %(months)s months. Write it as %(example)s.") % {
        "month": written,
        "months": HISTORY_MONTHS,
        "example": f"{today:%Y-%m}",
    }


def band_name(band: Band) -> str:
    """Return what the customers of a band are called together."""
    match band:
        case Band.PROMOTER:
            return _("Promoters")
        case Band.PASSIVE:
            return _("Passives")
        case Band.DETRACTOR:
            return _("Detractors")


# The verdict


def verdict_label(verdict: Verdict | None) -> str:
    """Return a verdict without its standard, as in the cell of a table."""
    match verdict:
        case Verdict.MET:
            return _("standard met")
        case Verdict.NOT_MET:
            return _("standard not met")
        case Verdict.TOO_FEW:
            return _("too few for a verdict")
        case None:
            return _("no standard")


def verdict_in_words(score: JudgedScore) -> str:
    """Return the verdict on a score in a few words, with the standard."""
    if not score.tally.total:
        return _("No measurements")
    if score.standard is None:
        return _("No standard")
    standard = {"standard": signed(score.standard.value)}
    match score.verdict:
        case Verdict.MET:
            return _("Standard %(standard)s met") % standard
        case Verdict.NOT_MET:
            return _("Standard %(standard)s not met") % standard
        case _:
            return _("Too few for a verdict")


def together_in_words(score: JudgedScore) -> str:
    """Return on which side of the standard several months together are; a verdict is monthly."""
    if score.standard is None or score.indicative or score.nps is None:
        return verdict_in_words(score)
    standard = {"standard": signed(score.standard.value)}
    if score.nps > score.standard.value:
        return _("Above the standard %(standard)s") % standard
    if score.nps < score.standard.value:
        return _("Below the standard %(standard)s") % standard
    return _("Exactly the standard %(standard)s") % standard


def months_in_words(score: PeriodScore) -> str:
    """Return which months are together: Dec 2025 – Nov 2026."""
    first = months_back(score.month, score.months)[0]
    return " – ".join(f"{short_month_name(each)} {each.year}" for each in (first, score.month))


def this_month_in_words(month: MonthScore) -> str:
    """Return the score of the running month, beside that of months together."""
    words = ngettext(
        "This month: %(nps)s from %(number)s measurement. "
        "A month is judged from %(minimum)s measurements on.",
        "This month: %(nps)s from %(number)s measurements. "
        "A month is judged from %(minimum)s measurements on.",
        month.tally.total,
    )
    return words % {
        "nps": signed(month.displayed),
        "number": grouped(month.tally.total),
        "minimum": month.minimum,
    }


def standard_in_words(score: MonthScore) -> str:
    """Return what the standard says of a month that has a score: how sure, and how far away."""
    return " ".join(_about_standard(score))


def _about_standard(score: MonthScore) -> Iterator[str]:
    if score.indicative:
        indicative = _("With fewer than %(minimum)s measurements the score is indicative.")
        yield indicative % {"minimum": score.minimum}
    if score.standard is None:
        return
    if score.promoters_short:
        yield _distance(score.promoters_short, running=score.running) % {
            "standard": signed(score.standard.value),
            "number": grouped(score.promoters_short),
        }
    if score.running:
        return  # it may still go either way
    if score.could_be_chance:
        yield _("The standard lies within the 95% interval; this month alone cannot tell.")


def _distance(promoters: int, *, running: bool) -> str:
    if running:
        return ngettext(
            "%(number)s more promoter and you reach %(standard)s.",
            "%(number)s more promoters and you reach %(standard)s.",
            promoters,
        )
    return ngettext(
        "With %(number)s more promoter this month would have reached %(standard)s.",
        "With %(number)s more promoters this month would have reached %(standard)s.",
        promoters,
    )


def no_score_in_words(score: PeriodScore) -> str:
    """Return why a month has no score."""
    if score.excluded:
        return _("No measurement of this month counts, so there is no score.")
    if score.running:
        return _("Nobody has answered this month yet, so there is no score.")
    return _("Nobody answered in this month, so it has no score.")


# A month and its changes


def month_in_words(score: MonthScore) -> str:
    """Return what a bar of the history says: month, score, count, verdict, correction."""
    month = month_name(score.month)
    if not score.tally.total:
        sentence = _("%(month)s: no measurements") % {"month": month}
    else:
        sentence = ngettext(
            "%(month)s: %(nps)s from %(count)s measurement. %(verdict)s.",
            "%(month)s: %(nps)s from %(count)s measurements. %(verdict)s.",
            score.tally.total,
        ) % {
            "month": month,
            "nps": signed(score.displayed),
            "count": grouped(score.tally.total),
            "verdict": verdict_in_words(score),
        }
    corrected, imported = _("Corrected."), _("With imported measurements.")
    marks = [corrected] * bool(score.excluded) + [imported] * score.imported
    return " ".join([sentence, *marks])


def note_in_words(score: MonthScore) -> str:
    """Return what the owner says of a month: Note: “new carrier”; "" when nothing is said."""
    return _("Note: “%(words)s”") % {"words": score.note} if score.note else ""


def shares_in_words(score: MonthScore) -> str:
    """Return what the bands of a month in the history say: month, shares, count."""
    month, shares = month_name(score.month), score.tally.shares
    if shares is None:
        return _("%(month)s: no measurements") % {"month": month}
    return _(
        "%(month)s: %(promoters)s%% promoters, %(passives)s%% passives, "
        "%(detractors)s%% detractors (n = %(count)s)."
    ) % {
        "month": month,
        "promoters": shares.promoters,
        "passives": shares.passives,
        "detractors": shares.detractors,
        "count": grouped(score.tally.total),
    }


def shift_in_words(score: MonthScore) -> str:
    """Return what the shares of the bands did since the month before, a plain fact.

    It is empty where nothing can be said.
    """
    shift = score.shift
    if shift is None or score.before is None:
        return ""
    match shift.more, shift.other:
        case True, Band.DETRACTOR:
            moved = _(
                "A larger share of passives and a smaller one of detractors than in %(month)s."
            )
        case True, _:
            moved = _(
                "A larger share of passives and a smaller one of promoters than in %(month)s."
            )
        case _, Band.PROMOTER:
            moved = _(
                "A smaller share of passives and a larger one of promoters than in %(month)s."
            )
        case _:
            moved = _(
                "A smaller share of passives and a larger one of detractors than in %(month)s."
            )
    return moved % {"month": month_name(score.before.month, "F")}


# Places among other shops


def places_in_words(places: Places) -> str:
    """Return between which places a shop is: between 3rd and 9th of 14 shops."""
    shops = {"shops": grouped(places.shops)}
    if places.is_open and places.best > 1 and places.worst < places.shops:
        return _("In the middle of %(shops)s shops: too close to call.") % shops
    if places.is_open:
        return _("Too close to call among %(shops)s shops.") % shops
    if places.percents:
        above, up_to = places.percents
        percents = {**shops, "above": above, "up_to": up_to}
        if not above:
            return _("Among the highest %(up_to)s%% of %(shops)s shops.") % percents
        return _("Between the highest %(above)s%% and %(up_to)s%% of %(shops)s shops.") % percents
    ends = {**shops, "best": _place(places.best), "worst": _place(places.worst)}
    if places.best == places.worst:
        return _("%(best)s of %(shops)s shops.") % ends
    return _("Between %(best)s and %(worst)s of %(shops)s shops.") % ends


def _place(number: int) -> str:
    """Return a place as the reader counts: 3rd; plaats 3."""
    return str(number) if translation.get_language() == Language.DUTCH else str(ordinal(number))
