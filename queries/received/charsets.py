"""Text from bytes that claim to be in some charset."""

import codecs
import re
from typing import Final

# Programs write the first and mean the second (WHATWG Encoding Standard).
MEANT: Final = {"ascii": "utf-8", "iso8859-1": "cp1252", "gb2312": "gb18030", "iso8859-9": "cp1254"}
# Encodings that Python has and no mail does; some take a time that grows with the square.
NOT_OF_MAIL: Final = {"idna", "punycode", "raw-unicode-escape", "unicode-escape", "undefined"}

# What no text of a person needs: control characters, and halves of characters.
UNWANTED: Final = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufff9-\ufffb]"
)
LINE_ENDS: Final = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")


def decode(octets: bytes, charset: str) -> str:
    """Return the text in `octets`; a wrong or unknown `charset` costs letters, never the text."""
    for name in (_python_name(charset), "utf-8", "cp1252"):
        try:
            return clean(octets.decode(name))
        except UnicodeDecodeError as failure:
            whole = octets[: failure.start]
            if failure.end == len(octets) and not whole.isascii():  # cut off inside a character
                return clean(whole.decode(name))
        except (UnicodeError, LookupError):
            continue
    return clean(octets.decode("latin-1"))


def clean(text: str) -> str:
    """Return the text with the line ends of Unix and without what a database refuses."""
    return UNWANTED.sub("", LINE_ENDS.sub("\n", text))


def _python_name(charset: str) -> str:
    """Return what Python calls a charset, "utf-8" for what no mail is written in."""
    try:
        name = codecs.lookup(charset).name
    except (LookupError, ValueError):
        return "utf-8"
    return "utf-8" if name in NOT_OF_MAIL else MEANT.get(name, name)
