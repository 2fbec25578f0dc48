"""What the pages say about a query at a moment."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from django import template
from django.conf import settings
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from queries.enums import FirstReply
from queries.models import CustomerQuery
from queries.office_hours import FIRST_REPLY_WITHIN

DAY: Final = timedelta(days=1)
HOUR: Final = timedelta(hours=1)
MINUTE: Final = timedelta(minutes=1)

register = template.Library()


@register.filter
def lateness(query: CustomerQuery, now: datetime) -> str:
    """Return "overdue", "long_open" or nothing: how late a reply is."""
    if query.is_overdue(now=now):
        return "overdue"
    return "long_open" if query.is_long_open(now=now) else ""


@register.filter
def first_reply_in_words(query: CustomerQuery) -> str:
    """Return how soon the first reply came, as far as that is settled and known.

    Hours are rounded so that what came in time never seems late, nor the other way round.
    """
    took, norm = query.first_reply_took, FIRST_REPLY_WITHIN // HOUR
    match query.first_reply_result:
        case FirstReply.IN_TIME if took is not None:
            hours = min(max(-(-took // HOUR), 1), norm)
            words = ngettext(
                "in %(hours)s working hour, within the %(norm)s",
                "in %(hours)s working hours, within the %(norm)s",
                hours,
            )
            return words % {"hours": hours, "norm": norm}
        case FirstReply.IN_TIME:
            return _("within the %(norm)s working hours") % {"norm": norm}
        case FirstReply.LATE:
            hours = max(took // HOUR, norm) if took else norm
            words = _("late: after more than %(hours)s working hours, %(norm)s is the limit")
            return words % {"hours": hours, "norm": norm}
        case FirstReply.NOT_COUNTED:
            return _("does not count for your response time")
        case _:
            return ""


@register.filter
def ago(moment: datetime, now: datetime) -> str:
    """Return how long something lasts, where there is little room: "5 d", "19 h", "3 min"."""
    passed = max(now - moment, timedelta())
    if passed >= DAY:
        return _("%(days)d d") % {"days": passed // DAY}
    if passed >= HOUR:
        return _("%(hours)d h") % {"hours": passed // HOUR}
    return _("%(minutes)d min") % {"minutes": passed // MINUTE}


@register.filter
def due_in_words(due_at: datetime, now: datetime) -> str:
    """Return when something is due: "2 d late", "before 14:20", "tomorrow 5:27", "Mon 9:00"."""
    if due_at <= now:
        return _("%(time)s late") % {"time": ago(due_at, now)}
    due, today = (moment.astimezone(settings.MARKETPLACE_ZONE) for moment in (due_at, now))
    days = (due.date() - today.date()).days
    if days == 0:
        return _("before %(time)s") % {"time": date_format(due, "H:i")}
    if days == 1:
        return _("tomorrow %(time)s") % {"time": date_format(due, "H:i")}
    return date_format(due, "D H:i" if days < 7 else "j F")


@register.filter
def in_words(moment: datetime) -> str:
    """Return a moment to come: "Fri 27 November, 9:00"."""
    return date_format(moment.astimezone(settings.MARKETPLACE_ZONE), "D j F, H:i")


@register.filter
def euros(amount: Decimal) -> str:
    """Return an amount as shops write it: "€ 1.849", "€ 39,95"; cents only when there are any."""
    whole = amount == amount.to_integral_value()
    number = number_format(amount, decimal_pos=0 if whole else 2, force_grouping=True)
    return _("€%(amount)s") % {"amount": number}
