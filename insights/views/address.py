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
    return _asked_month(request, today=today) or month_start(today)


def is_no_month(request: HttpRequest, *, today: date) -> bool:
    """Return whether the address asks for a month that is none of the 24."""
    return bool(request.GET.get("month")) and _asked_month(request, today=today) is None


def _asked_month(request: HttpRequest, *, today: date) -> date | None:
    try:
        month = date.fromisoformat(f"{request.GET.get('month', '')}-01")
    except ValueError:
        return None
    return month if month in months_back(month_start(today), HISTORY_MONTHS) else None
