"""What the query string of a page says."""

from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from insights.reports.months import history_month
from surveys.periods import Period, month_start

YEARS: Final = range(1900, 3000)  # whose days have a beginning in every zone
RENAMED: Final = {"from": "since", "to": "until"}  # links of before keep working


def with_renamed_parameters(
    page: Callable[..., HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Let a page read parameters by the names they have now."""

    @wraps(page)
    def renamed(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.GET.keys() & RENAMED.keys():
            parameters = request.GET.copy()
            for old, new in RENAMED.items():
                for value in parameters.pop(old, [])[-1:]:
                    parameters.setdefault(new, value)
            request.GET = parameters  # type: ignore[assignment]  # Django's is immutable
        return page(request, *args, **kwargs)

    return renamed


def today(now: datetime) -> date:
    """Return the day in the marketplace's zone."""
    return timezone.localdate(now, settings.MARKETPLACE_ZONE)


def asked_month(request: HttpRequest, *, today: date) -> date | None:
    """Return the month that is asked for (`?month=2026-08`); None when none of 24 is."""
    return history_month(request.GET.get("month", ""), today=today)


def chosen_month(request: HttpRequest, *, today: date) -> date:
    """Return the month that is asked for; the running one if none of 24 is."""
    return asked_month(request, today=today) or month_start(today)


def default_period(request: HttpRequest, *, today: date) -> Period:
    """Return what a list is of when it is asked for no days: a finished month, or 28 days."""
    month = chosen_month(request, today=today)
    return Period.recent(today) if month == month_start(today) else Period.of_months(month, month)


def asked_period(request: HttpRequest) -> Period | None:
    """Return the days `since` up to `until`; None when they are no period with both its ends."""
    first, last = _day(request, "since"), _day(request, "until")
    return None if first is None or last is None or last < first else Period(first, last)


def asked_days(request: HttpRequest, *, today: date) -> Period | None:
    """Return the days `since` up to `until`, or else the month that is asked for, if either is."""
    month = asked_month(request, today=today)
    return asked_period(request) or (Period.of_months(month, month) if month else None)


def is_no_month(request: HttpRequest, *, today: date) -> bool:
    """Return whether a month is asked for that is none of the 24."""
    return bool(request.GET.get("month")) and asked_month(request, today=today) is None


def _day(request: HttpRequest, name: str) -> date | None:
    try:
        day = date.fromisoformat(request.GET.get(name, ""))
    except ValueError:
        return None
    return day if day.year in YEARS else None
