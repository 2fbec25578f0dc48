"""Marks in a saved reply, such as {customer}: what differs each time it is used."""

import re
from collections.abc import Mapping
from typing import Final

MARKS: Final = ("{customer}", "{first_name}", "{order}", "{shop}", "{agent}")
MARK: Final = re.compile(r"\{[^{}\n]*\}?")


def unknown_marks(text: str) -> list[str]:
    """Return what looks like a mark and is none, each once, in order; a lone brace too."""
    return list(dict.fromkeys(mark for mark in MARK.findall(text) if mark not in MARKS))


def filled_in(text: str, values: Mapping[str, str]) -> str:
    """Return a text with its marks replaced; a value is never looked at for marks itself.

    A mark without a value stays, so that whoever sends the text sees what is missing.
    """
    return MARK.sub(lambda found: values.get(found[0]) or found[0], text)
