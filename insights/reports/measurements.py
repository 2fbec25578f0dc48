"""The measurements of a shop one by one, and how many there are in each band."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

from queries.models import CustomerQuery
from sellers.keyset import following, page_of, reversed_order
from sellers.made_once import ValuesOnce
from sellers.models import Seller
from surveys.enums import Band, FollowUpState
from surveys.models import (
    ResponseTopic,
    SurveyResponse,
    SurveyResponses,
    exclusion_reason,
    label_field,
    tallies_of_scores,
)
from surveys.nps import Tally, band
from surveys.periods import Period

ROWS_PER_PAGE: Final = 25
LATEST_ROWS: Final = 5  # beside other things


class Sort(TextChoices):
    """In which order measurements are listed; equal scores and moments latest first."""

    LATEST = "latest", _("Latest first")
    OLDEST = "oldest", _("Oldest first")
    LOWEST = "lowest", _("Lowest score")
    HIGHEST = "highest", _("Highest score")

    @property
    def keys(self) -> tuple[str, ...]:
        """Return what to order by."""
        match self:
            case Sort.LATEST:
                return ("-submitted_at", "-pk")
            case Sort.OLDEST:
                return ("submitted_at", "pk")
            case Sort.LOWEST:
                return ("score", "-submitted_at", "-pk")
            case Sort.HIGHEST:
                return ("-score", "-submitted_at", "-pk")


@dataclass(frozen=True, slots=True)
class Measurement:
    """One measurement as its shop reads it in a list.

    `predicted` is the score that the agent expected, None when nothing was predicted. `query` is
    the subject of the query, empty when it was measured before this portal; `excluded` is why it
    does not count, empty when it does. `followup_id` is None without a task that counts,
    `followup` is how far it is.
    """

    pk: int
    score: int
    predicted: int | None
    band: Band
    submitted_at: datetime
    reason: str
    query_id: int | None
    query: str
    topics: tuple[str, ...]
    agent: str
    excluded: str
    followup_id: int | None = None
    followup: str = ""


@dataclass(frozen=True, slots=True)
class MeasurementPage:
    """Some measurements, and how many there are of each band with the same other choices.

    `tally` counts those that count, `excluded` those that staff excluded.
    """

    rows: tuple[Measurement, ...]
    tally: Tally
    excluded: int
    has_previous: bool
    has_next: bool


def measurement_page(
    chosen: SurveyResponses,
    *,
    of_every_band: SurveyResponses,
    sort: Sort,
    size: int = ROWS_PER_PAGE,
    after: SurveyResponse | None = None,
    before: SurveyResponse | None = None,
) -> MeasurementPage:
    """Fetch a page of what was chosen, and count each band, in two statements at most.

    The page comes before or after a measurement; it is the first one when nothing does.
    """
    counting, excluded = of_every_band.tallies()
    if not counting.total + excluded.total:
        return MeasurementPage(
            rows=(), tally=counting, excluded=0, has_previous=False, has_next=False
        )
    page = page_of(
        chosen, sort.keys, size=size, fetch=_with_list_fields, after=after, before=before
    )
    return MeasurementPage(
        rows=tuple(_as_row(one) for one in page.rows),
        tally=counting,
        excluded=excluded.total,
        has_previous=page.has_previous,
        has_next=page.has_next,
    )


def latest_measurements(seller: Seller, period: Period) -> MeasurementPage:
    """Fetch the few latest of all measurements of a period that has two ends, in two statements.

    What `measurement_page` says of them, but with statements that are made once.
    """
    start, end = period.bounds(settings.MARKETPLACE_ZONE)
    among = {"seller": seller.pk, "start": start, "end": end}
    counting, excluded = tallies_of_scores(COUNTED.all(**among))
    found = LATEST[label_field()].all(**among) if counting.total else []
    return MeasurementPage(
        rows=tuple(_as_row(one) for one in found[:LATEST_ROWS]),
        tally=counting,
        excluded=excluded.total,
        has_previous=False,
        has_next=len(found) > LATEST_ROWS,
    )


def neighbours(
    chosen: SurveyResponses, response: SurveyResponse, *, sort: Sort
) -> tuple[int | None, int | None]:
    """Return the primary keys of the measurements before and after one in its list, if any.

    A measurement that is not in the list has none.
    """
    if not chosen.filter(pk=response.pk).exists():
        return None, None
    before = following(chosen, reversed_order(sort.keys), row=response)
    after = following(chosen, sort.keys, row=response)
    return (
        before.values_list("pk", flat=True).first(),
        after.values_list("pk", flat=True).first(),
    )


def _with_list_fields(few: SurveyResponses) -> QuerySet[SurveyResponse, tuple[Any, ...]]:
    """Fetch what a list shows of a few measurements, and nothing else: what `_as_row` reads.

    They are found first and then joined: to sort, the database would join all there are.
    """
    ticked = (
        ResponseTopic.objects.filter(response=OuterRef("pk"))
        .order_by("topic__position", "topic")
        .values(f"topic__{label_field()}")
    )
    return SurveyResponse.objects.filter(pk__in=few.values("pk")).values_list(
        "pk",
        "score",
        "submitted_at",
        "reason",
        "query_id",
        "query__subject",
        "invitation__closing__predicted_score",
        "invitation__closing__agent__name",
        "invitation__closing__agent__email",
        ArraySubquery(ticked),
        exclusion_reason(),
        "followup",
        "followup__state",
        "followup__lapsed_at",
    )


def _as_row(values: tuple[Any, ...]) -> Measurement:
    """Return a measurement that was fetched as shown."""
    pk, score, submitted_at, reason, query_id, subject, predicted, name, email, *further = values
    topics, excluded, task, state, lapsed_at = further
    return Measurement(
        pk=pk,
        score=score,
        predicted=predicted,
        band=band(score),
        submitted_at=submitted_at,
        reason=reason,
        query_id=query_id,
        query=str(CustomerQuery(subject=subject)) if query_id else "",
        topics=tuple(topics),
        agent=name or email or "",
        excluded=excluded or "",
        followup_id=task if lapsed_at is None else None,
        followup=str(FollowUpState(state).label) if task else "",
    )


def _submitted(*, seller: int, start: datetime, end: datetime) -> SurveyResponses:
    """Return all measurements of a shop that were submitted from a moment on and before another."""
    mine = SurveyResponse.objects.for_shops().filter(seller=seller)
    return mine.filter(submitted_at__gte=start, submitted_at__lt=end)


def _latest(**among: Any) -> QuerySet[SurveyResponse, tuple[Any, ...]]:
    """Return the latest that count, one more than a page shows."""
    keys = Sort.LATEST.keys
    few = _submitted(**among).counting().order_by(*keys)[: LATEST_ROWS + 1]
    return _with_list_fields(few).order_by(*keys)


SUBMITTED: Final = {"seller": int, "start": datetime, "end": datetime}
COUNTED: Final = ValuesOnce(SUBMITTED, lambda **among: _submitted(**among).count_scores())
# One for the labels of each language.
LATEST: Final = defaultdict[str, ValuesOnce](lambda: ValuesOnce(SUBMITTED, _latest))
