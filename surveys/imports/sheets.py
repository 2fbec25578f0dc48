"""Files that are no text with separators: the sheets of Excel, and JSON."""

import json
from collections.abc import Mapping
from typing import Final

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
    return (
        [_of_json(decode(content).text)] if _beginning(content).startswith((b"{", b"[")) else None
    )


def _beginning(content: bytes) -> bytes:
    return content[:64].removeprefix(b"\xef\xbb\xbf").lstrip()


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


def _of_json(text: str) -> Sheet:
    """Return the objects of a file as rows: those of its one list."""
    try:
        found = json.loads(text)
        json.dumps(found, ensure_ascii=False).encode()  # no halves of a character
    except (ValueError, RecursionError) as error:
        message = _("This file of JSON is broken (%(error)s).")
        raise FileRefused(message % {"error": error}) from error
    while isinstance(found, Mapping) and "data" in found:  # around it is how the request went
        found = found["data"]
    lists = [found] if isinstance(found, list) else [*found.values()]
    lists = [each for each in lists if isinstance(each, list)]
    tables = [each for each in lists if each and all(isinstance(one, Mapping) for one in each)]
    if len(tables) != 1:
        if lists and not any(lists):
            return Sheet([])
        message = _("This file of JSON needs one list, of an object for each measurement.")
        raise FileRefused(message)
    objects = tables[0]
    names = list(dict.fromkeys(name for each in objects for name in each))
    Room().take(len(names) * (len(objects) + 1))  # a few bytes can name a column of every row
    rows = [names, *([word(each.get(name)) for name in names] for each in objects)]
    return Sheet([row for row in enumerate(rows, start=1) if any(map(str.strip, row[1]))])
