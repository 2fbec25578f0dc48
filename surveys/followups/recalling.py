"""What to come back to when a customer who gave a low score asks something again."""

from queries.models import CustomerQuery
from queries.recalls import Recall
from surveys.models import SurveyResponse


def latest_low_score(query: CustomerQuery) -> Recall | None:
    """Return the low score that the customer gave last before they asked this, at the same shop.

    None when a better one came after it: then it was come back to. What was excluded or erased is
    not come back to either.
    """
    earlier = SurveyResponse.objects.for_seller(query.seller).counting()
    theirs = earlier.filter(query__customer=query.customer_id, submitted_at__lt=query.asked_at)
    last = theirs.select_related("query", "followup").latest_first().first()
    followup = getattr(last, "followup", None)
    if last is None or last.query is None or followup is None or followup.lapsed_at:
        return None
    return Recall(
        score=last.score,
        given_at=last.submitted_at,
        reason=last.reason,
        outcome=followup.get_state_display(),
        note=followup.note,
        promised=followup.promised,
        query=last.query,
    )
