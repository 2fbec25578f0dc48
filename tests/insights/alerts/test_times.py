"""What the clock tells: what is due soon, and months that ended."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from insights.alerts.times import TASK_DUE_SOON, look_at_clock
from insights.alerts.words import alert_in_words, path_of
from insights.models import Alert
from insights.scores import JudgedScore, crossed
from insights.standards import Standard
from queries import actions
from sellers.enums import AlertKind
from sellers.events import Actor
from sellers.models import Seller, User
from surveys.nps import Tally
from tests.alerting import ANSWERED, mail
from tests.conftest import NOON, Market
from tests.measurements import imported

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
STANDARD = Standard(value=25, minimum=25, valid_from=date(2024, 1, 1))
SURE, MISSED = Tally(60, 0, 0), Tally(0, 0, 60)
CHANCE, FEW = Tally(30, 10, 15), Tally(10, 0, 0)


def of_kind(kind: AlertKind) -> list[tuple[User, datetime]]:
    """Return who was told of something, and when."""
    found = Alert.objects.filter(kind=kind).order_by("pk")
    return [(alert.user, alert.happened_at) for alert in found]


# Tasks


def test_task_that_is_due_soon_tells_its_assignee_once(
    market: Market, alice: User, bob: User
) -> None:
    market.response(5)
    due = ANSWERED + timedelta(hours=48)
    soon = due - TASK_DUE_SOON

    look_at_clock(now=soon - MINUTE)
    assert of_kind(AlertKind.TASK_DUE) == []
    look_at_clock(now=soon)
    look_at_clock(now=soon + MINUTE)

    assert of_kind(AlertKind.TASK_DUE) == [(bob, soon)]


def test_task_that_is_overdue_is_not_due_soon(market: Market, bob: User) -> None:
    market.response(5)

    look_at_clock(now=ANSWERED + timedelta(hours=48))

    assert of_kind(AlertKind.TASK_DUE) == []


def test_task_that_went_to_somebody_else_tells_them_too(
    market: Market, alice: User, bob: User
) -> None:
    task = market.response(5).followup
    soon = task.due_at - TASK_DUE_SOON
    look_at_clock(now=soon)
    task.assignee = alice
    task.save(update_fields=["assignee"])

    look_at_clock(now=soon + MINUTE)

    assert of_kind(AlertKind.TASK_DUE) == [(bob, soon), (alice, soon + MINUTE)]
    # Bob's is no news any more when his mail would leave.
    assert mail(now=soon + MINUTE) == {"suppressed": 1, "sent": 1}


# Replies


def test_reply_that_is_due_soon_tells_who_answers_during_office_hours(
    market: Market, alice: User, bob: User
) -> None:
    query = market.query(asked_at=NOON)  # Tuesday noon: long open from Wednesday 06:00 on
    assert query.long_open_at == NOON + timedelta(hours=18)
    at_five = NOON + timedelta(hours=5)  # the last office hour before

    look_at_clock(now=at_five - MINUTE)
    assert of_kind(AlertKind.DEADLINE) == []
    look_at_clock(now=at_five)
    look_at_clock(now=at_five + MINUTE)

    assert of_kind(AlertKind.DEADLINE) == [(alice, at_five), (bob, at_five)]


def test_nobody_is_reminded_at_night(market: Market) -> None:
    market.query(asked_at=NOON)

    for hours in range(6, 20):
        look_at_clock(now=NOON + timedelta(hours=hours))

    assert of_kind(AlertKind.DEADLINE) == []


def test_reminder_goes_to_whose_query_it_is(market: Market, bob: User) -> None:
    query = market.query(asked_at=NOON)
    actions.assign(query, assignee=bob, by=market.actor, now=NOON)

    look_at_clock(now=NOON + 5 * HOUR)

    assert of_kind(AlertKind.DEADLINE) == [(bob, NOON + 5 * HOUR)]


def test_answered_query_needs_no_reminder(market: Market) -> None:
    query = market.query(asked_at=NOON)
    actions.reply(query, body="So.", by=market.actor, now=NOON + HOUR)

    look_at_clock(now=NOON + 5 * HOUR)

    assert of_kind(AlertKind.DEADLINE) == []


def test_each_wait_of_a_customer_has_its_own_reminder(market: Market, bob: User) -> None:
    query = market.query(asked_at=NOON)
    actions.assign(query, assignee=bob, by=market.actor, now=NOON)
    look_at_clock(now=NOON + 5 * HOUR)
    actions.reply(query, body="So.", by=market.actor, now=NOON + 5 * HOUR)
    actions.receive_reaction(query, body="No.", by=Actor.CUSTOMER, now=NOON + 22 * HOUR)

    look_at_clock(now=NOON + 29 * HOUR)

    found = Alert.objects.filter(kind=AlertKind.DEADLINE, user=bob).order_by("pk")
    assert len({alert.key for alert in found}) == 2


@pytest.mark.parametrize("queries", [1, 3])
def test_clock_asks_the_database_as_often_for_many(
    market: Market, django_assert_num_queries: object, queries: int
) -> None:
    for _ in range(queries):
        market.query(asked_at=NOON)
    look_at_clock(now=NOON)

    with django_assert_num_queries(10):  # type: ignore[operator]
        look_at_clock(now=NOON + 5 * HOUR)

    assert len(of_kind(AlertKind.DEADLINE)) == 2 * queries


@pytest.mark.parametrize(("hours", "told"), [(4, 1), (5, 2)])
def test_what_was_told_or_cannot_be_due_yet_is_not_even_fetched(
    market: Market, hours: int, told: int
) -> None:
    market.query(asked_at=NOON - 14 * HOUR)  # open for long already
    market.query(asked_at=NOON)  # told of at five, the last office hour before
    look_at_clock(now=NOON + hours * HOUR)
    assert len(of_kind(AlertKind.DEADLINE)) == 2 * told

    with CaptureQueriesContext(connection) as asked:
        look_at_clock(now=NOON + hours * HOUR + MINUTE)

    (fetch,) = [each["sql"] for each in asked if '"long_open_at" <=' in each["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(fetch)
        assert cursor.fetchall() == []


# Months


def judged(tally: Tally) -> JudgedScore:
    """Return the score of a month beside its standard."""
    return JudgedScore(tally=tally, standard=STANDARD)


@pytest.mark.parametrize(
    ("tallies", "expected"),
    [
        pytest.param([SURE], None, id="first month, above"),
        pytest.param([MISSED], None, id="first month, below"),
        pytest.param([CHANCE], None, id="by chance"),
        pytest.param([FEW], None, id="too few"),
        pytest.param([SURE, SURE], None, id="above again"),
        pytest.param([MISSED, MISSED], None, id="below again"),
        pytest.param([SURE, MISSED], False, id="down"),
        pytest.param([MISSED, SURE], True, id="up"),
        pytest.param([SURE, CHANCE, FEW, SURE], None, id="above again after some doubt"),
        pytest.param([SURE, CHANCE, FEW, MISSED], False, id="down after some doubt"),
        pytest.param([SURE, MISSED, CHANCE], None, id="in doubt now"),
        pytest.param([Tally(), FEW, CHANCE, SURE], None, id="first month that is sure"),
        pytest.param([MISSED, SURE, SURE], None, id="came up a month ago"),
        pytest.param([SURE, Tally(), MISSED], False, id="down after an empty month"),
    ],
)
def test_standard_is_crossed_when_the_whole_interval_is_on_the_other_side(
    tallies: list[Tally], expected: bool | None
) -> None:
    assert crossed([judged(tally) for tally in tallies]) is expected


def test_no_standard_is_not_crossed() -> None:
    assert crossed([JudgedScore(tally=SURE)]) is None


APRIL = datetime(2026, 4, 1, 6, tzinfo=UTC)  # eight o'clock


def test_month_that_ended_below_the_standard_tells_everybody_once(
    market: Market, alice: User, bob: User, cora: User, dirk: User
) -> None:
    imported(market.shop, *[10] * 60, submitted_at=NOON - timedelta(days=30))
    imported(market.shop, *[0] * 60, submitted_at=NOON)

    look_at_clock(now=NOON)  # February was the first that surely was above
    look_at_clock(now=APRIL - MINUTE)
    assert of_kind(AlertKind.STANDARD) == []
    look_at_clock(now=APRIL)
    look_at_clock(now=APRIL + HOUR)
    look_at_clock(now=APRIL + timedelta(days=10))

    assert of_kind(AlertKind.STANDARD) == [(alice, APRIL), (bob, APRIL), (cora, APRIL)]
    alert = Alert.objects.get(user=cora, kind=AlertKind.STANDARD)
    assert alert.day == date(2026, 3, 1)
    words = "March 2026: −100 from 60 measurements, now surely below standard"
    assert alert_in_words(alert).startswith(words)
    assert path_of(alert) == f"/queries/nps/?month=2026-03&shop={market.shop.pk}"


def test_running_month_tells_nothing(fietsenzo: Seller) -> None:
    imported(fietsenzo, *[0] * 60, submitted_at=NOON)

    look_at_clock(now=NOON + HOUR)

    assert of_kind(AlertKind.STANDARD) == []
