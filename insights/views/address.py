"""What the address of a page says."""

from datetime import date, datetime

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from insights.reports import HISTORY_MONTHS
from surveys.periods import month_start, months_back


def today(now: datetime) -> date:
    """Return the day in the marketplace's zone."""
    return timezone.localdate(now, settings.MARKETPLACE_ZONE)


def chosen_month(request: HttpRequest, *, today: date) -> date:
    """Return the month in the address (`?month=2026-08`); the running one if it is none of 24."""
    running = month_start(today)
    try:
        month = date.fromisoformat(f"{request.GET.get('month', '')}-01")
    except ValueError:
        return running
    return month if month in months_back(running, HISTORY_MONTHS) else running
