"""One score between −100 and +100, with its interval and its standard."""

from dataclasses import dataclass

from insights.charts.geometry import Span, nps_percent
from insights.charts.marks import verdict_kind
from insights.scores import JudgedScore


@dataclass(frozen=True, slots=True)
class Scale:
    """Where a score, its interval and the standard lie between −100 and +100, in percent.

    `kind` is what the score says by its colour, as classes.
    """

    kind: str
    point: float
    interval: Span
    standard: float | None


def scale(score: JudgedScore, *, running: bool) -> Scale | None:
    """Return where a score lies between −100 and +100, or None when nobody answered."""
    if score.nps is None or score.interval is None:
        return None
    return Scale(
        kind=verdict_kind(score, running=running),
        point=nps_percent(score.nps),
        interval=Span.between(nps_percent(score.interval.low), nps_percent(score.interval.high)),
        standard=nps_percent(score.standard.value) if score.standard else None,
    )
