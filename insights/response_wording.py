"""Who answered and who did not, in the reader's language, and why counts of answers differ.

Never "representative": what is said corrects for the channel alone.
"""

from collections.abc import Iterator
from datetime import date

from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from insights.reports.funnel import Bridge
from insights.reports.handling import Share
from insights.reports.months import MonthScore, PeriodScore
from insights.reports.response import WhoAnswered
from insights.response import Answered, Lopsided, Low, ResponseRates
from insights.wording import (
    MINUS,
    grouped,
    month_name,
    percentage_in_words,
    share_in_words,
    signed,
    whole,
)
from queries.enums import Channel


def answered_in_words(each: Answered) -> str:
    """Return which part of the surveys was answered: 34% (412 of 1,204); – of none."""
    return share_in_words(Share(each.answered, each.sent))


def rate_in_words(each: Answered) -> str:
    """Return the same without its counts: 34%."""
    return percentage_in_words(Share(each.answered, each.sent))


def customers_in_words(who: WhoAnswered) -> str:
    """Return how many different customers answered: 1 customer, 1,650 different customers."""
    words = ngettext("%(number)s customer", "%(number)s different customers", who.customers)
    return words % {"number": grouped(who.customers)}


def known_in_words(who: WhoAnswered, score: PeriodScore | None) -> str:
    """Return the same for the measurements of a score, of how many when not of all is known whose.

    88 different customers (89 of 120 measurements): the others are from before this portal.
    """
    customers = customers_in_words(who)
    if score is None or who.measurements == score.tally.total:
        return customers
    total = score.tally.total
    of_total = ngettext(
        "%(customers)s (%(number)s of %(total)s measurement)",
        "%(customers)s (%(number)s of %(total)s measurements)",
        total,
    )
    return of_total % {
        "customers": customers,
        "number": grouped(who.measurements),
        "total": grouped(total),
    }


def channel_name(channel: str) -> str:
    """Return what a channel is called."""
    return str(Channel(channel).label)


def response_sentences(rates: ResponseRates, score: PeriodScore | None) -> Iterator[str]:
    """Yield what those who did not answer may hide: few did, or channels did so unequally.

    `score` is that of the same months; without one, days that are no months, nothing turns.
    """
    low = rates.low(score) if score else None
    if low and score:
        yield low_in_words(low, together=score.months > 1)
    if rates.lopsided:
        yield lopsided_in_words(rates.lopsided)


def low_in_words(low: Low, *, together: bool) -> str:
    """Return how few answered, and at which gap the verdict turns; months `together` have none."""
    percentage = Share(low.rate.numerator, low.rate.denominator).percentage or 0
    answered = ngettext(
        "%(rate)s of every 100 customers answered.",
        "%(rate)s of every 100 customers answered.",
        percentage,
    )
    gap = {"points": low.gap, "outcome": _turned(low, together=together)}
    return f"{answered % {'rate': percentage}} {_gap(low) % gap}"


def _gap(low: Low) -> str:
    if low.met:
        return ngettext(
            "If the others would score %(points)s point lower than those who did, %(outcome)s.",
            "If the others would score %(points)s points lower than those who did, %(outcome)s.",
            low.gap,
        )
    return ngettext(
        "If the others would score %(points)s point higher than those who did, %(outcome)s.",
        "If the others would score %(points)s points higher than those who did, %(outcome)s.",
        low.gap,
    )


def _turned(low: Low, *, together: bool) -> str:
    """Return what would then be so, as the end of a sentence; a verdict is monthly."""
    if together and low.met:
        return _("the score would be below the standard")
    if together:
        return _("the score would reach the standard")
    if low.met:
        return _("the standard would not be met")
    return _("the standard would be met")


def lopsided_in_words(lopsided: Lopsided) -> str:
    """Return which channel answers more often, and what the score would be had all done so."""
    most, least = (channel_name(each) for each in (lopsided.most, lopsided.least))
    said = _(
        "%(most)s answers more often than %(least)s. Had all channels answered equally often, the "
        "score would be about %(levelled)s instead of %(nps)s."
    ) % {
        "most": most[:1].lower() + most[1:],
        "least": least[:1].lower() + least[1:],
        "levelled": signed(whole(lopsided.levelled)),
        "nps": signed(whole(lopsided.nps)),
    }
    return capfirst(said)


# Why counts of the same answers differ


def bridge_in_words(bridge: Bridge, month: date) -> str:
    """Return the sum that leads from the answers of a funnel to those of the month's score."""
    parts = [
        (MINUS, bridge.elsewhere, _("%(number)s answered in another month")),
        ("+", bridge.from_elsewhere, _("%(number)s after a closing in another month")),
        ("+", bridge.imported, _("%(number)s imported")),
        (MINUS, bridge.excluded, _("%(number)s excluded by the marketplace")),
    ]
    counting = ngettext(
        "%(number)s answer counts for you", "%(number)s answers count for you", bridge.counting
    )
    terms = [
        counting % {"number": grouped(bridge.counting)},
        *(f"{sign} {words % {'number': grouped(n)}}" for sign, n, words in parts if n),
    ]
    said = {"sum": " ".join(terms), "month": month_name(month)}
    return _("%(sum)s = the score of %(month)s:") % said


def recent_in_words(recent: int, score: MonthScore, *, first: date) -> str:
    """Return why the last days, from the `first` on, have more or fewer measurements than a month.

    It is empty where they have the same.
    """
    month = {"month": month_name(score.month, "F"), "total": grouped(score.tally.total)}
    if not score.running:
        said = ngettext(
            "These are the last days; the score above is that of %(month)s, of %(total)s "
            "measurement.",
            "These are the last days; the score above is that of %(month)s, of %(total)s "
            "measurements.",
            score.tally.total,
        )
        return said % month
    more = recent - score.tally.total
    number = {**month, "number": grouped(abs(more))}
    if more > 0:
        said = ngettext(
            "%(number)s of these came before %(month)s and is not in its score.",
            "%(number)s of these came before %(month)s and are not in its score.",
            more,
        )
        return said % number
    if more < 0:
        said = ngettext(
            "The score of %(month)s has %(number)s more, from before %(day)s.",
            "The score of %(month)s has %(number)s more, from before %(day)s.",
            -more,
        )
        return said % {**number, "day": date_format(first, "j F")}
    return ""
