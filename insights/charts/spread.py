"""How all shops are spread between −100 and +100, for staff."""

from dataclasses import dataclass
from typing import Final

from insights.charts.geometry import HIGHEST_NPS, LOWEST_BAR, LOWEST_NPS, Span, nps_percent
from insights.reports.shops import STEP, ShopScores

SPREAD_HEIGHT: Final = 120.0
SPREAD_TOP: Final = 36.0  # room for the name of the standard, and the count of the highest bar
SPREAD_FILL: Final = 0.84  # how much of its place a bar takes
TICKS_HEIGHT: Final = 24.0  # room for the scores below the bars
TICK_EVERY: Final = 20


@dataclass(frozen=True, slots=True)
class SpreadBar:
    """How many shops score from `low` up to `high`."""

    low: int
    high: int
    count: int
    span: Span
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class SpreadTick:
    """A score below the bars, and how far to the right it lies, in percent."""

    score: int
    x: float

    @property
    def anchor(self) -> str:
        """Return which part of the score is placed there: the middle, if that fits."""
        return {LOWEST_NPS: "start", HIGHEST_NPS: "end"}.get(self.score, "middle")


@dataclass(frozen=True, slots=True)
class SpreadChart:
    """All shops with measurements enough, as bars from −100 to +100."""

    bars: tuple[SpreadBar, ...]
    ticks: tuple[SpreadTick, ...]
    standard: SpreadTick | None
    shops: int
    least: int
    bottom: float = SPREAD_TOP + SPREAD_HEIGHT
    height: float = SPREAD_TOP + SPREAD_HEIGHT + TICKS_HEIGHT


def spread_chart(scores: ShopScores) -> SpreadChart | None:
    """Return the bars, or None when no shop has measurements enough."""
    spread, standard = scores.spread, scores.total.standard
    if not spread:
        return None
    highest = max(spread.values())
    return SpreadChart(
        bars=tuple(
            _bar(low, spread.get(low, 0), highest) for low in range(LOWEST_NPS, HIGHEST_NPS, STEP)
        ),
        ticks=tuple(
            SpreadTick(score, nps_percent(score))
            for score in range(LOWEST_NPS, HIGHEST_NPS + 1, TICK_EVERY)
        ),
        standard=SpreadTick(standard.value, nps_percent(standard.value)) if standard else None,
        shops=sum(spread.values()),
        least=scores.least_measurements,
    )


def _bar(low: int, count: int, highest: int) -> SpreadBar:
    height = round(SPREAD_HEIGHT * count / highest, 1)
    if count:
        height = max(height, LOWEST_BAR)
    margin = (1 - SPREAD_FILL) / 2 * STEP
    return SpreadBar(
        low=low,
        high=low + STEP,
        count=count,
        span=Span.between(nps_percent(low + margin), nps_percent(low + STEP - margin)),
        y=round(SPREAD_TOP + SPREAD_HEIGHT - height, 1),
        height=height,
    )
