"""What agents predicted, beside the scores that came: of one agent, and of a whole team.

Of the closings in a period, whenever the customer answered. Only measurements that count for the
shop are compared.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db.models import Count, DateField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Greatest, TruncDate

from insights.calibration import (
    Calibration,
    Guess,
    Predictions,
    calibrate,
    earlier_middles,
    predictions,
)
from queries.enums import ActorType
from queries.models import Closing
from sellers.models import Seller, User
from surveys.enums import InvitationState
from surveys.models import SurveyResponse
from surveys.periods import Period


class Pair(NamedTuple):
    """A prediction of an agent on a day, and the score that came.

    A program may have predicted it for nobody in particular.
    """

    agent_id: int | None
    day: date
    predicted: int
    actual: int


@dataclass(frozen=True, slots=True)
class PredictionReport:
    """How well somebody predicts, or a team together.

    They predicted at so many closings (`predicted`), of which so many were answered (`pairs`).
    `unanswered` is what was predicted where a survey was sent and the time to answer it is over;
    both are None as long as there are fewer than 10.
    """

    predicted: int
    pairs: int
    calibration: Calibration | None
    unanswered_total: int
    unanswered: Predictions | None


@dataclass(frozen=True, slots=True)
class AgentPredictions:
    """How well one agent predicts."""

    agent: User
    report: PredictionReport


@dataclass(frozen=True, slots=True)
class TeamPredictions:
    """How well everybody predicts who predicted something or may answer, by name; and together."""

    agents: tuple[AgentPredictions, ...]
    together: PredictionReport


@dataclass(frozen=True, slots=True)
class Made:
    """How many predictions there are, and what was predicted of who did not answer."""

    predicted: int = 0
    unanswered: Counter[int] = field(default_factory=Counter)

    def __add__(self, other: "Made") -> "Made":
        return Made(self.predicted + other.predicted, self.unanswered + other.unanswered)


def agents_of(seller: Seller) -> QuerySet[User]:
    """Return who may answer for a shop, or ever closed a query for it."""
    closed = Closing.objects.for_seller(seller).filter(
        agent=OuterRef("pk"), closed_by=ActorType.SELLER
    )
    answering = User.objects.answering_for(seller).order_by().values("pk")
    return User.objects.filter(Q(pk__in=answering) | Exists(closed))


def agent_predictions(
    seller: Seller, *, agent: User, period: Period, now: datetime
) -> PredictionReport:
    """Return how well an agent predicts at a shop, in three statements."""
    pairs, made = _pairs(seller, period, agent=agent), _made(seller, period, agent=agent, now=now)
    middles = _middles(seller, period, days=(pair.day for pair in pairs))
    return _report(pairs, made[agent.pk], middles)


def team_predictions(seller: Seller, *, period: Period, now: datetime) -> TeamPredictions:
    """Return how well each agent of a shop predicts, in four statements."""
    pairs, made = _pairs(seller, period), _made(seller, period, now=now)
    middles = _middles(seller, period, days=(pair.day for pair in pairs))
    by_agent: defaultdict[int | None, Counter[Pair]] = defaultdict(Counter)
    for pair, count in pairs.items():
        by_agent[pair.agent_id][pair] = count
    answering = User.objects.answering_for(seller).order_by().values("pk")
    people = User.objects.filter(Q(pk__in=answering) | Q(pk__in=set(made) - {None}))
    return TeamPredictions(
        agents=tuple(
            AgentPredictions(agent, _report(by_agent[agent.pk], made[agent.pk], middles))
            for agent in people.order_by("name", "pk")
        ),
        together=_report(pairs, sum(made.values(), Made()), middles),
    )


def _report(
    pairs: Mapping[Pair, int], made: Made, middles: Mapping[date, int | None]
) -> PredictionReport:
    guesses = Counter[Guess]()
    for pair, count in pairs.items():
        guesses[Guess(pair.predicted, pair.actual, middles[pair.day])] += count
    return PredictionReport(
        predicted=made.predicted,
        pairs=guesses.total(),
        calibration=calibrate(guesses),
        unanswered_total=made.unanswered.total(),
        unanswered=predictions(made.unanswered),
    )


def _pairs(seller: Seller, period: Period, *, agent: User | None = None) -> Counter[Pair]:
    """Count the predictions of a period with the scores that came, alike ones together."""
    closing = "invitation__closing"
    start, end = period.bounds(settings.MARKETPLACE_ZONE)
    compared = SurveyResponse.objects.for_seller(seller).counting()
    compared = compared.filter(
        **{f"{closing}__closed_at__gte": start, f"{closing}__closed_at__lt": end},
        **{f"{closing}__predicted_score__isnull": False, f"{closing}__seller": seller},
        **({f"{closing}__agent": agent} if agent else {}),
    )
    rows = (
        compared.order_by()
        .annotate(day=TruncDate(f"{closing}__closed_at", tzinfo=settings.MARKETPLACE_ZONE))
        .values_list(f"{closing}__agent", "day", f"{closing}__predicted_score", "score")
        .annotate(count=Count("pk"))
    )
    return Counter({Pair(*pair): count for *pair, count in rows})


def _made(
    seller: Seller, period: Period, *, agent: User | None = None, now: datetime
) -> defaultdict[int | None, Made]:
    """Count the predictions of each agent, and apart those of who did not answer in time."""
    start, end = period.bounds(settings.MARKETPLACE_ZONE)
    closings = Closing.objects.for_seller(seller).filter(
        closed_at__gte=start,
        closed_at__lt=end,
        closed_by=ActorType.SELLER,
        predicted_score__isnull=False,
        **({"agent": agent} if agent else {}),
    )
    silent = Q(
        invitation__state__in=(InvitationState.SENT, InvitationState.EXPIRED),
        invitation__expires_at__lte=now,
    )
    rows = (
        closings.order_by()
        .values_list("agent", "predicted_score")
        .annotate(all=Count("pk"), silent=Count("pk", filter=silent))
    )
    made: defaultdict[int | None, Made] = defaultdict(Made)
    for agent_id, score, count, unanswered in rows:
        made[agent_id] += Made(count, Counter({score: unanswered}))
    return made


def _middles(seller: Seller, period: Period, *, days: Iterable[date]) -> dict[date, int | None]:
    """Return the middle score of the shop before each of these days of a period.

    All measurements are counted in the database, per day; those from before the period, of which
    no day matters, together.
    """
    assert period.first is not None, "Predictions are compared over a period that begins."
    _start, end = period.bounds(settings.MARKETPLACE_ZONE)
    long_ago = Value(period.first - timedelta(days=1), output_field=DateField())
    rows = (
        SurveyResponse.objects.for_seller(seller)
        .counting()
        .filter(submitted_at__lt=end)
        .order_by()
        .annotate(
            day=Greatest(TruncDate("submitted_at", tzinfo=settings.MARKETPLACE_ZONE), long_ago)
        )
        .values_list("day", "score")
        .annotate(count=Count("score"))
    )
    given: defaultdict[date, Counter[int]] = defaultdict(Counter)
    for day, score, count in rows:
        given[day][score] = count
    return earlier_middles(given, days)
