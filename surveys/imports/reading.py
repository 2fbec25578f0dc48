"""CSV files with measurements from elsewhere: which format one has, and what its rows say.

Our own format has the columns external_id, seller (number or name), score, submitted_at (ISO 8601
with offset), reason and closed_by; the last two may be missing, and others are passed over. So a
download of measurements from this portal can be imported too. Rows are counted as spreadsheets do:
the header is row 1.
"""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from django.utils.translation import gettext as _

from queries.enums import ActorType
from queries.exports.formulas import unescape_formula
from surveys.imports.formats import FORMATS, REQUIRED, Column, Format
from surveys.nps import HIGHEST_SCORE, LOWEST_SCORE

SCORES: Final = {str(score): score for score in range(LOWEST_SCORE, HIGHEST_SCORE + 1)}
CLOSED_BY: Final = {actor.value: actor for actor in (ActorType.SELLER, ActorType.MARKETPLACE)}
ID_MAX_LENGTH: Final = 100
# The Net Promoter Score was published in December 2003; what is older is a slip of the pen.
EARLIEST: Final = datetime(2003, 1, 1, tzinfo=UTC)


class FileRefused(Exception):
    """The file as a whole cannot be imported; the message says why and what to do."""


class WrongCell(Exception):
    """A cell does not say what it should; the message says what to do."""


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


@dataclass(frozen=True, slots=True)
class Table:
    """A file of a known format, its rows not read yet."""

    format: Format
    header: Sequence[str]
    delimiter: str
    content: bytes

    @property
    def length(self) -> int:
        """Return how many rows there are at most; fewer when texts have line breaks in them."""
        return self.content.count(b"\n")

    def has(self, column: Column) -> bool:
        """Return whether the file has this column."""
        return column in self.format.column_positions(self.header)

    def name(self, column: Column) -> str:
        """Return what the file calls a column."""
        place = self.format.column_positions(self.header).get(column)
        return column.value if place is None else self.header[place]

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield the rows below the header with their numbers; raises FileRefused."""
        rows = _rows(self.content, self.delimiter)
        next(rows)
        return rows


def open_table(content: bytes, format_name: str = "") -> Table:
    """Recognise a file by its header, or take it for the format of that name.

    Raises FileRefused when it is not UTF-8, is empty or lacks a column.
    """
    _check_encoding(content)
    first_line = content.decode("utf-8-sig").lstrip().partition("\n")[0]
    delimiter = max(",;\t", key=first_line.count)
    header = next(_rows(content, delimiter), (0, []))[1]
    names = ["_".join(name.casefold().split()) for name in header]
    if not names:
        raise FileRefused(_("The file is empty. It needs a header and the rows below it."))
    for name in names:
        if name and names.count(name) > 1:
            message = _("The header has the column %(column)s twice. Rename or remove one.")
            raise FileRefused(message % {"column": name})
    return Table(_format(names, format_name), names, delimiter, content)


def _check_encoding(content: bytes) -> None:
    try:
        content.decode()
    except UnicodeDecodeError as error:
        message = _(
            "Byte %(place)d of the file (0x%(byte)02X, on line %(line)d) is not UTF-8. Save the "
            "file again in that encoding; Excel calls it “CSV UTF-8”."
        )
        place = {
            "place": error.start + 1,
            "byte": content[error.start],
            "line": content.count(b"\n", 0, error.start) + 1,
        }
        raise FileRefused(message % place) from error


def _rows(content: bytes, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows in which anything is written, with their numbers."""
    lines = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8-sig", newline="")
    number = 0
    try:
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        for number, cells in enumerate(reader, start=1):
            if any(cells):
                yield number, cells
    except csv.Error as error:
        message = _(
            "Row %(row)d cannot be read (%(error)s). Probably a double quote is missing: texts "
            "are written between two, and one within a text is written twice."
        )
        raise FileRefused(message % {"row": number + 1, "error": error}) from error


def _format(header: Sequence[str], name: str) -> Format:
    """Return the format of this name, or else the one that a header fits best."""
    candidates = [FORMATS[name]] if name else FORMATS.values()
    best = min(candidates, key=lambda each: len(each.missing(header)))
    missing = best.missing(header)
    if not name and len(missing) == len(REQUIRED):
        message = _("The header is of no known format. These columns are needed: %(formats)s.")
        known = (f"{each.name}: {', '.join(each.missing([]))}" for each in FORMATS.values())
        raise FileRefused(message % {"formats": "; ".join(known)})
    if missing:
        message = _("The header lacks %(columns)s, which the format %(format)s needs.")
        raise FileRefused(message % {"columns": ", ".join(missing), "format": best.name})
    return best


class Reader:
    """Understands the rows of one file."""

    def __init__(self, table: Table, *, find_seller: Callable[[str], int], now: datetime) -> None:
        """Take how to find the number of a shop; it raises WrongCell when there is none."""
        self._table = table
        self._places = table.format.column_positions(table.header)
        self._now = now
        self._readers: dict[Column, Callable[[str], Any]] = {
            Column.EXTERNAL_ID: self._external_id,
            Column.SELLER: find_seller,
            Column.SCORE: _score,
            Column.SUBMITTED_AT: self._submitted_at,
            Column.REASON: _text,
            Column.CLOSED_BY: _closed_by,
        }

    def read(self, row: int, cells: Sequence[str]) -> Measurement | list[Problem]:
        """Return the measurement on a row, or everything that is wrong with it."""
        if len(cells) != len(self._table.header):
            return [self._wrong_length(row, cells)]
        problems = self._wrong_type(row, cells)
        values = {}
        for column, understand in self._readers.items():
            value = cells[self._places[column]].strip() if column in self._places else ""
            if self._table.format.escapes_formulas:
                value = unescape_formula(value)
            try:
                values[column.value] = understand(value)
            except WrongCell as error:
                problems.append(Problem(row, self._table.name(column), value, str(error)))
        return problems or Measurement(row=row, **values)

    def _wrong_length(self, row: int, cells: Sequence[str]) -> Problem:
        message = _(
            "The header has %(wanted)d columns and this row %(found)d. Put double quotes around a "
            "text that has a separator in it."
        )
        numbers = {"wanted": len(self._table.header), "found": len(cells)}
        return Problem(row, _("whole row"), self._table.delimiter.join(cells), message % numbers)

    def _wrong_type(self, row: int, cells: Sequence[str]) -> list[Problem]:
        column = self._table.format.survey_type
        if column not in self._table.header:
            return []
        value = cells[self._table.header.index(column)].strip()
        if value.casefold() == "nps":
            return []
        message = _("Only NPS surveys have comparable scores. Leave the others out of the file.")
        return [Problem(row, column, value, message)]

    def _external_id(self, text: str) -> str:
        if not text:
            raise WrongCell(_("Give each measurement its number: it prevents importing it twice."))
        external_id = self._table.format.prefix + _text(text)
        if len(external_id) > ID_MAX_LENGTH:
            message = _("This number is too long: at most %(length)d characters are kept.")
            length = ID_MAX_LENGTH - len(self._table.format.prefix)
            raise WrongCell(message % {"length": length})
        return external_id

    def _submitted_at(self, text: str) -> datetime:
        try:
            if self._table.format.unix_seconds and text.isdecimal():
                moment = datetime.fromtimestamp(int(text), UTC)
            else:
                moment = datetime.fromisoformat(text)
        except (ValueError, OverflowError, OSError) as error:
            message = _("This is not a moment. Write it like 2026-03-31T14:05:00+02:00.")
            raise WrongCell(message) from error
        if moment.utcoffset() is None:
            message = _(
                "This moment has no time zone. Add the time and its offset from UTC, like "
                "2026-03-31T14:05:00+02:00, or Z for UTC itself."
            )
            raise WrongCell(message)
        if moment > self._now:
            raise WrongCell(_("This moment has not come yet. Check the date and the offset."))
        if moment < EARLIEST:
            message = _("This is before %(year)d, when nobody measured NPS. Check the date.")
            raise WrongCell(message % {"year": EARLIEST.year})
        return moment


def _score(text: str) -> int:
    try:
        return SCORES[text]
    except KeyError as error:
        message = _("A score is a whole number from %(lowest)d to %(highest)d, such as 7.")
        raise WrongCell(message % {"lowest": LOWEST_SCORE, "highest": HIGHEST_SCORE}) from error


def _text(text: str) -> str:
    if "\0" in text:
        raise WrongCell(_("This text has a null byte in it, which cannot be stored. Remove it."))
    return text


def _closed_by(text: str) -> ActorType:
    try:
        return CLOSED_BY[text.casefold() or ActorType.SELLER]
    except KeyError as error:
        message = _("Write who closed the query: %(choices)s. Nothing means %(default)s.")
        choices = {"choices": ", ".join(CLOSED_BY), "default": ActorType.SELLER.value}
        raise WrongCell(message % choices) from error
