from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pytest
from django.utils import translation

from insights.reports import MonthScore
from insights.standards import Standard
from insights.templatetags import nps
from surveys.nps import Tally

STANDARD = Standard(25, 25, date(2020, 1, 1))


def month_score(scores: Mapping[int, int], standard: Standard | None = STANDARD) -> MonthScore:
    return MonthScore(
        month=date(2026, 11, 1),
        scores=scores,
        tally=Tally.from_scores(scores),
        standard=standard,
        running=True,
    )


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
    ],
)
def test_signed_writes_the_sign_and_the_readers_decimals(
    value: Decimal | int | None, english: str, dutch: str
) -> None:
    with translation.override("en"):
        assert nps.signed(value) == english
    with translation.override("nl"):
        assert nps.signed(value) == dutch


@pytest.mark.parametrize(
    ("value", "expected"),
    [(24.49, 24), (24.5, 25), (-12.5, -13), (-0.4, 0), (100.0, 100)],
)
def test_whole_rounds_half_away_from_zero(value: float, expected: int) -> None:
    assert nps.whole(value) == expected


@pytest.mark.parametrize(
    ("count", "expected"),
    [(0, "0"), (9_999, "9999"), (10_000, "10k"), (123_999, "123k")],
)
def test_short_never_claims_more_than_there_are(count: int, expected: str) -> None:
    assert nps.short(count) == expected


def test_grouped_sets_thousands_apart_as_the_reader_does() -> None:
    with translation.override("en"):
        assert nps.grouped(12_345) == "12,345"
    with translation.override("nl"):
        assert nps.grouped(12_345) == "12.345"


@pytest.mark.parametrize(
    ("zone", "place"),
    [("Europe/Amsterdam", "Amsterdam"), ("America/New_York", "New York"), ("UTC", "UTC")],
)
def test_city_of_a_zone(zone: str, place: str) -> None:
    assert nps.city(zone) == place


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
            "November 2026: +100 from 30 measurements. No standard yet.",
            id="no standard",
        ),
        pytest.param(month_score({}), "November 2026: no measurements", id="empty"),
    ],
)
def test_month_in_words_says_what_the_bar_shows(score: MonthScore, words: str) -> None:
    with translation.override("en"):
        assert nps.month_in_words(score) == words
