"""Deciding about surveys, on the real database."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from queries import actions
from queries.enums import ActorType
from queries.models import LEAVES_AFTER, Closing
from sellers.events import Actor
from sellers.mailings import bounce
from sellers.models import RefusedAddress
from surveys.deciding import decide_due, survey_rules
from surveys.eligibility import Rules
from surveys.enums import InvitationState, SuppressionReason
from surveys.models import Invitation, SurveyOptOut, SurveyPolicy, SurveyResponse
from tests.conftest import NOON, RULES, Market, at_once

DUE = NOON + RULES.delay
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def outcome(closing: Closing) -> str:
    """Return what was decided about a closing: "send", or why not."""
    invitation = Invitation.objects.get(closing=closing)
    return invitation.reason or "send"


def test_survey_rules_are_those_of_the_latest_policy_that_holds(db: None) -> None:
    soon = datetime.now(UTC) + DAY
    SurveyPolicy.objects.create(valid_from=soon, enabled=False, cooldown=60 * DAY)
    SurveyPolicy.objects.create(valid_from=soon + DAY, delay=2 * DAY)

    assert survey_rules(now=soon - SECOND) == RULES
    assert survey_rules(now=soon) == replace(RULES, enabled=False, cooldown=60 * DAY)
    assert survey_rules(now=soon + DAY) == replace(RULES, delay=2 * DAY)


def test_survey_delay_of_a_demo_goes_before_the_policy(db: None, settings: LazySettings) -> None:
    settings.SURVEY_DELAY = timedelta(seconds=30)

    assert survey_rules(now=NOON) == replace(RULES, delay=timedelta(seconds=30))


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


def test_decide_due_notes_that_surveys_are_disabled(market: Market) -> None:
    closing = market.closing()

    decide_due(now=DUE, rules=_rules(enabled=False))

    assert outcome(closing) == SuppressionReason.DISABLED


def test_decide_due_notes_that_the_system_closed(market: Market) -> None:
    closing = market.closing(closed_by=ActorType.SYSTEM)

    decide_due(now=DUE, rules=RULES)

    assert outcome(closing) == SuppressionReason.SYSTEM_CLOSED


def test_decide_due_notes_that_the_query_was_reopened(market: Market) -> None:
    closing = market.closing()
    actions.receive_reaction(
        closing.query, body="Still nothing.", by=Actor.CUSTOMER, now=NOON + MINUTE
    )

    decide_due(now=DUE, rules=RULES)

    assert outcome(closing) == SuppressionReason.REOPENED


def test_decide_due_surveys_the_kept_query_and_not_its_duplicate(market: Market) -> None:
    customer = market.new_customer()
    kept, other = market.query(customer), market.query(customer)
    duplicate = actions.close_as_duplicate(other, of=kept, by=market.actor, now=NOON)
    closing = actions.close(kept, by=market.actor, now=NOON)

    decided = decide_due(now=DUE, rules=RULES)

    assert decided == {SuppressionReason.DUPLICATE: 1, "send": 1}
    assert (outcome(duplicate), outcome(closing)) == (SuppressionReason.DUPLICATE, "send")


def test_decide_due_surveys_a_duplicate_that_was_opened_again(market: Market) -> None:
    customer = market.new_customer()
    kept, other = market.query(customer), market.query(customer)
    duplicate = actions.close_as_duplicate(other, of=kept, by=market.actor, now=NOON)
    actions.receive_reaction(other, body="Not the same.", by=Actor.CUSTOMER, now=NOON + MINUTE)
    again = actions.close(other, by=market.actor, now=NOON + 2 * MINUTE)

    decide_due(now=DUE + 2 * MINUTE, rules=RULES)

    assert (outcome(duplicate), outcome(again)) == (SuppressionReason.REOPENED, "send")


def test_decide_due_surveys_nothing_that_was_taken_back(
    market: Market, settings: LazySettings
) -> None:
    settings.SURVEY_DELAY = SECOND
    query = market.query()
    sent = actions.reply(query, body="So.", closes=True, by=market.actor, now=NOON)
    soon = NOON + 9 * SECOND

    assert not decide_due(now=soon, rules=survey_rules(now=soon))
    actions.take_back(sent, by=market.actor, now=soon)

    later = NOON + LEAVES_AFTER
    decided = decide_due(now=later, rules=survey_rules(now=later))
    assert decided == {SuppressionReason.REOPENED: 1}


def test_decide_due_surveys_the_closing_after_the_reopening(market: Market) -> None:
    closing = market.closing()
    actions.reopen(closing.query, by=market.actor, now=NOON + MINUTE)
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
def test_decide_due_notes_that_it_is_too_late(
    market: Market, late: timedelta, expected: str
) -> None:
    closing = market.closing()

    decide_due(now=DUE + late, rules=RULES)

    assert outcome(closing) == expected


def test_decide_due_notes_that_the_query_was_surveyed(market: Market) -> None:
    closing = market.invitation().closing
    later = NOON + 60 * DAY
    actions.reopen(closing.query, by=market.actor, now=later)
    again = _close(market, closing, now=later)

    decide_due(now=later + DAY, rules=RULES)

    assert outcome(again) == SuppressionReason.ALREADY_SURVEYED


def test_decide_due_notes_that_there_is_no_email(market: Market) -> None:
    closing = market.closing(market.new_customer(email=""))

    decide_due(now=DUE, rules=RULES)

    assert outcome(closing) == SuppressionReason.NO_ADDRESS


def test_decide_due_never_surveys_a_contact_that_the_shop_logged(market: Market) -> None:
    earlier = market.query(market.new_customer(email="klaas@klant.example"))
    logged = actions.log_phone_contact(
        market.shop,
        name="Klaas",
        subject="Bell",
        note="New one sent.",
        earlier=earlier,
        predicted_score=9,
        by=market.actor,
        now=NOON,
    )
    first = logged.closings.get()
    actions.reopen(logged, by=market.actor, now=NOON + SECOND)
    again = actions.close(logged, by=market.actor, now=NOON + 2 * SECOND)
    real = actions.close(earlier, by=market.actor, now=NOON + 3 * SECOND)

    decide_due(now=DUE + MINUTE, rules=RULES)

    assert logged.reply_to_email == "klaas@klant.example"
    assert outcome(first) == SuppressionReason.REOPENED
    assert outcome(again) == SuppressionReason.LOGGED_BY_SELLER
    assert outcome(real) == "send"


def test_decide_due_notes_that_the_customer_opted_out(market: Market) -> None:
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
    first.save(update_fields=["state", "bounced_at"])

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


def _rules(**changes: Any) -> Rules:
    """Return the rules of every test with some changed."""
    fields = {field: getattr(RULES, field) for field in Rules.__dataclass_fields__}
    return Rules(**fields | changes)


def _close(market: Market, closing: Closing, *, now: datetime) -> Closing:
    """Close the query of an earlier closing again."""
    return actions.close(closing.query, by=market.actor, now=now)


def test_address_that_refused_gets_no_survey_until_it_is_lifted(market: Market) -> None:
    first = market.closing()
    market.closing()
    RefusedAddress.objects.create(email=first.customer.email, refused_at=NOON)

    assert decide_due(now=NOON + RULES.delay, rules=RULES) == {"undeliverable": 1, "send": 1}
    assert first.invitation.reason == "undeliverable"

    RefusedAddress.objects.all().delete()
    third = market.closing(first.customer, closed_at=NOON + RULES.delay)
    decide_due(now=NOON + 2 * RULES.delay, rules=RULES)
    assert third.invitation.state == "decided"


def test_invitation_that_bounces_hours_later_does_not_count_for_the_rest(market: Market) -> None:
    invitation = market.invitation()
    later = invitation.sent_at + timedelta(hours=3)

    assert bounce(invitation, now=later)

    invitation.refresh_from_db()
    assert (invitation.state, invitation.bounced_at) == ("bounced", later)
    RefusedAddress.objects.all().delete()
    again = market.closing(invitation.customer, closed_at=later)
    decide_due(now=later + RULES.delay, rules=RULES)
    assert again.invitation.state == "decided"


def test_answered_invitation_does_not_bounce(market: Market) -> None:
    invitation = market.response(9).invitation

    assert not bounce(invitation, now=NOON + timedelta(days=3))
    assert not RefusedAddress.objects.exists()


def test_decisions_go_into_the_database_as_arrays(market: Market) -> None:
    for _ in range(2):
        market.closing()

    with CaptureQueriesContext(connection) as captured:
        decide_due(now=NOON + RULES.delay, rules=RULES)

    inserts = [each["sql"] for each in captured if "INSERT INTO" in each["sql"]]
    assert [sql for sql in inserts if "UNNEST(" not in sql] == []
    assert len(inserts) == 1


def test_closing_has_the_same_link_when_a_backup_was_put_back(market: Market) -> None:
    first, second = market.closing(), market.closing()

    def links() -> dict[int, str]:
        """Decide both surveys; then forget it, as a backup has."""
        with transaction.atomic():
            decide_due(now=NOON + RULES.delay, rules=RULES)
            found = {each.closing_id: each.token for each in Invitation.objects.all()}
            transaction.set_rollback(True)
        return found

    before = links()

    assert before[first.pk] != before[second.pk]
    assert links() == before
