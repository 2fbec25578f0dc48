"""Tables as CSV, JSON and XLSX: never more than a thousand rows in memory.

Files for programs have the stable English names of columns, codes, a decimal point, and moments in
ISO 8601 with their offset. Files for people have headings and labels in their language, and
moments as the clock of the marketplace showed them. No text that somebody typed becomes a formula.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import chain, islice
from typing import IO, Any, Final, TypeVar
from zoneinfo import ZoneInfo

import xlsxwriter
from django.utils.translation import gettext as _

from queries.exports.notations import (
    Notation,
    for_excel,
    for_excel_nl,
    for_json,
    for_programs,
)
from queries.exports.tables import Cell, Column, Table

BATCH: Final = 1_000
BYTE_ORDER_MARK: Final = "\ufeff"  # by which Excel knows a file as UTF-8
ROWS_OF_SHEET: Final = 1_048_576
WIDTH_OF_COLUMN: Final = 16

T = TypeVar("T")


class Dialect(StrEnum):
    """How a CSV file is written."""

    INTERNATIONAL = "international"  # for programs, the import of this portal among them
    EXCEL_NL = "excel-nl"  # for a Dutch Excel: semicolons, decimal commas


@dataclass(frozen=True, slots=True)
class _Csv:
    delimiter: str
    prefix: str
    header: Callable[[Column], str]
    notation: Notation


def csv_pieces(table: Table, *, dialect: Dialect, zone: ZoneInfo) -> Iterator[str]:
    """Return the pieces of a CSV file, one after the other."""
    if dialect is Dialect.EXCEL_NL:
        style = _Csv(";", BYTE_ORDER_MARK, lambda column: column.heading, for_excel_nl(zone))
    else:
        style = _Csv(",", "", lambda column: column.key, for_programs(zone))
    return _csv_pieces(table, style)


def json_pieces(table: Table, *, about: Mapping[str, str], zone: ZoneInfo) -> Iterator[str]:
    """Return the pieces of a JSON file: what it is about, and under the table's name its rows.

    What the rows come down to is `summary`, if anything is said.
    """
    keys = [column.key for column in table.columns]
    notation = for_json(zone)
    objects = (
        json.dumps(dict(zip(keys, _written(row, notation), strict=True)), ensure_ascii=False)
        for row in table.rows
    )
    said = {"summary": table.summary} if table.summary else {}
    head = json.dumps({**about, **said}, ensure_ascii=False).removesuffix("}")
    yield f'{head}, "{table.name}": ['
    separator = "\n"
    for batch in _batches(objects):
        yield separator + ",\n".join(batch)
        separator = ",\n"
    yield "\n]}\n"


def write_xlsx(table: Table, file: IO[bytes], *, zone: ZoneInfo) -> None:
    """Write an Excel file; the rows that do not fit on a sheet are on the next one.

    What they come down to is on a sheet of its own, where it is in nobody's way who counts rows.
    """
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
    }
    with xlsxwriter.Workbook(file, options) as book:
        sheet = _Sheet(book, table, zone)
        for row in table.rows:
            sheet.write(row)
        if table.summary:
            book.add_worksheet(_("Summary")).write_string(0, 0, table.summary)


class _Sheet:
    """A sheet of a workbook, and the next when it is full."""

    def __init__(self, book: xlsxwriter.Workbook, table: Table, zone: ZoneInfo) -> None:
        self._book = book
        self._table = table
        self._notation = for_excel(zone)
        self._heading = book.add_format({"bold": True, "bottom": 1})
        self._formats = {
            datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
            date: book.add_format({"num_format": "yyyy-mm"}),
        }
        self._number = 0
        self._begin()

    def _begin(self) -> None:
        self._number += 1
        more = f" {self._number}" if self._number > 1 else ""
        self._sheet = self._book.add_worksheet(self._table.title + more)
        self._sheet.freeze_panes(1, 0)
        self._sheet.set_column(0, len(self._table.columns) - 1, WIDTH_OF_COLUMN)
        for place, column in enumerate(self._table.columns):
            self._sheet.write_string(0, place, column.heading, self._heading)
        self._next = 1

    def write(self, row: Sequence[Cell]) -> None:
        """Write one row below the others."""
        if self._next == ROWS_OF_SHEET:
            self._begin()
        for place, cell in enumerate(row):
            value = self._notation[type(cell)](cell)
            if isinstance(value, str):
                self._sheet.write_string(self._next, place, value)
            elif isinstance(value, date):
                self._sheet.write_datetime(self._next, place, value, self._formats[type(value)])
            elif value is not None:
                self._sheet.write_number(self._next, place, value)
        self._next += 1


def _csv_pieces(table: Table, style: _Csv) -> Iterator[str]:
    header = [style.header(column) for column in table.columns]
    rows = (_written(row, style.notation) for row in table.rows)
    prefix = style.prefix
    for batch in _batches(chain([header], rows)):
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=style.delimiter).writerows(batch)
        yield prefix + text.getvalue()
        prefix = ""


def _written(row: Sequence[Cell], notation: Notation) -> list[Any]:
    return [notation[type(cell)](cell) for cell in row]


def _batches(things: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(things)
    while batch := list(islice(rest, BATCH)):
        yield batch
