"""What a customer does with the link."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from queries.enums import ActorType
from surveys import answers
from surveys.enums import InvitationState
from surveys.models import Invitation, SurveyOptOut, SurveyResponse, Topic
from tests.conftest import NOON, Market

ANSWERING = NOON + timedelta(days=2)


@pytest.fixture
def invitation(market: Market) -> Invitation:
    """An invitation that was sent a day ago."""
    return market.invitation()


def submit(invitation: Invitation, **changes: Any) -> SurveyResponse:
    """Answer 8 and nothing else, unless told otherwise."""
    fields: dict[str, Any] = {
        "score": 8,
        "reason": "",
        "topics": [],
        "may_contact": None,
        "opened_at": None,
        "now": ANSWERING,
    }
    return answers.submit(invitation, **fields | changes)


def test_submit_stores_the_whole_answer(invitation: Invitation) -> None:
    topics = list(Topic.objects.filter(slug__in=["speed", "clarity"]))
    opened_at = ANSWERING - timedelta(minutes=1)

    submit(
        invitation,
        score=3,
        reason="It never came.",
        topics=topics,
        may_contact=True,
        opened_at=opened_at,
    )

    response = SurveyResponse.objects.get()
    assert (response.invitation, response.seller, response.query) == (
        invitation,
        invitation.seller,
        invitation.query,
    )
    assert (response.score, response.reason, response.may_contact) == (3, "It never came.", True)
    assert (response.submitted_at, response.month) == (ANSWERING, date(2026, 3, 1))
    assert response.closed_by == ActorType.SELLER
    assert set(response.topics.all()) == set(topics)
    invitation.refresh_from_db()
    assert invitation.state == InvitationState.ANSWERED
    assert (invitation.opened_at, invitation.answered_at) == (opened_at, ANSWERING)


@pytest.mark.parametrize(
    ("moment", "month"),
    [
        pytest.param(
            datetime(2026, 1, 31, 22, 59, 59, tzinfo=UTC), date(2026, 1, 1), id="winter, before"
        ),
        pytest.param(datetime(2026, 1, 31, 23, tzinfo=UTC), date(2026, 2, 1), id="winter, at 0:00"),
        pytest.param(
            datetime(2026, 1, 31, 23, 30, tzinfo=UTC), date(2026, 2, 1), id="winter, 23:30 UTC"
        ),
        pytest.param(
            datetime(2026, 3, 31, 21, 59, 59, tzinfo=UTC), date(2026, 3, 1), id="summer, before"
        ),
        pytest.param(datetime(2026, 3, 31, 22, tzinfo=UTC), date(2026, 4, 1), id="summer, at 0:00"),
        pytest.param(
            datetime(2026, 3, 31, 23, 30, tzinfo=UTC), date(2026, 4, 1), id="summer, 23:30 UTC"
        ),
        pytest.param(
            datetime(2026, 10, 31, 22, 30, tzinfo=UTC), date(2026, 10, 1), id="just back in winter"
        ),
    ],
)
def test_submit_counts_in_the_month_of_the_marketplace(
    market: Market, moment: datetime, month: date
) -> None:
    response = market.response(9, submitted_at=moment)

    response.refresh_from_db()
    assert response.month == month
    assert SurveyResponse.objects.for_seller(market.shop).answers_by_month() == {
        month: {((), 9): 1}
    }


def test_submit_twice_is_refused_and_the_first_stands(invitation: Invitation) -> None:
    submit(invitation, score=3)

    with pytest.raises(answers.AlreadyAnswered):
        submit(invitation, score=10)

    assert SurveyResponse.objects.get().score == 3


def test_submit_after_the_window_is_refused(invitation: Invitation) -> None:
    assert invitation.expires_at is not None

    with pytest.raises(answers.AnswerTooLate):
        submit(invitation, now=invitation.expires_at)

    assert not SurveyResponse.objects.exists()


def test_submit_in_the_last_second_is_in_time(invitation: Invitation) -> None:
    assert invitation.expires_at is not None

    submit(invitation, now=invitation.expires_at - timedelta(seconds=1))

    assert SurveyResponse.objects.exists()


def test_submit_with_an_old_view_of_the_invitation_sees_the_present(
    invitation: Invitation,
) -> None:
    as_another_tab_saw_it = Invitation.objects.get(pk=invitation.pk)
    submit(invitation)

    with pytest.raises(answers.AlreadyAnswered):
        submit(as_another_tab_saw_it)


def test_submit_before_the_worker_noted_that_the_mail_left(invitation: Invitation) -> None:
    Invitation.objects.update(
        state=InvitationState.SENDING, next_try_at=ANSWERING, sent_at=None, expires_at=None
    )

    submit(invitation)

    invitation.refresh_from_db()
    assert invitation.state == InvitationState.ANSWERED
    assert (invitation.sent_at, invitation.expires_at) == (ANSWERING, ANSWERING)


def test_opt_out_and_undo_are_the_same_once_and_twice(invitation: Invitation) -> None:
    answers.opt_out(invitation, now=ANSWERING)
    answers.opt_out(invitation, now=ANSWERING + timedelta(days=1))

    opted_out = SurveyOptOut.objects.get()
    assert (opted_out.customer, opted_out.opted_out_at) == (invitation.customer, ANSWERING)

    answers.undo_opt_out(invitation)
    answers.undo_opt_out(invitation)

    assert not SurveyOptOut.objects.exists()
