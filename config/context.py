"""What every page may say about the place it is part of."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    """Return the marketplace's name."""
    return {"marketplace": settings.MARKETPLACE_NAME}
