"""What every page may say about the place it is part of."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    """Return the marketplace's name and, in the demo, what its banner says."""
    return {
        "marketplace": settings.MARKETPLACE_NAME,
        "demo": settings.DEMO,
        "debug": settings.DEBUG,
        "survey_delay": settings.SURVEY_DELAY,
    }
