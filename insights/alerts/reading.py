"""What happened becomes news: read from the events, each once, behind a cursor that skips none."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Final

from django.db import transaction

from insights.alerts.raising import News, raise_alerts
from insights.enums import AlertWork
from insights.models import AlertCursor
from insights.recipients import Concerned
from queries.enums import QueryEvent
from queries.models import CustomerQuery
from sellers.enums import AlertKind
from sellers.models import Event
from surveys.enums import FollowUpEvent, SurveyEvent
from surveys.models import FollowUp, SurveyResponse

BATCH: Final = 1_000


@transaction.atomic
def read_events(*, now: datetime, limit: int = BATCH) -> int:
    """Tell of the next events; return how many were read, none while somebody else reads."""
    cursors = AlertCursor.objects.select_for_update(skip_locked=True)
    cursor = cursors.filter(work=AlertWork.EVENTS).first()
    if cursor is None:
        return 0
    if events := cursor.read_on(most=limit):
        raise_alerts(news_of(events), now=now)
    return len(events)


def news_of(events: Sequence[Event]) -> list[News]:
    """Return what of these events somebody may want to be told; a statement for each kind."""
    readers: dict[str, Callable[[dict[int, Event]], Iterator[News]]] = {
        SurveyEvent.MEASURED: _low_scores,
        QueryEvent.ASKED: _new_queries,
        FollowUpEvent.OVERDUE: _overdue_tasks,
    }
    news: list[News] = []
    for kind, read in readers.items():
        about = {event.object_pk: event for event in events if event.kind == kind}
        if about:
            news += read(about)
    return sorted(news, key=lambda one: one.happened_at)


def _low_scores(events: dict[int, Event]) -> Iterator[News]:
    """Yield the measurements that count for their shop; whose score is low, each user says."""
    counting = SurveyResponse.objects.for_shops().counting().filter(imported_at=None)
    found = counting.filter(pk__in=events).select_related("seller", "followup")
    for response in found:
        followup = getattr(response, "followup", None)
        yield News(
            kind=AlertKind.LOW_SCORE,
            seller_id=response.seller_id,
            key=key_of(events[response.pk]),
            happened_at=events[response.pk].at,
            concerned=Concerned(
                assignee=followup.assignee_id if followup else None,
                account_contact=response.seller.account_contact_id,
                actor=events[response.pk].user_id,
            ),
            score=response.score,
            response_id=response.pk,
            followup_id=followup.pk if followup else None,
        )


def _new_queries(events: dict[int, Event]) -> Iterator[News]:
    for query in CustomerQuery.objects.with_texts().filter(pk__in=events):
        event = events[query.pk]
        yield News(
            kind=AlertKind.NEW_QUERY,
            seller_id=query.seller_id,
            key=key_of(event),
            happened_at=event.at,
            concerned=Concerned(assignee=query.assignee_id, actor=event.user_id),
            query_id=query.pk,
        )


def _overdue_tasks(events: dict[int, Event]) -> Iterator[News]:
    for followup in FollowUp.objects.counting().filter(pk__in=events):
        event = events[followup.pk]
        yield News(
            kind=AlertKind.TASK_OVERDUE,
            seller_id=followup.seller_id,
            key=key_of(event),
            happened_at=event.at,
            concerned=Concerned(assignee=followup.assignee_id, actor=event.user_id),
            followup_id=followup.pk,
            due_at=followup.due_at,
        )


def key_of(event: Event) -> str:
    """Return what tells the news of an event from all other."""
    return f"event {event.pk}"
