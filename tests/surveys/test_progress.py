"""What the seller reads about the survey of a query: "why no survey?" answered."""

from datetime import timedelta

import pytest

from queries import actions
from surveys.enums import InvitationState, SuppressionReason
from surveys.invitations import decide_due
from surveys.models import Invitation
from surveys.progress import Step, survey_steps
from tests.conftest import NOON, RULES, Market

DUE = NOON + RULES.delay
MINUTE = timedelta(minutes=1)
CLOSED = Step("Closed", NOON)
DECIDED = Step("Survey decided", DUE)


def test_steps_before_the_decision(market: Market) -> None:
    steps = survey_steps(market.closing(), delay=RULES.delay)

    detail = "Then it is decided whether the customer gets a survey."
    assert steps == [CLOSED, Step("Survey to be decided", DUE, detail, done=False)]


def test_steps_of_a_closing_that_stands_no_more(market: Market) -> None:
    closing = market.closing()
    actions.reopen(closing.query, now=NOON + MINUTE)
    closing.refresh_from_db()

    steps = survey_steps(closing, delay=RULES.delay)

    assert steps[1].detail == "The query was reopened, so this closing gets no survey."


@pytest.mark.parametrize("reason", SuppressionReason)
def test_steps_tell_every_reason_for_no_survey(market: Market, reason: SuppressionReason) -> None:
    closing = market.closing()
    decide_due(now=DUE, rules=RULES)
    Invitation.objects.update(state=InvitationState.SUPPRESSED, reason=reason)
    closing.refresh_from_db()

    steps = survey_steps(closing, delay=RULES.delay)

    label = str(reason.label)
    assert steps == [CLOSED, Step("No survey", DUE, f"{label[0].upper()}{label[1:]}.")]


def test_steps_while_the_mail_waits(market: Market) -> None:
    closing = market.closing()
    decide_due(now=DUE, rules=RULES)
    closing.refresh_from_db()

    steps = survey_steps(closing, delay=RULES.delay)

    assert steps == [CLOSED, DECIDED, Step("To be sent", DUE, done=False)]


def test_steps_while_the_customer_may_answer(market: Market) -> None:
    closing = market.invitation().closing
    closing.refresh_from_db()

    steps = survey_steps(closing, delay=RULES.delay)

    detail = "The customer can answer until this moment."
    until = DUE + RULES.answer_window
    assert steps == [
        CLOSED,
        DECIDED,
        Step("Sent", DUE),
        Step("Waiting for the answer", until, detail, done=False),
    ]


def test_steps_after_the_answer(market: Market) -> None:
    response = market.response(9, submitted_at=NOON + timedelta(days=2))
    closing = response.invitation.closing
    closing.refresh_from_db()

    steps = survey_steps(closing, delay=RULES.delay)

    assert steps[2:] == [Step("Sent", DUE), Step("Answered", response.submitted_at)]


def test_steps_after_the_answer_window(market: Market) -> None:
    invitation = market.invitation()
    Invitation.objects.update(state=InvitationState.EXPIRED)
    closing = type(invitation.closing).objects.get()

    steps = survey_steps(closing, delay=RULES.delay)

    assert steps[-1] == Step(
        "Not answered", DUE + RULES.answer_window, "The answer window is over."
    )


def test_steps_after_a_bounce(market: Market) -> None:
    invitation = market.invitation()
    Invitation.objects.update(state=InvitationState.BOUNCED, bounced_at=DUE)
    closing = type(invitation.closing).objects.get()

    steps = survey_steps(closing, delay=RULES.delay)

    refused = Step("Not delivered", DUE, "The customer's mail server refused the mail.")
    assert steps == [CLOSED, DECIDED, refused]
