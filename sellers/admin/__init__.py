"""Staff's view of users, shops and memberships; how any app's page shows what happened."""

from sellers.admin import clients, holidays, mail, people
from sellers.admin.events import EventHistory, Line, RecordsChanges, actor, line_of, staff

__all__ = [
    "EventHistory",
    "Line",
    "RecordsChanges",
    "actor",
    "clients",
    "holidays",
    "line_of",
    "mail",
    "people",
    "staff",
]
