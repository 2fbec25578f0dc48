"""What webhooks tell of queries."""

from typing import Final

from queries.enums import QueryEvent
from sellers.enums import WebhookKind
from sellers.webhooks.kinds import Source

NOUN: Final = "query"
PATH: Final = "/api/v1/queries/{}/"
SOURCES: Final = (
    Source(
        WebhookKind.QUERY_CREATED,
        frozenset({QueryEvent.ASKED, QueryEvent.PHONE_CONTACT_LOGGED}),
        NOUN,
        PATH,
    ),
    Source(WebhookKind.QUERY_REOPENED, frozenset({QueryEvent.REOPENED}), NOUN, PATH),
    Source(WebhookKind.QUERY_CLOSED, frozenset({QueryEvent.CLOSED}), NOUN, PATH),
)
