"""The one sentence about the finished months, in the reader's language.

Never "because", never "significant": it says what the months show and how sure that is.
"""

from datetime import date
from typing import Final

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from insights.levels import YEAR
from insights.shifts import LEAST_MONTHS, LevelShift, OddMonth
from insights.standards import GUIDELINE
from insights.trend import Claim, Run, Trend
from insights.wording import month_name, signed, whole
from surveys.nps import Verdict

NUMBERS: Final = (
    gettext_lazy("one"),
    gettext_lazy("two"),
    gettext_lazy("three"),
    gettext_lazy("four"),
    gettext_lazy("five"),
    gettext_lazy("six"),
    gettext_lazy("seven"),
    gettext_lazy("eight"),
    gettext_lazy("nine"),
    gettext_lazy("ten"),
    gettext_lazy("eleven"),
    gettext_lazy("twelve"),
)


def trend_in_words(trend: Trend) -> str:
    """Return what the finished months of a shop come down to; "" when there are none."""
    if trend.last is None:
        return ""
    run, claim = _run_in_words(trend.run), _claim_in_words(trend)
    if trend.claim is Claim.TOO_FEW:
        return f"{capfirst(run)}." if run else capfirst(claim)
    if trend.run is None:
        return f"{capfirst(claim)}."
    parts = {"run": run, "claim": claim}
    if trend.run.verdict is Verdict.MET:
        return capfirst(_("%(claim)s; %(run)s.") % parts)
    if trend.claim in (Claim.ODD_MONTH, Claim.SEASON):
        return f"{capfirst(run)}. {capfirst(claim)}."
    if trend.shift and trend.shift.size > 0:
        return capfirst(_("%(run)s, but %(claim)s.") % parts)
    return capfirst(_("%(run)s; %(claim)s.") % parts)


def shift_sentence(shift: LevelShift) -> str:
    """Return a shift as a sentence."""
    return f"{capfirst(_shift_in_words(shift))}."


def in_letters(number: int) -> str:
    """Return a number from one to twelve as a word, another one in figures."""
    return str(NUMBERS[number - 1]) if 0 < number <= len(NUMBERS) else str(number)


def _run_in_words(run: Run | None) -> str:
    """Return a run as the beginning or the end of a sentence; "" when there is none."""
    if run is None:
        return ""
    count = {"count": in_letters(run.months)}
    if run.verdict is Verdict.MET:
        if run.of_all:
            return _("all %(count)s finished months at or above the standard") % count
        return _("%(count)s months in a row at or above the standard") % count
    if run.of_all:
        return _("all %(count)s finished months below the standard") % count
    below = _("%(count)s months in a row below the standard") % count
    if run.rose_to is None:
        return below
    return _("%(run)s, which rose to %(standard)s in %(month)s") % {
        "run": below,
        "standard": signed(run.rose_to),
        "month": month_name(run.since),
    }


def _claim_in_words(trend: Trend) -> str:
    match trend.claim:
        case Claim.TOO_FEW:
            return _too_few_in_words(trend.reading.points)
        case Claim.SHIFT if trend.shift:
            return _shift_in_words(trend.shift)
        case Claim.ODD_MONTH if trend.odd_month:
            return _odd_month_in_words(trend.odd_month, is_last=trend.odd_month.month == trend.last)
        case Claim.SEASON if trend.reading.season:
            return _season_in_words(trend.reading.season.lowest)
        case Claim.STEADY:
            return _steady_in_words(trend)
    months = _months_read(trend)
    if trend.until is None:
        return _("no change since %(month)s that stands out from chance") % months
    return (
        _(
            "no change from %(month)s to %(until)s that stands out from chance; the months after "
            "that have too few measurements"
        )
        % months
    )


def _steady_in_words(trend: Trend) -> str:
    figures = _months_read(trend) | {"level": signed(whole(trend.reading.level))}
    if trend.until is None:
        return _("steady since %(month)s, around %(level)s") % figures
    return (
        _(
            "steady from %(month)s to %(until)s, around %(level)s; the months after that have too "
            "few measurements"
        )
        % figures
    )


def _months_read(trend: Trend) -> dict[str, str]:
    until = {"until": month_name(trend.until)} if trend.until else {}
    return {"month": month_name(trend.since)} | until


def _too_few_in_words(months: int) -> str:
    """Return why no trend is told, of so many months with enough measurements."""
    figures = {
        "minimum": GUIDELINE,
        "count": in_letters(months),
        "least": in_letters(LEAST_MONTHS),
    }
    if not months:
        none = _(
            "no finished month has %(minimum)s or more measurements yet; a trend takes %(least)s "
            "such months."
        )
        return none % figures
    few = _(
        "too few months with %(minimum)s or more measurements to speak of a trend (%(count)s; "
        "from %(least)s on)."
    )
    return few % figures


def _shift_in_words(shift: LevelShift) -> str:
    ends = sorted(abs(whole(end)) for end in (shift.interval.low, shift.interval.high))
    if shift.interval.contains(0):
        ends[0] *= 0
    points = int(abs(whole(shift.size)))
    words = {
        "month": month_name(shift.month),
        "points": points,
        "low": ends[0],
        "high": ends[1],
    }
    if shift.size > 0:
        said = ngettext(
            "since %(month)s about %(points)s point higher (%(low)s to %(high)s)",
            "since %(month)s about %(points)s points higher (%(low)s to %(high)s)",
            points,
        )
    else:
        said = ngettext(
            "since %(month)s about %(points)s point lower (%(low)s to %(high)s)",
            "since %(month)s about %(points)s points lower (%(low)s to %(high)s)",
            points,
        )
    return said % words


def _odd_month_in_words(odd: OddMonth, *, is_last: bool) -> str:
    points = int(abs(whole(odd.score - odd.usual)))
    if odd.score > odd.usual:
        odd_month = ngettext(
            "%(month)s was an odd month: %(points)s point higher than usual",
            "%(month)s was an odd month: %(points)s points higher than usual",
            points,
        )
    else:
        odd_month = ngettext(
            "%(month)s was an odd month: %(points)s point lower than usual",
            "%(month)s was an odd month: %(points)s points lower than usual",
            points,
        )
    said = odd_month % {"month": month_name(odd.month), "points": points}
    if is_last:
        return _("%(said)s; whether it lasts, the next months will tell") % {"said": said}
    return said


def _season_in_words(lowest: int) -> str:
    low, high = (
        month_name(date(1, number % YEAR + 1, 1), "F") for number in (lowest, lowest + YEAR // 2)
    )
    said = _("the score moves with the season: lowest around %(low)s, highest around %(high)s")
    return said % {"low": low, "high": high}
