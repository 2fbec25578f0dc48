"""Texts that a spreadsheet would take for a formula, marked so that it does not.

A program that takes another separator than the file has begins a new cell wherever that separator,
or the end of a line, is within a text: what looks like a formula there is marked as well.
"""

import re
from typing import Final

# What a spreadsheet takes for a formula (owasp.org/www-community, CSV Injection), the wide signs of
# East Asian keyboards among them; and what looks like such a text with our mark before it.
SIGNS: Final = r"=+\-@＝＋－＠"
FORMULA: Final = re.compile(
    rf"""
    (?: \A (?= '* [{SIGNS}\t\r\n] )              # the cell itself
      | (?<= [,;\t\r\n] ) "* (?= '* [{SIGNS}] )  # what another separator would make one
    )
    """,
    re.VERBOSE,
)
MARKED: Final = re.compile(rf"({FORMULA.pattern})'", re.VERBOSE)


def escape_formula(text: str) -> str:
    """Return a text that a spreadsheet shows as it is, and takes for no formula."""
    return FORMULA.sub(r"\g<0>'", text)


def unescape_formula(text: str) -> str:
    """Return the text that `escape_formula` wrote like this."""
    return MARKED.sub(r"\1", text) if "'" in text else text
