"""How far a page shows a conversation: what is newer is told before a reply is sent."""

import re
from dataclasses import dataclass
from typing import Final, Self

WRITTEN: Final = re.compile(r"([0-9]{1,18})\.([0-9]{1,18})")


@dataclass(frozen=True, slots=True)
class Seen:
    """The primary keys of the last message and the last note that a page shows; 0 for none.

    Both are given out while the query is locked, so what is newer has a higher one.
    """

    message: int = 0
    note: int = 0

    def __str__(self) -> str:
        return f"{self.message}.{self.note}"

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Return what a page wrote down; None when it is not ours."""
        found = WRITTEN.fullmatch(text)
        return cls(int(found[1]), int(found[2])) if found else None
