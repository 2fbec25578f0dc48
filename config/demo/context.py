"""What the pages of the demo say about themselves."""

from django.conf import settings
from django.http import HttpRequest


def demo(request: HttpRequest) -> dict[str, object]:
    """Return that this is the demo, and how long its surveys wait."""
    return {"demo": True, "survey_delay": settings.SURVEY_DELAY}
