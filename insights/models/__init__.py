"""The standard that shops are judged by, the counts that are kept, and who is told of what."""

from insights.models.alerts import (
    Alert,
    AlertCursor,
    AlertMail,
    AlertMails,
    Alerts,
)
from insights.models.counts import CountingMark, MonthCount
from insights.models.standards import ServiceStandard, holding_standards

__all__ = [
    "Alert",
    "AlertCursor",
    "AlertMail",
    "AlertMails",
    "Alerts",
    "CountingMark",
    "MonthCount",
    "ServiceStandard",
    "holding_standards",
]
