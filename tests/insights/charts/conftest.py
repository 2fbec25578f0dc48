"""Months to draw."""

from collections.abc import Mapping
from datetime import date

from hypothesis import strategies as st

from insights.reports.months import MonthScore
from insights.standards import Standard
from surveys.nps import Tally
from surveys.periods import months_back

MONTHS = months_back(date(2026, 11, 1), 24)
JANUARY = date(2026, 1, 1)  # the 14th of them
TWENTY_FIVE = Standard(25, 25, JANUARY)
ROUNDING = 0.11  # two positions of one decimal

Scores = Mapping[int, int]


def month_score(
    scores: Scores,
    *,
    month: date = MONTHS[-1],
    standard: Standard | None = TWENTY_FIVE,
) -> MonthScore:
    return MonthScore(
        month=month,
        scores=scores,
        tally=Tally.from_scores(scores),
        standard=standard,
        running=month == MONTHS[-1],
    )


counts = st.integers(min_value=1, max_value=40) | st.integers(min_value=1, max_value=3_000_000)
scores = st.dictionaries(st.integers(min_value=0, max_value=10), counts)
answered = scores.filter(bool)
