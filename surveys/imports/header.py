"""Where the header of a file is: the first line in which every column is that must be there."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from typing import Final, NamedTuple

from django.utils.translation import gettext as _

from surveys.imports.formats import FORMATS, MAPPED, REQUIRED, Column, Format, fold
from surveys.imports.refusals import FileRefused
from surveys.imports.workbooks import Sheet

DELIMITERS: Final = (",", ";", "\t", "|")
LINES: Final = 50  # that are looked at for a header
WINDOW: Final = 200_000  # letters that one header may have at most
SEPARATOR: Final = re.compile(r'"?sep=(.)"?[ \t]*(?:\r\n|\r|\n|\Z)', re.IGNORECASE)
AS_TEXT: Final = re.compile(r'="[^"]*"')
LINE: Final = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")

Names = Mapping[Column, str]  # what the file calls a column


@dataclass(frozen=True, slots=True)
class Fit:
    """How a header fits a format, with the columns that were told."""

    format: Format
    names: Sequence[str]  # as the file has them
    places: Mapping[Column, Sequence[int]]  # several where a name is there twice
    missing: Sequence[Column]

    def name_of(self, column: Column, mapping: Names) -> str:
        """Return what a missing column should be called."""
        return mapping.get(column) or self.format.named(column)


class Header(NamedTuple):
    """A header that was found."""

    fit: Fit
    delimiter: str
    start: int  # its first letter in the text, or its row in the sheet
    row: int  # its number, as spreadsheets count
    skipped: int  # lines before it in which anything is written


def header_of_text(text: str, format_name: str, mapping: Names) -> Header:
    """Return the header of a text with separators; raises FileRefused."""
    separator = SEPARATOR.match(text)
    begin = separator.end() if separator else 0
    delimiters = dict.fromkeys([separator[1], *DELIMITERS] if separator else DELIMITERS)
    failed: list[Fit] = []
    for start in _starts(text, begin):
        fits = [
            (delimiter, _fit(names, format_name, mapping))
            for delimiter in delimiters
            if (names := _cells(text[start : start + WINDOW], delimiter))
        ]
        whole = [each for each in fits if not each[1].missing]
        if whole:
            delimiter, fit = max(whole, key=lambda each: len(each[1].places))
            above = list(
                csv.reader(io.StringIO(text[begin:start], newline=""), delimiter=delimiter)
            )
            written = sum(any(map(str.strip, cells)) for cells in above)
            return Header(fit, delimiter, start, len(above) + 1, written)
        failed += [fit for _delimiter, fit in fits]
    if not failed and text.strip():
        raise FileRefused(_("There is no header at the beginning of the file."))
    raise _refusal(failed, mapping)


def header_of_sheet(sheet: Sheet, format_name: str, mapping: Names) -> Header:
    """Return the header of a sheet; raises FileRefused."""
    failed: list[Fit] = []
    for place, (number, names) in enumerate(sheet.rows[:LINES]):
        fit = _fit(names, format_name, mapping)
        if not fit.missing:
            return Header(fit, "\t", place, number, skipped=place)
        failed.append(fit)
    raise _refusal(failed, mapping)


def _starts(text: str, begin: int) -> Iterator[int]:
    """Yield where the first lines begin in which anything is written."""
    for line in islice(LINE.finditer(text, begin), LINES):
        if line[0].strip():
            yield line.start()


def rows_of_text(text: str, delimiter: str, start: int = 0) -> Iterator[list[str]]:
    """Yield the rows of a text with separators from there on; raises csv.Error.

    Excel makes one cell of a row whose separators it does not know, and puts quotes around it when
    it saves that; other programs write ="00123" so that Excel keeps the zeros.
    """
    lines = io.StringIO(text, newline="")
    lines.seek(start)
    for cells in csv.reader(lines, delimiter=delimiter, strict=True):
        if len(cells) == 1 and delimiter in cells[0]:
            inner = io.StringIO(cells[0], newline="")
            cells = next(csv.reader(inner, delimiter=delimiter, strict=True))  # noqa: PLW2901
        yield [
            each[2:-1] if each[:1] == "=" and AS_TEXT.fullmatch(each) else each for each in cells
        ]


def _cells(text: str, delimiter: str) -> list[str]:
    """Return the first row of a text, or nothing where it cannot be taken apart."""
    try:
        return next(rows_of_text(text, delimiter), [])
    except csv.Error:
        return []


def _fit(names: Sequence[str], format_name: str, mapping: Names) -> Fit:
    """Return how a header fits its format: the one asked for, or the one it is known by."""
    folded = [fold(name) for name in names]
    if format_name:
        return _fit_of(FORMATS[format_name], names, folded, mapping)
    own = [_fit_of(each, names, folded, {}) for each in FORMATS.values()]
    known = [fit.format for fit in sorted(own, key=lambda fit: -len(fit.places)) if not fit.missing]
    known += [each for each in FORMATS.values() if each.signature and each.signature <= {*folded}]
    if not known and mapping:
        known = [MAPPED]
    if known:
        return _fit_of(known[0], names, folded, mapping)
    return min(own, key=lambda fit: len(fit.missing))


def _fit_of(format_: Format, names: Sequence[str], folded: Sequence[str], mapping: Names) -> Fit:
    places = {}
    for column in Column:
        if column in mapping:
            wanted = fold(mapping[column])
            found = [place for place, name in enumerate(folded) if name == wanted]
        else:
            found = format_.places(folded, column)
        if found:
            places[column] = found
    needed = dict.fromkeys((*format_.needed, *mapping))
    return Fit(format_, names, places, [column for column in needed if column not in places])


def _refusal(failed: Iterable[Fit], mapping: Names) -> FileRefused:
    """Return what the header that fits best lacks."""
    failed = list(failed)
    if not failed:
        return FileRefused(_("The file is empty. It needs a header and the rows below it."))
    best = min(failed, key=lambda fit: len(fit.missing) - len(fit.places) / 10)
    told = [column for column in best.missing if column in mapping]
    if told:
        return _unknown_name(best, told[0], mapping)
    if best.format is not MAPPED and not best.places and len(best.missing) >= len(REQUIRED):
        message = _("The header is of no known format. These columns are needed: %(formats)s.")
        known = (
            f"{each.name}: {', '.join(map(each.named, each.needed))}" for each in FORMATS.values()
        )
        return FileRefused(message % {"formats": "; ".join(known)})
    message = _(
        "The header lacks %(columns)s, which the format %(format)s needs. If it has another name, "
        "add --map %(column)s=…."
    )
    names = [best.name_of(column, mapping) for column in best.missing]
    values = {"columns": ", ".join(names), "format": best.format.name, "column": best.missing[0]}
    return FileRefused(message % values)


def _unknown_name(fit: Fit, column: Column, mapping: Names) -> FileRefused:
    message = _("The file has no column “%(name)s” for %(column)s. It has: %(names)s.")
    shown = [" ".join(name.split()) for name in fit.names if name.strip()]
    near = get_close_matches(mapping[column], shown, n=1)
    names = ", ".join(f"“{name}”" for name in dict.fromkeys([*near, *shown]))
    return FileRefused(message % {"name": mapping[column], "column": column, "names": names})


def read_mapping(texts: Iterable[str]) -> dict[Column, str]:
    """Return the columns that were told as column="Their name", several split by commas.

    A comma splits only where one of our columns follows it. Raises FileRefused.
    """
    columns = "|".join(Column)
    mapping = {}
    for text in texts:
        for part in re.split(rf",\s*(?=(?:{columns})\s*=)", text):
            column, _sign, name = part.partition("=")
            if column.strip() not in list(Column) or not name.strip():
                message = _("--map %(part)s: write one of %(columns)s, then = and its name.")
                values = {"part": part, "columns": ", ".join(Column)}
                raise FileRefused(message % values)
            mapping[Column(column.strip())] = name.strip().strip("\"“”'")
    return mapping
