"""What happened tells whom it concerns, once, as they want it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from insights.enums import UnsentAlertReason
from insights.models import Alert, AlertMail
from queries import actions
from queries.enums import ActorType, Channel
from sellers.enums import AlertKind
from sellers.events import Actor
from sellers.models import AlertPreferences, User
from surveys import exclusions
from surveys.followups.escalation import escalate_overdue
from tests.alerting import ANSWERED, mail, tell, told
from tests.conftest import NOON, Market, at_once, refused_by
from tests.measurements import imported

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


def kinds(user: User) -> set[str]:
    """Return what somebody was told of, whenever."""
    return set(told(user))


# Low scores


@pytest.mark.parametrize(("score", "is_low"), [(0, True), (6, True), (7, False), (10, False)])
def test_low_score_is_told_at_once(market: Market, alice: User, score: int, is_low: bool) -> None:
    response = market.response(score)

    tell()

    found = Alert.objects.filter(kind=AlertKind.LOW_SCORE, user=alice)
    assert [alert.response for alert in found] == [response] * is_low


@pytest.mark.parametrize(("threshold", "is_low"), [(4, False), (5, True), (10, True)])
def test_everybody_says_what_is_low(
    market: Market, alice: User, bob: User, threshold: int, is_low: bool
) -> None:
    AlertPreferences.objects.create(user=alice, low_score_at_most=threshold)
    AlertPreferences.objects.create(user=bob, low_score_at_most=0)
    market.response(5)

    tell()

    assert (AlertKind.LOW_SCORE in kinds(alice)) is is_low
    assert AlertKind.LOW_SCORE not in kinds(bob)


@pytest.mark.parametrize(("score", "told_too"), [(2, False), (3, True)])
def test_the_worst_scores_are_told_to_who_follows_up_and_not_to_who_was_scored(
    market: Market, alice: User, bob: User, score: int, told_too: bool
) -> None:
    market.response(score)  # Bob closed the query

    tell()

    assert AlertKind.LOW_SCORE in kinds(alice)
    assert (AlertKind.LOW_SCORE in kinds(bob)) is told_too


def test_low_score_tells_an_account_contact_who_only_reads_and_is_mailed(
    market: Market, cora: User
) -> None:
    market.shop.account_contact = cora
    market.shop.save(update_fields=["account_contact"])
    market.response(2)

    tell()
    mail()

    alert = Alert.objects.get(user=cora)
    assert (alert.kind, alert.was_mailed) == (AlertKind.LOW_SCORE, True)


def test_low_score_of_what_the_marketplace_closed_tells_nobody(market: Market, alice: User) -> None:
    market.response(0, closed_by=ActorType.MARKETPLACE)

    tell()

    assert AlertKind.LOW_SCORE not in kinds(alice)


def test_low_score_that_was_excluded_at_once_tells_nobody(market: Market, alice: User) -> None:
    response = market.response(0)
    staff = User.objects.create_user("staff@markt.example", name="S", is_staff=True)
    exclusions.exclude(response, reason="A fire.", by=Actor.user(staff), now=ANSWERED)

    tell()

    assert AlertKind.LOW_SCORE not in kinds(alice)


def test_low_score_tells_no_other_shop(market: Market, dirk: User, cora: User) -> None:
    market.response(0)

    tell()

    assert told(dirk) == told(cora) == []


def test_ten_thousand_imported_measurements_tell_nobody(market: Market) -> None:
    imported(market.shop, *[0] * 10_000, submitted_at=ANSWERED)

    tell()
    mail()

    assert not Alert.objects.exists()
    assert not AlertMail.objects.exists()


# New queries


def test_new_query_tells_who_answers(
    market: Market, alice: User, bob: User, cora: User, dirk: User
) -> None:
    query = market.query(asked_at=NOON)

    tell(now=NOON)

    assert told(alice) == told(bob) == [AlertKind.NEW_QUERY]
    assert told(cora) == told(dirk) == []
    assert {alert.query for alert in Alert.objects.all()} == {query}


def test_new_query_tells_not_who_entered_it(market: Market, alice: User, bob: User) -> None:
    actions.ask(
        market.shop,
        customer=market.new_customer(),
        subject="By letter",
        body="Where is it?",
        channel=Channel.EMAIL,
        by=Actor.user(bob),
        now=NOON,
    )

    tell(now=NOON)

    assert told(alice) == [AlertKind.NEW_QUERY]
    assert told(bob) == []


# Tasks


def test_overdue_task_tells_its_assignee_and_the_owner(
    market: Market, alice: User, bob: User, cora: User
) -> None:
    market.response(5)
    late = ANSWERED + timedelta(hours=48)
    escalate_overdue(now=late)

    tell(now=late)

    for user in (alice, bob):
        alert = Alert.objects.get(user=user, kind=AlertKind.TASK_OVERDUE)
        assert alert.score == 5
        assert alert.happened_at == late
    assert told(cora) == []


# As somebody wants it


@pytest.mark.parametrize(
    ("unlisted", "unmailed", "expected"),
    [
        ([], [], (True, "")),
        ([], ["low_score"], (True, UnsentAlertReason.SWITCHED_OFF)),
        (["low_score"], [], (False, "")),
        (["low_score"], ["low_score"], None),
        (["digest"], ["digest"], (True, "")),
    ],
)
def test_everybody_chooses_how(
    market: Market,
    alice: User,
    unlisted: list[str],
    unmailed: list[str],
    expected: tuple[bool, str] | None,
) -> None:
    AlertPreferences.objects.create(user=alice, unlisted=unlisted, unmailed=unmailed)
    market.response(2)

    tell()

    found = Alert.objects.filter(user=alice, kind=AlertKind.LOW_SCORE)
    assert list(found.values_list("listed", "unsent_reason")) == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("later", "reason"),
    [
        pytest.param(DAY - SECOND, "", id="within a day"),
        pytest.param(DAY, UnsentAlertReason.TOO_OLD, id="a day"),
        pytest.param(30 * DAY, UnsentAlertReason.TOO_OLD, id="a month"),
    ],
)
def test_what_is_old_is_listed_and_not_mailed(
    market: Market, alice: User, later: timedelta, reason: str
) -> None:
    market.response(2)

    tell(now=ANSWERED + later)

    alert = Alert.objects.get(user=alice, kind=AlertKind.LOW_SCORE)
    assert (alert.listed, alert.unsent_reason) == (True, reason)


def test_what_is_too_old_to_be_kept_is_not_told_at_all(market: Market) -> None:
    market.response(2)

    tell(now=ANSWERED + 90 * DAY)

    assert not Alert.objects.exists()


def test_who_left_or_may_not_log_in_is_not_told(market: Market, alice: User, bob: User) -> None:
    bob.memberships.update(ended_at=NOON)
    market.query()

    tell(now=NOON)

    assert told(bob) == []
    assert told(alice) == [AlertKind.NEW_QUERY]


def test_telling_twice_tells_once(market: Market, alice: User) -> None:
    market.response(2)

    tell()
    before = list(Alert.objects.order_by("pk").values())
    tell()
    tell(now=ANSWERED + DAY)

    assert list(Alert.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("responses", [1, 3])
def test_telling_asks_the_database_as_often_of_many(market: Market, responses: int) -> None:
    for _ in range(responses):
        market.response(2)

    with CaptureQueriesContext(connection) as asked:
        tell()

    assert len(asked) == 6
    assert Alert.objects.filter(kind=AlertKind.LOW_SCORE).count() == responses


# Guards


@pytest.mark.parametrize(
    ("guard", "wrong"),
    [
        ("alert_kind_known", {"kind": "gossip"}),
        ("alert_unsent_reason_known", {"unsent_reason": "forgotten"}),
    ],
)
def test_alert_refuses(market: Market, alice: User, guard: str, wrong: dict[str, str]) -> None:
    right = {
        "user": alice,
        "seller": market.shop,
        "kind": AlertKind.DIGEST,
        "key": "week 1",
        "happened_at": NOON,
        "created_at": NOON,
        "listed": True,
    }

    with refused_by(guard):
        Alert.objects.create(**right | wrong)
    Alert.objects.create(**right)
    with refused_by("alert_once"):
        Alert.objects.create(**right)
    with refused_by("alert_of_one_thing"):
        Alert.objects.update(happened_at=NOON + DAY)


def test_alerts_that_are_raised_at_once_are_one(
    committed_db: None, market: Market, alice: User
) -> None:
    market.response(2)

    at_once(*[tell] * 4)

    assert told(alice).count(AlertKind.LOW_SCORE) == 1


def test_alert_and_mail_are_of_one_user_and_one_shop(
    market: Market, other_market: Market, alice: User, bob: User
) -> None:
    market.response(4)
    elsewhere = other_market.query()
    tell()
    mail()
    alert = Alert.objects.filter(user=alice, kind=AlertKind.LOW_SCORE)
    other = AlertMail.objects.filter(user=bob).earliest("pk")

    with refused_by("alert_in_a_mail_to_its_user"):
        alert.update(mail=other)
    with refused_by("alertmail_to_one_user"):
        AlertMail.objects.filter(pk=other.pk).update(user=alice)
    with refused_by("alert_of_one_thing"):
        alert.update(query=elsewhere)
    moments = {"happened_at": NOON, "created_at": NOON, "listed": True}
    for about in (
        {"query": elsewhere},
        {"response": other_market.response(9)},
        {"followup": other_market.response(4).followup},
    ):
        with refused_by("alert_of_its_shop"):
            Alert.objects.create(
                user=alice, seller=market.shop, kind=AlertKind.NEW_QUERY, **about, **moments
            )
