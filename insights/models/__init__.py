"""The standard and the counts, the notes of months, and who is told of what."""

from insights.models.alerts import (
    Alert,
    AlertCursor,
    AlertMail,
    AlertMails,
    Alerts,
)
from insights.models.counts import CountingMark, MonthCount
from insights.models.notes import MonthNote, MonthNotes
from insights.models.standards import ServiceStandard, holding_standards, standards_and_notes

__all__ = [
    "Alert",
    "AlertCursor",
    "AlertMail",
    "AlertMails",
    "Alerts",
    "CountingMark",
    "MonthCount",
    "MonthNote",
    "MonthNotes",
    "ServiceStandard",
    "holding_standards",
    "standards_and_notes",
]
