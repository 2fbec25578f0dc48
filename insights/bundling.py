"""How many mails somebody gets: a few alone, and what is above that together."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

HOUR: Final = timedelta(hours=1)
ALONE_AN_HOUR: Final = 5


@dataclass(frozen=True, slots=True)
class Packing:
    """How many alerts, of those that wait, leave now: so many alone, and so many in one mail."""

    alone: int = 0
    together: int = 0


def pack(waiting: int, *, alone: int, bundled: bool) -> Packing:
    """Return what leaves now of so many alerts that wait to be mailed to one person.

    `alone` is how many alerts left in a mail of their own in the last hour, `bundled` whether a
    mail with the rest did: then all that came since waits for the next one.
    """
    if bundled:
        return Packing()
    leave = min(waiting, max(ALONE_AN_HOUR - alone, 0))
    return Packing(leave, waiting - leave)
