"""The numbers of the NPS tab."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from pytest_django import DjangoAssertNumQueries

from insights.reports.funnel import Funnel, month_funnel
from insights.reports.months import HISTORY_MONTHS, MonthScore, history_month, shop_history
from insights.standards import Standard
from queries import actions
from queries.enums import ActorType
from queries.models import Closing
from sellers.models import Seller
from surveys.enums import InvitationState, SuppressionReason
from surveys.exclusions import exclude
from surveys.models import Invitation
from surveys.nps import Tally, Verdict
from surveys.periods import months_back
from tests.conftest import Market

TODAY = date(2026, 3, 20)
MARCH = date(2026, 3, 1)
TEN = Standard(
    value=10,
    minimum=25,
    valid_from=date(2020, 1, 1),
    announced_on=date(2019, 10, 1),
    label="NPS after customer contact: at least 10",
)
TWENTY_FIVE = Standard(
    value=25,
    minimum=25,
    valid_from=date(2026, 1, 1),
    announced_on=date(2025, 10, 1),
    label="NPS after customer contact: at least 25",
)


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
    months = shop_history(fietsenzo, today=TODAY).months

    assert len(months) == HISTORY_MONTHS == 24
    assert (months[0].month, months[-1].month) == (date(2024, 4, 1), MARCH)
    assert [month.running for month in months] == [False] * 23 + [True]


def test_history_counts_every_measurement_in_its_month(market: Market) -> None:
    for score in (10, 9, 0):
        market.response(score, submitted_at=noon(2026, 2, 10))
    market.response(8, submitted_at=noon(2026, 3, 10))

    found = shop_history(market.shop, today=TODAY)
    february = found.find(date(2026, 2, 1))

    assert february is not None
    assert february.scores == {10: 1, 9: 1, 0: 1}
    assert february.tally == Tally(promoters=2, passives=0, detractors=1)
    assert february.nps == Fraction(100, 3)
    assert found.running.tally == Tally(passives=1)
    assert found.running.nps == 0


def test_history_shows_months_without_measurements_as_gaps(market: Market) -> None:
    market.response(10, submitted_at=noon(2026, 1, 10))

    months = shop_history(market.shop, today=TODAY).months

    assert [month.nps for month in months] == [None] * 21 + [100, None, None]
    assert [month.tally.total for month in months] == [0] * 21 + [1, 0, 0]


def test_history_leaves_out_what_is_older_or_another_s_or_does_not_count(
    market: Market, other_market: Market
) -> None:
    market.response(10, submitted_at=noon(2024, 3, 31))
    market.response(0, submitted_at=noon(2026, 3, 1), closed_by=ActorType.MARKETPLACE)
    other_market.response(0, submitted_at=noon(2026, 3, 1))
    market.response(10, submitted_at=noon(2024, 4, 1))

    months = shop_history(market.shop, today=TODAY).months

    assert sum(month.tally.total for month in months) == 1
    assert months[0].tally == Tally(promoters=1)


def test_history_judges_every_month_by_the_standard_of_its_last_day(fietsenzo: Seller) -> None:
    months = shop_history(fietsenzo, today=TODAY).months

    assert [month.standard for month in months] == [TEN] * 21 + [TWENTY_FIVE] * 3


@pytest.mark.parametrize(
    ("today", "coming"),
    [(date(2025, 9, 30), None), (date(2025, 10, 1), TWENTY_FIVE), (date(2026, 1, 1), None)],
    ids=["not announced", "announced", "holds"],
)
def test_history_knows_the_standard_to_come(
    fietsenzo: Seller, today: date, coming: Standard | None
) -> None:
    assert shop_history(fietsenzo, today=today).coming == coming


def test_history_says_how_many_were_excluded(market: Market) -> None:
    market.response(10, submitted_at=noon(2026, 2, 10))
    incident = market.response(0, submitted_at=noon(2026, 2, 11))
    exclude(incident, reason="Our warehouse burnt down.", by=market.actor, now=noon(2026, 2, 12))

    february = shop_history(market.shop, today=TODAY).months[-2]

    assert (february.tally, february.excluded) == (Tally(promoters=1), 1)


def test_history_finds_a_month_and_the_one_before(fietsenzo: Seller) -> None:
    found = shop_history(fietsenzo, today=TODAY)
    january = found.find(date(2026, 1, 1))

    assert january is not None
    before = january.before
    assert before is not None
    assert before.month == date(2025, 12, 1)
    assert found.months[0].before is None
    assert found.find(date(2024, 3, 1)) is None
    assert found.find(date.min) is None


def test_history_pools_twelve_months(market: Market) -> None:
    market.response(0, submitted_at=noon(2025, 3, 31))
    market.response(10, submitted_at=noon(2025, 4, 1))
    market.response(8, submitted_at=noon(2026, 3, 10))
    found = shop_history(market.shop, today=TODAY)

    assert found.twelve_months(found.running).tally == Tally(promoters=1, passives=1)
    assert found.twelve_months(found.months[-2]).tally == Tally(promoters=1, detractors=1)
    assert found.twelve_months(found.months[0]).tally == Tally()


def test_history_pools_what_lies_before_it(market: Market) -> None:
    first = shop_history(market.shop, today=TODAY).months[0].month
    for months, score in ((12, 0), (11, 8), (0, 10)):
        month = months_back(first, months + 1)[0]
        market.response(score, submitted_at=noon(month.year, month.month, 5))

    found = shop_history(market.shop, today=TODAY)

    assert found.twelve_months(found.months[0]).tally == Tally(promoters=1, passives=1)


# One month


@pytest.mark.parametrize(
    ("month", "verdict", "indicative"),
    [
        pytest.param(month_score(13, 5, 7), Verdict.NOT_MET, False, id="24"),
        pytest.param(month_score(50, 25, 25), Verdict.MET, False, id="exactly 25"),
        pytest.param(month_score(24, 0, 0), Verdict.TOO_FEW, True, id="24 measurements"),
        pytest.param(month_score(0, 0, 0), Verdict.TOO_FEW, True, id="none"),
        pytest.param(month_score(9, 9, 9, None), None, False, id="without standard"),
        pytest.param(month_score(9, 9, 6, None), None, True, id="24 without standard"),
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
    assert month.displayed == shown


@pytest.mark.parametrize(
    ("month", "chance", "short"),
    [
        pytest.param(month_score(13, 5, 7), True, 1, id="24, few"),
        pytest.param(month_score(300, 520, 180), False, 174, id="12 of 1000"),
        pytest.param(month_score(50, 25, 25), True, None, id="exactly 25"),
        pytest.param(month_score(0, 0, 0), False, None, id="none"),
        pytest.param(month_score(12, 6, 6), True, None, id="24 measurements"),
        pytest.param(month_score(10, 5, 10), True, None, id="further than a quarter"),
        pytest.param(month_score(11, 5, 9), True, 6, id="not further than a quarter"),
        pytest.param(month_score(5, 5, 5, None), False, None, id="without standard"),
    ],
)
def test_month_says_how_far_from_the_standard(
    month: MonthScore, chance: bool, short: int | None
) -> None:
    assert month.could_be_chance is chance
    assert month.promoters_short == short


@pytest.mark.parametrize(
    ("later", "earlier", "points"),
    [
        pytest.param(month_score(3, 0, 1), month_score(2, 1, 1), 25, id="better"),
        pytest.param(month_score(2, 1, 1), month_score(3, 0, 1), -25, id="worse"),
        pytest.param(month_score(1, 0, 2), month_score(1, 0, 2), 0, id="the same"),
    ],
)
def test_month_change(later: MonthScore, earlier: MonthScore, points: int) -> None:
    change = replace(later, before=earlier).change

    assert change is not None
    assert change.points == points


def test_month_without_score_has_not_changed() -> None:
    none, some = month_score(0, 0, 0), month_score(1, 0, 0)

    assert replace(none, before=some).change is None
    assert replace(some, before=none).change is None


def test_month_shift_takes_as_many_as_either_standard_asks() -> None:
    earlier = month_score(10, 5, 15, Standard(25, 31, valid_from=date(2020, 1, 1)))
    later = month_score(10, 15, 5)

    assert replace(later, before=earlier).shift is None
    assert replace(later, before=month_score(10, 5, 15)).shift is not None


def test_month_ends_on_its_last_day() -> None:
    assert month_score(1, 0, 0).last_day == date(2026, 3, 31)


# The funnel

NOTHING = Funnel(
    suppressed={},
    undecided=0,
    to_be_sent=0,
    bounced=0,
    answerable=0,
    expired=0,
    answered=0,
    not_counting=0,
)


def decided_as(
    market: Market, state: InvitationState, reason: str = "", *, day: int = 10
) -> Invitation:
    """Close a query in March 2026 and let its survey be in this state."""
    return market.survey(market.closing(closed_at=noon(2026, 3, day)), state, reason)


def test_funnel_of_a_month_without_closings_is_empty(fietsenzo: Seller) -> None:
    counted = month_funnel(fietsenzo, month=MARCH)

    assert counted == NOTHING
    assert (counted.closed, counted.sent, counted.response_percent) == (0, 0, None)


@pytest.mark.parametrize(
    ("state", "field"),
    [
        (InvitationState.DECIDED, "to_be_sent"),
        (InvitationState.SENDING, "to_be_sent"),
        (InvitationState.SENT, "answerable"),
        (InvitationState.EXPIRED, "expired"),
        (InvitationState.ANSWERED, "answered"),
        (InvitationState.BOUNCED, "bounced"),
    ],
)
def test_funnel_counts_every_state_once(market: Market, state: InvitationState, field: str) -> None:
    decided_as(market, state)

    counted = month_funnel(market.shop, month=MARCH)

    assert getattr(counted, field) == 1
    assert counted.closed == 1


@pytest.mark.parametrize("reason", SuppressionReason)
def test_funnel_counts_every_reason(market: Market, reason: SuppressionReason) -> None:
    decided_as(market, InvitationState.SUPPRESSED, reason)

    counted = month_funnel(market.shop, month=MARCH)

    assert sum(counted.suppressed.values()) == counted.closed == 1


def test_funnel_does_not_reveal_who_opted_out(market: Market) -> None:
    decided_as(market, InvitationState.SUPPRESSED, SuppressionReason.OPTED_OUT)
    decided_as(market, InvitationState.SUPPRESSED, SuppressionReason.CUSTOMER_COOLDOWN, day=12)
    decided_as(market, InvitationState.SUPPRESSED, SuppressionReason.NO_ADDRESS, day=14)

    assert month_funnel(market.shop, month=MARCH).suppressed == {
        "customer is not surveyed now": 2,
        "customer has no e-mail address": 1,
    }


def test_funnel_adds_up_to_the_closings(market: Market) -> None:
    for day, state in enumerate(InvitationState, start=1):
        reason = "stale" if state == InvitationState.SUPPRESSED else ""
        decided_as(market, state, reason, day=2 * day)
    market.closing(closed_at=noon(2026, 3, 28))

    counted = month_funnel(market.shop, month=MARCH)

    assert counted.undecided == 1
    assert counted.sent == 3
    assert counted.closed == Closing.objects.count() == len(InvitationState) + 1


def test_funnel_knows_which_answers_do_not_count(market: Market) -> None:
    market.response(9, submitted_at=noon(2026, 3, 10))
    market.response(2, submitted_at=noon(2026, 3, 11), closed_by=ActorType.MARKETPLACE)

    counted = month_funnel(market.shop, month=MARCH)

    assert (counted.closed, counted.answered) == (2, 2)
    assert (counted.not_counting, counted.counting) == (1, 1)


def test_funnel_has_the_closings_of_the_month_by_the_clock_of_the_marketplace(
    market: Market, other_market: Market
) -> None:
    begin = datetime(2026, 2, 28, 23, tzinfo=UTC)
    end = datetime(2026, 3, 31, 22, tzinfo=UTC)  # the clock went forward meanwhile
    second = timedelta(seconds=1)
    for moment in (begin - second, begin, end - second, end):
        market.closing(closed_at=moment)
    other_market.closing(closed_at=begin)

    assert month_funnel(market.shop, month=MARCH).closed == 2
    assert month_funnel(market.shop, month=date(2026, 2, 1)).closed == 1
    assert month_funnel(other_market.shop, month=MARCH).closed == 1


def test_funnel_counts_an_answer_in_the_month_of_its_closing(market: Market) -> None:
    market.response(9, submitted_at=noon(2026, 4, 1))

    assert month_funnel(market.shop, month=MARCH).answered == 1
    assert month_funnel(market.shop, month=date(2026, 4, 1)) == NOTHING


def test_funnel_counts_every_closing_of_a_query(market: Market) -> None:
    closing = market.closing(closed_at=noon(2026, 3, 10))
    actions.reopen(closing.query, by=market.actor, now=noon(2026, 3, 11))
    actions.close(closing.query, by=market.actor, now=noon(2026, 3, 12))

    assert month_funnel(market.shop, month=MARCH).undecided == 2


def test_funnel_takes_one_statement(
    market: Market, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for state in (InvitationState.ANSWERED, InvitationState.EXPIRED):
        decided_as(market, state)

    with django_assert_num_queries(1):
        month_funnel(market.shop, month=MARCH)


@pytest.mark.parametrize(
    ("answered", "unanswered", "percent"),
    [(41, 175, 19), (0, 7, 0), (7, 0, 100), (1, 7, 13), (1, 2, 33), (2, 1, 67), (1, 999, 0)],
)
def test_response_is_a_whole_percentage(answered: int, unanswered: int, percent: int) -> None:
    assert replace(NOTHING, answered=answered, expired=unanswered).response_percent == percent


@pytest.mark.parametrize(
    ("written", "month"),
    [
        ("2026-03", MARCH),
        ("2024-04", date(2024, 4, 1)),
        ("2024-03", None),
        ("2026-04", None),
        ("2026-13", None),
        ("0000-01", None),
        ("9999-12", None),
        ("2026-3", None),
        ("2026-03-01", None),
        ("2026-W10", None),
        ("2026-03\x00", None),
        ("", None),
    ],
)
def test_month_of_the_history_is_written_in_one_way(written: str, month: date | None) -> None:
    assert history_month(written, today=TODAY) == month


@pytest.mark.parametrize(
    ("score", "distance"),
    [
        pytest.param(month_score(13, 5, 7), -1, id="24 beside 25"),
        pytest.param(month_score(246, 754, 0), Decimal("-0.4"), id="24.6"),
        pytest.param(month_score(2_496, 7_504, 0), Decimal("-0.1"), id="24.96"),
        pytest.param(month_score(1, 3, 0), 0, id="met exactly"),
        pytest.param(month_score(30, 0, 0), 75, id="all tens"),
        pytest.param(month_score(0, 0, 0), None, id="nobody"),
        pytest.param(month_score(30, 0, 0, standard=None), None, id="no standard"),
    ],
)
def test_distance_is_between_what_people_read(
    score: MonthScore, distance: Decimal | int | None
) -> None:
    assert score.distance == distance
