"""Files that are no text with separators: the sheets of Excel, and JSON."""

import io
import json
import re
import warnings
import zlib
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

import openpyxl
from django.utils.translation import gettext as _
from openpyxl.utils.exceptions import InvalidFileException

from surveys.imports.decoding import decode
from surveys.imports.refusals import FileRefused

XLSX: Final = b"PK\x03\x04"
OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"
# How Excel writes what XML cannot; halves of a character are none.
ESCAPED: Final = re.compile(r"_x((?![Dd][89A-Fa-f])[0-9A-Fa-f]{4})_")
HALF_A_SECOND: Final = timedelta(milliseconds=500)

Sheet = list[list[str]]


def sheets(content: bytes) -> list[Sheet] | None:
    """Return the rows of each sheet, a header among them; nothing when the file is just text.

    Moments are as their cell shows them, without an offset. Raises FileRefused.
    """
    if content.startswith(OLD_EXCEL):
        message = _("This is a file of an old or locked Excel. Save it as XLSX, or as “CSV UTF-8”.")
        raise FileRefused(message)
    if content.startswith(XLSX):
        return _of_excel(content)
    return [_of_json(decode(content).text)] if _is_json(content) else None


def _of_excel(content: bytes) -> list[Sheet]:
    try:
        with warnings.catch_warnings(action="ignore"):  # of styles and extensions it does not know
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        return [list(_rows(sheet)) for sheet in book.worksheets]
    except (
        AttributeError,
        BadZipFile,
        EOFError,
        InvalidFileException,
        KeyError,
        OSError,
        ParseError,
        TypeError,
        ValueError,
        zlib.error,
    ) as error:
        message = _("This file of Excel is broken (%(error)s). Save it again, as XLSX.")
        raise FileRefused(message % {"error": error}) from error


def _rows(sheet: Any) -> Iterator[list[str]]:
    sheet.reset_dimensions()  # some programs write wrong ones
    for row in sheet.iter_rows(values_only=True):
        yield [_cell(value) for value in row]


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return ESCAPED.sub(lambda found: chr(int(found[1], 16)), value)
    if isinstance(value, datetime):  # a number of days with a fraction, never exact
        return (value + HALF_A_SECOND).replace(microsecond=0).isoformat(" ")
    return _word(value)


def _is_json(content: bytes) -> bool:
    beginning = content[:64].removeprefix(b"\xef\xbb\xbf").lstrip()
    return beginning.startswith((b"{", b"["))


def _of_json(text: str) -> Sheet:
    """Return the objects of a file as rows: those of its one list."""
    try:
        found = json.loads(text)
        json.dumps(found, ensure_ascii=False).encode()  # no halves of a character
    except (ValueError, RecursionError) as error:
        message = _("This file of JSON is broken (%(error)s).")
        raise FileRefused(message % {"error": error}) from error
    lists = [found] if isinstance(found, list) else [*found.values()]
    lists = [each for each in lists if isinstance(each, list)]
    tables = [each for each in lists if each and all(isinstance(one, Mapping) for one in each)]
    if len(tables) != 1:
        if lists and not any(lists):
            return []
        message = _("This file of JSON needs one list, of an object for each measurement.")
        raise FileRefused(message)
    objects = tables[0]
    names = list(dict.fromkeys(name for each in objects for name in each))
    rows = [[_word(each.get(name)) for name in names] for each in objects]
    return [names, *rows] if names else []


def _word(value: Any) -> str:
    """Return a value as our own CSV writes it."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case float() if value.is_integer():
            return str(int(value))
        case list():
            return " ".join(map(_word, value))
        case _:
            return str(value)
