"""All shops against the standard: the same numbers as on each shop's own tab."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from pytest_django import DjangoAssertNumQueries

from insights.exports.shops import shops_table
from insights.keeping import keep_counts
from insights.models import ServiceStandard
from insights.reports.handling import Handling, Share
from insights.reports.months import History, shop_history
from insights.reports.shops import (
    NOBODY,
    NOTHING,
    Order,
    ShopScore,
    ShopScores,
    shop_scores,
)
from insights.scores import JudgedScore
from insights.standards import Standard
from queries.enums import ActorType
from sellers.events import Actor
from sellers.models import Seller, User
from surveys.exclusions import exclude, lift
from surveys.models import SurveyResponse
from surveys.nps import Tally, Verdict
from surveys.periods import Period, months_back
from tests.conftest import Market
from tests.guards import switch_guards

TODAY = date(2026, 3, 20)
MARCH, FEBRUARY = date(2026, 3, 1), date(2026, 2, 1)
STANDARD = Standard(25, 25, valid_from=date(2026, 1, 1))


def noon(day: date) -> datetime:
    """Return noon in UTC."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def by_name(scores: ShopScores) -> dict[str, tuple[Tally, Tally]]:
    """Return what was counted of each shop, and before."""
    return {shop.name: (shop.tally, before(shop)) for shop in scores.shops}


def before(score: JudgedScore) -> Tally:
    """Return what was counted in the period before."""
    assert score.before is not None
    return score.before.tally


def one_month(month: date) -> Period:
    """Return a calendar month."""
    return Period.of_months(month, month)


YEAR = Period.of_months(date(2025, 4, 1), MARCH)
DAYS = Period.recent(TODAY)

# Periods


def test_recent_days_are_28_and_the_28_before() -> None:
    assert (DAYS.first, DAYS.last) == (date(2026, 2, 21), TODAY)
    assert DAYS.before == Period(date(2026, 1, 24), date(2026, 2, 20))


def test_month_is_compared_with_the_one_before() -> None:
    december = Period(date(2025, 12, 1), date(2025, 12, 31))

    assert one_month(date(2026, 1, 1)).before == december
    assert one_month(MARCH).before == one_month(FEBRUARY)


def test_twelve_months_are_compared_with_the_twelve_before() -> None:
    assert YEAR.before == Period.of_months(date(2024, 4, 1), date(2025, 3, 1))


@pytest.mark.usefixtures("owner_db")
@pytest.mark.parametrize(
    ("period", "value"),
    [
        pytest.param(DAYS, 25, id="days: that of the last"),
        pytest.param(one_month(MARCH), 25, id="running month: that of today"),
        pytest.param(one_month(FEBRUARY), 25, id="month: that of its last day"),
        pytest.param(one_month(date(2025, 12, 1)), 10, id="month of another standard"),
        pytest.param(YEAR, 25, id="year: that of today"),
        pytest.param(one_month(date(2019, 1, 1)), None, id="before the first"),
    ],
)
def test_period_is_judged_by_the_standard_of_its_last_day(
    db: None, period: Period, value: int | None
) -> None:
    switch_guards(on=False)  # by now that is dated back
    ServiceStandard.objects.create(
        value=40, valid_from=date(2026, 3, 25), announced_on=date(2026, 3, 1)
    )

    standard = shop_scores(period, today=TODAY).total.standard

    assert (standard.value if standard else None) == value


# Counting


@pytest.fixture(params=["live", "kept", "half"])
def keeping(request: pytest.FixtureRequest) -> Callable[[], object]:
    """Keep all counts, none, or what there is at the first of two calls."""
    calls = iter([True, False] if request.param == "half" else [request.param == "kept"] * 2)
    return lambda: keep_counts() if next(calls) else None


def test_month_of_all_shops(
    market: Market, other_market: Market, keeping: Callable[[], object]
) -> None:
    market.response(10, submitted_at=noon(MARCH))
    market.response(7, submitted_at=noon(FEBRUARY))
    keeping()
    market.response(0, submitted_at=noon(MARCH))
    other_market.response(8, submitted_at=noon(FEBRUARY))
    keeping()

    scores = shop_scores(one_month(MARCH), today=TODAY)

    assert by_name(scores) == {
        "Boekenhoek": (Tally(), Tally(passives=1)),
        "Fietsenzo": (Tally(promoters=1, detractors=1), Tally(passives=1)),
    }
    assert [shop.name for shop in scores.shops] == ["Boekenhoek", "Fietsenzo"]
    assert scores.total.tally == Tally(promoters=1, detractors=1)
    assert before(scores.total) == Tally(passives=2)


def test_excluded_and_what_the_marketplace_closed_do_not_count(
    market: Market, alice: User, keeping: Callable[[], object]
) -> None:
    market.response(10, submitted_at=noon(MARCH))
    market.response(0, submitted_at=noon(MARCH), closed_by=ActorType.MARKETPLACE)
    keeping()
    bad = market.response(0, submitted_at=noon(MARCH))
    keeping()

    exclusion = exclude(bad, reason="Strike.", by=Actor.user(alice), now=noon(TODAY))
    without = [shop_scores(each, today=TODAY).total.tally for each in periods()]
    lift(exclusion, by=Actor.user(alice), now=noon(TODAY))
    after = [shop_scores(each, today=TODAY).total.tally for each in periods()]

    assert without == [Tally(promoters=1)] * 3
    assert after == [Tally(promoters=1, detractors=1)] * 3


def periods() -> list[Period]:
    """Return one period of each kind, with the first of March in them."""
    return [DAYS, one_month(MARCH), YEAR]


def test_days_begin_and_end_by_the_clock_of_the_marketplace(market: Market) -> None:
    begin = datetime(2026, 2, 20, 23, tzinfo=UTC)
    end = datetime(2026, 3, 20, 23, tzinfo=UTC)
    second = timedelta(seconds=1)
    for score, moment in enumerate([begin - second, begin, end - second, end]):
        market.response(score, submitted_at=moment)

    scores = shop_scores(DAYS, today=TODAY)

    assert by_name(scores)["Fietsenzo"] == (Tally(detractors=2), Tally(detractors=1))


def own(found: History, period: Period) -> Tally:
    """Return what the shop's own tab counts."""
    if period.month is None:
        return found.twelve_months(found.running).tally
    month = found.find(period.month)
    assert month is not None
    return month.tally


@pytest.mark.parametrize("seed", range(3))
def test_shop_has_the_numbers_of_its_own_tab(
    market: Market, other_market: Market, alice: User, seed: int
) -> None:
    random = Random(seed)
    months = months_back(MARCH, 14)
    for _ in range(3):
        for shop in (market, other_market):
            for _ in range(random.randrange(9)):
                day = random.choice(months) + timedelta(days=random.randrange(20))
                response = shop.response(random.randrange(11), submitted_at=noon(day))
                if random.random() < 0.2:
                    exclude(response, reason="Strike.", by=Actor.user(alice), now=noon(TODAY))
        if random.random() < 0.7:
            keep_counts()
    compared = 0

    for period in (YEAR, *(one_month(month) for month in months)):
        for row in shop_scores(period, today=TODAY).shops:
            found = shop_history(Seller.objects.get(pk=row.seller_id), today=TODAY)
            assert row.tally == own(found, period)
            compared += row.tally.total
            if period.month == MARCH:
                assert row.displayed == found.running.displayed
                assert row.verdict == found.running.verdict
                assert row.interval == found.running.interval
                assert row.change == found.running.change

    assert (
        compared
        == 2 * SurveyResponse.objects.counting().filter(month__gte=date(2025, 4, 1)).count()
        + SurveyResponse.objects.counting().filter(month__lt=date(2025, 4, 1)).count()
    )


@pytest.mark.parametrize(
    ("period", "statements"),
    [
        pytest.param(DAYS, 4, id="days"),
        pytest.param(one_month(MARCH), 5, id="month"),
        pytest.param(YEAR, 5, id="year"),
    ],
)
def test_counting_asks_as_often_for_many_as_for_one(
    market: Market,
    other_market: Market,
    django_assert_num_queries: DjangoAssertNumQueries,
    period: Period,
    statements: int,
) -> None:
    with django_assert_num_queries(statements - 1):  # nothing can be excluded of nothing
        shop_scores(period, today=TODAY)
    market.response(3, submitted_at=noon(MARCH))
    keep_counts()
    with django_assert_num_queries(statements):
        shop_scores(period, today=TODAY)
    for shop in (market, other_market):
        shop.response(3, submitted_at=noon(MARCH))
    keep_counts()

    with django_assert_num_queries(statements):
        shop_scores(period, today=TODAY)


# Judging and listing


def score(
    promoters: int = 0,
    passives: int = 0,
    detractors: int = 0,
    *,
    before: Tally = NOBODY,
    standard: Standard | None = STANDARD,
    name: str = "Shop",
    handling: Handling = NOTHING,
) -> ShopScore:
    """Return a shop of so many of each."""
    tally = Tally(promoters, passives, detractors)
    return ShopScore(
        tally=tally,
        before=JudgedScore(tally=before),
        standard=standard,
        seller_id=1,
        name=name,
        handling=handling,
    )


@pytest.mark.parametrize(
    ("shop", "verdict", "shown"),
    [
        pytest.param(score(), Verdict.TOO_FEW, "None", id="none"),
        pytest.param(score(24), Verdict.TOO_FEW, "100", id="24"),
        pytest.param(score(25), Verdict.MET, "100", id="25"),
        pytest.param(score(246, 754), Verdict.NOT_MET, "24.6", id="24.6"),
        pytest.param(score(31, 18, 15), Verdict.MET, "25", id="exactly 25"),
        pytest.param(score(30, standard=None), None, "100", id="no standard"),
    ],
)
def test_shop_is_judged(shop: ShopScore, verdict: Verdict | None, shown: str) -> None:
    assert shop.verdict is verdict
    assert str(shop.displayed) == shown


@pytest.mark.parametrize(
    ("shop", "change"),
    [
        pytest.param(score(3, 0, 1, before=Tally(2, 1, 1)), 25, id="better"),
        pytest.param(score(2, 0, 1, before=Tally(0, 1, 0)), 33, id="33.3"),
        pytest.param(score(before=Tally(1, 0, 0)), None, id="none now"),
        pytest.param(score(1), None, id="none before"),
    ],
)
def test_shop_changes(shop: ShopScore, change: int | None) -> None:
    assert (shop.change.points if shop.change else None) == change


def scores_of(*shops: ShopScore) -> ShopScores:
    """Return these shops as all there are."""
    standard = shops[0].standard if shops else STANDARD
    total = JudgedScore(tally=Tally(), standard=standard)
    return ShopScores(one_month(MARCH), total, shops)


SHOPS = scores_of(
    score(30, name="Aap", before=Tally(1, 0, 0), handling=Handling(Share(1, 2), Share(0, 9))),
    score(10, 5, 20, name="beer", before=Tally(0, 0, 9), handling=Handling(Share(2, 6))),
    score(name="Cavia"),
    score(1, 0, 2, name="Dodo", handling=Handling(Share(0, 7), Share(1, 9), Share(3, 4))),
)


@pytest.mark.parametrize(
    ("order", "descending", "expected"),
    [
        pytest.param(Order.NAME, False, "AbCD", id="name"),
        pytest.param(Order.NAME, True, "DCbA", id="name, descending"),
        pytest.param(Order.MEASUREMENTS, False, "CDAb", id="measurements"),
        pytest.param(Order.MEASUREMENTS, True, "bADC", id="measurements, descending"),
        pytest.param(Order.NPS, False, "DbAC", id="nps, none last"),
        pytest.param(Order.NPS, True, "AbDC", id="nps, descending, none last"),
        pytest.param(Order.VERDICT, False, "bCDA", id="verdict"),
        pytest.param(Order.VERDICT, True, "ACDb", id="verdict, descending"),
        pytest.param(Order.CHANGE, False, "AbCD", id="change, none last"),
        pytest.param(Order.CHANGE, True, "bACD", id="change, descending, none last"),
        pytest.param(Order.HANDED_OVER, False, "DbAC", id="handed over, none last"),
        pytest.param(Order.HANDED_OVER, True, "AbDC", id="handed over, descending, none last"),
        pytest.param(Order.CLOSED_BY_ITSELF, True, "DAbC", id="closed by itself, none last"),
        pytest.param(Order.NEVER_CLOSED, False, "DAbC", id="never closed, none last"),
    ],
)
def test_shops_are_sorted(order: Order, descending: bool, expected: str) -> None:
    listed = SHOPS.listed(search="", verdict=None, order=order, descending=descending)

    assert "".join(shop.name[0] for shop in listed) == expected


@pytest.mark.parametrize(
    ("search", "verdict", "expected"),
    [
        ("", None, "AbCD"),
        ("A", None, "AC"),
        ("ee", None, "b"),
        ("x", None, ""),
        ("", Verdict.MET, "A"),
        ("", Verdict.NOT_MET, "b"),
        ("", Verdict.TOO_FEW, "D"),
        ("do", Verdict.TOO_FEW, "D"),
    ],
)
def test_shops_are_narrowed(search: str, verdict: Verdict | None, expected: str) -> None:
    listed = SHOPS.listed(search=search, verdict=verdict, order=Order.NAME, descending=False)

    assert "".join(shop.name[0] for shop in listed) == expected


def test_verdicts_are_counted() -> None:
    assert SHOPS.verdicts == {Verdict.MET: 1, Verdict.NOT_MET: 1, Verdict.TOO_FEW: 1}
    assert SHOPS.without_measurements == 1


def test_spread_has_each_shop_with_measurements_enough_once() -> None:
    shops = [
        score(25),  # +100
        score(9, 1, 0),  # too few
        score(95, 0, 5),  # +90
        score(20, 80),  # +20
        score(199, 801),  # +19.9
        score(0, 30),  # 0
        score(0, 999, 1),  # −0.1
        score(0, 0, 25),  # −100
    ]

    assert scores_of(*shops).spread == {90: 2, 20: 1, 10: 1, 0: 1, -10: 1, -100: 1}


@pytest.mark.parametrize(
    ("standard", "enough"),
    [
        pytest.param(None, 25, id="no standard"),
        pytest.param(replace(STANDARD, minimum=50), 50, id="50"),
        pytest.param(replace(STANDARD, minimum=0), 1, id="0"),
    ],
)
def test_spread_takes_as_many_measurements_as_a_verdict(
    standard: Standard | None, enough: int
) -> None:
    shops = [score(enough, standard=standard), score(enough - 1, standard=standard)]

    assert scores_of(*shops).spread == {90: 1}


def test_table_has_every_shop_in_its_order() -> None:
    table = shops_table(SHOPS.shops)

    assert [column.key for column in table.columns] == [
        "shop",
        "name",
        "measurements",
        "promoters",
        "passives",
        "detractors",
        "nps",
        "change",
        "standard",
        "verdict",
        "asked",
        "handed_over",
        "closings",
        "closed_by_itself",
        "asked_long_ago",
        "never_closed",
    ]
    rows = [[str(cell) for cell in row[:9]] + [row[9] and row[9].code] for row in table.rows]
    assert rows[0] == ["1", "Aap", "30", "30", "0", "0", "100", "0", "25", "met"]
    assert rows[2] == ["1", "Cavia", "0", "0", "0", "0", "None", "None", "25", None]
    assert next(iter(shops_table(SHOPS.shops[3:]).rows))[10:] == [7, 0, 9, 1, 4, 3]
