"""One month between −100 and +100, with its interval and its standard."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from insights.charts.geometry import Span
from insights.reports import MonthScore

LOWEST_NPS: Final = -100
HIGHEST_NPS: Final = 100


@dataclass(frozen=True, slots=True)
class Scale:
    """Where a score, its interval and the standard stand between −100 and +100, in percent."""

    point: float
    interval: Span
    standard: float | None


def scale(month: MonthScore) -> Scale | None:
    """Return where a month stands between −100 and +100, or None when nobody answered."""
    if month.nps is None or month.interval is None:
        return None
    return Scale(
        point=_scale_percent(month.nps),
        interval=Span.between(
            _scale_percent(month.interval.low), _scale_percent(month.interval.high)
        ),
        standard=_scale_percent(month.standard.value) if month.standard else None,
    )


def _scale_percent(score: float | Fraction) -> float:
    return round(100 * (float(score) - LOWEST_NPS) / (HIGHEST_NPS - LOWEST_NPS), 2)
