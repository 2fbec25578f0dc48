"""Workbooks and what is packed or named like one: the right rows, or one sentence; and bounds."""

import gzip
import io
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile
from zoneinfo import ZoneInfo

import openpyxl
import pytest
import xlsxwriter
from django.utils.translation import override
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from surveys.imports.reading import Measurement, Problem, Reader, Table, open_table
from surveys.imports.refusals import FileRefused
from surveys.imports.workbooks import MOST_ROWS, sheets_of_workbook

NOW = datetime(2026, 4, 1, tzinfo=UTC)
FIVE_PAST_TWO = datetime(2026, 3, 31, 12, 5, tzinfo=UTC)  # by the clock of Amsterdam
SHOWN = datetime(2026, 3, 31, 14, 5)  # noqa: DTZ001  a cell has no zone
HEADER = ["external_id", "score", "submitted_at", "reason"]
SHEET, STRINGS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"
NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml"
BEGIN = f'<worksheet xmlns="{NAMESPACE}"><sheetData>'
END = "</sheetData></worksheet>"
LAUGHS = '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
TOO_LARGE = "This file is larger, once unpacked, than can be read here (128 MB). Save it"
BROKEN = "This file of Excel is broken ("
LOCKED = "This file is locked with a password. Save it without one, as XLSX."
NO_BOOK = "This is an archive without a workbook in it. Unpack it, and import the files in it one"

Make = Callable[[Any, Any], None]


def workbook(make: Make | None = None) -> bytes:
    """Return a file of Excel with one measurement, after what is done to it."""
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.append(HEADER)
    sheet.append(["A-1", 9, SHOWN, "Prima"])
    if make:
        make(book, sheet)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def with_parts(**parts: str) -> bytes:
    """Return a workbook of which the sheet or the strings are these instead."""
    names = {"sheet": SHEET, "strings": STRINGS}
    base, file = io.BytesIO(), io.BytesIO()
    with xlsxwriter.Workbook(base) as book:
        book.add_worksheet().write_row(0, 0, HEADER)
    with ZipFile(base) as old, ZipFile(file, "w", ZIP_DEFLATED, compresslevel=1) as new:
        replaced = {names[name]: text for name, text in parts.items()}
        for part in old.namelist():
            new.writestr(part, replaced.get(part) or old.read(part))
    return file.getvalue()


def packed(**parts: str) -> bytes:
    """Return an archive with these parts."""
    file = io.BytesIO()
    with ZipFile(file, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), text)
    return file.getvalue()


def opened(content: bytes) -> Table:
    return open_table(content, zone=ZoneInfo("Europe/Amsterdam"))


def read(content: bytes) -> list[Measurement | list[Problem]]:
    table = opened(content)
    reader = Reader(table, find_seller=lambda _text: 7, now=NOW)
    return [reader.read(number, cells) for number, cells in table.rows()]


def rows(content: bytes) -> list[tuple[int, str, int, datetime, str]]:
    """Return what is read of a file in which nothing is wrong."""
    found = read(content)
    assert [each for each in found if not isinstance(each, Measurement)] == []
    return [
        (each.row, each.external_id, each.score, each.submitted_at, each.reason)
        for each in found
        if isinstance(each, Measurement)
    ]


ONE = (2, "A-1", 9, FIVE_PAST_TWO, "Prima")


def _two_sheets(book: Any, _sheet: Any) -> None:
    book.create_sheet("Notes").append(["What this is about"])
    more = book.create_sheet("More")
    more.append(HEADER)
    more.append(["A-2", 8, SHOWN])


def _epoch_of_1904(book: Any, sheet: Any) -> None:
    book.epoch = CALENDAR_MAC_1904
    sheet["C2"] = SHOWN


def _hidden(_book: Any, sheet: Any) -> None:
    sheet.append(["A-2", 8, SHOWN])
    sheet.row_dimensions[3].hidden = True


def _merged(_book: Any, sheet: Any) -> None:
    sheet.insert_rows(1)
    sheet["A1"] = "Export of all shops"
    sheet.merge_cells("A1:D1")


def _far_apart(_book: Any, sheet: Any) -> None:
    for column, value in zip("ABC", ("A-2", 8, SHOWN), strict=True):
        sheet[f"{column}{MOST_ROWS}"] = value


def _set(**cells: object) -> Make:
    def make(_book: Any, sheet: Any) -> None:
        for name, value in cells.items():
            sheet[name] = value

    return make


def _shown_as(form: str, **cells: object) -> Make:
    def make(_book: Any, sheet: Any) -> None:
        for name, value in cells.items():
            sheet[name] = value
            sheet[name].number_format = form

    return make


@pytest.mark.parametrize(
    ("make", "more"),
    [
        pytest.param(None, [], id="plain"),
        pytest.param(_two_sheets, [(4, "A-2", 8, FIVE_PAST_TWO, "")], id="several sheets"),
        pytest.param(_epoch_of_1904, [], id="days since 1904"),
        pytest.param(_hidden, [(3, "A-2", 8, FIVE_PAST_TWO, "")], id="hidden row"),
        pytest.param(_far_apart, [(MOST_ROWS, "A-2", 8, FIVE_PAST_TWO, "")], id="last row"),
        pytest.param(_set(B2="9", C2="31-3-2026 14:05"), [], id="numbers and dates as text"),
        pytest.param(_shown_as("@", B2=9), [], id="number shown as text"),
        pytest.param(_shown_as("0.00", B2=9.0), [], id="number shown with decimals"),
        pytest.param(_shown_as("00000", B2=9), [], id="number shown with zeros"),
        pytest.param(_set(J2="a note beside the table"), [], id="a note beside the table"),
        pytest.param(_set(XFD1048576=" "), [], id="a blank in the last cell"),
    ],
)
def test_workbook_gives_its_rows(make: Make | None, more: list[Any]) -> None:
    assert rows(workbook(make)) == [ONE, *more]


def test_merged_title_is_above_the_header_and_hidden_rows_are_counted() -> None:
    title, hidden = opened(workbook(_merged)), opened(workbook(_hidden))

    assert rows(workbook(_merged)) == [(3, *ONE[1:])]
    assert (title.lines_above, title.hidden) == (1, 0)
    assert (hidden.lines_above, hidden.hidden) == (0, 1)


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_rows_of_a_hidden_sheet_are_counted_as_hidden(state: str) -> None:
    def make(book: Any, _sheet: Any) -> None:
        sheet = book.create_sheet("Old")
        sheet.sheet_state = state
        for row in (["Before the move"], HEADER, ["A-2", 8, SHOWN], ["A-3", 7, SHOWN]):
            sheet.append(row)

    table = opened(workbook(make))

    assert ([cells[0] for _row, cells in table.rows()], table.hidden) == (["A-1", "A-2", "A-3"], 2)


@pytest.mark.parametrize(
    ("identifier", "form", "shown"),
    [
        (17, "00000", "00017"),
        (17, "0", "17"),
        (1234567, "00000", "1234567"),
        (17.0, "General", "17"),
        (1234567890123456, "0", "1234567890123456"),
        ("12345678901234567890", "@", "12345678901234567890"),
    ],
)
def test_identifier_is_as_the_cell_shows_it(identifier: object, form: str, shown: str) -> None:
    assert rows(workbook(_shown_as(form, A2=identifier))) == [(2, shown, *ONE[2:])]


@pytest.mark.parametrize(
    "identifier", ["12345678901234567", "12345678901234500", "1.23456789012345E+15"]
)
def test_number_with_more_digits_than_a_spreadsheet_keeps_is_no_identifier(identifier: str) -> None:
    names = "".join(f'<c t="inlineStr"><is><t>{name}</t></is></c>' for name in HEADER)
    cells = f'<c><v>{identifier}</v></c><c><v>9</v></c><c t="str"><v>2026-03-31T14:05:00</v></c>'

    ((problem,),) = read(with_parts(sheet=f"{BEGIN}<row>{names}</row><row>{cells}</row>{END}"))

    assert isinstance(problem, Problem)
    assert (problem.column, problem.message.startswith("A spreadsheet shortened this")) == (
        "external_id",
        True,
    )


def test_formula_is_what_it_came_to() -> None:
    cells = (
        '<row r="1">{}</row><row r="2"><c r="A2" t="inlineStr"><is><t>A-1</t></is></c>'
        '<c r="B2"><f>4+5</f><v>9</v></c><c r="C2" t="str"><f>X</f><v>2026-03-31T14:05:00</v></c>'
        '<c r="D2" t="str"><f>""</f><v></v></c></row>'
    )
    names = "".join(f'<c t="inlineStr"><is><t>{name}</t></is></c>' for name in HEADER)

    assert rows(with_parts(sheet=BEGIN + cells.format(names) + END)) == [(*ONE[:4], "")]


@pytest.mark.parametrize(
    ("make", "column", "advice"),
    [
        pytest.param(_set(B2="=4+5"), "score", "This formula was never worked out.", id="formula"),
        pytest.param(_set(D2="=A1"), "reason", "This formula was never worked", id="text formula"),
        pytest.param(_set(B2="#N/A"), "score", "A spreadsheet shows an error here.", id="score"),
        pytest.param(_set(D2="#NAME?"), "reason", "A spreadsheet shows an error", id="reason"),
        pytest.param(_set(C2="#WAARDE!"), "submitted_at", "A spreadsheet shows an er", id="Dutch"),
        pytest.param(_set(A2="#DEEL/0!"), "external_id", "A spreadsheet shows an er", id="id"),
        pytest.param(_shown_as("0%", B2=0.9), "score", "A score is a whole number", id="percent"),
        pytest.param(
            _shown_as("0.0", C2=46112.5868), "submitted_at", "This is how a spreadsheet", id="days"
        ),
        pytest.param(_shown_as("h:mm", C2=0.5), "submitted_at", "This is not a mom", id="time"),
        pytest.param(_shown_as("d-m-yy", C2=1e9), "submitted_at", "A spreadsheet sh", id="no date"),
    ],
)
def test_cell_that_says_no_value_is_named(make: Make, column: str, advice: str) -> None:
    [problems] = read(workbook(make))

    assert isinstance(problems, list)
    assert [(each.row, each.column) for each in problems] == [(2, column)]
    assert problems[0].message.startswith(advice)


def test_names_of_files_do_not_matter(tmp_path: Path) -> None:
    text = "external_id,score,submitted_at,reason\nA-1,9,2026-03-31T14:05:00+02:00,Prima\n"
    for name, content in (("text.xlsx", text.encode()), ("book.csv", workbook())):
        (tmp_path / name).write_bytes(content)

        assert rows((tmp_path / name).read_bytes()) == [ONE]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1", "This is a file of the kind XLS.", id="xls"),
        pytest.param(
            b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), LOCKED, id="password"
        ),
        pytest.param(
            packed(mimetype="application/vnd.oasis.opendocument.spreadsheet", content_xml="<a/>"),
            "This is a file of the kind OpenDocument.",
            id="ods",
        ),
        pytest.param(packed(xl__workbook_bin=""), "This is a file of the kind XLSB.", id="xlsb"),
        pytest.param(packed(word__document_xml="<a/>"), NO_BOOK, id="docx"),
        pytest.param(packed(export_csv="external_id"), NO_BOOK, id="zip of a CSV"),
        pytest.param(packed(), NO_BOOK, id="empty zip"),
        pytest.param(packed(xl__workbook_xml="<a/>"), BROKEN, id="workbook without its parts"),
        pytest.param(gzip.compress(b"external_id"), "This is a file of the kind gzip.", id="gzip"),
        pytest.param(b"%PDF-1.7", "This is a file of the kind PDF.", id="pdf"),
        pytest.param(
            b"\xef\xbb\xbf <HTML><table>", "This is a file of the kind HTML / XML.", id="html"
        ),
        pytest.param(b'<?xml version="1.0"?>', "This is a file of the kind HTML / XML.", id="xml"),
        pytest.param(
            with_parts(sheet=f'{BEGIN}<row r="1"><c t="s"><v>999</v></c></row>{END}'),
            BROKEN,
            id="a text that is not there",
        ),
        pytest.param(with_parts(sheet=LAUGHS + BEGIN + END), BROKEN, id="entities"),
        pytest.param(
            with_parts(sheet=f'<?xml version="1.0"?>{LAUGHS}{BEGIN}{END}'.encode("utf-16")),  # type: ignore[arg-type]
            BROKEN,
            id="entities, in UTF-16",
        ),
        pytest.param(
            with_parts(sheet=f'{BEGIN}<row r="1048577"><c><v>1</v></c></row>{END}'),
            TOO_LARGE,
            id="a row too far",
        ),
        pytest.param(with_parts(sheet=f"{BEGIN}{END}"), "The file is empty.", id="no rows"),
    ],
)
def test_other_file_gets_one_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(FileRefused) as refusal:
        opened(content)

    assert str(refusal.value).startswith(sentence)
    assert "\n" not in str(refusal.value)


def test_strict_workbook_is_no_empty_one() -> None:
    transitional = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    base, file = io.BytesIO(workbook()), io.BytesIO()
    with ZipFile(base) as old, ZipFile(file, "w") as new:
        for part in old.namelist():
            text = old.read(part).decode().replace(NAMESPACE, f"{STRICT}/spreadsheetml/main")
            new.writestr(part, text.replace(transitional, f"{STRICT}/officeDocument/relationships"))

    with pytest.raises(FileRefused, match=r"^This is a file of the kind Strict Open XML\. Save it"):
        open_table(file.getvalue())


def test_sentence_is_dutch_for_who_reads_dutch() -> None:
    with override("nl"), pytest.raises(FileRefused, match=r"^Dit is een bestand van het soort XLS"):
        opened(b"\xd0\xcf\x11\xe0")


def test_archive_that_lies_about_its_size_is_not_unpacked_further() -> None:
    content = bytearray(with_parts(sheet=BEGIN + " " * 200_000 + END))
    with ZipFile(io.BytesIO(bytes(content))) as archive:
        true_size = archive.getinfo(SHEET).file_size.to_bytes(4, "little")
    assert true_size in content

    with pytest.raises(FileRefused, match=r"^This file of Excel is broken \(Bad CRC-32"):
        sheets_of_workbook(bytes(content.replace(true_size, (1_000).to_bytes(4, "little"))))


# Small files that unpack to very much

SHARED = '<c t="s"><v>0</v></c>'
WIDE = '<row><c r="XFD{0}"><v>1</v></c></row>'
BOMBS: dict[str, tuple[Callable[[], bytes], str]] = {
    "blanks": (lambda: with_parts(sheet=BEGIN + " " * 300_000_000 + END), TOO_LARGE),
    "rows": (lambda: with_parts(sheet=BEGIN + "<row/>" * 1_048_570 + END), "The file is empty."),
    "cells": (lambda: with_parts(sheet=f"{BEGIN}<row>{'<c/>' * 900_000}</row>{END}"), TOO_LARGE),
    "elements": (lambda: with_parts(strings="<a>" + "<b><c/></b>" * 9_000_000), TOO_LARGE),
    "depth": (lambda: with_parts(sheet=BEGIN + "<row>" + "<c>" * 7_000_000), TOO_LARGE),
    "attributes": (
        lambda: with_parts(sheet=BEGIN + "<row" + ' a=""' * 20_000_000 + "/>" + END),
        TOO_LARGE,
    ),
    "columns": (
        lambda: with_parts(sheet=BEGIN + "".join(map(WIDE.format, range(1, 20_000))) + END),
        TOO_LARGE,
    ),
    "strings": (
        lambda: with_parts(
            sheet=f"{BEGIN}{f'<row>{SHARED * 10}</row>' * 50_000}{END}",
            strings=f'<sst xmlns="{NAMESPACE}"><si><t>{"a" * 900_000}</t></si></sst>',
        ),
        TOO_LARGE,
    ),
    "names in JSON": (
        lambda: json.dumps([{f"name {n}": n} for n in range(20_000)]).encode(),
        TOO_LARGE,
    ),
}
WATCH = """
import json, resource, sys, time
import django
django.setup()
from surveys.imports.reading import open_table
from surveys.imports.refusals import FileRefused
resource.setrlimit(resource.RLIMIT_AS, (1_500_000_000, 1_500_000_000))
for path in sys.argv[1:]:
    with open(path, "rb") as file:
        content = file.read()
    begin, said = time.process_time(), ""
    try:
        open_table(content)
    except FileRefused as refusal:
        said = str(refusal)
    with open("/proc/self/status") as status:  # the most of this process, in kB
        memory = next(int(line.split()[1]) // 1024 for line in status if line.startswith("VmHWM"))
    print(json.dumps([said, time.process_time() - begin, memory]))
"""


def test_bombs_are_refused_within_seconds_and_bounds(tmp_path: Path) -> None:
    for name, (make, _sentence) in BOMBS.items():
        (tmp_path / name).write_bytes(make())

    command = [sys.executable, "-c", WATCH, *(str(tmp_path / name) for name in BOMBS)]
    watched = subprocess.run(command, capture_output=True, text=True, check=True)

    found = dict(zip(BOMBS, map(json.loads, watched.stdout.splitlines()), strict=True))
    for name, (said, seconds, megabytes) in found.items():
        size = (tmp_path / name).stat().st_size / 1e6
        print(f"{name}: {size:.1f} MB packed, {seconds:.1f} s, {megabytes} MB")
        assert said.startswith(BOMBS[name][1]), name
        assert seconds < 30, name
        assert megabytes < 600, name
