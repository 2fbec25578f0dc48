"""What programs of a shop are told of measurements and of the tasks that low scores open."""

from collections.abc import Iterable, Sequence
from typing import Final

from sellers.api.telling import Telling
from sellers.enums import Scope
from sellers.models import Event, Seller
from surveys.enums import AppreciationEvent, FollowUpEvent, SurveyEvent
from surveys.models import SurveyResponse


def of_its_measurements(seller: Seller, events: Sequence[Event]) -> Iterable[Event]:
    """Leave out measurements that do not count for the shop: it learns nothing of them."""
    label = SurveyResponse._meta.label
    measured = [event.object_pk for event in events if event.object_label == label]
    mine = SurveyResponse.objects.for_seller(seller).filter(pk__in=measured)
    pks = set(mine.values_list("pk", flat=True))
    return [event for event in events if event.object_label != label or event.object_pk in pks]


TELLINGS: Final = (
    Telling(SurveyEvent, Scope.INSIGHTS_READ, of_its_measurements),
    Telling(AppreciationEvent, Scope.INSIGHTS_READ, of_its_measurements),
    Telling(FollowUpEvent, Scope.INSIGHTS_READ),
)
