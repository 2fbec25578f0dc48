"""What the pages say about a query at a moment."""

from datetime import datetime

from django import template

from queries.models import CustomerQuery

register = template.Library()


@register.filter
def urgency(query: CustomerQuery, now: datetime) -> str:
    """Return "overdue", "long_open" or nothing: how pressing the first reply is."""
    if query.is_overdue(now=now):
        return "overdue"
    return "long_open" if query.is_long_open(now=now) else ""
