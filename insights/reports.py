"""The numbers of the NPS tab: counted once, judged once, the same wherever they are shown."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from operator import add

from django.conf import settings
from django.db.models import Count

from insights.models import holding_standards
from insights.standards import Standard, standard_for_month
from queries.enums import ActorType
from queries.models import Closing
from sellers.models import Seller
from surveys.enums import InvitationState
from surveys.models import TO_BE_SENT, SurveyResponse
from surveys.nps import Interval, Tally, Verdict, displayed
from surveys.periods import month_bounds, month_start, months_back
from surveys.progress import reason_for_seller

HISTORY_MONTHS = 24
POOLED_MONTHS = 12


@dataclass(frozen=True, slots=True)
class MonthScore:
    """One month of one shop: the counts, and the standard they are judged by.

    `scores` is how often each score was given: {score: count}, scores nobody gave left out.
    """

    month: date
    scores: Mapping[int, int]
    tally: Tally
    standard: Standard | None
    running: bool

    @property
    def nps(self) -> Fraction | None:
        """Return the exact NPS, or None when nobody answered."""
        return self.tally.nps

    @property
    def shown(self) -> Decimal | None:
        """Return the NPS as people read it, never on the wrong side of the standard."""
        if self.nps is None:
            return None
        return displayed(self.nps, self.standard.value if self.standard else None)

    @property
    def interval(self) -> Interval | None:
        """Return the 95 % interval, or None when nobody answered."""
        return self.tally.interval

    @property
    def verdict(self) -> Verdict | None:
        """Return how the month stands against its standard, or None without a standard."""
        if self.standard is None:
            return None
        return self.tally.verdict(self.standard.value, self.standard.minimum)

    @property
    def indicative(self) -> bool:
        """Return whether there are fewer measurements than the standard asks for."""
        return self.verdict is Verdict.TOO_FEW

    @property
    def could_be_chance(self) -> bool:
        """Return whether the standard lies inside the interval."""
        if self.standard is None or self.interval is None:
            return False
        return self.interval.contains(self.standard.value)

    @property
    def promoters_short(self) -> int | None:
        """Return how many more promoters would reach the standard; None when none can or needs."""
        if self.standard is None:
            return None
        return self.tally.promoters_short_of(self.standard.value) or None

    def change_from(self, earlier: "MonthScore") -> int | None:
        """Return the change in whole points since another month; None when either has no score."""
        if self.nps is None or earlier.nps is None:
            return None
        return int(displayed(self.nps - earlier.nps))


@dataclass(frozen=True, slots=True)
class History:
    """The calendar months of one shop, oldest first, the last one running."""

    months: tuple[MonthScore, ...]

    @property
    def running(self) -> MonthScore:
        """Return the month that today is in."""
        return self.months[-1]

    def find(self, month: date) -> MonthScore | None:
        """Return one of the months, or None when it is not among them."""
        return next((one for one in self.months if one.month == month), None)

    def before(self, month: MonthScore) -> MonthScore | None:
        """Return the month before one of these, or None for the first."""
        position = self.months.index(month)
        return self.months[position - 1] if position else None

    def pooled(self, last: MonthScore) -> Tally:
        """Return the sum of the twelve months up to and including `last`."""
        end = self.months.index(last) + 1
        return reduce(add, (one.tally for one in self.months[max(0, end - POOLED_MONTHS) : end]))


def history(seller: Seller, *, today: date) -> History:
    """Count the measurements of a shop per month: 24 months, the running one included."""
    months = months_back(month_start(today), HISTORY_MONTHS)
    counted = (
        SurveyResponse.objects.for_seller(seller).in_months(months[0], months[-1]).scores_by_month()
    )
    standards = holding_standards()
    return History(
        tuple(
            MonthScore(
                month=month,
                scores=counted.get(month, {}),
                tally=Tally.from_scores(counted.get(month, {})),
                standard=standard_for_month(standards, month, today=today),
                running=month == months[-1],
            )
            for month in months
        )
    )


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


def funnel(seller: Seller, *, month: date) -> Funnel:
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
