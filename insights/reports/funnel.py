"""From closing to answer: what became of the surveys of one month."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from django.conf import settings
from django.db.models import Count

from queries.enums import ActorType
from queries.models import Closing
from sellers.models import TO_BE_SENT, Seller
from surveys.enums import InvitationState
from surveys.periods import month_bounds
from surveys.progress import reason_for_seller


@dataclass(frozen=True, slots=True)
class Funnel:
    """What became of the surveys after the closings of one month; each closing is in one count.

    `suppressed` is how many got no survey, by the reason as a seller reads it: {reason: count}.
    Of the `answered`, `not_counting` were about a query that the marketplace closed.
    """

    suppressed: Mapping[str, int]
    undecided: int
    to_be_sent: int
    bounced: int
    answerable: int
    expired: int
    answered: int
    not_counting: int

    @property
    def closed(self) -> int:
        """Return how many closings there were."""
        stopped = self.suppressed.values()
        return sum(stopped) + self.undecided + self.to_be_sent + self.bounced + self.sent

    @property
    def sent(self) -> int:
        """Return how many surveys reached their customer."""
        return self.answerable + self.expired + self.answered

    @property
    def counting(self) -> int:
        """Return how many answers count for the shop, in whichever month they came."""
        return self.answered - self.not_counting

    @property
    def response_percent(self) -> int | None:
        """Return which part of what was sent was answered, or None when nothing was sent."""
        if not self.sent:
            return None
        return int(Fraction(100 * self.answered, self.sent) + Fraction(1, 2))


def month_funnel(seller: Seller, *, month: date) -> Funnel:
    """Count what became of the closings of a month in the marketplace's zone, in one statement."""
    start, end = month_bounds(month, settings.MARKETPLACE_ZONE)
    closings = Closing.objects.for_seller(seller).filter(closed_at__gte=start, closed_at__lt=end)
    outcome = ("invitation__state", "invitation__reason", "closed_by")
    states, suppressed = Counter[str | None](), Counter[str]()
    not_counting = 0
    counted = closings.order_by().values_list(*outcome).annotate(count=Count("pk"))
    for state, reason, closed_by, count in counted:
        states[state] += count
        if state == InvitationState.SUPPRESSED:
            suppressed[reason_for_seller(reason)] += count
        elif state == InvitationState.ANSWERED and closed_by != ActorType.SELLER:
            not_counting += count
    return Funnel(
        suppressed=suppressed,
        undecided=states[None],
        to_be_sent=sum(states[each] for each in TO_BE_SENT),
        bounced=states[InvitationState.BOUNCED],
        answerable=states[InvitationState.SENT],
        expired=states[InvitationState.EXPIRED],
        answered=states[InvitationState.ANSWERED],
        not_counting=not_counting,
    )
