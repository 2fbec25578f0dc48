"""How many first replies came in time, per month of asking."""

import csv
import io
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from insights.reports.first_replies import first_replies_by_month, month_first_replies
from insights.reports.handling import Share
from queries import actions
from queries.enums import ActorType
from queries.models import CustomerQuery
from tests.conftest import Market, text
from tests.insights.conftest import DAY, NOW

pytestmark = pytest.mark.usefixtures("_twentieth_of_march")

FUNNEL = "/queries/nps/funnel/"
TAB = "/queries/nps/"
FRAGMENT = {"HX-Request": "true"}
MARCH = date(2026, 3, 1)
HOUR = timedelta(hours=1)
MONDAY = datetime(2026, 3, 9, 11, tzinfo=UTC)


def replied(market: Market, *, hours: float, asked_at: datetime = MONDAY) -> CustomerQuery:
    query = market.query(asked_at=asked_at)
    actions.reply(query, body="So.", by=market.actor, now=asked_at + hours * HOUR)
    return query


def march(market: Market, *, now: datetime = NOW) -> Share:
    return month_first_replies(market.shop, month=MARCH, now=now)


def test_first_replies_are_counted(market: Market) -> None:
    replied(market, hours=1)
    replied(market, hours=23)
    replied(market, hours=24)

    assert march(market) == Share(2, 3)


def test_what_is_overdue_counts_and_what_is_not_due_yet_does_not(market: Market) -> None:
    query = market.query(asked_at=MONDAY)

    assert march(market, now=query.due_at - HOUR) == Share(0, 0)
    assert march(market, now=query.due_at) == Share(0, 1)


def test_what_is_not_the_shop_s_does_not_count(market: Market) -> None:
    staff = market.closer(ActorType.MARKETPLACE)
    for closes in (False, True):
        query = market.query(asked_at=MONDAY)
        actions.hand_over(query, reason="Lost.", by=market.actor, now=MONDAY + HOUR)
        actions.settle(
            query, body="" if closes else "So.", closes=closes, by=staff, now=MONDAY + DAY
        )
    actions.log_phone_contact(
        market.shop, name="K", subject="Hm", note="So.", by=market.actor, now=MONDAY
    )
    actions.close(market.query(asked_at=MONDAY), by=market.actor, now=MONDAY + HOUR)

    assert march(market) == Share(0, 0)


def test_month_is_that_of_asking_in_the_marketplace_s_zone(market: Market) -> None:
    last_of_february = datetime(2026, 2, 28, 22, 59, tzinfo=UTC)
    replied(market, hours=1, asked_at=last_of_february)
    replied(market, hours=1, asked_at=last_of_february + timedelta(minutes=1))
    replied(market, hours=1, asked_at=datetime(2026, 3, 31, 21, 59, tzinfo=UTC))
    replied(market, hours=1, asked_at=datetime(2026, 3, 31, 22, 0, tzinfo=UTC))
    april = date(2026, 4, 1)

    counted = first_replies_by_month(market.shop, months=[date(2026, 2, 1), MARCH, april], now=NOW)

    assert counted == {date(2026, 2, 1): Share(1, 1), MARCH: Share(2, 2), april: Share(1, 1)}
    assert march(market) == counted[MARCH]


def test_another_shop_s_do_not_count(market: Market, other_market: Market) -> None:
    replied(other_market, hours=1)

    assert march(market) == Share(0, 0)
    assert march(other_market) == Share(1, 1)


@pytest.mark.parametrize("count", [1, 3])
def test_one_statement_for_many_as_for_one(
    market: Market, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    for _ in range(count):
        replied(market, hours=1)

    with django_assert_num_queries(1):
        assert march(market) == Share(count, count)
    with django_assert_num_queries(1):
        first_replies_by_month(market.shop, months=[MARCH], now=NOW)


def test_card_of_the_month_gets_it_with_the_funnel(cora_s: Client, market: Market) -> None:
    replied(market, hours=1)
    replied(market, hours=30)

    fragment = text(cora_s.get(FUNNEL, headers=FRAGMENT))

    assert 'id="first-replies" hx-swap-oob="true"' in fragment
    assert "<dd>50% (1 of 2)</dd>" in fragment
    assert "First reply in time: 50% (1 of 2)." in text(cora_s.get(FUNNEL))
    assert "First reply in time: –." in text(cora_s.get(FUNNEL, {"month": "2026-02"}))


def test_card_leads_there_without_javascript(cora_s: Client, market: Market) -> None:
    market.response(9, submitted_at=NOW - DAY)

    page = text(cora_s.get(TAB, {"month": "2026-03"}))
    together = text(cora_s.get(TAB))  # twelve months, of which this is one

    assert '<div id="first-replies">' in page
    assert "first-replies" not in together
    assert f'href="{FUNNEL}?month=2026-03"' in page


def test_file_of_the_months_has_it(cora_s: Client, market: Market) -> None:
    replied(market, hours=1)
    replied(market, hours=30)
    replied(market, hours=1, asked_at=datetime(2024, 4, 2, 11, tzinfo=UTC))

    file = cora_s.get("/queries/nps/download/months.csv?dialect=international").getvalue()

    rows = list(csv.DictReader(io.StringIO(file.decode().removeprefix("\ufeff"))))
    counts = [(row["first_replies"], row["first_replies_in_time"]) for row in rows]
    assert counts == [("1", "1"), *[("0", "0")] * 22, ("2", "1")]
