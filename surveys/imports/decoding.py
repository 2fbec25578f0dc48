"""Which letters the bytes of a file are."""

import codecs
import re
from typing import Final, NamedTuple

from django.utils.translation import gettext as _

from surveys.imports.refusals import FileRefused

UTF_8: Final = "UTF-8"
WINDOWS: Final = "Windows-1252"
BOM: Final = "\ufeff"
END_OF_DOS: Final = "\x1a\r\n"  # Ctrl-Z, with which old programs close a file
SAMPLE: Final = 4_096  # bytes, by which UTF-16 without a mark is known
MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
LETTER_OF_UTF_8: Final = re.compile(
    rb"[\xC2-\xDF][\x80-\xBF]|[\xE0-\xEF][\x80-\xBF]{2}|[\xF0-\xF4][\x80-\xBF]{3}"
)
BEYOND_ASCII: Final = re.compile(rb"[\x80-\xFF]")


class Decoded(NamedTuple):
    """A text without byte order marks, and the encoding that it was in."""

    text: str
    encoding: str


def decode(content: bytes) -> Decoded:
    """Return the text of a file; raises FileRefused where that would be a guess.

    UTF-16 without a mark is known by its zeros. What is no UTF-8 is Windows-1252, as Excel writes
    it, unless it has as many letters of UTF-8 in it: then it is broken.
    """
    wide = _wide_encoding(content)
    if wide:
        return _without_marks(_decoded(content, wide), wide.upper()[:6])
    try:
        return _without_marks(content.decode(), UTF_8)
    except UnicodeDecodeError as error:
        return _without_marks(_windows(content, error), WINDOWS)


def _without_marks(text: str, encoding: str) -> Decoded:
    """Remove the marks in front and at the end, and in between where files were put together."""
    text = text.replace(BOM, "")
    return Decoded(text.rstrip(END_OF_DOS) if END_OF_DOS[0] in text[-3:] else text, encoding)


def _wide_encoding(content: bytes) -> str:
    """Return the encoding of a file that has two or four bytes for each letter, or nothing."""
    for mark, encoding in MARKS:
        if content.startswith(mark):
            return encoding
    sample = content[: min(SAMPLE, len(content) // 2 * 2)]
    letters = len(sample) // 2
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if odd * 5 > letters and odd > even * 3:  # ASCII has a zero in each letter
        return "utf-16-le"
    if even * 5 > letters and even > odd * 3:
        return "utf-16-be"
    return ""


def _decoded(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        message = _(
            "The file is %(encoding)s, but its byte %(place)d is not: it was cut off or changed. "
            "Save it again, as “CSV UTF-8”."
        )
        place = {"encoding": encoding.upper()[:6], "place": error.start + 1}
        raise FileRefused(message % place) from error


def _windows(content: bytes, wrong: UnicodeDecodeError) -> str:
    good = LETTER_OF_UTF_8.findall(content)
    bad = len(BEYOND_ASCII.findall(content)) - sum(map(len, good))
    if len(good) < bad:
        try:
            return content.decode("cp1252")
        except UnicodeDecodeError as error:
            wrong = error
    message = _(
        "Byte %(place)d of the file (0x%(byte)02X, on line %(line)d) is not UTF-8. Save the "
        "file again in that encoding; Excel calls it “CSV UTF-8”."
    )
    place = {
        "place": wrong.start + 1,
        "byte": content[wrong.start],
        "line": content.count(b"\n", 0, wrong.start) + 1,
    }
    raise FileRefused(message % place) from wrong
