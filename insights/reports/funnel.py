"""From closing to answer: what became of the surveys of one month."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Final

from django.conf import settings
from django.db.models import Count, Q

from queries.enums import ActorType
from queries.models import Closing, Closings
from sellers.models import TO_BE_SENT, Seller
from surveys.enums import InvitationState, SuppressionReason
from surveys.models import REACHED_CUSTOMER, SurveyResponse, is_excluded
from surveys.periods import month_bounds
from surveys.progress import KEPT_FROM_SELLERS, NOT_NOW, reason_for_seller

ANSWERED: Final = Q(invitation__state=InvitationState.ANSWERED)
OUTCOMES: Final[Mapping[str, Q]] = {
    "closed": Q(),
    "undecided": Q(invitation=None),
    "to_be_sent": Q(invitation__state__in=TO_BE_SENT),
    "bounced": Q(invitation__state=InvitationState.BOUNCED),
    "sent": Q(invitation__state__in=REACHED_CUSTOMER),
    "answerable": Q(invitation__state=InvitationState.SENT),
    "expired": Q(invitation__state=InvitationState.EXPIRED),
    "answered": ANSWERED,
    "not_counting": ANSWERED & ~Q(closed_by=ActorType.SELLER),
    "counting": ANSWERED & Q(closed_by=ActorType.SELLER),
}
_REASONS: Final = {
    reason.value: reason for reason in SuppressionReason if reason not in KEPT_FROM_SELLERS
}


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


@dataclass(frozen=True, slots=True)
class Bridge:
    """Why the funnel of a month and its score count different answers.

    Of the `counting` answers after the closings of the month, `elsewhere` came in another one. The
    score has those that came in the month after a closing in another one, `from_elsewhere`, and the
    `imported`, and none that staff `excluded`.
    """

    counting: int
    elsewhere: int
    from_elsewhere: int
    imported: int
    excluded: int

    @property
    def total(self) -> int:
        """Return how many measurements the score of the month has."""
        return self.counting - self.elsewhere + self.from_elsewhere + self.imported - self.excluded


def month_bridge(seller: Seller, funnel: Funnel, *, month: date) -> Bridge:
    """Count what leads from the funnel of a month to its score, in one statement."""
    start, end = month_bounds(month, settings.MARKETPLACE_ZONE)
    closed_here = Q(
        invitation__closing__closed_at__gte=start, invitation__closing__closed_at__lt=end
    )
    out = is_excluded()
    came = (
        SurveyResponse.objects.for_seller(seller)
        .in_months(month, month)
        .aggregate(
            all=Count("pk"),
            here=Count("pk", filter=closed_here),
            imported=Count("pk", filter=Q(invitation=None)),
            excluded=Count("pk", filter=out),
        )
    )
    return Bridge(
        counting=funnel.counting,
        elsewhere=funnel.counting - came["here"],
        from_elsewhere=came["all"] - came["here"] - came["imported"],
        imported=came["imported"],
        excluded=came["excluded"],
    )


def closings_counted(seller: Seller, *, month: date, outcome: str) -> Closings:
    """Return the closings behind one count of the funnel of a month; raises KeyError for no count.

    An outcome is the name of a count of `Funnel`, or the code of a reason for no survey.
    """
    if outcome in OUTCOMES:
        return _closings(seller, month).filter(OUTCOMES[outcome])
    reasons = KEPT_FROM_SELLERS if outcome == NOT_NOW else (_REASONS[outcome],)
    suppressed = Q(invitation__state=InvitationState.SUPPRESSED, invitation__reason__in=reasons)
    return _closings(seller, month).filter(suppressed)


def _closings(seller: Seller, month: date) -> Closings:
    start, end = month_bounds(month, settings.MARKETPLACE_ZONE)
    return Closing.objects.for_seller(seller).filter(closed_at__gte=start, closed_at__lt=end)


def month_funnel(seller: Seller, *, month: date) -> Funnel:
    """Count what became of the closings of a month in the marketplace's zone, in one statement."""
    outcome = ("invitation__state", "invitation__reason", "closed_by")
    states, suppressed = Counter[str | None](), Counter[str]()
    not_counting = 0
    counted = _closings(seller, month).order_by().values_list(*outcome).annotate(count=Count("pk"))
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
