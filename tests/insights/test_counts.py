"""What is kept of each month, and how it stays true."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime
from random import Random

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from pytest_django import DjangoAssertNumQueries

from insights import tasks
from insights.counts import MonthAnswers, answers_by_month
from insights.keeping import keep_counts, recount, wrong_shops
from insights.models import CountingMark, MonthCount
from queries.enums import ActorType
from sellers.events import Actor
from sellers.models import Seller, User
from surveys.answers import submit
from surveys.exclusions import exclude, lift
from surveys.models import ResponseTopic, SurveyResponse, Topic
from surveys.nps import Answer
from tests.conftest import Market, at_once, refused_by
from tests.measurements import imported

FEBRUARY, MARCH, APRIL = date(2026, 2, 1), date(2026, 3, 1), date(2026, 4, 1)
NOON = datetime(2026, 3, 12, 11, tzinfo=UTC)


def counted(seller: Seller, *detailed: date) -> dict[date, MonthAnswers]:
    """Return what the tab reads of spring."""
    return dict(answers_by_month(seller, first=FEBRUARY, last=APRIL, detailed=detailed))


def by_hand(seller: Seller) -> dict[date, Counter[int]]:
    """Count the scores of a shop's months from the raw rows."""
    months: dict[date, Counter[int]] = {}
    for month, score in SurveyResponse.objects.filter(
        seller=seller, closed_by="seller"
    ).values_list("month", "score"):
        months.setdefault(month, Counter())[score] += 1
    return months


@pytest.fixture
def answer(market: Market) -> Callable[..., SurveyResponse]:
    """Let a customer of Fietsenzo answer, and tick topics."""

    def answered(score: int, *topics: Topic, month: date = MARCH) -> SurveyResponse:
        response = market.response(score, submitted_at=NOON.replace(month=month.month))
        ResponseTopic.objects.bulk_create(
            ResponseTopic(response=response, topic=topic) for topic in topics
        )
        return response

    return answered


@pytest.fixture(params=["live", "kept", "half"])
def keeping(request: pytest.FixtureRequest) -> Callable[[], object]:
    """Keep all counts, none, or what there is at the first of two calls."""
    calls = iter([True, False] if request.param == "half" else [request.param == "kept"] * 2)
    return lambda: keep_counts() if next(calls) else None


def test_answers_are_the_same_kept_or_not(
    answer: Callable[..., SurveyResponse], keeping: Callable[[], object], fietsenzo: Seller
) -> None:
    speed, clarity = Topic.objects.order_by("pk")[:2]
    answer(10, speed)
    answer(10, speed)
    answer(3, clarity, speed, month=FEBRUARY)
    keeping()
    answer(10)
    answer(0, clarity)
    keeping()

    months = counted(fietsenzo, MARCH)

    assert months == {
        FEBRUARY: MonthAnswers(Counter({3: 1})),
        MARCH: MonthAnswers(
            Counter({10: 3, 0: 1}),
            Counter(
                {
                    Answer((), 10): 1,
                    Answer((speed.pk,), 10): 2,
                    Answer((clarity.pk,), 0): 1,
                }
            ),
        ),
    }


def test_excluded_answers_are_taken_off_and_come_back(
    answer: Callable[..., SurveyResponse],
    keeping: Callable[[], object],
    fietsenzo: Seller,
    alice: User,
) -> None:
    responses = [answer(score) for score in (10, 0, 0)]
    keeping()

    exclusion = exclude(responses[2], reason="Courier on strike", by=Actor.user(alice), now=NOON)
    keeping()

    assert counted(fietsenzo, MARCH)[MARCH] == MonthAnswers(
        Counter({10: 1, 0: 1}), Counter({Answer((), 10): 1, Answer((), 0): 1}), excluded=1
    )

    lift(exclusion, by=Actor.user(alice), now=NOON)

    assert counted(fietsenzo)[MARCH] == MonthAnswers(Counter({10: 1, 0: 2}))


def test_month_of_which_all_is_excluded_has_no_score(
    answer: Callable[..., SurveyResponse], fietsenzo: Seller, alice: User
) -> None:
    exclude(answer(0), reason="Courier on strike", by=Actor.user(alice), now=NOON)
    keep_counts()

    assert counted(fietsenzo)[MARCH] == MonthAnswers(excluded=1)


@pytest.mark.parametrize("seed", range(3))
def test_kept_counts_are_those_of_the_rows(market: Market, other_market: Market, seed: int) -> None:
    random = Random(seed)
    for _ in range(4):
        for shop in (market, other_market):
            for _ in range(random.randrange(4)):
                month = random.choice([FEBRUARY, MARCH, APRIL])
                shop.response(random.randrange(11), submitted_at=NOON.replace(month=month.month))
        keep_counts()

    for shop in (market.shop, other_market.shop):
        expected = {month: MonthAnswers(scores) for month, scores in by_hand(shop).items()}
        assert counted(shop) == expected
        assert shop.pk not in wrong_shops()


def test_answers_about_what_the_marketplace_closed_are_not_kept(market: Market) -> None:
    market.response(10, closed_by="marketplace")

    assert keep_counts() == 0
    assert counted(market.shop) == {}
    assert CountingMark.objects.get().response_id == SurveyResponse.objects.get().pk


def test_counting_asks_as_often_for_many_as_for_one(
    answer: Callable[..., SurveyResponse],
    fietsenzo: Seller,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(2):
        counted(fietsenzo, MARCH)
    answer(9)
    with django_assert_num_queries(3):
        counted(fietsenzo, MARCH)
    for score in range(5):
        answer(score)
    keep_counts()
    answer(9)

    with django_assert_num_queries(3):
        counted(fietsenzo, MARCH)


def test_keeping_twice_counts_once(
    answer: Callable[..., SurveyResponse], fietsenzo: Seller
) -> None:
    answer(9)

    assert [keep_counts(), keep_counts()] == [1, 0]
    assert counted(fietsenzo)[MARCH].scores == {9: 1}


def test_keeping_at_once_counts_once(committed_db: None, market: Market) -> None:
    for score in (10, 3):
        market.response(score)

    assert sorted(at_once(*[keep_counts] * 4)) == [0, 0, 0, 1]
    assert counted(market.shop)[MARCH].scores == {10: 1, 3: 1}


def test_keeping_waits_for_who_is_storing_an_answer(committed_db: None, market: Market) -> None:
    """An answer with a lower pk may come after one with a higher: the mark passes neither."""
    market.response(10)
    market.response(9)
    keep_counts()
    slow = market.invitation()
    quick = market.invitation()

    def answer_slowly() -> None:
        with transaction.atomic():
            submit(
                slow.token_digest,
                score=0,
                reason="",
                topics=[],
                may_contact=None,
                opened_at=None,
                by=Actor.CUSTOMER,
                now=NOON,
            )
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(0.15)")

    def answer_quickly_and_keep() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.05)")
        submit(
            quick.token_digest,
            score=8,
            reason="",
            topics=[],
            may_contact=None,
            opened_at=None,
            by=Actor.CUSTOMER,
            now=NOON,
        )
        keep_counts()

    at_once(answer_slowly, answer_quickly_and_keep)
    keep_counts()

    assert market.shop.pk not in wrong_shops()
    assert counted(market.shop)[MARCH].scores == {10: 1, 9: 1, 8: 1, 0: 1}


SPOIL = [
    pytest.param("UPDATE insights_monthcount SET scores[1] = 7", id="another count"),
    pytest.param("UPDATE insights_monthcount SET choices = '[]'", id="no choices"),
    pytest.param("UPDATE insights_monthcount SET month = '2025-01-01'", id="another month"),
    pytest.param("DELETE FROM insights_monthcount", id="nothing kept"),
]


@pytest.mark.usefixtures("owner_db")
@pytest.mark.parametrize("statement", SPOIL)
def test_recount_mends_what_was_spoilt(
    answer: Callable[..., SurveyResponse], fietsenzo: Seller, statement: str
) -> None:
    answer(9)
    keep_counts()
    with connection.cursor() as cursor:
        cursor.execute(statement)

    assert wrong_shops() == {fietsenzo.pk}
    recount(fietsenzo.pk)
    assert wrong_shops() == set()
    assert counted(fietsenzo)[MARCH].scores == {9: 1}


@pytest.mark.usefixtures("owner_db")
def test_recount_months_counts_every_shop(
    market: Market, other_market: Market, capsys: pytest.CaptureFixture[str]
) -> None:
    market.response(9)
    other_market.response(2)
    keep_counts()
    MonthCount.objects.filter(seller=market.shop).delete()

    call_command("recount_months")

    assert "2 shops counted again, 1 had been wrong." in capsys.readouterr().out
    assert market.shop.pk not in wrong_shops()


def test_task_keeps_counts(
    answer: Callable[..., SurveyResponse], caplog: pytest.LogCaptureFixture
) -> None:
    answer(9)

    with caplog.at_level("INFO"):
        tasks.keep_counts()
        tasks.keep_counts()

    assert [record.getMessage() for record in caplog.records] == [
        "Counted the new answers of 1 shops"
    ]


@pytest.mark.usefixtures("owner_db")
def test_month_is_kept_once(fietsenzo: Seller) -> None:
    row = {"seller": fietsenzo, "month": MARCH, "scores": [0] * 11, "choices": []}
    MonthCount.objects.create(**row)

    with refused_by("month_counted_once"):
        MonthCount.objects.create(**row)


@pytest.mark.usefixtures("owner_db")
@pytest.mark.parametrize("length", [0, 10, 12])
def test_month_counts_each_score(fietsenzo: Seller, length: int) -> None:
    with refused_by("month_counts_each_score"):
        MonthCount.objects.create(seller=fietsenzo, month=MARCH, scores=[0] * length, choices=[])


@pytest.mark.usefixtures("owner_db")
def test_there_is_one_counting_mark(db: None) -> None:
    with refused_by("counting_mark_is_one"):
        CountingMark.objects.create(pk=2, response_id=0)


def test_months_with_imports_are_known(
    answer: Callable[..., SurveyResponse],
    fietsenzo: Seller,
    other_shop: Seller,
    keeping: Callable[[], object],
) -> None:
    answer(9)
    answer(9, month=FEBRUARY)
    imported(fietsenzo, 3, submitted_at=NOON.replace(month=2), closed_by=ActorType.MARKETPLACE)
    imported(other_shop, 3, submitted_at=NOON.replace(month=2))
    keeping()
    imported(fietsenzo, 3, submitted_at=NOON.replace(month=4))
    assert _imported_months(fietsenzo) == {APRIL}

    imported(fietsenzo, 3, submitted_at=NOON)
    keeping()

    assert _imported_months(fietsenzo) == {MARCH, APRIL}


def _imported_months(seller: Seller) -> set[date]:
    return {month for month, found in counted(seller).items() if found.imported}
