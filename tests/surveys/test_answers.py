"""What a customer does with the link."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from queries.enums import ActorType
from sellers.enums import ActorKind
from sellers.events import Actor
from sellers.mailings import claim
from sellers.models import Event, Installation
from surveys import answers
from surveys.deciding import decide_due
from surveys.enums import InvitationState, SurveyEvent
from surveys.models import Invitation, SurveyOptOut, SurveyResponse, Topic
from tests.conftest import NOON, RULES, Market, at_once

ANSWERING = NOON + timedelta(days=2)


@pytest.fixture
def invitation(market: Market) -> Invitation:
    """An invitation that was sent a day ago."""
    return market.invitation()


def submit(invitation: Invitation, **changes: Any) -> SurveyResponse:
    """Answer 8 and nothing else, unless given otherwise."""
    fields: dict[str, Any] = {
        "score": 8,
        "reason": "",
        "topics": [],
        "may_contact": None,
        "opened_at": None,
        "by": Actor.CUSTOMER,
        "now": ANSWERING,
    }
    return answers.submit(invitation.token_digest, **fields | changes)


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


def test_submit_twice_is_refused_and_the_first_is_final(invitation: Invitation) -> None:
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


def test_submit_before_the_worker_noted_that_the_mail_left(market: Market) -> None:
    market.closing()
    decide_due(now=NOON + RULES.delay, rules=RULES)
    invitation = claim(now=NOON + RULES.delay)
    assert isinstance(invitation, Invitation)

    submit(invitation)

    invitation.refresh_from_db()
    assert invitation.state == InvitationState.ANSWERED
    assert (invitation.sent_at, invitation.answered_at) == (ANSWERING, ANSWERING)


def test_submit_to_what_was_never_sent_is_too_late(market: Market) -> None:
    closing = market.closing()
    decide_due(now=NOON + RULES.delay, rules=RULES)

    with pytest.raises(answers.AnswerTooLate):
        submit(Invitation.objects.get(closing=closing))


def test_opt_out_and_undo_are_the_same_once_and_twice(invitation: Invitation) -> None:
    answers.opt_out(invitation.customer, by=Actor.CUSTOMER, now=ANSWERING)
    answers.opt_out(invitation.customer, by=Actor.CUSTOMER, now=ANSWERING + timedelta(days=1))

    opted_out = SurveyOptOut.objects.get()
    assert (opted_out.customer, opted_out.opted_out_at) == (invitation.customer, ANSWERING)

    answers.undo_opt_out(invitation.customer, by=Actor.CUSTOMER, now=ANSWERING)
    answers.undo_opt_out(invitation.customer, by=Actor.CUSTOMER, now=ANSWERING)

    assert not SurveyOptOut.objects.exists()


def test_opt_out_is_undone_on_a_restored_backup(invitation: Invitation) -> None:
    Installation.objects.update(transactions_before=1_000_000)
    answers.opt_out(invitation.customer, by=Actor.CUSTOMER, now=ANSWERING)

    answers.undo_opt_out(invitation.customer, by=Actor.CUSTOMER, now=ANSWERING)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    assert not SurveyOptOut.objects.exists()


# What is written of it


def happened() -> list[tuple[str, str, int]]:
    """Return what was written by customers of surveys: what, of which kind of row, and which."""
    events = Event.objects.filter(actor=ActorKind.CUSTOMER).exclude(kind__startswith="query.")
    return list(events.order_by("pk").values_list("kind", "object_label", "object_pk"))


def test_answer_is_written_once(invitation: Invitation) -> None:
    response = submit(invitation, reason="It never came.")
    with pytest.raises(answers.AlreadyAnswered):
        submit(invitation)

    assert happened() == [("measurement.created", "surveys.SurveyResponse", response.pk)]
    event = Event.objects.get(kind=SurveyEvent.MEASURED)
    assert (event.seller, event.at, event.details) == (invitation.seller, ANSWERING, {})


def test_opt_out_is_written_once_and_for_no_shop(invitation: Invitation) -> None:
    customer = invitation.customer
    for act in (answers.opt_out, answers.undo_opt_out):
        for _ in range(2):
            act(customer, by=Actor.CUSTOMER, now=ANSWERING)

    assert happened() == [
        ("survey.opted_out", "queries.Customer", customer.pk),
        ("survey.opt_out_undone", "queries.Customer", customer.pk),
    ]
    assert not Event.objects.filter(kind__startswith="survey.", seller__isnull=False).exists()


def test_customers_who_opt_out_twice_at_once_do_it_once(
    committed_db: None, invitation: Invitation
) -> None:
    def opt_out() -> None:
        answers.opt_out(invitation.customer, by=Actor.CUSTOMER, now=ANSWERING)

    at_once(*[opt_out] * 4)

    assert happened() == [("survey.opted_out", "queries.Customer", invitation.customer_id)]
