"""What the pages say about a query at a moment."""

from datetime import datetime, timedelta
from typing import Final

from django import template
from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from queries.models import CustomerQuery

DAY: Final = timedelta(days=1)
HOUR: Final = timedelta(hours=1)
MINUTE: Final = timedelta(minutes=1)

register = template.Library()


@register.filter
def urgency(query: CustomerQuery, now: datetime) -> str:
    """Return "overdue", "long_open" or nothing: how pressing the first reply is."""
    if query.is_overdue(now=now):
        return "overdue"
    return "long_open" if query.is_long_open(now=now) else ""


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
