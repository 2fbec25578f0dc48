"""What is stored twice is recounted: each check speaks when, and only when, its promise broke."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from pytest_django import DjangoAssertNumQueries

from queries import actions
from queries.customers import erase_customer
from queries.enums import ActorType
from sellers.events import Actor
from surveys.deciding import decide_due
from surveys.enums import InvitationState
from surveys.integrity import MOST_EXAMPLES, Finding, survey_checks
from surveys.models import Invitation, SurveyPolicy
from tests.conftest import NOON, RULES, Market
from tests.guards import switch_guards

DAY = timedelta(days=1)
CHECKS = [check.name for check in survey_checks()]


def found() -> dict[str, int]:
    """Return how many rows break which promise, where any do."""
    findings = [check.find() for check in survey_checks()]
    return {finding.check.name: finding.count for finding in findings if finding.count}


def finding(name: str) -> Finding:
    """Return what one check finds."""
    return next(check for check in survey_checks() if check.name == name).find()


@pytest.fixture
def pks(market: Market, other_market: Market) -> dict[str, int]:
    """Let everything happen once; return the primary keys by what they are."""
    answered = market.response(9, submitted_at=datetime(2026, 3, 31, 22, 30, tzinfo=UTC))
    market.response(2, closed_by=ActorType.MARKETPLACE)
    open_query = market.query()
    replied = market.query()
    actions.reply(replied, by=market.actor, body="Soon.", now=NOON + DAY)
    actions.receive_reaction(replied, body="When?", by=Actor.CUSTOMER, now=NOON + 2 * DAY)
    reopened = market.closing()
    actions.reopen(reopened.query, by=market.actor, now=NOON + timedelta(hours=1))
    suppressed = market.closing(closed_by=ActorType.SYSTEM)
    decide_due(now=NOON + DAY, rules=RULES)
    often = market.new_customer()
    first = market.invitation(market.closing(often))
    second = market.invitation(market.closing(often, closed_at=NOON + RULES.cooldown))
    undecided = market.closing(closed_at=NOON + 50 * DAY)
    handed_over, back = market.query(), market.query()
    for query in (handed_over, back):
        actions.hand_over(query, reason="Lost.", by=market.actor, now=NOON + DAY)
    actions.hand_back(back, by=Actor.SYSTEM, now=NOON + 3 * DAY)
    return {
        "response": answered.pk,
        "answered": answered.invitation_id or 0,
        "answered_closing": answered.invitation.closing_id if answered.invitation else 0,
        "closed": answered.query_id or 0,
        "open": open_query.pk,
        "replied": replied.pk,
        "suppressed_closing": suppressed.pk,
        "undecided": undecided.pk,
        "handed_over": handed_over.pk,
        "first": first.pk,
        "second": second.pk,
        "somebody": market.new_customer().pk,
        "other_shop": other_market.shop.pk,
    }


def test_checks_find_nothing_in_what_the_actions_wrote(pks: dict[str, int]) -> None:
    assert found() == {}


def test_checks_find_nothing_where_nothing_is(db: None) -> None:
    assert found() == {}


def test_checks_find_nothing_after_somebody_was_erased(market: Market, pks: dict[str, int]) -> None:
    erase_customer(
        Invitation.objects.get(pk=pks["answered"]).customer,
        by=Actor.SYSTEM,
        now=NOON + 60 * DAY,
    )
    erase_customer(
        market.shop.queries.get(pk=pks["replied"]).customer,
        by=Actor.SYSTEM,
        now=NOON + 60 * DAY,
    )

    assert found() == {}


BREAKS = {
    "closed without a closing": (
        "query_state",
        "UPDATE queries_customerquery SET state = 'closed', reply_needed_since = NULL"
        " WHERE id = %(open)s",
    ),
    "open without being reopened": (
        "query_state",
        "UPDATE queries_customerquery SET state = 'your_turn' WHERE id = %(closed)s",
    ),
    "closed since another moment": (
        "query_state",
        "UPDATE queries_customerquery SET turn_since = turn_since + interval '1 second'"
        " WHERE id = %(closed)s",
    ),
    "with the marketplace without being handed over": (
        "query_handover",
        "UPDATE queries_customerquery SET state = 'with_marketplace' WHERE id = %(open)s",
    ),
    "handed over and not with the marketplace": (
        "query_handover",
        "UPDATE queries_customerquery SET state = 'your_turn' WHERE id = %(handed_over)s",
    ),
    "with the marketplace since another moment": (
        "query_handover",
        "UPDATE queries_customerquery SET turn_since = turn_since + interval '1 second'"
        " WHERE id = %(handed_over)s",
    ),
    "hand-over that ended unnoticed": (
        "query_handover",
        "UPDATE queries_handover SET handed_back_at = handed_over_at, outcome = 'handed_back'"
        " WHERE query_id = %(handed_over)s",
    ),
    "hand-over of another shop": (
        "query_handover",
        "UPDATE queries_handover SET seller_id = %(other_shop)s WHERE query_id = %(handed_over)s",
    ),
    "first reply at another moment": (
        "query_first_reply",
        "UPDATE queries_customerquery SET first_replied_at = first_replied_at - interval '1 hour'"
        " WHERE id = %(replied)s",
    ),
    "first reply forgotten": (
        "query_first_reply",
        "UPDATE queries_customerquery SET first_replied_at = NULL, first_reply_took = NULL,"
        " first_reply_result = 'late' WHERE id = %(replied)s",
    ),
    "first reply without a message": (
        "query_first_reply",
        "UPDATE queries_customerquery SET first_replied_at = asked_at,"
        " first_reply_result = 'in_time' WHERE id = %(open)s",
    ),
    "query of another shop": (
        "closing_people",
        "UPDATE queries_customerquery SET seller_id = %(other_shop)s WHERE id = %(closed)s",
    ),
    "query of another customer": (
        "closing_people",
        "UPDATE queries_customerquery SET customer_id = %(somebody)s WHERE id = %(closed)s",
    ),
    "decision forgotten": (
        "closing_decision",
        "UPDATE queries_closing SET survey_decided_at = NULL WHERE id = %(answered_closing)s",
    ),
    "decision without an invitation": (
        "closing_decision",
        "UPDATE queries_closing SET survey_decided_at = closed_at WHERE id = %(undecided)s",
    ),
    "decision at another moment": (
        "closing_decision",
        "UPDATE surveys_invitation SET decided_at = decided_at + interval '1 second'"
        " WHERE id = %(answered)s",
    ),
    "invitation deleted": (
        "closing_decision",
        "DELETE FROM surveys_invitation WHERE closing_id = %(suppressed_closing)s",
    ),
    "invitation of another shop": (
        "invitation_people",
        "UPDATE surveys_invitation SET seller_id = %(other_shop)s WHERE id = %(answered)s",
    ),
    "invitation of another customer": (
        "invitation_people",
        "UPDATE surveys_invitation SET customer_id = %(somebody)s WHERE id = %(answered)s",
    ),
    "invitation about another query": (
        "invitation_people",
        "UPDATE surveys_invitation SET query_id = %(open)s WHERE id = %(answered)s",
    ),
    "answer not noted": (
        "invitation_answer",
        "UPDATE surveys_invitation SET state = 'expired' WHERE id = %(answered)s",
    ),
    "answer noted and not there": (
        "invitation_answer",
        "UPDATE surveys_invitation SET state = 'answered', answered_at = sent_at"
        " WHERE id = %(first)s",
    ),
    "answer at another moment": (
        "invitation_answer",
        "UPDATE surveys_invitation SET answered_at = answered_at + interval '1 second'"
        " WHERE id = %(answered)s",
    ),
    "response deleted": (
        "invitation_answer",
        "DELETE FROM surveys_surveyresponse WHERE id = %(response)s",
    ),
    "response of another shop": (
        "response_people",
        "UPDATE surveys_surveyresponse SET seller_id = %(other_shop)s WHERE id = %(response)s",
    ),
    "response about another query": (
        "response_people",
        "UPDATE surveys_surveyresponse SET query_id = %(open)s WHERE id = %(response)s",
    ),
    "response closed by another": (
        "response_people",
        "UPDATE surveys_surveyresponse SET closed_by = 'marketplace' WHERE id = %(response)s",
    ),
    "month by the clock of Greenwich": (
        "response_month",
        "UPDATE surveys_surveyresponse SET month = '2026-03-01' WHERE id = %(response)s",
    ),
    "two surveys a day too close": (
        "customer_rest",
        "UPDATE surveys_invitation SET sent_at = sent_at - interval '1 day' WHERE id = %(second)s",
    ),
    "two surveys at once": (
        "customer_rest",
        "UPDATE surveys_invitation SET sent_at = decided_at - interval '30 days'"
        " WHERE id = %(second)s",
    ),
}


@pytest.mark.usefixtures("owner_db")
@pytest.mark.parametrize(("check", "statement"), BREAKS.values(), ids=BREAKS)
def test_check_speaks_when_its_promise_breaks(
    pks: dict[str, int], check: str, statement: str
) -> None:
    switch_guards(on=False)
    with connection.cursor() as cursor:
        cursor.execute(statement, pks)
        assert cursor.rowcount == 1

    assert found() == {check: 1}
    transaction.set_rollback(True)  # or Django looks whether each row still has those it refers to


def test_every_check_was_broken_once() -> None:
    assert {check for check, _ in BREAKS.values()} == set(CHECKS)


@pytest.mark.parametrize("name", CHECKS)
def test_check_is_one_statement(
    pks: dict[str, int], django_assert_num_queries: DjangoAssertNumQueries, name: str
) -> None:
    with django_assert_num_queries(1):
        finding(name)


def test_finding_counts_all_and_names_the_first(market: Market) -> None:
    queries = [market.query() for _ in range(MOST_EXAMPLES + 2)]
    market.shop.queries.update(state="closed", reply_needed_since=None)

    result = finding("query_state")

    assert result.count == MOST_EXAMPLES + 2
    assert result.examples == [query.pk for query in queries[:MOST_EXAMPLES]]
    assert result.is_alarming


@pytest.mark.usefixtures("owner_db")
def test_too_many_surveys_are_reported_without_alarm(pks: dict[str, int]) -> None:
    switch_guards(on=False)
    Invitation.objects.filter(pk=pks["second"]).update(sent_at=NOON + 2 * DAY)

    result = finding("customer_rest")

    assert result.examples == [pks["second"]]
    assert not result.is_alarming


@pytest.mark.usefixtures("owner_db")
@pytest.mark.parametrize(
    ("valid_from", "cooldown", "count"),
    [
        pytest.param(NOON, 10, 0, id="shorter when the second was decided"),
        pytest.param(NOON + 40 * DAY, 10, 1, id="shorter later"),
        pytest.param(NOON, 60, 1, id="longer when the second was decided"),
        pytest.param(NOON + 40 * DAY, 60, 1, id="longer later"),
    ],
)
def test_rest_is_that_of_the_policy_that_held(
    pks: dict[str, int], valid_from: datetime, cooldown: int, count: int
) -> None:
    switch_guards(on=False)
    SurveyPolicy.objects.create(valid_from=valid_from, cooldown=timedelta(days=cooldown))
    Invitation.objects.filter(pk=pks["second"]).update(sent_at=NOON + 21 * DAY)

    assert finding("customer_rest").count == count


@pytest.mark.usefixtures("owner_db")
def test_surveys_that_never_arrived_need_no_rest(pks: dict[str, int]) -> None:
    switch_guards(on=False)
    Invitation.objects.filter(pk=pks["second"]).update(sent_at=NOON + 2 * DAY)
    Invitation.objects.filter(pk=pks["first"]).update(state=InvitationState.BOUNCED)

    assert finding("customer_rest").count == 0
