"""How the answers of a period fall: the bar of its bands, and the histogram of its scores."""

from dataclasses import dataclass
from typing import Final

from insights.charts.geometry import LOWEST_BAR, Span
from insights.reports.months import PeriodScore
from surveys.enums import Band
from surveys.nps import BAND_SCORES, HIGHEST_SCORE, LOWEST_SCORE, band

NARROWEST_LABEL: Final = 12  # percent of the bar in which "12%" still fits on a phone

# The histogram.
HISTOGRAM_HEIGHT: Final = 150.0
HISTOGRAM_TOP: Final = 20.0  # room for the count above the highest bar
HISTOGRAM_BELOW: Final = 36.0  # room for the scores
HISTOGRAM_FILL: Final = 0.72  # how much of its place a bar takes


@dataclass(frozen=True, slots=True)
class BandSegment:
    """One band's part of the whole; `labelled` when its share fits in it."""

    band: Band
    count: int
    share: int
    span: Span
    labelled: bool


@dataclass(frozen=True, slots=True)
class HistogramBar:
    """How often one score was given."""

    score: int
    band: Band
    count: int
    span: Span
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class BandGroup:
    """The place of a band below the histogram, and the scores it covers."""

    band: Band
    lowest: int
    highest: int
    span: Span


@dataclass(frozen=True, slots=True)
class Histogram:
    """The scores 0-10 of one month, lowest first."""

    top: float
    height: float
    bars: tuple[HistogramBar, ...]
    groups: tuple[BandGroup, ...]

    @property
    def bottom(self) -> float:
        """Return where the bars begin."""
        return self.top + self.height

    @property
    def whole_height(self) -> float:
        """Return how high the drawing is with the scores below the bars."""
        return self.bottom + HISTOGRAM_BELOW


def band_bar(score: PeriodScore) -> tuple[BandSegment, ...]:
    """Return the bands of a period side by side, promoters first; none when nobody answered."""
    shares = score.tally.shares
    if shares is None:
        return ()
    total = score.tally.total
    segments: list[BandSegment] = []
    passed = 0
    for one, share in (
        (Band.PROMOTER, shares.promoters),
        (Band.PASSIVE, shares.passives),
        (Band.DETRACTOR, shares.detractors),
    ):
        count = score.tally.count(one)
        segments.append(
            BandSegment(
                band=one,
                count=count,
                share=share,
                span=Span.between(100 * passed / total, 100 * (passed + count) / total),
                labelled=share >= NARROWEST_LABEL,
            )
        )
        passed += count
    return tuple(segments)


def histogram(score: PeriodScore) -> Histogram | None:
    """Return how often each score was given, or None when nobody answered."""
    if not score.tally.total:
        return None
    highest = max(score.scores.values())
    return Histogram(
        top=HISTOGRAM_TOP,
        height=HISTOGRAM_HEIGHT,
        bars=tuple(
            _histogram_bar(given, score.scores.get(given, 0), highest)
            for given in range(LOWEST_SCORE, HIGHEST_SCORE + 1)
        ),
        groups=tuple(
            BandGroup(one, min(scores), max(scores), _histogram_span(min(scores), max(scores)))
            for one, scores in BAND_SCORES.items()
        ),
    )


def _histogram_bar(score: int, count: int, highest: int) -> HistogramBar:
    height = round(HISTOGRAM_HEIGHT * count / highest, 1)
    if count:
        height = max(height, LOWEST_BAR)
    return HistogramBar(
        score=score,
        band=band(score),
        count=count,
        span=_histogram_span(score, score),
        y=round(HISTOGRAM_TOP + HISTOGRAM_HEIGHT - height, 1),
        height=height,
    )


def _histogram_span(first: int, last: int) -> Span:
    """Return the width that the bars of the scores `first` to `last` take together."""
    place = 100 / (HIGHEST_SCORE - LOWEST_SCORE + 1)
    margin = place * (1 - HISTOGRAM_FILL) / 2
    return Span.between(
        place * (first - LOWEST_SCORE) + margin, place * (last - LOWEST_SCORE + 1) - margin
    )
