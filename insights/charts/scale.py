"""One score between −100 and +100, with its interval and its standard."""

from dataclasses import dataclass
from typing import Final

from insights.charts.geometry import Span, nps_percent
from insights.charts.marks import verdict_kind
from insights.scores import JudgedScore

ROOM: Final = 15  # percent of the width: half a name, on a phone


@dataclass(frozen=True, slots=True)
class Scale:
    """Where a score, its interval and the standard lie between −100 and +100, in percent.

    `kind` is what the score says by its colour, as classes; `interval` is None where there is none.
    """

    kind: str
    point: float
    interval: Span | None
    standard: float | None

    @property
    def anchor(self) -> str:
        """Return how the name of the standard is placed above it, inside the drawing."""
        if self.standard is None or ROOM <= self.standard <= 100 - ROOM:
            return "middle"
        return "start" if self.standard < ROOM else "end"


def scale(score: JudgedScore, *, running: bool) -> Scale | None:
    """Return where a score lies between −100 and +100, or None when nobody answered."""
    if score.nps is None:
        return None
    interval = score.interval
    return Scale(
        kind=verdict_kind(score, running=running),
        point=nps_percent(score.nps),
        interval=Span.between(nps_percent(interval.low), nps_percent(interval.high))
        if interval
        else None,
        standard=nps_percent(score.standard.value) if score.standard else None,
    )
