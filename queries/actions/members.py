"""A member of a team leaves or may not answer any more, and open work goes to others."""

from datetime import datetime

from django.db import transaction

from queries.actions.desk import CannotAnswer
from queries.enums import QueryEvent
from queries.models import CustomerQueries, CustomerQuery
from sellers.actions import change_role, end_membership
from sellers.enums import RIGHTS, Right, Role
from sellers.events import Actor, event, record_all
from sellers.models import Membership


@transaction.atomic
def remove_member(
    membership: Membership, *, hand_to: Membership | None, by: Actor, now: datetime
) -> int:
    """End a membership and hand over what it had in hand; return how many queries.

    Without `hand_to` they are nobody's, for whoever picks them up. Raises what `end_membership`
    raises, or CannotAnswer.
    """
    end_membership(membership, by=by, now=now)
    return _hand_over_work(membership, to=hand_to, by=by, now=now)


@transaction.atomic
def change_member_role(
    membership: Membership,
    *,
    role: Role,
    hand_to: Membership | None,
    by: Actor,
    now: datetime,
) -> int:
    """Give a member another role; what they may not answer any more is handed over as above.

    Raises what `change_role` raises, or CannotAnswer.
    """
    change_role(membership, role=role, by=by, now=now)
    if Right.ANSWER in RIGHTS[role]:
        return 0
    return _hand_over_work(membership, to=hand_to, by=by, now=now)


def work_in_hand(membership: Membership) -> CustomerQueries:
    """Return the open queries that are a member's to answer."""
    of_shop = CustomerQuery.objects.for_seller(membership.seller).open()
    return of_shop.filter(assignee=membership.user_id)


def _hand_over_work(
    membership: Membership, *, to: Membership | None, by: Actor, now: datetime
) -> int:
    if to and not Membership.objects.for_seller(membership.seller).answering().filter(pk=to.pk):
        raise CannotAnswer
    work = list(work_in_hand(membership).order_by("pk").select_for_update(no_key=True))
    pks = [query.pk for query in work]
    CustomerQuery.objects.filter(pk__in=pks).update(assignee=to.user_id if to else None)
    record_all(
        event(
            QueryEvent.ASSIGNED,
            query,
            seller_id=query.seller_id,
            by=by,
            now=now,
            assignee=to.user_id if to else None,
            was=membership.user_id,
        )
        for query in work
    )
    return len(work)
