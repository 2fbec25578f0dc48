"""Which service standard a day or month is judged by."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from surveys.periods import last_day, month_start

# Below so many measurements a score is indicative, where no standard says how many it takes.
GUIDELINE: Final = 25


@dataclass(frozen=True, slots=True)
class Standard:
    """The NPS that sellers are to reach from one day on, until another standard follows.

    `minimum` is how many measurements a verdict takes; `valid_until` is the first day on which the
    standard no longer holds, None while it has no successor. Sellers read of it from `announced_on`
    on; the `label` is in the reader's language.
    """

    value: int
    minimum: int
    valid_from: date
    valid_until: date | None = None
    announced_on: date | None = None
    label: str = ""

    def holds_on(self, day: date) -> bool:
        """Return whether this is the standard of `day`."""
        return self.valid_from <= day and (self.valid_until is None or day < self.valid_until)

    def is_coming(self, day: date) -> bool:
        """Return whether on `day` sellers know of it and it does not hold yet."""
        return self.announced_on is not None and self.announced_on <= day < self.valid_from


def standard_on(standards: Iterable[Standard], day: date) -> Standard | None:
    """Return the standard that holds on `day`, or None when there is none.

    Standards do not overlap, so their order does not matter.
    """
    return next((standard for standard in standards if standard.holds_on(day)), None)


def standard_for_month(
    standards: Iterable[Standard], month: date, *, today: date
) -> Standard | None:
    """Return the standard that `month` is judged by, or None when there is none.

    That is the one of the month's last day; in the running month, the one of today.
    """
    is_running = month_start(month) == month_start(today)
    return standard_on(standards, today if is_running else last_day(month))


def coming_standard(standards: Iterable[Standard], *, today: date) -> Standard | None:
    """Return the next standard that sellers are told of ahead, or None when none is announced."""
    coming = (standard for standard in standards if standard.is_coming(today))
    return min(coming, key=lambda standard: standard.valid_from, default=None)
