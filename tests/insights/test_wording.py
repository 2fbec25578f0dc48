"""How numbers and sentences read, in both languages."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from django.utils import translation

from insights import wording
from insights.calibration import Bias
from insights.reports.months import MonthScore
from insights.standards import Standard
from surveys.nps import Interval, Tally

STANDARD = Standard(25, 25, date(2020, 1, 1))


def month_score(
    scores: Mapping[int, int],
    standard: Standard | None = STANDARD,
    *,
    excluded: int = 0,
    before: MonthScore | None = None,
    month: date = date(2026, 11, 1),
    running: bool = True,
) -> MonthScore:
    return MonthScore(
        month=month,
        excluded=excluded,
        scores=scores,
        tally=Tally.from_scores(scores),
        standard=standard,
        before=before,
        running=running,
    )


def after(earlier: Tally, later: Tally) -> MonthScore:
    """Return a month of so many in each band, after a July of so many."""
    before, now = (
        {9: each.promoters, 7: each.passives, 3: each.detractors} for each in (earlier, later)
    )
    july = month_score(before, month=date(2026, 7, 1), running=False)
    return month_score(now, month=date(2026, 8, 1), running=False, before=july)


@pytest.mark.parametrize(
    ("value", "english", "dutch"),
    [
        pytest.param(None, "–", "–", id="no score"),
        pytest.param(Decimal(0), "0", "0", id="zero"),
        pytest.param(Decimal("-0"), "0", "0", id="minus zero"),
        pytest.param(Decimal(24), "+24", "+24", id="above"),
        pytest.param(-8, "−8", "−8", id="below"),
        pytest.param(Decimal("24.6"), "+24.6", "+24,6", id="one decimal"),
        pytest.param(Decimal("-12.5"), "−12.5", "−12,5", id="below, one decimal"),
        pytest.param(Decimal("25.0"), "+25.0", "+25,0", id="a decimal that is 0"),
    ],
)
def test_signed_writes_the_sign_and_the_readers_decimals(
    value: Decimal | int | None, english: str, dutch: str
) -> None:
    with translation.override("en"):
        assert wording.signed(value) == english
    with translation.override("nl"):
        assert wording.signed(value) == dutch


@pytest.mark.parametrize(
    ("value", "expected"),
    [(24.49, 24), (24.5, 25), (-12.5, -13), (-0.4, 0), (100.0, 100)],
)
def test_whole_rounds_half_away_from_zero(value: float, expected: int) -> None:
    assert wording.whole(value) == expected


@pytest.mark.parametrize(
    ("count", "expected"),
    [(0, "0"), (9_999, "9999"), (10_000, "10k"), (123_999, "123k")],
)
def test_short_never_claims_more_than_there_are(count: int, expected: str) -> None:
    assert wording.short(count) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Fraction(24), "+24"),
        (Fraction(-25, 2), "−12.50"),
        (Fraction(18500, 603), "+30.68"),
        (Fraction(0), "0"),
    ],
)
def test_exact_has_two_decimals_unless_it_is_whole(value: Fraction, expected: str) -> None:
    assert wording.exact(value) == expected


def test_grouped_sets_thousands_apart_as_the_reader_does() -> None:
    with translation.override("en"):
        assert wording.grouped(12_345) == "12,345"
    with translation.override("nl"):
        assert wording.grouped(12_345) == "12.345"


@pytest.mark.parametrize(
    ("zone", "place"),
    [("Europe/Amsterdam", "Amsterdam"), ("America/New_York", "New York"), ("UTC", "UTC")],
)
def test_city_of_a_zone(zone: str, place: str) -> None:
    assert wording.city(zone) == place


@pytest.mark.parametrize(
    ("score", "words"),
    [
        pytest.param(
            month_score({9: 20, 7: 20}),
            "November 2026: +50 from 40 measurements. Standard +25 met.",
            id="met",
        ),
        pytest.param(
            month_score({9: 1_000, 3: 1_001}),
            "November 2026: 0 from 2,001 measurements. Standard +25 not met.",
            id="not met",
        ),
        pytest.param(
            month_score({3: 1}),
            "November 2026: −100 from 1 measurement. Too few for a verdict.",
            id="too few",
        ),
        pytest.param(
            month_score({9: 30}, None),
            "November 2026: +100 from 30 measurements. No standard.",
            id="no standard",
        ),
        pytest.param(month_score({}), "November 2026: no measurements", id="empty"),
        pytest.param(
            month_score({9: 20, 7: 20}, excluded=2),
            "November 2026: +50 from 40 measurements. Standard +25 met. Corrected.",
            id="corrected",
        ),
    ],
)
def test_month_in_words_says_what_the_bar_shows(score: MonthScore, words: str) -> None:
    with translation.override("en"):
        assert wording.month_in_words(score) == words


@pytest.mark.parametrize(
    ("score", "words"),
    [
        pytest.param(
            month_score({9: 1, 7: 1, 3: 1}),
            "November 2026: 34% promoters, 33% passives, 33% detractors (n = 3).",
            id="adds up to 100",
        ),
        pytest.param(month_score({}), "November 2026: no measurements", id="empty"),
    ],
)
def test_shares_in_words_say_what_the_bands_show(score: MonthScore, words: str) -> None:
    assert wording.shares_in_words(score) == words


@pytest.mark.parametrize(
    ("interval", "words"),
    [
        (Interval(-10.04, 52.9), "−10 to +53"),
        (Interval(-0.4, 0.4), "0 to 0"),
        (Interval(-12.5, 100), "−13 to +100"),
        (None, "–"),
    ],
)
def test_interval_in_words_is_in_whole_points(interval: Interval | None, words: str) -> None:
    assert wording.interval_in_words(interval) == words


@pytest.mark.parametrize(
    ("later", "earlier", "words"),
    [
        (
            Tally(30, 50, 20),
            Tally(30, 20, 50),
            "A larger share of passives and a smaller one of detractors than in July.",
        ),
        (
            Tally(20, 50, 30),
            Tally(50, 20, 30),
            "A larger share of passives and a smaller one of promoters than in July.",
        ),
        (
            Tally(50, 20, 30),
            Tally(20, 50, 30),
            "A smaller share of passives and a larger one of promoters than in July.",
        ),
        (
            Tally(30, 20, 50),
            Tally(30, 50, 20),
            "A smaller share of passives and a larger one of detractors than in July.",
        ),
    ],
    ids=["up, good", "up, bad", "down, good", "down, bad"],
)
def test_shift_in_words_says_what_moved(later: Tally, earlier: Tally, words: str) -> None:
    assert wording.shift_in_words(after(earlier, later)) == words


def test_nothing_is_said_of_a_first_month() -> None:
    first = month_score({9: 1})

    assert wording.shift_in_words(first) == ""


@pytest.mark.parametrize(
    ("value", "expected"),
    [(Fraction(1, 20), "0.1"), (Fraction(-1, 20), "-0.1"), (0.04, "0.0"), (Fraction(2, 3), "0.7")],
)
def test_one_decimal_rounds_half_away_from_zero(value: Fraction | float, expected: str) -> None:
    assert wording.one_decimal(value) == Decimal(expected)


def test_points_have_one_decimal_and_a_sign() -> None:
    with translation.override("en"):
        assert wording.points_in_words(Interval(-0.34, 1.06)) == "−0.3 to +1.1"
    with translation.override("nl"):
        assert wording.points_in_words(Interval(-0.34, 1.06)) == "−0,3 tot +1,1"


@pytest.mark.parametrize(
    ("mean", "low", "high", "expected"),
    [
        (Fraction(1), 0.2, 1.8, "On average 1.0 too high"),
        (Fraction(-3, 2), -2.0, -1.0, "On average 1.5 too low"),
        (Fraction(1), -0.2, 2.2, "Neither clearly too high nor clearly too low"),
    ],
)
def test_bias_is_named_when_it_is_more_than_chance(
    mean: Fraction, low: float, high: float, expected: str
) -> None:
    with translation.override("en"):
        assert wording.bias_in_words(Bias(mean, Interval(low, high))) == expected


@pytest.mark.parametrize(
    ("skill", "expected"),
    [
        (Fraction(3, 25), "+12%"),
        (Fraction(0), "0%"),
        (Fraction(-3, 2), "−150%"),
        (None, "–"),
    ],
)
def test_skill_is_a_signed_percentage(skill: Fraction | None, expected: str) -> None:
    assert wording.skill_in_words(skill) == expected


@pytest.mark.parametrize(
    ("scores", "words"),
    [
        ({9: 30}, "Above the standard +25"),
        ({3: 30}, "Below the standard +25"),
        ({9: 10, 7: 30}, "Exactly the standard +25"),
        ({9: 24}, "Too few for a verdict"),
    ],
)
def test_months_together_are_above_or_below_but_meet_nothing(
    scores: dict[int, int], words: str
) -> None:
    assert wording.together_in_words(month_score(scores)) == words
