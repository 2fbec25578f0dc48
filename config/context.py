"""What every page may say about the place it is part of."""

from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from insights.reports.badges import Badges, count_badges


def site(request: Any) -> dict[str, object]:
    """Return the marketplace's name, and what the bar counts: counted where asked."""

    def badges() -> Badges:
        return count_badges(request.seller, user=request.user, now=timezone.now())

    return {"marketplace": settings.MARKETPLACE_NAME, "badges": SimpleLazyObject(badges)}
