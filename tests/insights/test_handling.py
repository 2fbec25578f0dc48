"""What became of the queries of each shop: the ways around a survey, counted."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries
from time_machine import travel

from insights.reports.handling import Handling, Share, handling_by_shop
from insights.wording import counts_in_words, percentage_in_words
from queries import actions
from queries.enums import ActorType
from queries.models import CustomerQuery
from queries.timeouts import CLOSE_AFTER
from sellers.events import Actor
from sellers.models import User
from surveys.periods import Period
from tests.conftest import Market, text

MARCH = Period.of_months(date(2026, 3, 1), date(2026, 3, 1))
BEGIN = datetime(2026, 2, 28, 23, tzinfo=UTC)  # of March, in Amsterdam
END = datetime(2026, 3, 31, 22, tzinfo=UTC)
LATER = END + timedelta(days=30)
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


def handling(market: Market, *, now: datetime = LATER) -> Handling:
    """Return what became of a shop's queries of March."""
    found = handling_by_shop(MARCH, sellers=[market.shop.pk], now=now)
    return found.get(market.shop.pk, Handling())


def handed_over(market: Market, *, asked_at: datetime, after: timedelta = HOUR) -> CustomerQuery:
    """Return a query that was handed over."""
    query = market.query(asked_at=asked_at)
    actions.hand_over(query, reason="Lost.", by=market.actor, now=asked_at + after)
    return query


# A share


@pytest.mark.parametrize(
    ("share", "percentage"),
    [
        (Share(0, 0), None),
        (Share(0, 7), 0),
        (Share(1, 1_000), 1),
        (Share(1, 3), 33),
        (Share(1, 8), 13),
        (Share(1, 2), 50),
        (Share(999, 1_000), 99),
        (Share(7, 7), 100),
    ],
)
def test_share_is_a_whole_percentage(share: Share, percentage: int | None) -> None:
    assert share.percentage == percentage


@given(st.integers(1, 10_000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_share_is_nothing_or_all_only_when_it_is(counts: tuple[int, int]) -> None:
    count, of = counts
    percentage = Share(count, of).percentage

    assert percentage is not None
    assert (percentage == 0) is (count == 0)
    assert (percentage == 100) is (count == of)
    assert abs(percentage - 100 * count / of) < 1


@pytest.mark.parametrize(
    ("share", "percentage", "counts"),
    [
        (Share(), "–", ""),
        (Share(0, 4), "0%", "0 of 4"),
        (Share(12, 4_000), "1%", "12 of 4,000"),
    ],
)
def test_share_is_said_with_its_counts(share: Share, percentage: str, counts: str) -> None:
    assert (percentage_in_words(share), counts_in_words(share)) == (percentage, counts)


# What is counted


def test_nothing_is_counted_of_a_shop_without_queries(market: Market) -> None:
    assert handling_by_shop(MARCH, sellers=[market.shop.pk], now=LATER) == {}


def test_hand_overs_are_of_the_queries_asked_in_the_period(market: Market) -> None:
    for moment in (BEGIN - SECOND, BEGIN, END - SECOND, END):
        handed_over(market, asked_at=moment)
    market.query(asked_at=BEGIN)

    assert handling(market).handed_over == Share(2, 3)


def test_query_handed_over_twice_counts_once(market: Market) -> None:
    query = handed_over(market, asked_at=BEGIN)
    actions.hand_back(query, by=Actor.SYSTEM, now=BEGIN + 2 * HOUR)
    actions.hand_over(query, reason="Again.", by=market.actor, now=END + HOUR)

    assert handling(market).handed_over == Share(1, 1)


def test_closings_by_themselves_are_of_the_closings_in_the_period(market: Market) -> None:
    for moment in (BEGIN - SECOND, BEGIN, END - SECOND, END):
        for side in (ActorType.SYSTEM, ActorType.SELLER, ActorType.MARKETPLACE):
            market.closing(closed_at=moment, closed_by=side)

    assert handling(market).closed_by_itself == Share(2, 6)


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        pytest.param(CLOSE_AFTER - SECOND, Share(0, 0), id="too young"),
        pytest.param(CLOSE_AFTER, Share(1, 1), id="14 days"),
    ],
)
def test_never_closed_are_only_those_that_had_the_time(
    market: Market, age: timedelta, expected: Share
) -> None:
    market.query(asked_at=BEGIN)

    assert handling(market, now=BEGIN + age).never_closed == expected


def test_never_closed_is_what_has_no_closing(market: Market) -> None:
    open_query, reopened = market.query(asked_at=BEGIN), market.query(asked_at=BEGIN)
    replied = market.query(asked_at=BEGIN)
    actions.reply(replied, body="Soon.", by=market.actor, now=BEGIN + HOUR)
    actions.close(reopened, by=market.actor, now=BEGIN + HOUR)
    actions.reopen(reopened, by=market.actor, now=BEGIN + 2 * HOUR)
    closed = market.query(asked_at=BEGIN)
    actions.close(closed, by=market.actor, now=LATER)
    market.query(asked_at=BEGIN - SECOND)
    market.query(asked_at=END)

    assert open_query.state != closed.state
    assert handling(market).never_closed == Share(2, 4)


def test_each_shop_has_its_own(market: Market, other_market: Market) -> None:
    handed_over(market, asked_at=BEGIN)
    other_market.closing(closed_at=BEGIN + 2 * HOUR, closed_by=ActorType.SYSTEM)

    both = handling_by_shop(MARCH, sellers=[market.shop.pk, other_market.shop.pk], now=LATER)

    assert both == {
        market.shop.pk: Handling(Share(1, 1), Share(0, 0), Share(1, 1)),
        other_market.shop.pk: Handling(Share(0, 1), Share(1, 1), Share(0, 1)),
    }
    assert handling(other_market) == both[other_market.shop.pk]


@pytest.mark.parametrize("count", [0, 1, 3])
def test_counting_asks_as_often_for_many_as_for_one(
    market: Market,
    other_market: Market,
    django_assert_num_queries: DjangoAssertNumQueries,
    count: int,
) -> None:
    for _ in range(count):
        for each in (market, other_market):
            handed_over(each, asked_at=BEGIN)

    with django_assert_num_queries(4):
        handling_by_shop(MARCH, sellers=[market.shop.pk, other_market.shop.pk], now=LATER)


# What staff see


@pytest.mark.parametrize(
    ("language", "headings", "share"),
    [
        ("en", ("Handed over", "Closed by itself", "Never closed"), "50%<small>1 of 2</small>"),
        (
            "nl",
            ("Overgedragen", "Automatisch gesloten", "Nooit gesloten"),
            "50%<small>1 van 2</small>",
        ),
    ],
)
def test_overview_shows_the_shares_of_each_shop(
    staff_s: Client,
    market: Market,
    other_market: Market,
    language: str,
    headings: tuple[str, ...],
    share: str,
) -> None:
    User.objects.filter(is_superuser=True).update(language=language)
    handed_over(market, asked_at=BEGIN)
    market.query(asked_at=BEGIN)

    with travel(BEGIN + HOUR, tick=False):
        page = text(staff_s.get(reverse("admin:shop_scores")))

    assert all(heading in page for heading in headings)
    assert page.count(share) == 1
    row = page[page.index("Boekenhoek") : page.index("Fietsenzo")]
    assert row.count('<td class="number share">–<small></small></td>') == 3


@pytest.mark.parametrize("sort", ["handed_over", "closed_by_itself", "never_closed"])
def test_overview_is_sorted_by_a_share(
    staff_s: Client, market: Market, other_market: Market, sort: str
) -> None:
    handed_over(market, asked_at=BEGIN)
    handed_over(other_market, asked_at=BEGIN)
    other_market.closing(closed_at=BEGIN + 2 * HOUR, closed_by=ActorType.SELLER)
    market.closing(closed_at=BEGIN + 2 * HOUR, closed_by=ActorType.SYSTEM)
    market.query(asked_at=BEGIN)
    market.query(asked_at=BEGIN)

    def names(sort: str) -> list[str]:
        asked = {"sort": sort, "period": "2026-03"}
        with travel(END - HOUR, tick=False):
            page = staff_s.get(reverse("admin:shop_scores"), asked)
        return [shop.name for shop in page.context["page"]]

    assert names(sort) == names("-" + sort)[::-1]
    assert len(set(names(sort))) == 2


def test_download_has_the_counts_of_all_shops(staff_s: Client, market: Market) -> None:
    handed_over(market, asked_at=BEGIN)
    market.closing(closed_at=BEGIN + 2 * HOUR, closed_by=ActorType.SYSTEM)

    with travel(BEGIN + CLOSE_AFTER, tick=False):
        page = staff_s.get(reverse("admin:shop_scores_download"))
        header, row = b"".join(page.streaming_content).decode().splitlines()  # type: ignore[attr-defined]

    found = dict(zip(header.split(","), row.split(","), strict=True))
    assert {name: found[name] for name in list(found)[10:]} == {
        "asked": "2",
        "handed_over": "1",
        "closings": "1",
        "closed_by_itself": "1",
        "asked_long_ago": "1",
        "never_closed": "1",
    }
