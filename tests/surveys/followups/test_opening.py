"""Which measurements open a task, whose it is, and until when it is due."""

from datetime import timedelta

import pytest
from django.db import connection

from queries.enums import ActorType
from sellers.enums import Role
from sellers.events import Actor
from sellers.models import Membership, Seller, User
from surveys.enums import FollowUpState, InvitationState
from surveys.exclusions import exclude
from surveys.followup_rules import due_at
from surveys.models import FollowUp, Invitation, Playbook, SurveyResponse
from tests.conftest import NOON, Market, refused_by
from tests.measurements import imported


@pytest.mark.parametrize("score", range(7))
def test_low_score_opens_one_task_with_its_playbook(market: Market, score: int) -> None:
    response = market.response(score)

    followup = FollowUp.objects.get()
    assert followup.response == response
    assert followup.seller == market.shop
    assert followup.state == FollowUpState.TO_DO
    assert followup.opened_at == response.submitted_at
    assert followup.due_at == due_at(score, submitted_at=response.submitted_at)
    assert (followup.playbook.score, followup.playbook.version) == (score, 1)


@pytest.mark.parametrize("score", [7, 8, 9, 10])
def test_other_scores_open_none(market: Market, score: int) -> None:
    market.response(score)

    assert not FollowUp.objects.exists()


def test_what_staff_closed_opens_none(market: Market) -> None:
    market.response(0, closed_by=ActorType.MARKETPLACE)

    assert not FollowUp.objects.exists()


def test_imported_history_opens_none(fietsenzo: Seller) -> None:
    imported(fietsenzo, 0, 3, 6, submitted_at=NOON)

    assert not FollowUp.objects.exists()


def test_task_keeps_the_version_that_held_when_it_opened(market: Market) -> None:
    before = market.response(4).followup
    Playbook.objects.create(score=4, version=2, intro_nl="Nieuw", intro_en="New", published_at=NOON)
    after = market.response(4).followup

    before.refresh_from_db()
    assert (before.playbook.version, after.playbook.version) == (1, 2)


def test_who_closed_follows_up_on_three_to_six(market: Market, bob: User) -> None:
    assert [market.response(score).followup.assignee for score in (3, 4, 5, 6)] == [bob] * 4


def test_owner_follows_up_on_the_worst_scores(market: Market, alice: User) -> None:
    assert [market.response(score).followup.assignee for score in (0, 1, 2)] == [alice] * 3


def test_whom_the_owner_appointed_gets_the_worst_scores(market: Market) -> None:
    eva = User.objects.create_user("eva@fietsenzo.example", name="Eva")
    Membership.objects.create(user=eva, seller=market.shop, role=Role.AGENT)
    Seller.objects.filter(pk=market.shop.pk).update(worst_scores_to=eva)

    assert market.response(1).followup.assignee == eva
    assert market.response(3).followup.assignee == market.agent


def test_who_was_scored_does_not_handle_the_worst_while_a_colleague_can(
    market: Market, alice: User, bob: User
) -> None:
    Seller.objects.filter(pk=market.shop.pk).update(worst_scores_to=bob)

    assert market.response(0).followup.assignee == alice  # Bob closed

    owners = Market(market.shop, alice)
    Seller.objects.filter(pk=market.shop.pk).update(worst_scores_to=None)
    assert owners.response(0).followup.assignee == bob  # the owner was scored herself


def test_who_is_alone_handles_their_own(other_market: Market, dirk: User) -> None:
    assert other_market.response(0).followup.assignee == dirk


@pytest.mark.parametrize("gone", ["removed", "not active", "analyst"])
def test_who_may_not_answer_any_more_gets_none(
    market: Market, alice: User, bob: User, cora: User, gone: str
) -> None:
    invitation = market.invitation()
    theirs = Membership.objects.filter(user=bob)
    match gone:
        case "removed":
            theirs.update(ended_at=NOON)
        case "not active":
            User.objects.filter(pk=bob.pk).update(is_active=False)
        case "analyst":
            theirs.update(role=Role.ANALYST)

    assert market.answer(invitation, 5).followup.assignee == alice


def test_task_is_there_or_the_measurement_is_not(market: Market) -> None:
    with refused_by("response_low_score_has_followup"):
        low_without_task(market)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def low_without_task(market: Market) -> SurveyResponse:
    """Store what cannot stay so until the end of the transaction."""
    invitation = market.invitation()
    answered_at = NOON + timedelta(days=2)
    row = Invitation.objects.filter(pk=invitation.pk)
    row.update(state=InvitationState.ANSWERED, answered_at=answered_at)
    return SurveyResponse.objects.create(
        invitation=invitation,
        seller=market.shop,
        query=invitation.query,
        closed_by=ActorType.SELLER,
        score=6,
        submitted_at=answered_at,
        month=NOON.date().replace(day=1),
    )


def test_no_task_is_of_another_measurement_shop_or_playbook(
    market: Market, other_shop: Seller
) -> None:
    low, high = market.response(2), market.response(9)
    foreign = imported(market.shop, 2, submitted_at=NOON)[0]
    marketplace_s = market.response(2, closed_by=ActorType.MARKETPLACE)
    fields = {
        "state": FollowUpState.TO_DO,
        "opened_at": NOON,
        "due_at": NOON + timedelta(hours=1),
        "seller": market.shop,
        "playbook": low.followup.playbook,
    }

    for response in (high, foreign, marketplace_s):
        with refused_by("followup_of_a_low_score"):
            FollowUp.objects.create(response=response, **fields)
    its_own = {"playbook": market.response(6).followup.playbook}
    for other in ({"seller": other_shop}, {"playbook": low.followup.playbook}):
        with refused_by("followup_of_a_low_score"):
            FollowUp.objects.create(response=low_without_task(market), **fields | its_own | other)
    with refused_by("followup_due_later"):
        FollowUp.objects.create(response=low, **fields | {"due_at": NOON})


def test_exclusion_of_a_high_score_changes_no_task(market: Market, by_staff: Actor) -> None:
    low, high = market.response(2), market.response(9)

    exclude(high, reason="Storm", by=by_staff, now=NOON)

    assert FollowUp.objects.counting().get() == low.followup
