"""A text of one line, such as a name or a subject, as it is stored wherever it comes from."""

import re
from typing import Final

# Control characters, line ends, halves of characters, and what turns the direction of what follows:
# nobody sees them, and what stands behind a name would be read backwards.
UNSEEN: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


def one_line(text: str) -> str:
    """Return a text without what nobody sees in it; where a line ended is a space."""
    return UNSEEN.sub(lambda found: " " if found[0].isspace() else "", text).strip()
