"""What several charts measure with."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

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
