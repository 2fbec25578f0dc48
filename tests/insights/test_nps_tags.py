from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from django.utils import translation

from insights.charts.history import history_chart
from insights.reports import History, MonthScore
from insights.standards import Standard
from insights.templatetags import nps
from surveys.enums import Band
from surveys.nps import Interval, Shift, Tally

STANDARD = Standard(25, 25, date(2020, 1, 1))


def month_score(
    scores: Mapping[int, int], standard: Standard | None = STANDARD, *, excluded: int = 0
) -> MonthScore:
    return MonthScore(
        month=date(2026, 11, 1),
        excluded=excluded,
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
        pytest.param(Decimal("25.0"), "+25.0", "+25,0", id="a decimal that is 0"),
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


@pytest.mark.parametrize(
    ("value", "expected"),
    [(Fraction(24), "+24"), (Fraction(-25, 2), "−25/2"), (Fraction(0), "0")],
)
def test_exact_is_the_fraction_itself(value: Fraction, expected: str) -> None:
    assert nps.exact(value) == expected


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
        assert nps.month_in_words(score) == words


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
    assert nps.shares_in_words(score) == words


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
    assert nps.interval_in_words(interval) == words


@pytest.mark.parametrize(
    ("later", "earlier", "words"),
    [
        pytest.param(
            Tally(62, 20, 18), Tally(50, 30, 20), "14 points up since July. That could be chance."
        ),
        pytest.param(
            Tally(620, 200, 180),
            Tally(500, 300, 200),
            "14 points up since July. That is more than chance.",
        ),
        pytest.param(
            Tally(49, 31, 20), Tally(50, 30, 20), "1 point down since July. That could be chance."
        ),
        pytest.param(
            Tally(500, 300, 200),
            Tally(620, 200, 180),
            "14 points down since July. That is more than chance.",
        ),
        pytest.param(Tally(5, 3, 2), Tally(50, 30, 20), "Less than a point from July."),
        pytest.param(Tally(334, 333, 333), Tally(1, 1, 1), "Less than a point from July."),
    ],
    ids=["up, chance", "up", "down, chance", "down", "the same", "rounds to 0"],
)
def test_change_in_words(later: Tally, earlier: Tally, words: str) -> None:
    change = later.change_from(earlier)

    assert change is not None
    assert nps.change_in_words(change, date(2026, 7, 1)) == words


@pytest.mark.parametrize(
    ("shift", "words"),
    [
        (
            Shift(True, Band.DETRACTOR, False),
            "More passives than in July, because there were fewer detractors. That is progress.",
        ),
        (
            Shift(True, Band.PROMOTER, False),
            "More passives than in July, because there were fewer promoters. "
            "Enthusiastic customers are becoming merely content.",
        ),
        (
            Shift(False, Band.PROMOTER, False),
            "Fewer passives than in July, because there were more promoters. That is progress.",
        ),
        (
            Shift(False, Band.DETRACTOR, False),
            "Fewer passives than in July, because there were more detractors. "
            "Content customers are becoming unhappy.",
        ),
        (
            Shift(True, Band.DETRACTOR, True),
            "More passives than in July, because there were fewer detractors. "
            "That could be chance.",
        ),
    ],
    ids=["up, good", "up, bad", "down, good", "down, bad", "chance"],
)
def test_shift_in_words_says_whether_it_is_good(shift: Shift, words: str) -> None:
    assert nps.shift_in_words(shift, date(2026, 7, 1)) == words


def test_rows_of_a_month_are_those_of_its_days() -> None:
    address = nps.rows_of(month_score({9: 1}))

    assert address == "/queries/nps/measurements/?from=2026-11-01&to=2026-11-30"


def test_written_marks_what_is_running_and_corrected() -> None:
    month = month_score({9: 12_345}, excluded=1)
    chart = history_chart(History((month,)), chosen=month)

    [written] = nps.written(chart)

    assert (written.address, written.chosen) == ("?month=2026-11", True)
    assert (written.abbreviation, written.count_below) == ("Nov*", "12k")
    assert (written.nps, written.count) == ("+100", "12,345")
    assert written.notes == "(running) (corrected)"
    assert written.cells == ("+100 to +100", "+25", "Standard +25 met")


def test_written_shares_stay_with_the_shares() -> None:
    month = month_score({9: 1, 7: 1, 3: 1})
    chart = history_chart(History((month,)), chosen=month, reading="shares")

    [written] = nps.written(chart)

    assert written.address == "?month=2026-11&reading=shares"
    assert written.cells == ("1 · 34%", "1 · 33%", "1 · 33%")


def test_written_month_without_measurements_has_no_numbers() -> None:
    month = month_score({})

    for reading, cells in (
        ("nps", ("–", "+25", "No measurements")),
        ("shares", ("–", "–", "–")),
    ):
        [written] = nps.written(history_chart(History((month,)), chosen=month, reading=reading))
        assert (written.nps, written.count, written.count_below) == ("–", "0", "–")
        assert written.cells == cells
