"""The score of a month in detail, against a recount of the raw rows."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from html import unescape
from random import Random

import pytest
from django.template.loader import render_to_string
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from insights.charts.waterfall import waterfall
from insights.reports.months import shop_history
from insights.reports.topics import TopicReport, topic_comments, topic_report
from insights.topics import Kind
from queries.enums import ActorType
from sellers.events import Actor
from sellers.models import Seller, User
from surveys.exclusions import exclude, lift
from surveys.models import SurveyResponse, Topic
from tests.measurements import imported

TODAY = date(2026, 3, 20)
FEBRUARY, MARCH, APRIL = date(2026, 2, 1), date(2026, 3, 1), date(2026, 4, 1)
NOW = datetime(2026, 3, 12, 11, tzinfo=UTC)

Answering = Callable[..., list[SurveyResponse]]


@pytest.fixture
def topics(db: None) -> list[Topic]:
    """The six topics in their order."""
    return list(Topic.objects.order_by("position", "pk"))


@pytest.fixture
def answer(fietsenzo: Seller) -> Answering:
    """Store imported measurements of one moment with the same topics, a row each score."""

    def answered(
        *scores: int,
        topics: list[Topic] | None = None,
        at: datetime = NOW,
        reason: str = "",
        closed_by: ActorType = ActorType.SELLER,
        seller: Seller = fietsenzo,
    ) -> list[SurveyResponse]:
        return imported(
            seller,
            *scores,
            submitted_at=at,
            topics=topics or [],
            closed_by=closed_by,
            reason=reason,
        )

    return answered


def report(seller: Seller, *, today: date = TODAY) -> TopicReport:
    """Return what the tab shows of March."""
    months = shop_history(seller, today=today, detailed=[FEBRUARY, MARCH])
    march = months.find(MARCH)
    assert march
    return topic_report(march, topics=Topic.objects.all())


def recount(seller: Seller, month: date) -> dict[int | None, Fraction]:
    """Return the contributions of a month, added up response by response."""
    points: dict[int | None, Fraction] = {}
    counting = [
        response
        for response in SurveyResponse.objects.filter(month=month).prefetch_related("exclusions")
        if response.seller == seller
        and response.closed_by == "seller"
        and not any(one.lifted_at is None for one in response.exclusions.all())
    ]
    for response in counting:
        ticked = [one.topic_id for one in response.response_topics.all()] or [None]
        worth = 1 if response.score >= 9 else -1 if response.score <= 6 else 0
        for topic in ticked:
            points[topic] = points.get(topic, Fraction()) + Fraction(
                100 * worth, len(ticked) * len(counting)
            )
    return points


def test_report_is_a_recount_of_the_raw_rows(
    answer: Answering, topics: list[Topic], fietsenzo: Seller, other_shop: Seller, alice: User
) -> None:
    rng = Random(4)
    for month in (FEBRUARY, MARCH):
        for _ in range(60):
            at = NOW.replace(month=month.month, day=rng.randint(2, 27))
            ticked = rng.sample(topics[:4], rng.choice([0, 1, 1, 2, 3]))
            answer(rng.randint(0, 10), topics=ticked, at=at)
    excluded = [
        exclude(response, reason="Strike", by=Actor.user(alice), now=NOW)
        for response in rng.sample(list(SurveyResponse.objects.filter(month=MARCH)), 8)
    ]
    lift(excluded[0], by=Actor.user(alice), now=NOW)
    answer(0, 0, topics=topics[:1], closed_by=ActorType.MARKETPLACE)
    answer(0, 0, topics=topics[:1], seller=other_shop)

    shown = report(fietsenzo)

    points, before = recount(fietsenzo, MARCH), recount(fietsenzo, FEBRUARY)
    assert {row.part.topic: row.part.contribution for row in shown.rows} == points
    assert sum(points.values()) == shown.total.nps
    assert sum(row.displayed for row in shown.rows) == shown.displayed
    assert shown.total.total == 53
    for row in shown.rows:
        assert row.trend
        topic = row.part.topic
        assert row.trend.contribution == points[topic] - before[topic]


def test_rows_have_label_tip_and_link(
    answer: Answering, topics: list[Topic], fietsenzo: Seller
) -> None:
    speed = topics[0]
    speed.retired_on = TODAY
    speed.save()
    answer(*[0] * 5, topics=[speed])
    answer(10, topics=topics[1:2])
    answer(10)

    with translation.override("nl"):
        costs, other, unspecified = report(fietsenzo).rows

    assert (costs.label, costs.tip) == (speed.label_nl, speed.tip_nl)
    assert costs.link == f"since=2026-03-01&until=2026-03-31&topic={speed.pk}"
    assert (other.part.kind, other.tip, other.link) == (Kind.OTHER, "", "")
    assert unspecified.link == "since=2026-03-01&until=2026-03-31&topic=none"
    assert [row.displayed for row in (costs, other, unspecified)] == [-71, 14, 14]


def test_rows_add_up_to_a_score_with_a_decimal(
    answer: Answering, topics: list[Topic], fietsenzo: Seller
) -> None:
    answer(*[10] * 14, *[7] * 19, topics=topics[:1])
    answer(*[0] * 2, *[8] * 14)  # 12 of 49 is 24.49, within one of the standard

    shown = report(fietsenzo)

    assert shown.displayed == Decimal("24.5")
    assert [row.displayed for row in shown.rows] == [Decimal("28.6"), Decimal("-4.1")]


@pytest.mark.parametrize(
    ("before", "now", "indicative", "certain"),
    [
        pytest.param(4, 30, None, None, id="hidden before"),
        pytest.param(30, 4, None, None, id="hidden now"),
        pytest.param(24, 30, True, False, id="few before"),
        pytest.param(30, 24, True, False, id="few now"),
        pytest.param(30, 30, False, True, id="enough"),
    ],
)
def test_trend_needs_responses_enough(
    answer: Answering,
    topics: list[Topic],
    fietsenzo: Seller,
    before: int,
    now: int,
    indicative: bool | None,
    certain: bool | None,
) -> None:
    answer(*[0] * before, topics=topics[:1], at=NOW - timedelta(days=28))
    answer(*[10] * now, topics=topics[:1])

    trend = report(fietsenzo, today=APRIL).rows[0].trend

    assert (trend and trend.indicative) is indicative
    assert (trend and trend.is_certain) is certain
    runs = report(fietsenzo).rows[0].trend
    assert not (runs and runs.is_certain)  # it may still go either way
    if trend:
        assert (trend.displayed, trend.nps.points) == (200, 200)


def test_trend_within_chance_is_not_certain(
    answer: Answering, topics: list[Topic], fietsenzo: Seller
) -> None:
    answer(*[10] * 15, *[0] * 15, topics=topics[:1], at=NOW - timedelta(days=28))
    answer(*[10] * 17, *[0] * 15, topics=topics[:1])

    trend = report(fietsenzo, today=APRIL).rows[0].trend

    assert trend
    assert not trend.is_certain


def test_comments_are_the_latest_of_detractors_then_of_others(
    answer: Answering, topics: list[Topic], fietsenzo: Seller
) -> None:
    both = topics[:2]
    for day, score, reason in (
        (1, 3, "old"),
        (2, 0, "worst"),
        (5, 10, "praise"),
        (6, 6, "latest"),
        (7, 9, "thanks"),
    ):
        answer(score, topics=both, at=NOW.replace(day=day), reason=reason)
    answer(1, topics=both)
    answer(1, topics=topics[2:3], reason="about something else")
    answer(8, topics=topics[3:4], reason="so-so")

    said = topic_comments(fietsenzo, month=MARCH)

    assert {topic: [one.reason for one in some] for topic, some in said.items()} == {
        topics[0].pk: ["latest", "worst", "old"],
        topics[1].pk: ["latest", "worst", "old"],
        topics[2].pk: ["about something else"],
        topics[3].pk: ["so-so"],
    }


def test_comments_are_those_of_this_shop_and_month_that_count(
    answer: Answering, topics: list[Topic], fietsenzo: Seller, other_shop: Seller, alice: User
) -> None:
    speed = topics[:1]
    month_ends = datetime(2026, 3, 31, 22, tzinfo=UTC)
    (counts, *_) = answer(*[0] * 5, topics=speed, reason="counts")
    (struck,) = answer(0, topics=speed, reason="struck")
    exclude(struck, reason="Strike", by=Actor.user(alice), now=NOW)
    answer(0, topics=speed, reason="theirs", seller=other_shop)
    answer(0, topics=speed, reason="not ours", closed_by=ActorType.MARKETPLACE)
    answer(0, topics=speed, reason="before", at=datetime(2026, 2, 28, 22, 59, tzinfo=UTC))
    answer(0, topics=speed, reason="after", at=month_ends)
    answer(0, reason="without a topic")

    said = topic_comments(fietsenzo, month=MARCH)

    assert said.keys() == {topics[0].pk}
    comments = said[topics[0].pk]
    assert [comment.reason for comment in comments] == ["counts"] * 3
    assert (comments[0].score, comments[0].band) == (counts.score, counts.band)


@pytest.mark.parametrize("count", [1, 3])
def test_comments_take_one_statement(
    answer: Answering,
    topics: list[Topic],
    fietsenzo: Seller,
    django_assert_num_queries: DjangoAssertNumQueries,
    count: int,
) -> None:
    for topic in topics[:count]:
        answer(*[0] * 5, topics=[topic], reason="Too late.")

    with django_assert_num_queries(1):
        said = topic_comments(fietsenzo, month=MARCH)

    assert len(said) == count


def test_month_without_measurements_has_nothing_to_divide(
    fietsenzo: Seller, topics: list[Topic]
) -> None:
    shown = report(fietsenzo)

    assert (shown.displayed, shown.rows, shown.ticked, shown.has_topics) == (None, (), 0, False)


def test_month_without_topics_says_so(answer: Answering, fietsenzo: Seller) -> None:
    answer(10, 10, 0)

    shown = report(fietsenzo)

    assert (shown.total.total, shown.ticked, shown.has_topics) == (3, 0, False)


def test_month_with_few_topics_says_so(
    answer: Answering, topics: list[Topic], fietsenzo: Seller
) -> None:
    answer(10, 10, 0, topics=topics[:2])
    answer(7)

    shown = report(fietsenzo)

    assert (shown.total.total, shown.ticked, shown.has_topics) == (4, 3, False)


def section(seller: Seller) -> str:
    """Return the section of the tab as people read it."""
    shown = report(seller)
    context = {"topics": shown, "waterfall": waterfall(shown)}
    return " ".join(unescape(render_to_string("insights/_topics.html", context)).split())


def test_section_says_in_words_what_costs_and_brings(
    answer: Answering, topics: list[Topic], fietsenzo: Seller
) -> None:
    answer(*[0] * 5, topics=topics[:1], reason="Too late")
    answer(*[10] * 30, topics=topics[1:2])
    answer(*[10] * 4)

    with translation.override("nl"):
        page = section(fietsenzo)

    # The points, and the positions of the bars whatever the reader's decimals.
    assert "−13 <span" in page
    assert "+77 <span" in page
    assert 'x="0.0%"' in page
    assert "12,8" not in page
    assert topics[0].tip_nl in page
    assert (
        f"/queries/nps/measurements/?since=2026-03-01&until=2026-03-31&topic={topics[0].pk}" in page
    )
    assert f"/queries/nps/comments/?month=2026-03&topic={topics[0].pk}" in page


def test_comments_escape_what_customers_type(
    answer: Answering, topics: list[Topic], fietsenzo: Seller
) -> None:
    answer(*[0] * 5, topics=topics[:1], reason="<script>alert(1)</script>")
    (said,) = topic_comments(fietsenzo, month=MARCH).values()

    page = render_to_string("insights/_topic_comments.html", {"comments": said})

    assert "&lt;script&gt;alert(1)" in page
    assert "<script>" not in page


@pytest.mark.parametrize(
    ("ticked", "unticked", "expected"),
    [
        pytest.param(0, 0, "No score to look into yet", id="nobody"),
        pytest.param(0, 1, "the one customer who answered skipped them", id="one, no topic"),
        pytest.param(0, 3, "all 3 customers skipped them", id="three, no topic"),
        pytest.param(4, 3, "4 customers ticked a topic, but", id="few"),
        pytest.param(5, 0, "the bars add up to +100", id="enough"),
    ],
)
def test_section_has_something_to_say_for_every_shop(
    answer: Answering,
    topics: list[Topic],
    fietsenzo: Seller,
    ticked: int,
    unticked: int,
    expected: str,
) -> None:
    answer(*[10] * ticked, topics=topics[:1])
    answer(*[10] * unticked)

    assert expected in section(fietsenzo)
