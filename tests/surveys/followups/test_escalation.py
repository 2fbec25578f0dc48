"""What happens to tasks by the clock."""

from datetime import timedelta

import pytest

from sellers.enums import Role
from sellers.events import Actor
from sellers.models import Event, Membership, Seller, User
from surveys.enums import CallOutcome, FollowUpEvent, FollowUpState
from surveys.followups import working
from surveys.followups.escalation import escalate_overdue, hand_on_left
from surveys.models import FollowUp
from tests.conftest import NOON, Market, at_once


def overdue_events() -> list[int]:
    """Return of which tasks it was told that they are overdue."""
    told = Event.objects.filter(kind=FollowUpEvent.OVERDUE).order_by("pk")
    return list(told.values_list("object_pk", flat=True))


def test_overdue_is_told_once_at_its_moment(followup: FollowUp) -> None:
    moment = followup.due_at

    assert escalate_overdue(now=moment - timedelta(seconds=1)) == 0
    assert escalate_overdue(now=moment) == 1
    assert escalate_overdue(now=moment + timedelta(days=1)) == 0

    assert overdue_events() == [followup.pk]
    followup.refresh_from_db()
    assert followup.escalated_at == moment


def test_whoever_was_contacted_is_not_overdue(followup: FollowUp, by_bob: Actor) -> None:
    working.log_call(followup, outcome=CallOutcome.SPOKEN, note="", by=by_bob, now=followup.due_at)

    assert escalate_overdue(now=followup.due_at) == 0


@pytest.mark.usefixtures("committed_db")
def test_two_clocks_at_once_tell_once(market: Market) -> None:
    tasks = [market.response(4).followup for _ in range(5)]
    late = max(task.due_at for task in tasks)

    at_once(*[lambda: escalate_overdue(now=late)] * 3)
    escalate_overdue(now=late)

    assert sorted(overdue_events()) == [task.pk for task in tasks]


def test_tasks_of_who_left_go_to_an_owner(
    market: Market, followup: FollowUp, alice: User, bob: User
) -> None:
    finished = market.response(5).followup
    working.finish(
        finished, state=FollowUpState.RESOLVED, note="Done.", by=Actor.user(bob), now=NOON
    )
    Membership.objects.filter(user=bob).update(ended_at=NOON)

    assert hand_on_left(now=NOON) == 1
    assert hand_on_left(now=NOON) == 0

    followup.refresh_from_db()
    finished.refresh_from_db()
    assert (followup.assignee, finished.assignee) == (alice, bob)


def test_tasks_of_who_is_there_stay(followup: FollowUp, fietsenzo: Seller, bob: User) -> None:
    assert hand_on_left(now=NOON) == 0

    followup.refresh_from_db()
    assert followup.assignee == bob


def test_worst_score_goes_to_nobody_who_was_scored(
    market: Market, alice: User, bob: User, fietsenzo: Seller
) -> None:
    Seller.objects.filter(pk=fietsenzo.pk).update(worst_scores_to=bob)
    scored = Market(fietsenzo, alice).response(0).followup  # Alice closed: it is Bob's
    eva = User.objects.create_user("eva@fietsenzo.example", name="Eva")
    Membership.objects.create(user=eva, seller=fietsenzo, role=Role.AGENT)
    Membership.objects.filter(user=bob).update(ended_at=NOON)

    assert hand_on_left(now=NOON) == 1

    scored.refresh_from_db()
    assert scored.assignee == eva


def test_reaction_goes_along_with_the_task(
    market: Market, followup: FollowUp, by_bob: Actor, alice: User, bob: User
) -> None:
    query = followup.response.query
    assert query
    working.reply(followup, body="Sorry.", by=by_bob, now=NOON)
    Membership.objects.filter(user=bob).update(ended_at=NOON)

    hand_on_left(now=NOON)

    query.refresh_from_db()
    assert query.assignee == alice
