"""The numbers of the NPS tab."""

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest

from insights.reports import HISTORY_MONTHS, MonthScore, history
from insights.standards import Standard
from queries.enums import ActorType
from sellers.models import Seller
from surveys.nps import Tally, Verdict
from tests.conftest import Market

TODAY = date(2026, 3, 20)
MARCH = date(2026, 3, 1)
TEN = Standard(10, 25, valid_from=date(2020, 1, 1), valid_until=date(2026, 1, 1))
TWENTY_FIVE = Standard(25, 25, valid_from=date(2026, 1, 1))


def noon(year: int, month: int, day: int) -> datetime:
    """Return noon in UTC of a day."""
    return datetime(year, month, day, 12, tzinfo=UTC)


def month_score(
    promoters: int, passives: int, detractors: int, standard: Standard | None = TWENTY_FIVE
) -> MonthScore:
    """Return a month of so many of each."""
    scores = {10: promoters, 8: passives, 0: detractors}
    return MonthScore(
        month=MARCH,
        scores=scores,
        tally=Tally.from_scores(scores),
        standard=standard,
        running=False,
    )


# The history


def test_history_has_24_months_and_the_last_one_runs(fietsenzo: Seller) -> None:
    months = history(fietsenzo, today=TODAY).months

    assert len(months) == HISTORY_MONTHS == 24
    assert (months[0].month, months[-1].month) == (date(2024, 4, 1), MARCH)
    assert [month.running for month in months] == [False] * 23 + [True]


def test_history_counts_every_measurement_in_its_month(market: Market) -> None:
    for score in (10, 9, 0):
        market.response(score, submitted_at=noon(2026, 2, 10))
    market.response(8, submitted_at=noon(2026, 3, 10))

    found = history(market.shop, today=TODAY)
    february = found.find(date(2026, 2, 1))

    assert february is not None
    assert february.scores == {10: 1, 9: 1, 0: 1}
    assert february.tally == Tally(promoters=2, passives=0, detractors=1)
    assert february.nps == Fraction(100, 3)
    assert found.running.tally == Tally(passives=1)
    assert found.running.nps == 0


def test_history_shows_months_without_measurements_as_gaps(market: Market) -> None:
    market.response(10, submitted_at=noon(2026, 1, 10))

    months = history(market.shop, today=TODAY).months

    assert [month.nps for month in months] == [None] * 21 + [100, None, None]
    assert [month.tally.total for month in months] == [0] * 21 + [1, 0, 0]


def test_history_leaves_out_what_is_older_or_another_s_or_does_not_count(
    market: Market, other_market: Market
) -> None:
    market.response(10, submitted_at=noon(2024, 3, 31))
    market.response(0, submitted_at=noon(2026, 3, 1), closed_by=ActorType.MARKETPLACE)
    other_market.response(0, submitted_at=noon(2026, 3, 1))
    market.response(10, submitted_at=noon(2024, 4, 1))

    months = history(market.shop, today=TODAY).months

    assert sum(month.tally.total for month in months) == 1
    assert months[0].tally == Tally(promoters=1)


def test_history_judges_every_month_by_the_standard_of_its_last_day(fietsenzo: Seller) -> None:
    months = history(fietsenzo, today=TODAY).months

    assert [month.standard for month in months] == [TEN] * 21 + [TWENTY_FIVE] * 3


def test_history_finds_a_month_and_the_one_before(fietsenzo: Seller) -> None:
    found = history(fietsenzo, today=TODAY)
    january = found.find(date(2026, 1, 1))

    assert january is not None
    before = found.before(january)
    assert before is not None
    assert before.month == date(2025, 12, 1)
    assert found.before(found.months[0]) is None
    assert found.find(date(2024, 3, 1)) is None
    assert found.find(date.min) is None


def test_history_pools_twelve_months(market: Market) -> None:
    market.response(0, submitted_at=noon(2025, 3, 31))
    market.response(10, submitted_at=noon(2025, 4, 1))
    market.response(8, submitted_at=noon(2026, 3, 10))
    found = history(market.shop, today=TODAY)

    assert found.pooled(found.running) == Tally(promoters=1, passives=1)
    assert found.pooled(found.months[-2]) == Tally(promoters=1, detractors=1)
    assert found.pooled(found.months[0]) == Tally()


# One month


@pytest.mark.parametrize(
    ("month", "verdict", "indicative"),
    [
        pytest.param(month_score(13, 5, 7), Verdict.NOT_MET, False, id="24"),
        pytest.param(month_score(50, 25, 25), Verdict.MET, False, id="exactly 25"),
        pytest.param(month_score(24, 0, 0), Verdict.TOO_FEW, True, id="24 measurements"),
        pytest.param(month_score(0, 0, 0), Verdict.TOO_FEW, True, id="none"),
        pytest.param(month_score(9, 9, 9, None), None, False, id="without standard"),
    ],
)
def test_month_verdict(month: MonthScore, verdict: Verdict | None, indicative: bool) -> None:
    assert month.verdict == verdict
    assert month.indicative is indicative


@pytest.mark.parametrize(
    ("month", "shown"),
    [
        pytest.param(month_score(13, 5, 7), Decimal("24"), id="24"),
        pytest.param(month_score(61, 51, 20), Decimal("31"), id="31.06"),
        pytest.param(month_score(31, 18, 15), Decimal("25"), id="exactly 25"),
        pytest.param(month_score(57, 35, 25), Decimal("27"), id="27.35"),
        pytest.param(month_score(246, 754, 0), Decimal("24.6"), id="24.6 beside 25"),
        pytest.param(month_score(246, 754, 0, None), Decimal("25"), id="24.6 beside nothing"),
        pytest.param(month_score(0, 0, 0), None, id="none"),
    ],
)
def test_month_is_shown_on_its_own_side_of_the_standard(
    month: MonthScore, shown: Decimal | None
) -> None:
    assert month.shown == shown


@pytest.mark.parametrize(
    ("month", "chance", "short"),
    [
        pytest.param(month_score(13, 5, 7), True, 1, id="24, few"),
        pytest.param(month_score(300, 520, 180), False, 174, id="12 of 1000"),
        pytest.param(month_score(50, 25, 25), True, None, id="exactly 25"),
        pytest.param(month_score(0, 0, 0), False, 1, id="none"),
        pytest.param(month_score(5, 5, 5, None), False, None, id="without standard"),
    ],
)
def test_month_tells_how_far_from_the_standard(
    month: MonthScore, chance: bool, short: int | None
) -> None:
    assert month.could_be_chance is chance
    assert month.promoters_short == short


@pytest.mark.parametrize(
    ("later", "earlier", "change"),
    [
        pytest.param(month_score(3, 0, 1), month_score(2, 1, 1), 25, id="better"),
        pytest.param(month_score(2, 1, 1), month_score(3, 0, 1), -25, id="worse"),
        pytest.param(month_score(1, 0, 2), month_score(1, 0, 2), 0, id="the same"),
        pytest.param(month_score(2, 0, 1), month_score(0, 1, 0), 33, id="33.3"),
        pytest.param(month_score(0, 0, 0), month_score(1, 0, 0), None, id="from something to none"),
        pytest.param(month_score(1, 0, 0), month_score(0, 0, 0), None, id="from none"),
    ],
)
def test_month_change(later: MonthScore, earlier: MonthScore, change: int | None) -> None:
    assert later.change_from(earlier) == change
