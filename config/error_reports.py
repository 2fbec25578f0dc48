"""What Sentry, or whatever takes what is made for it, learns of an error: where, not about whom.

Only with SENTRY_DSN is it imported.
"""

import logging
from typing import Any

import sentry_sdk
from sentry_sdk.integrations.logging import LoggingIntegration

from config.logs import OfRequestOrTask
from sellers.tokens import mask


def start(dsn: str, *, process: str) -> None:
    """Report each error that is logged; nothing of requests, people, variables or speed."""
    sentry_sdk.init(
        dsn=dsn,
        server_name=process,
        default_integrations=False,
        integrations=[LoggingIntegration(level=None, event_level=logging.ERROR)],
        before_send=without_words,
        include_local_variables=False,
        send_default_pii=False,
        max_breadcrumbs=0,
        auto_session_tracking=False,
    )


def without_words(event: Any, hint: dict[str, Any]) -> Any:
    """Leave out what may be words of people, and say of which request or task it is.

    What an exception says is such: those of PostgreSQL name the row. Kind, place and the line in
    the log stay.
    """
    for exception in event.get("exception", {}).get("values", ()):
        exception["value"] = ""
    entry = event.get("logentry", {})
    event["logentry"] = {"message": mask(str(entry.get("message", "")))}
    for name in ("extra", "breadcrumbs"):
        event.pop(name, None)
    if record := hint.get("log_record"):
        OfRequestOrTask().filter(record)
        event["tags"] = {"request_id": record.request_id}
    return event
