"""Files with measurements from elsewhere: which format one has, and what its rows say.

Our own format has the columns external_id, seller (number or name), score, submitted_at (ISO 8601
with offset), reason and closed_by; the last two may be missing, and others are passed over. So a
download of measurements from this portal can be imported too. Rows are counted as spreadsheets do:
a header in the first line is row 1, and a line `sep=;` before it is none.
"""

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.utils.translation import gettext as _

from queries.enums import ActorType
from queries.exports.formulas import unescape_formula
from surveys.imports.cells import read_closed_by, read_score, read_text, refuse_error
from surveys.imports.decoding import UTF_8, decode
from surveys.imports.formats import Column, Finder, Format, fold
from surveys.imports.header import Header, header_of_sheet, header_of_text, rows_of_text
from surveys.imports.judging import Judgement, cell, is_month_first, judge
from surveys.imports.moments import SECOND, Clock, Said, read_moment
from surveys.imports.refusals import FileRefused, WrongCell
from surveys.imports.sheets import sheets
from surveys.imports.workbooks import Sheet

UTC_COLUMNS: Final = ("(utc)", "(gmt)")  # at the end of a name
OFFSET_COLUMN: Final = re.compile(r"\((?:UTC|GMT)([+-])(0?[1-9]|1[0-2])(?::?00)?\)$", re.I)
ZONE_COLUMN: Final = re.compile(r"\((\w+/[\w/+-]+)\)$")
UTC_ZONE: Final = ZoneInfo("UTC")
NO_MAPPING: Final[Mapping[Column, str]] = {}
MEGABYTE: Final = 1_000_000
MOST_BYTES: Final = 100 * MEGABYTE  # three million rows; read whole, with a few copies


class Dates(StrEnum):
    """What the dates of a file begin with, where it does not show this itself."""

    DAY_FIRST = "day-first"
    MONTH_FIRST = "month-first"


class Problem(NamedTuple):
    """What is wrong in a cell, and what to do."""

    row: int
    column: str
    value: str
    message: str


class Measurement(NamedTuple):
    """A row that was understood."""

    row: int
    external_id: str
    seller: int
    score: int
    submitted_at: datetime
    reason: str
    closed_by: ActorType
    precision: timedelta = SECOND
    later: datetime | None = None  # what it may mean too: the clock showed this twice

    def says(self, score: int, moment: datetime, closed_by: str) -> bool:
        """Return whether these are the score, moment and closer of this row, as far as it says."""
        if (score, closed_by) != (self.score, self.closed_by):
            return False
        slack = SECOND / 2 if self.precision >= SECOND else timedelta()  # Excel rounds
        return any(
            -slack <= moment - said < self.precision
            for said in (self.submitted_at, self.later)
            if said is not None
        )


@dataclass(frozen=True, slots=True)
class Table:
    """A file of a known format, its rows looked at once and not read yet."""

    format: Format
    header: Sequence[str]
    places: Mapping[Column, int]
    delimiter: str
    all_rows: Callable[[], Iterator[tuple[int, list[str]]]]
    length: int  # how many rows there are at most; fewer when texts have line breaks in them
    judgement: Judgement
    clock: Clock
    encoding: str = UTF_8
    lines_above: int = 0
    is_marked: bool = False  # texts that look like a formula have a mark before them
    hidden: int = 0  # rows that a spreadsheet does not show
    not_read: Sequence[str] = ()  # sheets without these columns
    is_told: bool = False  # which columns count was told, or found by their words
    counted: Counter[str] = field(default_factory=Counter)  # what a reader of it chose

    def has(self, column: Column) -> bool:
        """Return whether the file has this column."""
        return column in self.places

    def name(self, column: Column) -> str:
        """Return what the file calls a column."""
        place = self.places.get(column)
        return column.value if place is None else self.header[place]

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield the rows with an answer, with their numbers."""
        skipped = self.judgement.headers | self.judgement.unanswered
        for number, cells in self.all_rows():
            if number not in skipped:
                yield number, cells


def refuse_too_large(size: int) -> None:
    """Raise FileRefused for a file of so many bytes that its rows would not fit in memory."""
    if size > MOST_BYTES:
        message = _(
            "The file has %(size)d MB and at most %(most)d MB can be read. Save it in parts, such "
            "as one for each year, and import each."
        )
        numbers = {"size": -(-size // MEGABYTE), "most": MOST_BYTES // MEGABYTE}
        raise FileRefused(message % numbers)


def open_table(
    content: bytes,
    format_name: str = "",
    *,
    mapping: Mapping[Column, str] = NO_MAPPING,
    zone: ZoneInfo | None = None,
    dates: Dates | None = None,
) -> Table:
    """Recognise a file by its header, or take it for the format of that name.

    `mapping` is what the file calls columns, `zone` whose clock showed moments without an offset.
    Raises FileRefused when it cannot be read, is empty, lacks a column, or leaves open what its
    dates mean.
    """
    books = sheets(content)
    hidden = beside = 0
    not_read: Sequence[str] = ()
    if books is not None:
        header, encoding = _header_of_sheets(books, format_name, mapping), UTF_8
        parts = list(_parts(books, header, format_name, mapping))
        rows = partial(_rows_of_sheets, parts)
        used = [part.sheet for part in parts]
        not_read = [
            each.title for each in books if each.rows and not any(each is one for one in used)
        ]
        hidden = sum(min(sheet.hidden, len(sheet.rows) - first) for sheet, first, _order in parts)
        # What is written beside a table is no row that a separator in a text made longer.
        beside = max(len(cells) for sheet in used for _number, cells in sheet.rows)
        length = sum(len(each.rows) for each in books)
    else:
        text, encoding = decode(content)
        header = header_of_text(text, format_name, mapping)
        rows = partial(_rows_of_text, text, header)
        length = text.count("\n") or text.count("\r")
    fit = header.fit
    places = _only_places(header, mapping)
    judgement = judge(rows(), list(fit.names), places)
    if judgement.unanswered and not judgement.answers:
        message = _("No row of the file has a score. Never answered: %(count)d.")
        raise FileRefused(message % {"count": len(judgement.unanswered)})
    return Table(
        format=fit.format,
        header=[" ".join(name.split()) for name in fit.names] + [""] * (beside - len(fit.names)),
        places=places,
        delimiter=header.delimiter,
        all_rows=rows,
        length=length,
        judgement=judgement,
        clock=Clock(
            zone=_zone(header, places) or zone or _zone_of_format(fit.format),
            month_first=(dates is Dates.MONTH_FIRST if dates else is_month_first(judgement.dates)),
            unix_seconds=fit.format.unix_seconds,
        ),
        encoding=encoding,
        lines_above=header.skipped,
        hidden=hidden,
        not_read=not_read,
        is_marked=fit.format.escapes_formulas and books is None,
        is_told=bool(mapping) or any(isinstance(one, Finder) for one in _score_names(fit.format)),
    )


def _score_names(format_: Format) -> Sequence[str | Finder]:
    return format_.columns.get(Column.SCORE, ())


def _header_of_sheets(
    books: Sequence[Sheet], format_name: str, mapping: Mapping[Column, str]
) -> Header:
    """Return the header of the first sheet that has one and rows below it; raises FileRefused."""
    refusal = FileRefused(_("The file is empty. It needs a header and the rows below it."))
    empty: list[Header] = []
    for sheet in (each for each in books if each.rows):
        try:
            header = header_of_sheet(sheet, format_name, mapping)
        except FileRefused as error:
            refusal = error
            continue
        if _rows_below(header, sheet):
            return header
        empty.append(header)
    if empty:
        return empty[0]
    raise refusal


def _rows_below(header: Header, sheet: Sheet) -> int:
    return len(sheet.rows) - header.start - 1


class Part(NamedTuple):
    """A sheet with measurements."""

    sheet: Sheet
    first: int  # at which place the rows below its header begin
    order: Sequence[int | None]  # where each column of the first sheet is; none when it is alike


def _parts(
    books: Sequence[Sheet], header: Header, format_name: str, mapping: Mapping[Column, str]
) -> Iterator[Part]:
    """Yield the sheets with the columns of this header, in any order.

    Raises FileRefused where one has measurements too and other columns.
    """
    names = list(map(fold, header.fit.names))
    for sheet in books:
        try:
            own = header_of_sheet(sheet, format_name, mapping)
        except FileRefused:
            continue
        is_alike = own.fit.format == header.fit.format and _read(own) == _read(header)
        if _rows_below(own, sheet) and not is_alike:
            message = _(
                "There are measurements in the sheet “%(title)s” too, with other columns. Give "
                "all sheets the same header, or save each as a file of its own."
            )
            raise FileRefused(message % {"title": sheet.title})
        theirs = list(map(fold, own.fit.names))
        places = [theirs.index(name) if name in theirs else None for name in names]
        yield Part(sheet, own.start + 1, [] if theirs == names else places)


def _read(header: Header) -> dict[Column, list[str]]:
    """Return what the columns that are read are called."""
    names = header.fit.names
    return {
        column: [fold(names[place]) for place in places]
        for column, places in header.fit.places.items()
    }


def _rows_of_sheets(parts: Sequence[Part]) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows below the headers, in the order of the first one's columns."""
    above = 0  # rows of the sheets before
    for sheet, first, order in parts:
        for number, cells in sheet.rows[first:]:
            yield above + number, _in_order(cells, order) if order else cells
        above += sheet.rows[-1][0]


def _in_order(cells: Sequence[str], order: Sequence[int | None]) -> list[str]:
    return [cells[place] if place is not None and place < len(cells) else "" for place in order]


def _rows_of_text(text: str, header: Header) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows below the header in which anything is written, with their numbers."""
    number = header.row - 1
    try:
        every = rows_of_text(text, header.delimiter, header.start)
        for number, cells in enumerate(every, start=header.row):
            if number > header.row and any(map(str.strip, cells)):
                yield number, cells
    except csv.Error as error:
        message = _(
            "Row %(row)d cannot be read (%(error)s). Probably a double quote is missing: texts "
            "are written between two, and one within a text is written twice."
        )
        raise FileRefused(message % {"row": number + 1, "error": error}) from error


def _only_places(header: Header, mapping: Mapping[Column, str]) -> dict[Column, int]:
    """Return the one place of each column; raises FileRefused where there are two."""
    for column, places in header.fit.places.items():
        if len(places) > 1:
            names = dict.fromkeys(fold(header.fit.names[place]) for place in places)
            if len(names) == 1:
                message = _("The header has the column %(column)s twice. Rename or remove one.")
                raise FileRefused(message % {"column": next(iter(names))})
            message = _(
                "Several columns may be the %(column)s: %(names)s. Say which one with --map "
                "%(column)s=…."
            )
            shown = ", ".join(f"“{header.fit.names[place]}”" for place in places)
            raise FileRefused(message % {"column": column, "names": shown})
    return {column: places[0] for column, places in header.fit.places.items()}


def _zone(header: Header, places: Mapping[Column, int]) -> ZoneInfo | None:
    """Return the zone that the name of the column of moments says."""
    name = header.fit.names[places[Column.SUBMITTED_AT]].strip()
    if fold(name).endswith(UTC_COLUMNS):
        return UTC_ZONE
    if found := OFFSET_COLUMN.search(name):  # such zones are named the other way round
        return ZoneInfo(f"Etc/GMT{'-' if found[1] == '+' else '+'}{int(found[2])}")
    found = ZONE_COLUMN.search(name)
    return ZoneInfo(found[1]) if found and found[1] in available_timezones() else None


def _zone_of_format(format_: Format) -> ZoneInfo | None:
    return settings.MARKETPLACE_ZONE if format_.marketplace_clock else None


class Reader:
    """Understands the rows of one file."""

    def __init__(self, table: Table, *, find_seller: Callable[[str], int], now: datetime) -> None:
        """Take how to find the number of a shop; it raises WrongCell when there is none."""
        self._table = table
        self._now = now
        self._type_place = next(
            (
                place
                for place, name in enumerate(table.header)
                if table.format.survey_type and fold(name) == table.format.survey_type
            ),
            None,
        )
        # A comma that closes the header makes no column: it would hide the one in an unquoted 7,5.
        named = [place for place, name in enumerate(table.header, 1) if name.strip()]
        self._width = named[-1] if table.delimiter == "," else len(table.header)
        self._readers: dict[Column, Callable[[str], Any]] = {
            Column.EXTERNAL_ID: partial(
                table.judgement.identifiers.read, prefix=table.format.prefix
            ),
            Column.SELLER: find_seller,
            Column.SCORE: read_score,
            Column.SUBMITTED_AT: self._submitted_at,
            Column.REASON: read_text,
            Column.CLOSED_BY: read_closed_by,
        }

    def read(self, row: int, cells: Sequence[str]) -> Measurement | list[Problem]:
        """Return the measurement on a row, or everything that is wrong with it."""
        if any(map(str.strip, cells[self._width :])):
            return [self._too_long(row, cells)]
        problems = self._wrong_type(row, cells)
        values = {}
        for column, understand in self._readers.items():
            value = cell(cells, self._table.places.get(column))
            if self._table.is_marked:
                value = unescape_formula(value)
            try:
                if value.startswith("#"):
                    refuse_error(value)
                values[column.value] = understand(value)
            except WrongCell as error:
                problems.append(Problem(row, self._table.name(column), value, str(error)))
        if problems:
            return problems
        said: Said = values.pop(Column.SUBMITTED_AT.value)
        return Measurement(
            row=row,
            submitted_at=said.moment,
            precision=said.precision,
            later=said.later,
            **values,
        )

    def _too_long(self, row: int, cells: Sequence[str]) -> Problem:
        message = _(
            "The header has %(wanted)d columns and this row %(found)d. Put double quotes around a "
            "text that has a separator in it."
        )
        numbers = {"wanted": self._width, "found": len(cells)}
        return Problem(row, _("whole row"), self._table.delimiter.join(cells), message % numbers)

    def _wrong_type(self, row: int, cells: Sequence[str]) -> list[Problem]:
        if self._type_place is None:
            return []
        value = cell(cells, self._type_place)
        if value.casefold() == "nps":
            return []
        message = _("Only NPS surveys have comparable scores. Leave the others out of the file.")
        return [Problem(row, self._table.header[self._type_place], value, message)]

    def _submitted_at(self, text: str) -> Said:
        said = read_moment(text, self._table.clock, now=self._now)
        if said.later:
            self._table.counted["twice"] += 1
        if said.is_day:
            self._table.counted["days"] += 1
        return said
