"""Deciding, sending and expiring, on the real database and to a real mail server."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.core import mail
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend

from queries import actions
from queries.enums import ActorType
from queries.models import Closing, Customer
from surveys import answers
from surveys.eligibility import Rules
from surveys.enums import InvitationState, SuppressionReason
from surveys.invitations import (
    CLAIM_LASTS,
    MOST_DOUBLINGS,
    MailServerUnavailable,
    decide_due,
    expire_due,
    send_next,
    survey_rules,
)
from surveys.models import Invitation, SurveyOptOut, SurveyPolicy, SurveyResponse
from surveys.tokens import token_for
from tests.conftest import NOON, RULES, Market, at_once
from tests.surveys.conftest import MailServer

DUE = NOON + RULES.delay
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def outcome(closing: Closing) -> str:
    """Return what was decided about a closing: "send", or why not."""
    invitation = Invitation.objects.get(closing=closing)
    return invitation.reason or "send"


def test_survey_rules_are_those_of_the_latest_policy_that_holds(db: None) -> None:
    SurveyPolicy.objects.create(valid_from=NOON, enabled=False, cooldown=60 * DAY)
    SurveyPolicy.objects.create(valid_from=NOON + DAY, delay=2 * DAY)

    assert survey_rules(now=NOON - SECOND) == RULES
    assert survey_rules(now=NOON) == replace(RULES, enabled=False, cooldown=60 * DAY)
    assert survey_rules(now=NOON + DAY) == replace(RULES, delay=2 * DAY)


def test_survey_delay_of_a_demo_goes_before_the_policy(db: None, settings: LazySettings) -> None:
    settings.SURVEY_DELAY = timedelta(seconds=30)

    assert survey_rules(now=NOON) == replace(RULES, delay=timedelta(seconds=30))


# Deciding


def test_decide_due_leaves_a_closing_of_less_than_24_hours(market: Market) -> None:
    market.closing()

    decided = decide_due(now=DUE - SECOND, rules=RULES)

    assert not decided
    assert not Invitation.objects.exists()


def test_decide_due_decides_each_closing_once(market: Market) -> None:
    closing = market.closing()

    first = decide_due(now=DUE, rules=RULES)
    again = decide_due(now=DUE, rules=RULES)

    assert first == {"send": 1}
    assert not again
    closing.refresh_from_db()
    assert closing.survey_decided_at == DUE
    assert closing.invitation.state == InvitationState.DECIDED
    assert closing.invitation.decided_at == closing.invitation.next_try_at == DUE


def test_decide_due_takes_no_more_than_the_limit_the_oldest_first(market: Market) -> None:
    later = market.closing(closed_at=NOON)
    earlier = market.closing(closed_at=NOON - SECOND)

    decide_due(now=DUE, rules=RULES, limit=1)

    assert outcome(earlier) == "send"
    assert not Invitation.objects.filter(closing=later).exists()


@pytest.mark.parametrize(
    "closed_at",
    [
        pytest.param(datetime(2026, 3, 28, 12, tzinfo=UTC), id="the night that loses an hour"),
        pytest.param(datetime(2026, 10, 24, 12, tzinfo=UTC), id="the night that wins an hour"),
    ],
)
def test_decide_due_counts_24_elapsed_hours_across_a_clock_change(
    market: Market, closed_at: datetime, settings: LazySettings
) -> None:
    market.closing(closed_at=closed_at)
    local = closed_at.astimezone(settings.MARKETPLACE_ZONE)
    a_day_later = closed_at + DAY
    assert local.utcoffset() != a_day_later.astimezone(settings.MARKETPLACE_ZONE).utcoffset()

    assert not decide_due(now=a_day_later - SECOND, rules=RULES)
    assert decide_due(now=a_day_later, rules=RULES) == {"send": 1}


def test_decide_due_tells_that_surveys_are_disabled(market: Market) -> None:
    closing = market.closing()

    decide_due(now=DUE, rules=_rules(enabled=False))

    assert outcome(closing) == SuppressionReason.DISABLED


def test_decide_due_tells_that_the_system_closed(market: Market) -> None:
    closing = market.closing(closed_by=ActorType.SYSTEM)

    decide_due(now=DUE, rules=RULES)

    assert outcome(closing) == SuppressionReason.SYSTEM_CLOSED


def test_decide_due_tells_that_the_query_was_reopened(market: Market) -> None:
    closing = market.closing()
    actions.receive_reaction(closing.query, body="Still nothing.", now=NOON + MINUTE)

    decide_due(now=DUE, rules=RULES)

    assert outcome(closing) == SuppressionReason.REOPENED


def test_decide_due_surveys_the_closing_after_the_reopening(market: Market) -> None:
    closing = market.closing()
    actions.reopen(closing.query, now=NOON + MINUTE)
    again = _close(market, closing, now=NOON + 2 * MINUTE)

    decided = decide_due(now=DUE + 2 * MINUTE, rules=RULES)

    assert decided == {SuppressionReason.REOPENED: 1, "send": 1}
    assert (outcome(closing), outcome(again)) == (SuppressionReason.REOPENED, "send")


@pytest.mark.parametrize(
    ("late", "expected"),
    [
        pytest.param(7 * DAY, "send", id="just in time"),
        pytest.param(7 * DAY + SECOND, SuppressionReason.STALE, id="too late"),
    ],
)
def test_decide_due_tells_that_it_is_too_late(
    market: Market, late: timedelta, expected: str
) -> None:
    closing = market.closing()

    decide_due(now=DUE + late, rules=RULES)

    assert outcome(closing) == expected


def test_decide_due_tells_that_the_query_was_surveyed(market: Market) -> None:
    closing = market.invitation().closing
    later = NOON + 60 * DAY
    actions.reopen(closing.query, now=later)
    again = _close(market, closing, now=later)

    decide_due(now=later + DAY, rules=RULES)

    assert outcome(again) == SuppressionReason.ALREADY_SURVEYED


def test_decide_due_tells_that_there_is_no_address(market: Market) -> None:
    closing = market.closing(market.new_customer(email=""))

    decide_due(now=DUE, rules=RULES)

    assert outcome(closing) == SuppressionReason.NO_ADDRESS


def test_decide_due_tells_that_the_customer_opted_out(market: Market) -> None:
    closing = market.closing()
    SurveyOptOut.objects.create(customer=closing.customer, opted_out_at=NOON)

    decide_due(now=DUE, rules=RULES)

    assert outcome(closing) == SuppressionReason.OPTED_OUT


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        pytest.param(30 * DAY - SECOND, SuppressionReason.CUSTOMER_COOLDOWN, id="day 30"),
        pytest.param(30 * DAY, "send", id="30 days"),
    ],
)
def test_decide_due_lets_a_customer_rest_whichever_shop_it_is(
    market: Market, other_market: Market, after: timedelta, expected: str
) -> None:
    first = market.invitation()
    assert first.sent_at == DUE

    second = other_market.closing(first.customer, closed_at=NOON + after)
    decide_due(now=DUE + after, rules=RULES)

    assert outcome(second) == expected


def test_decide_due_does_not_count_a_survey_that_bounced(
    market: Market, other_market: Market
) -> None:
    first = market.invitation()
    first.state, first.bounced_at = InvitationState.BOUNCED, DUE
    first.save()

    second = other_market.closing(first.customer, closed_at=NOON + DAY)
    decide_due(now=DUE + DAY, rules=RULES)

    assert outcome(second) == "send"


def test_decide_due_drops_what_the_rest_forbids_for_ever(market: Market) -> None:
    first = market.invitation()
    second = market.closing(first.customer, closed_at=NOON + DAY)
    decide_due(now=DUE + DAY, rules=RULES)

    decided = decide_due(now=DUE + 40 * DAY, rules=RULES)

    assert not decided
    assert outcome(second) == SuppressionReason.CUSTOMER_COOLDOWN


@pytest.mark.parametrize("limit", [1, 200], ids=["two batches", "one batch"])
def test_decide_due_sends_one_of_two_surveys_due_in_the_same_second(
    market: Market, other_market: Market, limit: int
) -> None:
    first = market.closing()
    second = other_market.closing(first.customer)
    counts = Counter[str]()

    while decided := decide_due(now=DUE, rules=RULES, limit=limit):
        counts += decided

    assert counts == {"send": 1, SuppressionReason.CUSTOMER_COOLDOWN: 1}
    assert (outcome(first), outcome(second)) == ("send", SuppressionReason.CUSTOMER_COOLDOWN)


@pytest.mark.parametrize("limit", [1, 7])
def test_decide_due_by_four_workers_sends_one_survey_per_customer(
    committed_db: None, market: Market, other_market: Market, limit: int
) -> None:
    customers = [market.new_customer() for _ in range(50)]
    for start in range(0, 50, limit):  # the batches of two workers have the same customers
        batch = customers[start : start + limit]
        for customer in batch:
            market.closing(customer)
        for customer in reversed(batch):
            other_market.closing(customer)

    def decide_all() -> Counter[str]:
        counts = Counter[str]()
        while Closing.objects.undecided().exists():
            counts += decide_due(now=DUE, rules=RULES, limit=limit)
        return counts

    counts = sum(at_once(*[decide_all] * 4), Counter[str]())

    assert counts == {"send": 50, SuppressionReason.CUSTOMER_COOLDOWN: 50}
    to_send = Invitation.objects.filter(state=InvitationState.DECIDED)
    assert {invitation.customer_id for invitation in to_send} == {each.pk for each in customers}


def test_survey_of_what_the_marketplace_closed_does_not_count_for_the_seller(
    market: Market,
) -> None:
    response = market.response(0, closed_by=ActorType.MARKETPLACE)

    assert response.invitation.reason == ""
    assert response.seller == market.shop
    assert not SurveyResponse.objects.for_seller(market.shop).exists()


# Sending


@pytest.fixture
def decided(market: Market) -> Invitation:
    """An invitation that waits to be sent."""
    closing = market.closing()
    decide_due(now=DUE, rules=RULES)
    return Invitation.objects.get(closing=closing)


def test_send_next_sends_and_opens_the_answer_window(
    decided: Invitation, mail_server: MailServer
) -> None:
    state = send_next(connection=mail_server.connection(), now=DUE, rules=RULES)

    assert state == InvitationState.SENT
    decided.refresh_from_db()
    assert (decided.state, decided.sent_at) == (InvitationState.SENT, DUE)
    assert decided.expires_at == DUE + 14 * DAY
    (message,) = mail_server.received
    assert message["To"] == decided.customer.email
    assert token_for(decided.token_salt) in message.get_body(("plain",)).get_content()


def test_send_next_sends_each_mail_once(decided: Invitation, mail_server: MailServer) -> None:
    connection = mail_server.connection()

    states = [send_next(connection=connection, now=DUE, rules=RULES) for _ in range(2)]

    assert states == [InvitationState.SENT, None]
    assert len(mail_server.received) == 1


def test_send_next_sends_nothing_for_what_was_suppressed(
    market: Market, mail_server: MailServer
) -> None:
    market.closing(closed_by=ActorType.SYSTEM)
    decide_due(now=DUE, rules=RULES)

    state = send_next(connection=mail_server.connection(), now=DUE, rules=RULES)

    assert state is None
    assert not mail_server.received


def test_send_next_notes_a_bounce(decided: Invitation, mail_server: MailServer) -> None:
    mail_server.replies = ["550 no such user here"]
    connection = mail_server.connection()

    state = send_next(connection=connection, now=DUE, rules=RULES)

    assert state == InvitationState.BOUNCED
    decided.refresh_from_db()
    assert (decided.state, decided.bounced_at) == (InvitationState.BOUNCED, DUE)
    assert decided.sent_at is None
    assert send_next(connection=connection, now=DUE + 30 * DAY, rules=RULES) is None


@pytest.mark.parametrize(
    ("verdict", "state"),
    [
        ("554 we take this for spam", InvitationState.BOUNCED),
        ("452 too many mails at once", InvitationState.DECIDED),
    ],
)
def test_send_next_tells_for_good_from_for_now_when_the_mail_itself_is_refused(
    decided: Invitation, mail_server: MailServer, verdict: str, state: InvitationState
) -> None:
    mail_server.verdict = verdict

    assert send_next(connection=mail_server.connection(), now=DUE, rules=RULES) == state

    decided.refresh_from_db()
    assert decided.state == state


def test_send_next_after_a_bounce_sends_the_next_mail(
    decided: Invitation, market: Market, mail_server: MailServer
) -> None:
    market.closing()
    decide_due(now=DUE, rules=RULES)
    mail_server.replies = ["550 no such user here"]
    connection = mail_server.connection()

    states = [send_next(connection=connection, now=DUE, rules=RULES) for _ in range(3)]

    assert states == [InvitationState.BOUNCED, InvitationState.SENT, None]


def test_send_next_tries_again_after_a_temporary_refusal_with_the_same_link(
    decided: Invitation, mail_server: MailServer
) -> None:
    mail_server.replies = ["451 try again later"]
    connection = mail_server.connection()

    first = send_next(connection=connection, now=DUE, rules=RULES)
    too_soon = send_next(connection=connection, now=DUE + MINUTE - SECOND, rules=RULES)
    second = send_next(connection=connection, now=DUE + MINUTE, rules=RULES)

    assert (first, too_soon, second) == (InvitationState.DECIDED, None, InvitationState.SENT)
    (message,) = mail_server.received
    assert token_for(decided.token_salt) in message.get_body(("plain",)).get_content()
    decided.refresh_from_db()
    assert (decided.tries, decided.sent_at) == (1, DUE + MINUTE)


def test_send_next_waits_twice_as_long_after_every_refused_connection(
    decided: Invitation, nowhere: BaseEmailBackend
) -> None:
    now, waits = DUE, []
    for _ in range(11):
        with pytest.raises(MailServerUnavailable):
            send_next(connection=nowhere, now=now, rules=RULES)
        decided.refresh_from_db()
        assert decided.next_try_at is not None
        waits.append(decided.next_try_at - now)
        now = decided.next_try_at

    assert waits == [2 ** min(tries, MOST_DOUBLINGS) * MINUTE for tries in range(11)]


def test_send_next_logs_no_address_and_no_link(
    decided: Invitation, mail_server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    mail_server.replies = [f"451 {decided.customer.email} is over quota"]

    send_next(connection=mail_server.connection(), now=DUE, rules=RULES)

    ours = [record.getMessage() for record in caplog.records if record.name != "mail.log"]
    assert ours == [f"Survey {decided.pk} not sent: SMTPRecipientsRefused"]


def test_send_next_gives_up_when_it_has_become_too_late(
    decided: Invitation, mail_server: MailServer
) -> None:
    state = send_next(connection=mail_server.connection(), now=DUE + 7 * DAY + SECOND, rules=RULES)

    assert state == InvitationState.SUPPRESSED
    decided.refresh_from_db()
    assert (decided.state, decided.reason) == (
        InvitationState.SUPPRESSED,
        SuppressionReason.STALE,
    )
    assert not mail_server.received


@pytest.mark.parametrize(
    ("reason", "email"),
    [
        pytest.param(SuppressionReason.OPTED_OUT, "klaas@klant.example", id="opted out"),
        pytest.param(SuppressionReason.NO_ADDRESS, "", id="address gone"),
    ],
)
def test_send_next_sees_what_came_after_the_decision(
    decided: Invitation, mail_server: MailServer, reason: SuppressionReason, email: str
) -> None:
    Customer.objects.update(email=email)
    if reason == SuppressionReason.OPTED_OUT:
        SurveyOptOut.objects.create(customer=decided.customer, opted_out_at=DUE)

    state = send_next(connection=mail_server.connection(), now=DUE, rules=RULES)

    assert state == InvitationState.SUPPRESSED
    decided.refresh_from_db()
    assert decided.reason == reason
    assert not mail_server.received


class Died(BaseException):
    """What a worker that is killed looks like from inside."""


class DeadlyBackend(BaseEmailBackend):
    """A mail server that takes the mail, and a worker that dies before it can note so."""

    def open(self) -> bool:
        """Open nothing."""
        return True

    def send_messages(self, email_messages: Any) -> int:
        """Send, and die."""
        get_connection("django.core.mail.backends.locmem.EmailBackend").send_messages(
            email_messages
        )
        raise Died


def test_send_next_sends_the_same_link_after_a_worker_died(
    decided: Invitation, mail_server: MailServer
) -> None:
    with pytest.raises(Died):
        send_next(connection=DeadlyBackend(), now=DUE, rules=RULES)
    decided.refresh_from_db()
    assert decided.state == InvitationState.SENDING

    connection = mail_server.connection()
    claimed = send_next(connection=connection, now=DUE + CLAIM_LASTS - SECOND, rules=RULES)
    lapsed = send_next(connection=connection, now=DUE + CLAIM_LASTS, rules=RULES)

    assert (claimed, lapsed) == (None, InvitationState.SENT)
    (first,), (second,) = mail.outbox, mail_server.received
    assert first.body.split() == second.get_body(("plain",)).get_content().split()
    assert first.extra_headers["Message-ID"] == second["Message-ID"]


def test_send_next_leaves_an_answer_that_came_before_the_worker_noted_the_mail(
    decided: Invitation,
) -> None:
    class AnsweringBackend(BaseEmailBackend):
        def open(self) -> bool:
            return True

        def send_messages(self, email_messages: Any) -> int:
            _answer(decided, now=DUE)
            return 1

    send_next(connection=AnsweringBackend(), now=DUE, rules=RULES)

    decided.refresh_from_db()
    assert (decided.state, decided.answered_at) == (InvitationState.ANSWERED, DUE)


def test_answer_is_taken_when_a_worker_died_and_the_others_found_it_too_late(
    decided: Invitation, mail_server: MailServer
) -> None:
    with pytest.raises(Died):
        send_next(connection=DeadlyBackend(), now=DUE, rules=RULES)
    late = DUE + 7 * DAY + SECOND
    send_next(connection=mail_server.connection(), now=late, rules=RULES)
    decided.refresh_from_db()
    assert decided.state == InvitationState.SUPPRESSED

    _answer(decided, now=late)

    decided.refresh_from_db()
    assert (decided.state, decided.reason) == (InvitationState.ANSWERED, "")


@pytest.mark.parametrize(
    "address",
    ["two@example.org, three@example.org", "me@example.org\nBcc: you@example.org"],
    ids=["two", "a header of its own"],
)
def test_send_next_is_not_stopped_by_an_address_that_is_none(
    decided: Invitation, market: Market, mail_server: MailServer, address: str
) -> None:
    Customer.objects.update(email=address)
    market.closing()
    decide_due(now=DUE, rules=RULES)
    connection = mail_server.connection()

    states = [send_next(connection=connection, now=DUE, rules=RULES) for _ in range(2)]

    assert states == [InvitationState.SUPPRESSED, InvitationState.SENT]
    decided.refresh_from_db()
    assert decided.reason == SuppressionReason.NO_ADDRESS
    assert len(mail_server.received) == 1


def test_send_next_leaves_a_query_that_is_open_again(
    decided: Invitation, mail_server: MailServer
) -> None:
    actions.reopen(decided.query, now=DUE)

    state = send_next(connection=mail_server.connection(), now=DUE, rules=RULES)

    assert state == InvitationState.SUPPRESSED
    decided.refresh_from_db()
    assert decided.reason == SuppressionReason.REOPENED
    assert not mail_server.received


def test_claimed_invitation_ends_even_when_its_worker_dies(
    decided: Invitation, nowhere: BaseEmailBackend
) -> None:
    with pytest.raises(MailServerUnavailable):
        send_next(connection=nowhere, now=DUE, rules=RULES)

    decided.refresh_from_db()
    assert decided.is_expired(now=DUE + 14 * DAY)


def test_send_next_by_four_workers_sends_each_mail_once(
    committed_db: None, market: Market, mail_server: MailServer
) -> None:
    for _ in range(20):
        market.closing()
    decide_due(now=DUE, rules=RULES)

    def send_all() -> int:
        connection = mail_server.connection()
        count = 0
        while send_next(connection=connection, now=DUE, rules=RULES):
            count += 1
        return count

    sent = at_once(*[send_all] * 4)

    assert sum(sent) == 20
    recipients = [message["To"] for message in mail_server.received]
    assert len(recipients) == len(set(recipients)) == 20


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


def _rules(**changes: Any) -> Rules:
    """Return the rules of every test with some changed."""
    fields = {field: getattr(RULES, field) for field in Rules.__dataclass_fields__}
    return Rules(**fields | changes)


def _close(market: Market, closing: Closing, *, now: datetime) -> Closing:
    """Close the query of an earlier closing again."""
    return actions.close(closing.query, closed_by=ActorType.SELLER, agent=market.agent, now=now)


def _answer(invitation: Invitation, *, now: datetime) -> SurveyResponse:
    """Let the customer answer."""
    return answers.submit(
        invitation,
        score=8,
        reason="",
        topics=[],
        may_contact=None,
        opened_at=None,
        now=now,
    )
