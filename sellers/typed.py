"""What somebody typed into a form that could not be taken, to be given back to them."""

from collections.abc import Container, Mapping
from typing import Final

# Boxes in which one writes more than a word.
LONG: Final = (
    *("body", "note", "reason", "why"),
    *("call_note", "promised", "cause", "lesson", "words"),
)
SIGNATURES: Final = "signature_"


def typed_words(posted: Mapping[str, str], kept: Container[str] = ()) -> list[str]:
    """Return what was typed into the boxes for long texts, but for what is kept elsewhere."""
    named = (name for name in posted if name in LONG or name.startswith(SIGNATURES))
    return [posted[name] for name in named if name not in kept and posted[name].strip()]
