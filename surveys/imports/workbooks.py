"""Workbooks of Excel (XLSX), within bounds: a small file may unpack to whatever its maker wants."""

import io
import re
import warnings
import zlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from lzma import LZMAError
from typing import IO, Any, Final, NamedTuple
from xml.etree.ElementTree import Element, ParseError
from xml.parsers.expat import ExpatError, ParserCreate
from zipfile import BadZipFile, ZipFile

import openpyxl
from django.utils.translation import gettext as _
from openpyxl.styles.numbers import BUILTIN_FORMATS, BUILTIN_FORMATS_MAX_SIZE
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet._reader import FORMULA_TAG, WorkSheetParser

from surveys.imports.cells import DIGITS, NO_OUTCOME
from surveys.imports.refusals import FileRefused

# What one workbook may be. A measurement in six columns is some 300 bytes of 13 elements.
MOST_BYTES: Final = 128 * 1024 * 1024  # of all parts together, unpacked
MOST_ELEMENTS: Final = 5_000_000  # of all parts together
DEEPEST: Final = 64  # elements within each other
MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384  # as Excel itself
MOST_CELLS: Final = 10_000_000  # of all sheets together, the empty ones before another counted
MOST_LETTERS: Final = MOST_BYTES  # of all cells together: many may show one and the same text
PIECE: Final = 1024 * 1024  # bytes; more than any text between two tags, or any tag, is long

OPEN_DOCUMENT: Final = b"application/vnd.oasis.opendocument"
RELATIONS: Final = "_rels/.rels"
STRICT: Final = b"://purl.oclc.org/ooxml/"  # names that openpyxl does not know: it sees no sheets
BROKEN: Final = (
    ArithmeticError,
    AttributeError,
    BadZipFile,
    EOFError,
    InvalidFileException,
    LookupError,
    LZMAError,
    OSError,
    ParseError,
    RuntimeError,
    TypeError,
    ValueError,
    zlib.error,
)
# How Excel writes what XML cannot; halves of a character are none.
ESCAPED: Final = re.compile(r"_x((?![Dd][89A-Fa-f])[0-9A-Fa-f]{4})_")
TOO_LONG: Final = 10.0**DIGITS  # a number with a point or an exponent that is not exact any more
EXACT: Final = 2**53  # up to here every program keeps all digits of a number
VISIBLE: Final = "visible"  # sheets may be hidden, or very hidden
HALF_A_SECOND: Final = timedelta(milliseconds=500)


class Sheet(NamedTuple):
    """The rows in which anything is written, with their numbers; and how many are hidden."""

    rows: Sequence[tuple[int, list[str]]]
    hidden: int = 0
    title: str = ""


def sheets_of_workbook(content: bytes) -> list[Sheet]:
    """Return the rows of each sheet; raises FileRefused.

    Moments are as their cell shows them, without an offset; of a merged cell the first has what it
    says, and formulas are what they came to when the file was saved.
    """
    try:
        with ZipFile(io.BytesIO(content)) as archive:
            _refuse_others(archive)
            _refuse_what_is_too_large(archive)
        with warnings.catch_warnings(action="ignore"):  # of styles and extensions it does not know
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            room = Room()
            return [_sheet(each, room) for each in book.worksheets]
    except BROKEN as error:
        message = _("This file of Excel is broken (%(error)s). Save it again, as XLSX.")
        shown = " ".join(str(error).split()) or type(error).__name__
        raise FileRefused(message % {"error": shown}) from error


def refuse_locked() -> FileRefused:
    """Return why a file with a password is refused."""
    return FileRefused(_("This file is locked with a password. Save it without one, as XLSX."))


def refuse_kind(kind: str) -> FileRefused:
    """Return why a file of another kind is refused."""
    message = _("This is a file of the kind %(kind)s. Save it as XLSX, or as “CSV UTF-8”.")
    return FileRefused(message % {"kind": kind})


def word(value: Any) -> str:
    """Return a value as our own CSV writes it."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case float() if value.is_integer():
            return str(int(value)) if abs(value) < TOO_LONG else f"{value:.{DIGITS - 1}E}"
        case list():
            return " ".join(map(word, value))
        case _:
            return str(value)


def _refuse_others(archive: ZipFile) -> None:
    """Refuse what is packed like a workbook and is none."""
    names = set(archive.namelist())
    if any(part.flag_bits & 1 for part in archive.infolist()):
        raise refuse_locked()
    if "mimetype" in names:
        with archive.open("mimetype") as part:
            if part.read(len(OPEN_DOCUMENT)) == OPEN_DOCUMENT:
                raise refuse_kind("OpenDocument")
    if RELATIONS in names:
        with archive.open(RELATIONS) as part:
            if STRICT in part.read(PIECE):
                raise refuse_kind("Strict Open XML")
    if any(name.endswith("workbook.bin") for name in names):
        raise refuse_kind("XLSB")
    if not any(name.endswith("workbook.xml") for name in names):
        message = _(
            "This is an archive without a workbook in it. Unpack it, and import the files in it "
            "one by one."
        )
        raise FileRefused(message)


def _refuse_what_is_too_large(archive: ZipFile) -> None:
    """Look at all parts once, in pieces: no more of one is unpacked than it says it has."""
    parts = archive.infolist()
    if sum(part.file_size for part in parts) > MOST_BYTES:
        raise _too_large()
    room = Room()
    for part in parts:
        with archive.open(part) as stream, suppress(ExpatError):  # an image, or said later
            _look_at(stream, room)


def _look_at(part: IO[bytes], room: "Room") -> None:
    """Count the elements of a part without keeping any; raises FileRefused or ExpatError."""
    below = [MOST_ROWS]  # how many more elements there may be in each that is open

    def start(name: str, _attributes: object) -> None:
        room.take_element()
        below[-1] -= 1
        if below[-1] < 0 or len(below) > DEEPEST:
            raise _too_large()
        below.append(MOST_COLUMNS if name.endswith("row") else MOST_ROWS)

    def end(_name: str) -> None:
        below.pop()

    def doctype(*_named: object) -> None:
        raise ValueError("DOCTYPE")  # no program writes one here

    parser = ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.StartDoctypeDeclHandler = doctype
    while piece := part.read(PIECE):
        parser.Parse(piece)
        if len(piece) == PIECE and b">" not in piece:
            raise _too_large()


def _too_large() -> FileRefused:
    message = _(
        "This file is larger, once unpacked, than can be read here (%(megabytes)d MB). Save it as "
        "“CSV UTF-8”, or in parts."
    )
    return FileRefused(message % {"megabytes": MOST_BYTES // 1024 // 1024})


class Room:
    """How much the sheets of one file still may have."""

    def __init__(self) -> None:
        self._elements, self._cells, self._letters = MOST_ELEMENTS, MOST_CELLS, MOST_LETTERS

    def take_element(self) -> None:
        """Use one element up; raises FileRefused."""
        self._elements -= 1
        if self._elements < 0:
            raise _too_large()

    def take(self, cells: int) -> None:
        """Use some cells up, before there is a list of them; raises FileRefused."""
        self._cells -= cells
        if self._cells < 0:
            raise _too_large()

    def take_text(self, text: str) -> str:
        """Use some letters up; raises FileRefused."""
        self._letters -= len(text)
        if self._letters < 0:
            raise _too_large()
        return text


class SheetParser(WorkSheetParser):  # type: ignore[misc]  # openpyxl has no types
    """Reads rows as they are: openpyxl's own lists would fill what is not there with nothing."""

    row_counter: int

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.hidden: set[int] = set()
        self.widths: Mapping[int, int] = {}

    def parse_row(self, row: Element) -> tuple[int, list[dict[str, Any]]]:
        """Return the number of a row and its cells; keep whether it is hidden."""
        self.row_counter = int(row.get("r") or self.row_counter + 1)
        self.col_counter = 0
        if not 0 < self.row_counter <= MOST_ROWS:
            raise _too_large()
        if row.get("hidden") in ("1", "true"):
            self.hidden.add(self.row_counter)
        return self.row_counter, [self.parse_cell(each) for each in row]

    def parse_cell(self, element: Element) -> dict[str, Any]:
        """Return a cell; a formula that no program worked out yet is not the same as nothing."""
        cell: dict[str, Any] = super().parse_cell(element)
        is_text = element.get("t") == "str"  # then it came to nothing
        if cell["value"] is None and not is_text and element.find(FORMULA_TAG) is not None:
            cell["value"] = NO_OUTCOME
        width = self.widths.get(cell["style_id"])
        if width and isinstance(cell["value"], int) and cell["value"] >= 0:
            cell["value"] = str(cell["value"]).zfill(width)
        return cell


def _widths(book: Any) -> dict[int, int]:
    """Return how many digits the styles show whose format is zeros only, such as 00000."""
    own, styles = book._number_formats, book._cell_styles  # noqa: SLF001
    formats = BUILTIN_FORMATS | dict(enumerate(own, start=BUILTIN_FORMATS_MAX_SIZE))
    shown = ((place, formats.get(style.numFmtId, "")) for place, style in enumerate(styles))
    return {place: len(form) for place, form in shown if len(form) > 1 and not form.strip("0")}


def _sheet(sheet: Any, room: Room) -> Sheet:
    """Read a sheet by openpyxl's own parser, which it gives no public way to."""
    book = sheet.parent
    with sheet._get_source() as source:  # noqa: SLF001
        parser = SheetParser(
            source,
            sheet._shared_strings,  # noqa: SLF001
            data_only=True,
            epoch=book.epoch,
            date_formats=book._date_formats,  # noqa: SLF001
            timedelta_formats=book._timedelta_formats,  # noqa: SLF001
        )
        parser.widths = _widths(book)
        rows = [(number, cells) for number, found in parser.parse() if (cells := _row(found, room))]
    hidden = sum(number in parser.hidden for number, _cells in rows)
    return Sheet(rows, hidden if sheet.sheet_state == VISIBLE else len(rows), sheet.title)


def _row(found: Sequence[dict[str, Any]], room: Room) -> list[str]:
    """Return what the cells of a row say, up to the last one that says anything."""
    written = [each for each in found if each["value"] not in (None, "")]
    if not written:
        return []
    width = max(each["column"] for each in written)
    room.take(width)
    cells = [""] * width
    for each in written:
        cells[each["column"] - 1] = room.take_text(_cell(each["value"]))
    return cells if any(map(str.strip, cells)) else []


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return ESCAPED.sub(lambda found: chr(int(found[1], 16)), value)
    if isinstance(value, datetime):  # a number of days with a fraction, never exact
        return (value + HALF_A_SECOND).replace(microsecond=0).isoformat(" ")
    if isinstance(value, int) and abs(value) > EXACT:
        return word(float(value))
    return word(value)
