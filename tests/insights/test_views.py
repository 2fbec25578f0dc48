"""The tab "NPS after customer contact"."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from time_machine import travel

from insights.views import ROWS_PER_PAGE
from queries.enums import ActorType
from sellers.models import User
from surveys.enums import InvitationState, SuppressionReason
from surveys.models import Topic
from tests.conftest import Market

TAB = "/queries/nps/"
NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)
FRAGMENT = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _twentieth_of_march() -> Iterator[None]:
    """Stop the clock."""
    with travel(NOW, tick=False):
        yield


@pytest.fixture
def cora_s(log_in: Callable[[User], Client], cora: User) -> Client:
    """The browser of Cora, who only reads."""
    return log_in(cora)


def text(response: HttpResponse) -> str:
    """Return a page as people read it."""
    return unescape(response.content.decode())


def scores(response: HttpResponse) -> list[int]:
    """Return the rows of the list in their order."""
    return [measurement.score for measurement in response.context["page"]]


def test_tab_of_a_shop_without_measurements_shows_no_score(cora_s: Client) -> None:
    page = cora_s.get(TAB)

    assert page.status_code == 200
    assert page.context["chosen"].nps is None
    assert "Nobody answered in the last 28 days" in text(page)


def test_tab_shows_the_running_month(cora_s: Client, market: Market) -> None:
    for score in (10, 10, 8, 0):
        market.response(score, submitted_at=NOW - DAY)

    page = cora_s.get(TAB)

    assert page.context["chosen"].shown == 25
    assert "+25" in text(page)
    assert "still running · updated today 13:00 (Amsterdam)" in text(page)


def test_tab_shows_any_of_the_24_months(cora_s: Client, market: Market) -> None:
    market.response(10, submitted_at=datetime(2025, 6, 10, tzinfo=UTC))

    page = cora_s.get(TAB, {"month": "2025-06"})

    assert f"{page.context['chosen'].month:%Y-%m}" == "2025-06"
    assert "+100" in text(page)


@pytest.mark.parametrize("month", ["", "x", "2026-13", "2019-01", "2027-01", "2026-3", "\x00"])
def test_tab_shows_the_running_month_for_what_is_none(
    cora_s: Client, market: Market, month: str
) -> None:
    market.response(10, submitted_at=NOW - DAY)

    page = cora_s.get(TAB, {"month": month})

    assert page.status_code == 200
    assert page.context["chosen"].running


def test_tab_shows_the_change_against_the_month_before(cora_s: Client, market: Market) -> None:
    market.response(8, submitted_at=datetime(2026, 2, 10, tzinfo=UTC))
    market.response(10, submitted_at=NOW - DAY)

    assert cora_s.get(TAB).context["change"] == 100


def test_tab_shows_the_way_from_query_to_measurement(cora_s: Client, market: Market) -> None:
    market.response(9, submitted_at=NOW - DAY)
    market.invitation(market.closing(closed_at=NOW - 3 * DAY))
    market.closing(closed_at=NOW - DAY)
    market.response(9, submitted_at=datetime(2026, 2, 10, tzinfo=UTC))

    page = cora_s.get(TAB)

    steps = [(step.label, step.count) for step in page.context["funnel_steps"]]
    assert steps == [("Closed", 3), ("Sent", 2), ("Answered", 1)]
    assert "still to be decided" in text(page)
    assert "can still be answered" in text(page)
    assert "50% of 2" in text(page)


def test_tab_shows_the_funnel_of_the_chosen_month(cora_s: Client, market: Market) -> None:
    market.response(9, submitted_at=datetime(2026, 2, 10, tzinfo=UTC))

    assert "No query was closed in this month" in text(cora_s.get(TAB))
    assert "100% of 1" in text(cora_s.get(TAB, {"month": "2026-02"}))


def test_tab_does_not_tell_who_opted_out(cora_s: Client, market: Market) -> None:
    invitation = market.invitation(market.closing(closed_at=NOW - 3 * DAY))
    invitation.state, invitation.reason = InvitationState.SUPPRESSED, SuppressionReason.OPTED_OUT
    invitation.save()

    page = text(cora_s.get(TAB))

    assert "customer is not surveyed now" in page
    assert str(SuppressionReason.OPTED_OUT.label) not in page


def test_list_has_the_last_28_days_latest_first(cora_s: Client, market: Market) -> None:
    midnight = datetime(2026, 2, 20, 23, tzinfo=UTC)  # 28 days with today, in Amsterdam
    market.response(1, submitted_at=midnight - timedelta(seconds=1))
    market.response(2, submitted_at=midnight)
    market.response(3, submitted_at=NOW)

    assert scores(cora_s.get(TAB)) == [3, 2]


def test_list_shows_what_belongs_to_a_measurement(cora_s: Client, market: Market) -> None:
    response = market.response(3, submitted_at=NOW - DAY, reason="It never came.")
    response.response_topics.create(topic=Topic.objects.get(slug="speed"))

    page = text(cora_s.get(TAB))

    for expected in ("It never came.", "Where is my parcel?", "Speed", "Bob", "Detractor"):
        assert expected in page
    assert response.query.get_absolute_url() in page


def test_list_leaves_out_another_shop_and_what_does_not_count(
    cora_s: Client, dirk: User, market: Market, other_market: Market
) -> None:
    market.response(9, submitted_at=NOW - DAY, reason="Ours.")
    market.response(0, submitted_at=NOW - DAY, reason="Not ours.", closed_by=ActorType.MARKETPLACE)
    other_market.response(0, submitted_at=NOW - DAY, reason="Theirs.")
    dirk_s = Client()
    dirk_s.force_login(dirk)

    ours, theirs = cora_s.get(TAB), dirk_s.get(TAB)

    assert "Ours." in text(ours)
    assert "Not ours." not in text(ours)
    assert "Theirs." not in text(ours)
    assert scores(ours) == [9]
    assert ours.context["chosen"].nps == 100
    assert "Theirs." in text(theirs)
    assert theirs.context["chosen"].nps == -100


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [10, 9, 8, 7, 6, 0]),
        ("?band=promoter", [10, 9]),
        ("?band=passive", [8, 7]),
        ("?band=detractor", [6, 0]),
        ("?score=0", [0]),
        ("?score=5", []),
        ("?band=promoter&score=9", [9]),
        ("?band=everybody", [10, 9, 8, 7, 6, 0]),
        ("?score=11", [10, 9, 8, 7, 6, 0]),
        ("?score=seven&page=9", [10, 9, 8, 7, 6, 0]),
        ("?band=%00", [10, 9, 8, 7, 6, 0]),
    ],
)
@pytest.mark.parametrize("headers", [{}, FRAGMENT], ids=["page", "fragment"])
def test_list_is_narrowed_from_the_address(
    cora_s: Client, market: Market, query: str, expected: list[int], headers: dict[str, str]
) -> None:
    for score in (0, 6, 7, 8, 9, 10):
        market.response(score, submitted_at=NOW - DAY)

    page = cora_s.get(TAB + query, headers=headers)

    assert page.status_code == 200
    assert scores(page) == expected
    assert [pill.count for pill in page.context["pills"]] == [6, 2, 2, 2]


def test_list_has_pages_that_keep_the_filter(cora_s: Client, market: Market) -> None:
    for _ in range(ROWS_PER_PAGE + 1):
        market.response(9, submitted_at=NOW - DAY)

    page = cora_s.get(TAB, {"band": "promoter"})

    assert len(scores(page)) == ROWS_PER_PAGE
    assert "?band=promoter&page=2" in text(page)
    assert len(scores(cora_s.get(TAB, {"band": "promoter", "page": 2}))) == 1


def test_list_alone_is_what_htmx_gets(cora_s: Client, market: Market) -> None:
    market.response(3, submitted_at=NOW - DAY, reason="It never came.")

    page, fragment = cora_s.get(TAB), cora_s.get(TAB, headers=FRAGMENT)

    assert "It never came." in text(fragment)
    assert "<html" in text(page)
    assert "<html" not in text(fragment)
    assert "HX-Request" in page["Vary"]


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("headers", "queries"),
    [pytest.param({}, 10, id="page"), pytest.param(FRAGMENT, 7, id="fragment")],
)
def test_tab_asks_the_database_as_often_for_many_as_for_one(
    cora_s: Client,
    market: Market,
    django_assert_num_queries: DjangoAssertNumQueries,
    headers: dict[str, str],
    queries: int,
    count: int,
) -> None:
    for topic in Topic.objects.all()[:count]:
        response = market.response(3, submitted_at=NOW - DAY)
        response.response_topics.create(topic=topic)

    with django_assert_num_queries(queries):
        page = cora_s.get(TAB, headers=headers)

    assert len(scores(page)) == count


def test_list_escapes_what_customers_type(cora_s: Client, market: Market) -> None:
    market.response(3, submitted_at=NOW - DAY, reason="<script>alert(1)</script>")

    page = cora_s.get(TAB).content.decode()

    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
