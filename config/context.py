"""What every page may say about the place it is part of."""

from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from insights.reports.followups import Part, count_followups
from queries.worklist import Tally


def site(request: Any) -> dict[str, object]:
    """Return the marketplace's name, and how many follow-ups are late: counted where asked."""

    def late() -> Tally:
        counted = count_followups(
            request.seller, user=request.user, now=timezone.now(), parts=[Part.LATE]
        )
        return counted[Part.LATE]

    return {"marketplace": settings.MARKETPLACE_NAME, "late_followups": SimpleLazyObject(late)}
