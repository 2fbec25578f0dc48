"""Files that are no text with separators: the sheets of Excel, and JSON."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.utils.translation import gettext as _

from surveys.imports.decoding import decode
from surveys.imports.refusals import FileRefused
from surveys.imports.workbooks import (
    Room,
    Sheet,
    refuse_kind,
    refuse_locked,
    sheets_of_workbook,
    word,
)

WRITTEN: Final = re.compile(r"[^ \t\r\n]")
PACKED: Final = (b"PK\x03\x04", b"PK\x05\x06")  # an archive, and an empty one
OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"
LOCKED: Final = "EncryptedPackage".encode("utf-16-le")  # a part of a workbook with a password
OTHERS: Final = ((b"%PDF-", "PDF"), (b"\x1f\x8b", "gzip"), (b"{\\rtf", "RTF"))
MARKUP: Final = (b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta", b"<head")  # also as .xls


def sheets(content: bytes) -> list[Sheet] | None:
    """Return the rows of each sheet, a header among them; nothing when the file is just text.

    Moments are as their cell shows them, without an offset. Raises FileRefused.
    """
    if content.startswith(PACKED):
        return sheets_of_workbook(content)
    _refuse_others(content)
    if _beginning(content).startswith((b"{", b"[")):
        return _of_json(decode(content).text)
    return None


def _beginning(content: bytes) -> bytes:
    """Return the first letters, without marks and without the zeros of UTF-16."""
    return content[:64].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")


def _refuse_others(content: bytes) -> None:
    """Refuse the kinds of files that are known and not read."""
    if content.startswith(OLD_EXCEL):
        if LOCKED in content:
            raise refuse_locked()
        raise refuse_kind("XLS")
    for signature, kind in OTHERS:
        if content.startswith(signature):
            raise refuse_kind(kind)
    if _beginning(content).lower().startswith(MARKUP):
        raise refuse_kind("HTML / XML")


def _of_json(text: str) -> list[Sheet]:
    """Return each list of objects in a file as rows, with where it is."""
    try:
        found = list(_documents(text))
        json.dumps(found, ensure_ascii=False).encode()  # no halves of a character
        if len(found) > 1 and not any(isinstance(each, list) or "data" in each for each in found):
            return [_sheet("", found)]  # JSON lines
        lists = [each for document in found for each in _lists(document)]
    except (TypeError, ValueError, RecursionError) as error:
        message = _("This file of JSON is broken (%(error)s).")
        raise FileRefused(message % {"error": error}) from error
    tables = [_sheet(title, each) for title, each in lists if each]
    if not tables and not lists:
        raise FileRefused(_("This file of JSON needs one list, of an object for each measurement."))
    return tables


def _documents(text: str) -> Iterator[Any]:
    """Yield what is in a file, one or more after the other; raises ValueError."""
    decoder, place = json.JSONDecoder(object_pairs_hook=_object), 0
    while written := WRITTEN.search(text, place):
        found, place = decoder.raw_decode(text, written.start())
        yield found


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = Counter(name for name, _value in pairs)
        message = _("“%(name)s” is twice in one object")
        raise ValueError(message % {"name": names.most_common(1)[0][0]})
    return found


def _lists(found: Any, title: str = "") -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield each list of objects, and what it is called; not what is within the objects."""
    if isinstance(found, list) and all(isinstance(each, Mapping) for each in found):
        yield title, found
    elif isinstance(found, Mapping):
        for name, value in found.items():
            yield from _lists(value, f"{title}.{name}".lstrip("."))


def _sheet(title: str, objects: list[dict[str, Any]]) -> Sheet:
    names = list(dict.fromkeys(name for each in objects for name in each))
    Room().take(len(names) * (len(objects) + 1))  # a few bytes can name a column of every row
    rows = [names, *([word(each.get(name)) for name in names] for each in objects)]
    written = [row for row in enumerate(rows, start=1) if any(map(str.strip, row[1]))]
    return Sheet(written, title=title)
