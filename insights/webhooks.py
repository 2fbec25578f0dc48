"""What webhooks tell of the service standard: it is the marketplace's, so everybody may know."""

from typing import Final

from insights.enums import StandardEvent
from sellers.enums import WebhookKind
from sellers.webhooks.kinds import Source

SOURCES: Final = (
    Source(
        WebhookKind.STANDARD_ANNOUNCED,
        frozenset({StandardEvent.ANNOUNCED}),
        "standard",
        "/api/v1/nps/standards/",
    ),
)
