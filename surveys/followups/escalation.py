"""What happens to tasks by the clock: overdue ones are told, those of who left go to others."""

from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef

from sellers.events import Actor, event, record_all
from sellers.models import Membership, User
from surveys.enums import FollowUpEvent
from surveys.followups import working
from surveys.followups.opening import whose
from surveys.models import FollowUp, FollowUps

BATCH: Final = 500


def escalate_overdue(*, now: datetime) -> int:
    """Note once of each task that its customer was not contacted in time; return how many.

    The event goes to the owners; what somebody works on at this moment is left for the next time.
    """
    told = 0
    while batch := _escalate(now=now):
        told += batch
    return told


@transaction.atomic
def _escalate(*, now: datetime) -> int:
    late = FollowUp.objects.late(now=now).filter(escalated_at=None).order_by("due_at", "pk")
    batch = list(late.select_for_update(skip_locked=True, no_key=True)[:BATCH])
    FollowUp.objects.filter(pk__in=[each.pk for each in batch]).update(escalated_at=now)
    record_all(
        event(
            FollowUpEvent.OVERDUE,
            each,
            seller_id=each.seller_id,
            by=Actor.SYSTEM,
            now=now,
            assignee=each.assignee_id,
        )
        for each in batch
    )
    return len(batch)


def hand_on_left(*, now: datetime) -> int:
    """Give open tasks of who may not answer any more to whose they would be now; return how many.

    What their customers write back goes along.
    """
    left = _left().select_related(
        "seller", "assignee", "response__query", "response__invitation__closing"
    )
    return sum(_hand_on(each, now=now) for each in left.order_by("pk")[:BATCH])


def _hand_on(followup: FollowUp, *, now: datetime) -> bool:
    response = followup.response
    agent_id = response.invitation.closing.agent_id if response.invitation else None
    pk = whose(response, agent_id=agent_id)
    assignee = User.objects.get(pk=pk) if pk else None
    try:
        working.assign(followup, assignee=assignee, by=Actor.SYSTEM, now=now)
    except (working.Lapsed, working.IsFinished, working.AlreadyAssigned, working.CannotAnswer):
        return False  # it changed meanwhile; the next time looks again
    return True


def _left() -> FollowUps:
    """Return the open tasks of who is not in the team any more, or may not answer."""
    answering = Membership.objects.answering().filter(
        seller=OuterRef("seller"), user=OuterRef("assignee")
    )
    return FollowUp.objects.open().exclude(assignee=None).filter(~Exists(answering))
