"""The measurements of a shop one by one, and how many there are in each band."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Subquery, TextChoices
from django.utils.translation import gettext_lazy as _

from sellers.keyset import following, page_of, reversed_order
from surveys.enums import Band, FollowUpState
from surveys.models import (
    MeasurementExclusion,
    ResponseTopic,
    SurveyResponse,
    SurveyResponses,
    label_field,
)
from surveys.nps import Tally

ROWS_PER_PAGE: Final = 25


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


def _with_list_fields(few: SurveyResponses) -> SurveyResponses:
    """Fetch what a list shows of a few measurements, and nothing else.

    They are found first and then joined: to sort, the database would join all there are.
    """
    ticked = (
        ResponseTopic.objects.filter(response=OuterRef("pk"))
        .order_by("topic__position", "topic")
        .values(f"topic__{label_field()}")
    )
    exclusions = MeasurementExclusion.objects.filter(response=OuterRef("pk"), lifted_at=None)
    return (
        SurveyResponse.objects.filter(pk__in=few.values("pk"))
        .select_related("query")
        .only("score", "submitted_at", "reason", "query__subject")
        .annotate(
            predicted=F("invitation__closing__predicted_score"),
            agent_name=F("invitation__closing__agent__name"),
            agent_email=F("invitation__closing__agent__email"),
            ticked=ArraySubquery(ticked),
            excluded_because=Subquery(exclusions.values("reason")),
            task=F("followup"),
            task_state=F("followup__state"),
            task_lapsed_at=F("followup__lapsed_at"),
        )
    )


def _as_row(response: Any) -> Measurement:
    """Return a measurement that was fetched as shown."""
    return Measurement(
        pk=response.pk,
        score=response.score,
        predicted=response.predicted,
        band=response.band,
        submitted_at=response.submitted_at,
        reason=response.reason,
        query_id=response.query_id,
        query=str(response.query or ""),
        topics=tuple(response.ticked),
        agent=response.agent_name or response.agent_email or "",
        excluded=response.excluded_because or "",
        followup_id=response.task if response.task_lapsed_at is None else None,
        followup=str(FollowUpState(response.task_state).label) if response.task else "",
    )
