"""What the seller reads about the survey of a query: "why no survey?" answered."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from queries import actions
from queries.models import Closing
from surveys.deciding import decide_due
from surveys.enums import InvitationState, SuppressionReason
from surveys.models import Invitation
from surveys.progress import (
    KEPT_FROM_SELLERS,
    NOT_NOW,
    Step,
    reason_codes,
    reason_for_seller,
    survey_steps,
)
from tests.conftest import NOON, RULES, Market
from tests.guards import switch_guards

DUE = NOON + RULES.delay
MINUTE = timedelta(minutes=1)
CLOSED = Step("Closed", NOON)
DECIDED = Step("Survey decided", DUE)


def test_steps_before_the_decision(market: Market) -> None:
    steps = survey_steps(market.closing(), delay=RULES.delay)

    detail = "Then it is decided whether the customer gets a survey."
    assert steps == [CLOSED, Step("Survey to be decided", DUE, detail, done=False)]


def test_steps_of_a_closing_that_was_undone(market: Market) -> None:
    closing = market.closing()
    actions.reopen(closing.query, by=market.actor, now=NOON + MINUTE)
    closing.refresh_from_db()

    steps = survey_steps(closing, delay=RULES.delay)

    assert steps[1].detail == "The query was reopened, so this closing gets no survey."


@pytest.fixture
def steps_after(market: Market) -> Callable[[SuppressionReason], list[Step]]:
    """Return a way to read the steps of a closing without a survey, for one reason or another."""
    closing = market.closing()
    decide_due(now=DUE, rules=RULES)

    def suppressed(reason: SuppressionReason) -> list[Step]:
        Invitation.objects.update(state=InvitationState.SUPPRESSED, reason=reason)
        return survey_steps(Closing.objects.get(pk=closing.pk), delay=RULES.delay)

    return suppressed


@pytest.mark.parametrize("reason", sorted(set(SuppressionReason) - set(KEPT_FROM_SELLERS)))
def test_steps_give_the_reason_for_no_survey(
    steps_after: Callable[[SuppressionReason], list[Step]], reason: SuppressionReason
) -> None:
    label = str(reason.label)

    assert reason_for_seller(reason) == label
    assert steps_after(reason) == [
        CLOSED,
        Step("No survey", DUE, f"{label[0].upper()}{label[1:]}."),
    ]


@pytest.mark.usefixtures("owner_db")
def test_steps_do_not_reveal_who_opted_out(
    steps_after: Callable[[SuppressionReason], list[Step]],
) -> None:
    switch_guards(on=False)  # of one closing the reason never changes
    opted_out = steps_after(SuppressionReason.OPTED_OUT)

    assert opted_out == steps_after(SuppressionReason.CUSTOMER_COOLDOWN)
    assert opted_out[1].detail.startswith("The customer is not surveyed now:")
    assert {reason_for_seller(each) for each in KEPT_FROM_SELLERS} == {
        "customer is not surveyed now"
    }


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


def test_steps_say_that_a_survey_stands_when_the_query_is_reopened_later(market: Market) -> None:
    closing = market.invitation().closing
    actions.reopen(closing.query, by=market.actor, now=DUE + MINUTE)
    closing.refresh_from_db()

    sent = survey_steps(closing, delay=RULES.delay)[2]

    stands = "The query was reopened afterwards; this survey stands, and its answer counts."
    assert sent == Step("Sent", DUE, stands)


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


@pytest.mark.parametrize("reason", SuppressionReason)
def test_reason_has_a_code_as_far_as_a_seller_may_know_it(reason: SuppressionReason) -> None:
    code = reason_codes()[reason_for_seller(reason)]

    assert code == (NOT_NOW if reason in KEPT_FROM_SELLERS else reason)
