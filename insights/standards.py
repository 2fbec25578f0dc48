"""Which service standard a day or month is judged by, and how another one is announced."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum, auto
from typing import Final

from surveys.periods import last_day, month_start

# Below so many measurements a score is indicative, where no standard says how many it takes.
GUIDELINE: Final = 25


@dataclass(frozen=True, slots=True)
class Standard:
    """The NPS that sellers are to reach from one day on, until another standard begins.

    `minimum` is how many measurements a verdict takes. Sellers read of it from `announced_on` on;
    the `label` is in the reader's language.
    """

    value: int
    minimum: int
    valid_from: date
    announced_on: date | None = None
    label: str = ""


def standard_on(standards: Iterable[Standard], day: date) -> Standard | None:
    """Return the standard that holds on `day`, or None before the first: the last that began."""
    begun = (standard for standard in standards if standard.valid_from <= day)
    return max(begun, key=lambda standard: standard.valid_from, default=None)


def standard_for_month(
    standards: Iterable[Standard], month: date, *, today: date
) -> Standard | None:
    """Return the standard that `month` is judged by, or None when there is none.

    That is the one of the month's last day; in the running month, the one of today.
    """
    is_running = month_start(month) == month_start(today)
    return standard_on(standards, today if is_running else last_day(month))


def coming_standard(standards: Iterable[Standard], *, today: date) -> Standard | None:
    """Return the next standard that sellers know of ahead, or None when none is announced."""
    coming = (
        standard
        for standard in standards
        if standard.announced_on and standard.announced_on <= today < standard.valid_from
    )
    return min(coming, key=lambda standard: standard.valid_from, default=None)


def known_standards(standards: Iterable[Standard], *, today: date) -> list[Standard]:
    """Return what sellers know of: each standard that holds or held, and those announced."""
    return [
        standard
        for standard in standards
        if standard.valid_from <= today
        or (standard.announced_on is not None and standard.announced_on <= today)
    ]


class Objection(Enum):
    """Why a standard cannot be announced like this."""

    BEGINS_TOO_EARLY = auto()  # a day that has begun keeps its standard
    ANNOUNCED_IN_THE_PAST = auto()  # nobody could read it then
    ANNOUNCED_TOO_LATE = auto()  # sellers read of it before it judges them
    JUDGES_RUNNING_MONTH = auto()  # by another standard than it began with; may be confirmed


def objections(*, valid_from: date, announced_on: date, today: date) -> set[Objection]:
    """Return everything that is wrong with announcing a standard for these days."""
    wrong = {
        Objection.BEGINS_TOO_EARLY: valid_from <= today,
        Objection.ANNOUNCED_IN_THE_PAST: announced_on < today,
        Objection.ANNOUNCED_TOO_LATE: today < valid_from <= announced_on,
        Objection.JUDGES_RUNNING_MONTH: today < valid_from <= last_day(today),
    }
    return {objection for objection, is_so in wrong.items() if is_so}
