"""When an answer is due to who waits, and how soon the first came, as the portal itself has it."""

from collections.abc import Container
from datetime import date, datetime

from django.conf import settings

from queries.deadlines import Deadlines, deadlines
from queries.enums import FirstReply
from queries.office_hours import hours_between
from sellers.days_off import public_holidays


def due_after(since: datetime, *, country: str) -> Deadlines:
    """Return when an answer is due to who waits since then."""
    return deadlines(since, days_off=_days_off(country, since))


def first_reply(
    asked_at: datetime, replied_at: datetime, *, due_at: datetime, country: str, counts: bool = True
) -> dict[str, object]:
    """Return what a query stores of its first reply; one that counts is the shop's own."""
    if not counts:
        return {"first_replied_at": replied_at, "first_reply_result": FirstReply.NOT_COUNTED}
    took = hours_between(
        asked_at,
        replied_at,
        zone=settings.MARKETPLACE_ZONE,
        holidays=_days_off(country, asked_at),
    )
    return {
        "first_replied_at": replied_at,
        "first_reply_took": took,
        "first_reply_result": FirstReply.IN_TIME if replied_at < due_at else FirstReply.LATE,
    }


def _days_off(country: str, moment: datetime) -> Container[date]:
    return public_holidays(country, "", moment.year)
