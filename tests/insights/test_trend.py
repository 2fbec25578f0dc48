"""The one sentence about the months, for thirty shops that a person can read."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest
from django.utils import translation

from insights.levels import month_numbered, number_of
from insights.scores import JudgedScore
from insights.standards import Standard, standard_on
from insights.trend import Claim, agreed_shift, trend_of
from insights.trend_wording import in_letters, shift_sentence, trend_in_words
from surveys.nps import Tally
from surveys.periods import last_day

LEAST_SPECIFIC = 25


@dataclass(frozen=True, slots=True)
class Told:
    """The counts of each month from `first` on, the standards by their month, and the sentence."""

    name: str
    first: str
    counts: str
    standards: dict[str, int]
    english: str
    dutch: str
    specific: bool = True


FILE = Path(__file__).parent / "histories.toml"
HISTORIES = [Told(**each) for each in tomllib.loads(FILE.read_text())["history"]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Month(JudgedScore):
    """A month as it is judged."""

    month: date


def finished(told: Told) -> list[Month]:
    """Return the months of a history with the standard of their last day."""
    standards = [
        Standard(value=value, minimum=25, valid_from=date.fromisoformat(f"{first}-01"))
        for first, value in told.standards.items()
    ]
    first = number_of(date.fromisoformat(f"{told.first}-01"))
    months = []
    for place, counts in enumerate(told.counts.split()):
        month = month_numbered(first + place)
        tally = Tally(*map(int, counts.split("/")))
        standard = standard_on(standards, last_day(month))
        months.append(Month(month=month, tally=tally, standard=standard))
    return months


def said(months: Sequence[Month], language: str = "en") -> str:
    """Return the sentence."""
    with translation.override(language):
        return trend_in_words(trend_of(months))


@pytest.mark.parametrize("told", HISTORIES, ids=[told.name for told in HISTORIES])
def test_sentences(told: Told) -> None:
    months = finished(told)

    assert said(months) == told.english
    assert said(months, "nl") == told.dutch
    vague = trend_of(months).claim in (Claim.TOO_FEW, Claim.NO_CHANGE)
    assert vague is not told.specific


def test_what_was_read_ends_where_too_few_answered() -> None:
    """A shop that was large: of the months since nothing is said."""
    large = [Tally(13, 8, 9)] * 13
    months = [
        Month(month=month_numbered(number_of(date(2024, 12, 1)) + place), tally=tally)
        for place, tally in enumerate([*large, *[Tally(3, 2, 2)] * 10])
    ]

    assert said(months) == (
        "No change from December 2024 to December 2025 that stands out from chance; "
        "the months after that have too few measurements."
    )
    assert said(months, "nl") == (
        "Van december 2024 tot en met december 2025 geen verandering die boven het toeval uitkomt; "
        "de maanden daarna hebben te weinig metingen."
    )
    assert "since December 2024" in said(months[:15])


def test_most_shops_read_something_specific() -> None:
    assert len(HISTORIES) == 30
    assert sum(told.specific for told in HISTORIES) >= LEAST_SPECIFIC


def test_no_month_is_no_sentence() -> None:
    assert said([]) == ""
    empty = [Month(month=month_numbered(24300 + n), tally=Tally()) for n in range(23)]
    assert said(empty) == ""


def test_months_before_the_first_measurement_belong_to_no_run() -> None:
    months = finished(HISTORIES[15])  # always below
    empty = [replace(month, tally=Tally()) for month in months[:10]]

    assert said([*empty, *months[10:]]).startswith("All 13 finished months below the standard")


@pytest.mark.parametrize(
    ("below", "words"),
    [(2, "Too few months"), (3, "Three months in a row"), (5, "Five months in a row")],
)
def test_new_shop_reads_its_run_before_there_is_a_trend(below: int, words: str) -> None:
    high, low = Tally(60, 20, 20), Tally(20, 20, 60)
    standard = Standard(value=25, minimum=25, valid_from=date(2020, 1, 1))
    months = [
        Month(
            month=month_numbered(24300 + n),
            tally=low if n >= 8 - below else high,
            standard=standard,
        )
        for n in range(8)
    ]

    assert said(months).startswith(words)


def test_without_a_standard_there_is_no_run() -> None:
    months = [replace(month, standard=None) for month in finished(HISTORIES[15])]

    assert said(months) == "Steady since December 2024, around +9."


@pytest.mark.parametrize(
    ("number", "agrees"),
    [
        (4, True),  # three months lower
        (5, False),  # two months lower: the month before the last told nothing yet
        (3, True),
        (0, False),
        (18, False),
    ],
)
def test_mail_tells_a_shift_when_a_second_month_agrees(number: int, agrees: bool) -> None:
    months = finished(HISTORIES[number])

    assert (agreed_shift(months) is not None) is agrees


def test_shift_is_a_sentence_of_its_own() -> None:
    shift = agreed_shift(finished(HISTORIES[3]))

    assert shift is not None
    assert shift_sentence(shift) == "Since January 2026 about 45 points lower (38 to 53)."


@pytest.mark.parametrize(
    ("number", "word"), [(0, "0"), (1, "one"), (7, "seven"), (12, "twelve"), (13, "13")]
)
def test_numbers_up_to_twelve_are_words(number: int, word: str) -> None:
    assert in_letters(number) == word
