"""What webhooks tell of measurements and of the tasks that low scores open.

Imported measurements have no event of their own, so nothing is told of history.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from sellers.enums import WebhookKind
from sellers.models import Event
from sellers.webhooks.kinds import News, Source
from surveys.enums import FollowUpEvent, SurveyEvent
from surveys.models import FollowUp, SurveyResponse

TASK: Final = "followup"
TASKS: Final = "/api/v1/follow-ups/{}/"


def measurements(events: Sequence[Event]) -> Iterable[News]:
    """Return the measurements; of those that do not count for their shop it learns nothing."""
    pks = [event.object_pk for event in events]
    counting = SurveyResponse.objects.for_shops().filter(pk__in=pks)
    theirs = set(counting.values_list("pk", flat=True))
    return [News(event, event.object_pk, event.object_pk in theirs) for event in events]


def opened_tasks(events: Sequence[Event]) -> Iterable[News]:
    """Return the tasks that came with a measurement, and those that were opened again."""
    measured = [event.object_pk for event in events if event.kind == SurveyEvent.MEASURED]
    tasks = dict(FollowUp.objects.filter(response__in=measured).values_list("response_id", "pk"))
    for event in events:
        if event.kind != SurveyEvent.MEASURED:
            yield News(event, event.object_pk)
        elif event.object_pk in tasks:
            yield News(event, tasks[event.object_pk])


SOURCES: Final = (
    Source(
        WebhookKind.MEASUREMENT_CREATED,
        frozenset({SurveyEvent.MEASURED}),
        "measurement",
        "/api/v1/measurements/{}/",
        measurements,
    ),
    Source(
        WebhookKind.FOLLOWUP_OPENED,
        frozenset({SurveyEvent.MEASURED, FollowUpEvent.REOPENED, FollowUpEvent.COUNTS_AGAIN}),
        TASK,
        TASKS,
        opened_tasks,
    ),
    Source(WebhookKind.FOLLOWUP_OVERDUE, frozenset({FollowUpEvent.OVERDUE}), TASK, TASKS),
    Source(
        WebhookKind.FOLLOWUP_FINISHED,
        frozenset({FollowUpEvent.RESOLVED, FollowUpEvent.NOT_RECOVERABLE, FollowUpEvent.LAPSED}),
        TASK,
        TASKS,
    ),
)
