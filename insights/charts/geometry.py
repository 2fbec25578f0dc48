"""What several charts measure with."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

NARROWEST: Final = 0.6  # percent of the width: a bar of nothing has a place too
LOWEST_BAR: Final = 2.0  # 0 is a score and 1 is a count: each must look different from none


LOWEST_NPS: Final = -100
HIGHEST_NPS: Final = 100


def nps_percent(nps: float | Fraction) -> float:
    """Return where a score lies between −100 and +100, in percent of the width."""
    return round(100 * (float(nps) - LOWEST_NPS) / (HIGHEST_NPS - LOWEST_NPS), 2)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the width, in percent of it."""

    x: float
    width: float

    @property
    def centre(self) -> float:
        """Return the middle, in percent."""
        return round(self.x + self.width / 2, 2)

    @classmethod
    def between(cls, start: float, end: float) -> "Span":
        """Return the stretch from `start` to `end`."""
        return cls(round(start, 2), round(end - start, 2))

    @classmethod
    def visible(cls, start: float, end: float) -> "Span":
        """Return the stretch between two places, wide enough to be seen and inside the drawing."""
        left, right = sorted((start, end))
        if right - left < NARROWEST:
            left = min(max(0.0, (left + right - NARROWEST) / 2), 100 - NARROWEST)
            right = left + NARROWEST
        return cls.between(left, right)
