"""What several charts measure with."""

from dataclasses import dataclass
from typing import Final

LOWEST_BAR: Final = 2.0  # 0 is a score and 1 is a count: each must look different from none


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
