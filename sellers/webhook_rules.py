"""When a webhook is tried again, and when its owner is told or it is switched off.

The schedule is that of the Standard Webhooks specification
(https://github.com/standard-webhooks/standard-webhooks, "Deliverability and reliability").
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import Enum, auto
from http import HTTPStatus
from typing import Final

# After the first failed try, the second … ; after one more failure it is given up.
WAITS: Final = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
JITTER: Final = 0.1  # of a wait, at most: not all that failed together comes back together
LONGEST_RETRY_AFTER: Final = timedelta(hours=24)

# How long nothing arrives until the owner is told, is told again, and it is switched off.
WARNED_AFTER: Final = (timedelta(days=1), timedelta(days=3))
OFF_AFTER: Final = timedelta(days=5)
BETWEEN_WARNINGS: Final = timedelta(days=1)

SUCCESS: Final = range(200, 300)


class Verdict(Enum):
    """What an answer says."""

    TAKEN = auto()
    GONE = auto()
    FAILED = auto()


def judge(status: int | None) -> Verdict:
    """Return what a status says, None being no answer; a redirect is a failure like any other."""
    if status in SUCCESS:
        return Verdict.TAKEN
    return Verdict.GONE if status == HTTPStatus.GONE else Verdict.FAILED


def wait(failures: int, *, spread: float) -> timedelta | None:
    """Return how long to wait after so many failed tries, None to give up.

    `spread`, from 0 to 1, is chance: the part of JITTER that comes on top.
    """
    if failures > len(WAITS):
        return None
    return WAITS[failures - 1] * (1 + JITTER * spread)


def retry_after(value: str, *, now: datetime) -> timedelta | None:
    """Return for how long a server asks to be left in peace (RFC 9110, 10.2.3), bounded.

    None for what is neither a number of seconds nor a date.
    """
    text = value.strip()
    if text.isascii() and text.isdigit():
        asked = timedelta(seconds=min(int(text[:9]), LONGEST_RETRY_AFTER.total_seconds()))
    else:
        try:
            moment = parsedate_to_datetime(text)
        except (ValueError, OverflowError):
            return None
        asked = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
    return min(max(asked, timedelta(0)), LONGEST_RETRY_AFTER)


@dataclass(frozen=True, slots=True)
class Trouble:
    """How long nothing has arrived, how often the owner was told, and when last."""

    since: datetime
    warnings: int = 0
    warned_at: datetime | None = None

    def next_step(self, *, now: datetime) -> "Trouble | None":
        """Return the trouble after one more failure; None to switch off.

        One step at a time, a day apart: it is never off without both mails before, also when
        nothing was sent for a week and then much fails at once.
        """
        lasts = now - self.since
        if self.warned_at and now - self.warned_at < BETWEEN_WARNINGS:
            return self
        if self.warnings == len(WARNED_AFTER):
            return None if lasts >= OFF_AFTER else self
        if lasts < WARNED_AFTER[self.warnings]:
            return self
        return Trouble(self.since, self.warnings + 1, now)
