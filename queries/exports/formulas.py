"""Texts that a spreadsheet would take for a formula, marked so that it does not."""

import re
from typing import Final

# What a spreadsheet takes for a formula (owasp.org/www-community, CSV Injection), the wide signs of
# East Asian keyboards among them; and what looks like such a text with our mark before it.
FORMULA: Final = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")


def escape_formula(text: str) -> str:
    """Return a text that a spreadsheet shows as it is, and takes for no formula."""
    return f"'{text}" if FORMULA.match(text) else text


def unescape_formula(text: str) -> str:
    """Return the text that `escape_formula` wrote like this."""
    return text[1:] if text.startswith("'") and FORMULA.match(text) else text
