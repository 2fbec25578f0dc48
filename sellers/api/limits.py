"""How much a client may ask: counted by the cache in one step, said in each answer."""

from typing import Any, Final

from django.conf import settings
from django_ratelimit.core import get_usage
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from sellers.api.access import client_of

WINDOW: Final = 60  # seconds
USAGE: Final = "api_usage"  # attribute of a request that was counted


class PerClient(BaseThrottle):
    """So many requests in a minute, whichever address or token they come with."""

    def allow_request(self, request: Request, view: Any) -> bool:
        """Count a request; return whether it is within the limit."""
        usage = get_usage(
            request,
            group="api",
            key=lambda *_: str(client_of(request).pk),
            rate=f"{settings.API_PER_MINUTE}/m",
            increment=True,
        )
        setattr(request, USAGE, usage)
        return not usage["should_limit"]

    def wait(self) -> float:
        """Return after how many seconds to try again, at the latest."""
        return WINDOW


def limit_headers(request: Request) -> dict[str, str]:
    """Return the headers of draft-ietf-httpapi-ratelimit-headers, of a request that was counted."""
    usage = getattr(request, USAGE, None)
    if usage is None:
        return {}
    left, until = max(usage["limit"] - usage["count"], 0), max(usage["time_left"], 0)
    headers = {
        "RateLimit-Policy": f'"client";q={usage["limit"]};w={WINDOW}',
        "RateLimit": f'"client";r={left};t={until}',
    }
    if usage["should_limit"]:
        headers["Retry-After"] = str(max(until, 1))
    return headers
