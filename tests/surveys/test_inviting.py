"""The invitation's mail: when it leaves, when it does not any more, and until when it is answered.

How mail leaves at all is tested in tests/sellers/test_sending.py.
"""

from collections import Counter
from datetime import datetime, timedelta

import pytest

from queries import actions
from queries.enums import ActorType
from queries.models import Customer
from sellers.enums import MailState
from sellers.events import Actor
from sellers.mailings import CLAIM_LASTS, claim, settle
from sellers.refusals import DeliveryOutcome
from sellers.sending import send_due
from sellers.tokens import token_for
from surveys import answers
from surveys.deciding import decide_due
from surveys.enums import InvitationState, SuppressionReason
from surveys.inviting import expire_due
from surveys.models import Invitation, SurveyOptOut, SurveyResponse
from tests.conftest import NOON, RULES, Market
from tests.mail_server import MailServer

DUE = NOON + RULES.delay
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@pytest.fixture
def decided(market: Market) -> Invitation:
    """An invitation that waits to be sent."""
    closing = market.closing()
    decide_due(now=DUE, rules=RULES)
    return Invitation.objects.get(closing=closing)


def send(*, now: datetime) -> Counter[str]:
    """Send what is due."""
    return send_due(clock=lambda: now)


def test_invitation_is_sent_and_opens_the_answer_window(
    decided: Invitation, mail_server: MailServer
) -> None:
    assert send(now=DUE) == {"sent": 1}

    decided.refresh_from_db()
    assert (decided.state, decided.sent_at) == (InvitationState.SENT, DUE)
    assert decided.expires_at == DUE + 14 * DAY
    (message,) = mail_server.received
    assert message["To"] == decided.customer.email
    assert token_for(decided.token_salt) in message.get_body(("plain",)).get_content()


def test_invitation_is_sent_once(decided: Invitation, mail_server: MailServer) -> None:
    assert [send(now=DUE), send(now=DUE)] == [{"sent": 1}, {}]

    assert len(mail_server.received) == 1


def test_nothing_is_sent_for_what_was_suppressed(market: Market, mail_server: MailServer) -> None:
    market.closing(closed_by=ActorType.SYSTEM)
    decide_due(now=DUE, rules=RULES)

    assert send(now=DUE) == {}
    assert not mail_server.received


def test_invitation_that_bounced_is_not_sent_again(
    decided: Invitation, mail_server: MailServer
) -> None:
    mail_server.replies = ["550 no such user here"]

    assert send(now=DUE) == {"bounced": 1}

    decided.refresh_from_db()
    assert (decided.state, decided.bounced_at) == (InvitationState.BOUNCED, DUE)
    assert decided.sent_at is None
    assert send(now=DUE + 30 * DAY) == {}


def test_invitation_is_tried_again_with_the_same_link(
    decided: Invitation, mail_server: MailServer
) -> None:
    mail_server.replies = ["451 try again later"]

    first = send(now=DUE)
    too_soon = send(now=DUE + MINUTE - SECOND)
    second = send(now=DUE + MINUTE)

    assert (first, too_soon, second) == ({"decided": 1}, {}, {"sent": 1})
    (message,) = mail_server.received
    assert token_for(decided.token_salt) in message.get_body(("plain",)).get_content()
    decided.refresh_from_db()
    assert (decided.tries, decided.sent_at) == (1, DUE + MINUTE)


def test_invitation_that_has_become_too_late_is_given_up(
    decided: Invitation, mail_server: MailServer
) -> None:
    assert send(now=DUE + 7 * DAY + SECOND) == {"suppressed": 1}

    decided.refresh_from_db()
    assert (decided.state, decided.reason) == (InvitationState.SUPPRESSED, SuppressionReason.STALE)
    assert not mail_server.received


@pytest.mark.parametrize(
    ("reason", "email"),
    [
        pytest.param(SuppressionReason.OPTED_OUT, "klaas@klant.example", id="opted out"),
        pytest.param(SuppressionReason.NO_ADDRESS, "", id="e-mail gone"),
    ],
)
def test_invitation_sees_what_came_after_the_decision(
    decided: Invitation, mail_server: MailServer, reason: SuppressionReason, email: str
) -> None:
    Customer.objects.update(email=email)
    if reason == SuppressionReason.OPTED_OUT:
        SurveyOptOut.objects.create(customer=decided.customer, opted_out_at=DUE)

    assert send(now=DUE) == {"suppressed": 1}

    decided.refresh_from_db()
    assert (decided.state, decided.reason) == (InvitationState.SUPPRESSED, reason)
    assert not mail_server.received


def test_invitation_leaves_a_query_that_is_open_again(
    decided: Invitation, mail_server: MailServer
) -> None:
    actions.reopen(decided.query, by=Actor.SYSTEM, now=DUE)

    assert send(now=DUE) == {"suppressed": 1}

    decided.refresh_from_db()
    assert (decided.state, decided.reason) == (
        InvitationState.SUPPRESSED,
        SuppressionReason.REOPENED,
    )
    assert not mail_server.received


@pytest.mark.parametrize(
    "email",
    ["two@example.org, three@example.org", "me@example.org\nBcc: you@example.org"],
    ids=["two", "a header of its own"],
)
def test_sending_is_not_stopped_by_an_email_that_is_none(
    decided: Invitation, market: Market, mail_server: MailServer, email: str
) -> None:
    Customer.objects.update(email=email)
    market.closing()
    decide_due(now=DUE, rules=RULES)

    assert send(now=DUE) == {"suppressed": 1, "sent": 1}

    decided.refresh_from_db()
    assert (decided.state, decided.reason) == (
        InvitationState.SUPPRESSED,
        SuppressionReason.NO_ADDRESS,
    )
    assert len(mail_server.received) == 1


def test_claimed_invitation_ends_even_when_its_worker_dies(decided: Invitation) -> None:
    claim(now=DUE)

    decided.refresh_from_db()
    assert decided.is_expired(now=DUE + 14 * DAY)


def test_answer_that_came_before_the_worker_noted_the_mail_stays(decided: Invitation) -> None:
    claimed = claim(now=DUE)
    assert claimed == decided
    _answer(decided, now=DUE)

    settle(claimed, DeliveryOutcome.TAKEN, now=DUE)

    decided.refresh_from_db()
    assert (decided.state, decided.answered_at) == (InvitationState.ANSWERED, DUE)


def test_answer_is_taken_when_a_worker_died_and_the_others_found_it_too_late(
    decided: Invitation, mail_server: MailServer
) -> None:
    claim(now=DUE)
    late = DUE + 7 * DAY + SECOND
    assert late > DUE + CLAIM_LASTS
    send(now=late)
    decided.refresh_from_db()
    assert decided.state == InvitationState.SUPPRESSED

    _answer(decided, now=late)

    decided.refresh_from_db()
    assert (decided.state, decided.reason) == (InvitationState.ANSWERED, "")


def test_invitation_knows_every_state_of_a_mail() -> None:
    assert set(MailState.values) <= set(InvitationState.values)


# Expiring


def test_expire_due_notes_the_end_of_the_answer_window_once(market: Market) -> None:
    invitation = market.invitation()
    assert invitation.expires_at is not None

    before = expire_due(now=invitation.expires_at - SECOND)
    at = expire_due(now=invitation.expires_at)
    after = expire_due(now=invitation.expires_at)

    assert (before, at, after) == (0, 1, 0)
    invitation.refresh_from_db()
    assert invitation.state == InvitationState.EXPIRED


def test_expire_due_leaves_what_was_answered(market: Market) -> None:
    invitation = market.response(9).invitation

    assert expire_due(now=NOON + 60 * DAY) == 0
    invitation.refresh_from_db()
    assert invitation.state == InvitationState.ANSWERED


def _answer(invitation: Invitation, *, now: datetime) -> SurveyResponse:
    """Let the customer answer."""
    return answers.submit(
        invitation.token_digest,
        score=8,
        reason="",
        topics=[],
        may_contact=None,
        opened_at=None,
        by=Actor.CUSTOMER,
        now=now,
    )
