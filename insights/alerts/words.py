"""What an alert says, and where it leads: for the list and the mail alike, in the active language.

A score, a number and a moment; nothing of what a customer wrote.
"""

from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from insights.models import Alert
from insights.reports.weeks import week_of
from insights.wording import grouped, month_name, period_name, signed
from sellers.access import at_shop
from sellers.enums import AlertKind


def alert_in_words(alert: Alert) -> str:
    """Return what happened, in one line."""
    match alert.kind:
        case AlertKind.LOW_SCORE:
            words = _("Score %(score)s on query %(number)s")
        case AlertKind.TASK_DUE:
            words = _("Follow up on query %(number)s, score %(score)s, before %(due)s")
        case AlertKind.TASK_OVERDUE:
            words = _("Follow-up of query %(number)s, score %(score)s, is overdue since %(due)s")
        case AlertKind.NEW_QUERY:
            words = _("New query %(number)s")
        case AlertKind.DEADLINE:
            words = _("Reply to query %(number)s before %(due)s")
        case AlertKind.STANDARD:
            return _standard_in_words(alert)
        case _:
            return week_in_words(alert)
    return words % {
        "score": alert.score,
        "number": f"#{alert.subject.pk}" if alert.subject else "–",
        "due": moment_in_words(alert.due_at),
    }


def week_in_words(alert: Alert) -> str:
    """Return which week an overview is about."""
    assert alert.day
    return _("Your week: %(period)s") % {"period": period_name(week_of(alert.day))}


def path_of(alert: Alert) -> str:
    """Return the page where something can be done about it, at the shop that it is about."""
    return at_shop(_page_of(alert), alert.seller_id)


def _page_of(alert: Alert) -> str:
    match alert.kind:
        case AlertKind.NEW_QUERY | AlertKind.DEADLINE if alert.query:
            return alert.query.get_absolute_url()
        case AlertKind.LOW_SCORE | AlertKind.TASK_DUE | AlertKind.TASK_OVERDUE if alert.followup:
            return reverse("insights:followup", args=[alert.followup.pk])
        case AlertKind.LOW_SCORE if alert.response:
            return reverse("insights:measurement", args=[alert.response.pk])
        case AlertKind.STANDARD if alert.day:
            return f"{reverse('insights:nps')}?month={alert.day:%Y-%m}"
    return reverse("insights:nps")


def moment_in_words(moment: datetime | None) -> str:
    """Return a day and a time by the marketplace's clock."""
    return date_format(moment.astimezone(settings.MARKETPLACE_ZONE), "j F H:i") if moment else ""


def _standard_in_words(alert: Alert) -> str:
    numbers, count = alert.numbers, int(alert.numbers["count"])
    if numbers["is_met"]:
        words = ngettext(
            "%(month)s: %(nps)s from %(count)s measurement, now surely above standard %(standard)s",
            "%(month)s: %(nps)s from %(count)s measurements, now surely above standard"
            " %(standard)s",
            count,
        )
    else:
        words = ngettext(
            "%(month)s: %(nps)s from %(count)s measurement, now surely below standard %(standard)s",
            "%(month)s: %(nps)s from %(count)s measurements, now surely below standard"
            " %(standard)s",
            count,
        )
    assert alert.day
    return words % {
        "month": month_name(alert.day),
        "nps": signed(Decimal(numbers["nps"])),
        "count": grouped(count),
        "standard": signed(numbers["standard"]),
    }
