"""What is kept how long."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.conf import LazySettings
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks
from time_machine import travel

from queries import actions
from queries.files import attach, path_of
from queries.models import Closing, Customer, CustomerQuery, Message, Order
from sellers.models import Event
from surveys import retention, tasks
from surveys.deciding import decide_due
from surveys.enums import FollowUpState, Lapse
from surveys.followups import appreciations, working
from surveys.inviting import expire_due
from surveys.models import Improvement, Referral, SurveyResponse
from surveys.retention import Periods, count_outdated, erase_outdated, retention_periods
from tests.conftest import NOON, NOTE, RULES, Market, at_once
from tests.measurements import imported

PERIOD = timedelta(days=100)  # short, so that no moment here is to come
SECOND = timedelta(seconds=1)
FOR_EVER = Periods(customers=None, messages=None, answers=None)
A_WHILE = Periods(customers=PERIOD, messages=PERIOD, answers=PERIOD)
ANSWERED = NOON + timedelta(days=2)  # what was closed at NOON


def with_survey_over(market: Market) -> CustomerQuery:
    """Store a query, closed at NOON, and the words of an answer to its survey."""
    response = market.response(3, reason="It never came.", submitted_at=ANSWERED)
    assert response.query
    return response.query


def test_periods_come_from_the_settings(settings: LazySettings) -> None:
    settings.RETENTION_MESSAGES = PERIOD

    assert retention_periods() == replace(FOR_EVER, messages=PERIOD)


def test_everything_is_kept_for_ever_by_itself(market: Market) -> None:
    with_survey_over(market)

    counts = erase_outdated(now=NOON + 100 * PERIOD, periods=FOR_EVER)

    assert not counts
    assert Message.objects.count() == 1


def test_texts_go_a_period_after_the_closing(
    market: Market, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    query = with_survey_over(market)
    (attachment,) = attach(query.messages.get(), [NOTE])
    periods = replace(FOR_EVER, messages=PERIOD)

    assert not erase_outdated(now=NOON + PERIOD, periods=periods).total()
    with django_capture_on_commit_callbacks(execute=True):
        assert erase_outdated(now=NOON + PERIOD + SECOND, periods=periods) == {"queries": 1}

    query.refresh_from_db()
    assert (query.subject, query.erased_at) == ("", NOON + PERIOD + SECOND)
    assert not path_of(attachment.file).exists()
    assert not Message.objects.exists()
    assert query.customer.name
    assert SurveyResponse.objects.get().reason == "It never came."


def test_orders_without_a_query_go_a_period_after_their_day(market: Market) -> None:
    market.order("asked about", ordered_on=NOON.date())
    market.query(order_reference="asked about")
    market.order("not asked about", ordered_on=NOON.date())
    periods = replace(FOR_EVER, messages=PERIOD)

    assert not erase_outdated(now=NOON + PERIOD, periods=periods).total()
    later = NOON + PERIOD + timedelta(days=1)
    assert erase_outdated(now=later, periods=periods) == {"orders": 1}

    assert Order.objects.get().reference == "asked about"


def test_words_go_a_period_after_the_answer(market: Market) -> None:
    query = with_survey_over(market)
    periods = replace(FOR_EVER, answers=PERIOD)

    assert not erase_outdated(now=ANSWERED + PERIOD, periods=periods).total()
    assert erase_outdated(now=ANSWERED + PERIOD + SECOND, periods=periods) == {"answers": 1}

    response = SurveyResponse.objects.get()
    assert (response.score, response.reason, response.may_contact) == (3, "", None)
    assert query.subject
    assert Message.objects.exists()


def test_what_was_written_about_a_low_score_goes_with_its_words(market: Market) -> None:
    """Also of who gave no words and did not say whether they may be contacted."""
    followup = market.response(4, submitted_at=ANSWERED).followup
    working.finish(
        followup, state=FollowUpState.RESOLVED, note="Klaas paid", by=market.actor, now=ANSWERED
    )
    periods = replace(FOR_EVER, answers=PERIOD)

    assert erase_outdated(now=ANSWERED + PERIOD + SECOND, periods=periods) == {"answers": 1}
    assert not erase_outdated(now=ANSWERED + PERIOD + SECOND, periods=periods).total()

    followup.refresh_from_db()
    assert (followup.note, followup.lapse) == ("", Lapse.ERASED)


def test_what_was_noted_about_happy_customers_goes_with_their_words(market: Market) -> None:
    """Also of who gave no words and did not say whether they may be contacted."""
    passive = market.response(7, submitted_at=ANSWERED)
    appreciations.note_improvement(passive, note="Klaas: a call", by=market.actor, now=ANSWERED)
    promoter = market.response(10, submitted_at=ANSWERED)
    appreciations.record_referral(
        promoter,
        order_reference="",
        words="Klaas's sister",
        worth=Decimal(640),
        came_on=ANSWERED.date(),
        by=market.actor,
        now=ANSWERED,
    )
    periods = replace(FOR_EVER, answers=PERIOD)

    assert erase_outdated(now=ANSWERED + PERIOD + SECOND, periods=periods) == {"answers": 2}
    assert not erase_outdated(now=ANSWERED + PERIOD + SECOND, periods=periods).total()

    assert Improvement.objects.get().words == ""
    assert Referral.objects.values_list("words", "worth").get() == ("", Decimal(640))


def test_words_of_imported_answers_go_too(market: Market) -> None:
    imported(market.shop, 9, submitted_at=NOON, reason="Thanks, says Klaas")

    counts = erase_outdated(now=NOON + 2 * PERIOD, periods=A_WHILE)

    assert counts["answers"] == 1
    assert SurveyResponse.objects.values_list("score", "reason").get() == (9, "")


def test_customers_go_a_period_after_their_last_closing(market: Market) -> None:
    customer = with_survey_over(market).customer
    periods = replace(FOR_EVER, customers=PERIOD)

    assert not erase_outdated(now=NOON + PERIOD, periods=periods).total()
    assert erase_outdated(now=NOON + PERIOD + SECOND, periods=periods) == {"customers": 1}

    customer.refresh_from_db()
    assert (customer.name, customer.email) == ("", "")
    assert not Message.objects.exists()
    assert SurveyResponse.objects.values_list("score", "reason").get() == (3, "")


def ask_again(market: Market, customer: Customer) -> None:
    """Ask something else, much later."""
    market.query(customer, asked_at=NOON + PERIOD)


def close_again(market: Market, customer: Customer) -> None:
    """Have something else closed, much later."""
    market.invitation(market.closing(customer, closed_at=NOON + PERIOD))
    expire_due(now=NOON + PERIOD + timedelta(days=20))


@pytest.mark.parametrize("live_on", [ask_again, close_again])
def test_customers_who_still_talk_stay(
    market: Market, live_on: Callable[[Market, Customer], None]
) -> None:
    query = with_survey_over(market)
    live_on(market, query.customer)

    counts = erase_outdated(now=NOON + PERIOD + timedelta(days=30), periods=A_WHILE)

    assert counts == {"queries": 1, "answers": 1}
    assert Customer.objects.get(pk=query.customer_id).email


def test_customers_who_never_asked_stay(market: Market) -> None:
    market.new_customer()

    assert not erase_outdated(now=NOON + 9 * PERIOD, periods=A_WHILE).total()


def undecided(market: Market) -> Closing:
    """Close a query of which the survey is not decided."""
    return market.closing()


def not_sent(market: Market) -> Closing:
    """Close a query of which the survey is not sent."""
    closing = market.closing()
    decide_due(now=NOON + RULES.delay, rules=RULES)
    return closing


def not_answered(market: Market) -> Closing:
    """Close a query of which the survey is not answered."""
    return market.invitation().closing


@pytest.mark.parametrize("make", [undecided, not_sent, not_answered])
def test_what_has_a_survey_under_way_stays(
    market: Market, make: Callable[[Market], Closing]
) -> None:
    query = make(market).query

    counts = erase_outdated(now=NOON + 2 * PERIOD, periods=A_WHILE)

    query.refresh_from_db()
    assert not counts.total()
    assert query.erased_at is None


def test_open_queries_keep_their_texts(market: Market) -> None:
    actions.reopen(with_survey_over(market), by=market.actor, now=ANSWERED)

    counts = erase_outdated(now=NOON + 2 * PERIOD, periods=replace(A_WHILE, answers=None))

    assert not counts.total()


def test_counting_first_finds_the_same_and_erases_nothing(market: Market) -> None:
    for _ in range(3):
        with_survey_over(market)
    market.order()
    now = NOON + 2 * PERIOD
    periods = replace(A_WHILE, customers=None)

    counts = count_outdated(now=now, periods=periods)

    assert counts == {"queries": 3, "orders": 1, "answers": 3}
    assert Message.objects.count() == 3
    assert erase_outdated(now=now, periods=periods) == counts
    assert not count_outdated(now=now, periods=periods).total()


def test_batches_go_on_until_nothing_is_left(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    for _ in range(5):
        with_survey_over(market)
    market.query(asked_at=NOON + 2 * PERIOD)

    counts = erase_outdated(now=NOON + 2 * PERIOD, periods=replace(A_WHILE, answers=None))

    assert counts == {"customers": 5}
    assert Customer.objects.filter(erased_at=None).count() == 1


@pytest.mark.parametrize("count", [1, 3])
def test_texts_of_a_batch_cost_as_much_as_of_one(
    market: Market, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    for _ in range(count):
        with_survey_over(market)

    with django_assert_num_queries(32):
        counts = erase_outdated(now=NOON + 2 * PERIOD, periods=replace(FOR_EVER, messages=PERIOD))

    assert counts == {"queries": count}


def test_two_nights_at_once_erase_everything_once(committed_db: None, market: Market) -> None:
    for _ in range(20):
        with_survey_over(market)

    counts = at_once(*[lambda: erase_outdated(now=NOON + 2 * PERIOD, periods=A_WHILE)] * 3)

    assert sum(counts, Counter[str]())["customers"] == 20
    assert not Message.objects.exists()


def test_task_does_it_and_logs_how_much(
    market: Market, settings: LazySettings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.RETENTION_MESSAGES = PERIOD
    with_survey_over(market)
    caplog.set_level("INFO", "surveys.tasks")

    with travel(NOON + 2 * PERIOD, tick=False):
        tasks.apply_retention()
        tasks.apply_retention()

    assert caplog.messages == ["Erased what was kept long enough: 1 queries"]


def test_what_goes_by_the_clock_is_written_for_its_shop(market: Market) -> None:
    query = with_survey_over(market)
    now = NOON + 2 * PERIOD

    erase_outdated(now=now, periods=replace(A_WHILE, customers=None))
    erase_outdated(now=now, periods=A_WHILE)

    events = Event.objects.filter(at=now).order_by("pk")
    assert [(event.kind, event.object_pk, event.seller, event.actor) for event in events] == [
        ("query.texts_erased", query.pk, market.shop, "system"),
        ("followup.lapsed", query.responses.get().followup.pk, market.shop, "system"),
        ("measurement.words_erased", query.responses.get().pk, market.shop, "system"),
        ("customer.erased", query.customer_id, None, "system"),
    ]
