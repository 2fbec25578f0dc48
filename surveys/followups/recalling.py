"""What to come back to when a customer who gave a low score asks something again."""

from queries.models import CustomerQuery
from queries.recalls import Recall
from surveys.models import FollowUp


def latest_low_score(query: CustomerQuery) -> Recall | None:
    """Return the last low score of who asks, about another query of the same shop.

    What was excluded or erased is not come back to.
    """
    theirs = FollowUp.objects.for_seller(query.seller).counting()
    about_others = theirs.filter(response__query__customer=query.customer_id).exclude(
        response__query=query.pk
    )
    last = about_others.select_related("response__query").order_by("-opened_at", "-pk").first()
    if last is None or last.response.query is None:
        return None
    return Recall(
        score=last.response.score,
        given_at=last.opened_at,
        reason=last.response.reason,
        outcome=last.get_state_display(),
        note=last.note,
        promised=last.promised,
        query=last.response.query,
    )
