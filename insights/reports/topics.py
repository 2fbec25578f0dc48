"""The score of one month in detail: what each topic brought and cost, and what customers say."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Final
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Case, F, When, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext as _

from insights.chance import beyond_chance, p_value, side_of
from insights.reports.months import PeriodScore
from insights.topics import Breakdown, Kind, TopicPart, breakdown, contributions, rounded_to_add_up
from sellers.models import Seller
from surveys.enums import Band
from surveys.models import SurveyResponse, Topic, in_band
from surveys.nps import Change, Tally, band, displayed
from surveys.periods import Period, month_bounds

TREND: Final = "trend"  # beside the kinds of parts
COMMENTS_PER_TOPIC: Final = 3
COMMENTS_SOUGHT: Final = 75  # the latest of detractors, and of others, to look in


@dataclass(frozen=True, slots=True)
class Comment:
    """Why a customer gave a score, in their own words."""

    response_id: int
    score: int
    band: Band
    reason: str
    submitted_at: datetime


@dataclass(frozen=True, slots=True)
class Trend:
    """How a part of the score changed since the month before, when it had one of its own then.

    `contribution` is in points; `nps` is the change of its own NPS, which `is_certain` is about.
    """

    contribution: Fraction
    nps: Change
    indicative: bool
    is_certain: bool

    @property
    def displayed(self) -> Decimal:
        """Return the change of the contribution as people read it."""
        return displayed(self.contribution)


@dataclass(frozen=True, slots=True)
class TopicRow:
    """One part of the score as it is shown.

    `displayed` is the contribution as people read it, `against` what it did against the average;
    what is displayed of either adds up. `link` is the choice of its measurements in the list, empty
    where the list has no such choice. `differs` is "above" or "below" when its own NPS
    differs from that of all other responses by more than chance, else empty.
    """

    part: TopicPart
    label: str
    tip: str
    differs: str
    displayed: Decimal
    against: Decimal
    trend: Trend | None
    link: str


@dataclass(frozen=True, slots=True)
class TopicReport:
    """A score in detail; the rows add up to what is `displayed`, if there is a score.

    `month` is the last month of the period. `ticked` is how many responses have a topic.
    """

    month: date
    period: Period
    before: date | None
    total: Tally
    displayed: Decimal | None
    rows: tuple[TopicRow, ...]
    ticked: int

    @property
    def has_topics(self) -> bool:
        """Return whether any topic has responses enough for a bar of its own."""
        return any(row.part.kind is Kind.TOPIC for row in self.rows)

    @property
    def costliest(self) -> TopicRow | None:
        """Return the topic that costs most against the average, or None when none does."""
        costing = (row for row in self.rows if row.part.kind is Kind.TOPIC and row.against < 0)
        return next(costing, None)


def topic_report(
    month: PeriodScore,
    *,
    topics: Iterable[Topic],
) -> TopicReport:
    """Divide the score of a period over the topics, and compare it with the period before, if any.

    Both periods need their answers. `topics` are all topics, also those no longer asked.
    """
    before = month.before
    by_key = {topic.pk: topic for topic in topics} if month.answers else {}
    divided = breakdown(month.answers)
    earlier = contributions(before.answers) if before else {}
    total, certain = month.displayed, _beyond_chance(month, divided, earlier)
    rounded = against = tuple[Decimal, ...]()
    if total is not None:
        rounded = rounded_to_add_up([part.contribution for part in divided.parts], total)
        against = rounded_to_add_up([part.against for part in divided.parts], 0 * total)
    return TopicReport(
        month=month.month,
        period=month.period,
        before=before.month if before else None,
        total=divided.total,
        displayed=total,
        rows=tuple(
            TopicRow(
                part=part,
                label=_label(part, by_key),
                tip=by_key[part.topic].tip if part.topic else "",
                differs=side_of(part.tally, divided.total - part.tally)
                if (part.topic, part.kind) in certain
                else "",
                displayed=points,
                against=difference,
                trend=_trend(part, earlier, is_certain=(part.topic, TREND) in certain),
                link=_link(part, month.period),
            )
            for part, points, difference in zip(divided.parts, rounded, against, strict=True)
        ),
        ticked=sum(number for answer, number in month.answers.items() if answer.topics),
    )


def topic_comments(seller: Seller, *, month: date) -> dict[int, tuple[Comment, ...]]:
    """Fetch what customers say about each topic: at most three reasons, those of detractors first.

    Looks in the latest measurements of the month only, so that it takes as long for a large shop
    as for a small one; excluded measurements are left out. One statement for all topics.
    """
    start, end = month_bounds(month, settings.MARKETPLACE_ZONE)
    responses = (
        SurveyResponse.objects.for_seller(seller)
        .filter(submitted_at__gte=start, submitted_at__lt=end)
        .latest_first()
        .values("pk")
    )
    unhappy = in_band(Band.DETRACTOR)
    latest = responses.filter(unhappy)[:COMMENTS_SOUGHT].union(
        responses.filter(~unhappy)[:COMMENTS_SOUGHT], all=True
    )
    unhappy_first = Case(When(unhappy, then=0), default=1)
    found = (
        SurveyResponse.objects.filter(pk__in=latest)
        .counting()
        .exclude(reason="")
        .filter(response_topics__isnull=False)
        .annotate(
            topic=F("response_topics__topic"),
            place=Window(
                RowNumber(),
                partition_by="response_topics__topic",
                order_by=[unhappy_first, "-submitted_at", "-pk"],
            ),
        )
        .filter(place__lte=COMMENTS_PER_TOPIC)
        .order_by("topic", "place")
        .values_list("topic", "pk", "score", "reason", "submitted_at")
    )
    comments = defaultdict[int, list[Comment]](list)
    for topic, response, score, reason, submitted_at in found:
        comments[topic].append(Comment(response, score, band(score), reason, submitted_at))
    return {topic: tuple(some) for topic, some in comments.items()}


def _label(part: TopicPart, topics: Mapping[int, Topic]) -> str:
    match part.kind:
        case Kind.TOPIC:
            assert part.topic is not None
            return topics[part.topic].label
        case Kind.OTHER:
            return _("Other topics")
        case Kind.NONE:
            return _("No topic given")


def _beyond_chance(
    month: PeriodScore, divided: Breakdown, earlier: Mapping[int | None, TopicPart]
) -> Collection[tuple[int | None, str]]:
    """Return which parts differ from the rest, and which from the month before, beyond chance.

    All of them are one family; nothing is claimed about what still runs.
    """
    if month.running:
        return ()
    tests: dict[tuple[int | None, str], float | None] = {}
    for part in divided.parts:
        tests[part.topic, part.kind] = p_value(part.tally, divided.total - part.tally)
        if before := _before(part, earlier):
            tests[part.topic, TREND] = p_value(part.tally, before.tally)
    return beyond_chance(tests)


def _before(part: TopicPart, earlier: Mapping[int | None, TopicPart]) -> TopicPart | None:
    """Return the same part a month before; which topics are hidden differs by month."""
    before = None if part.kind is Kind.OTHER else earlier.get(part.topic)
    return before if before and part.has_own_score and before.has_own_score else None


def _trend(
    part: TopicPart, earlier: Mapping[int | None, TopicPart], *, is_certain: bool
) -> Trend | None:
    """Compare a part with itself a month before."""
    before = _before(part, earlier)
    if before is None:
        return None
    change = part.tally.change_from(before.tally)
    assert change is not None  # both have responses
    return Trend(
        contribution=part.contribution - before.contribution,
        nps=change,
        indicative=part.indicative or before.indicative,
        is_certain=is_certain,
    )


def _link(part: TopicPart, period: Period) -> str:
    """Return how the list of measurements is asked for exactly these responses."""
    if part.kind is Kind.OTHER:
        return ""
    days = {"since": period.first, "until": period.last}
    return urlencode({**days, "topic": part.topic or "none"})
