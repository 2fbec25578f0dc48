"""How the cells of a table are written in each kind of file, by their type."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from queries.exports.formulas import escape_formula
from queries.exports.tables import Word

LONGEST_TEXT: Final = 32_767  # characters in a cell of Excel

Notation = Mapping[type, Callable[[Any], Any]]


def for_programs(zone: ZoneInfo) -> Notation:
    """Write CSV for programs; several words are separated by a space, since codes have none."""
    return {
        type(None): lambda _nothing: "",
        str: escape_formula,
        int: str,
        Decimal: str,
        bool: {True: "true", False: "false"}.__getitem__,
        Word: lambda word: word.code,
        tuple: lambda words: " ".join(word.code for word in words),
        date: _month,
        datetime: lambda moment: moment.astimezone(zone).isoformat(),
    }


def for_excel_nl(zone: ZoneInfo) -> Notation:
    """Write CSV for a person with a Dutch Excel."""
    yes_or_no = _yes_or_no()
    return {
        type(None): lambda _nothing: "",
        str: escape_formula,
        int: str,
        Decimal: lambda number: str(number).replace(".", ","),
        bool: yes_or_no.__getitem__,
        Word: lambda word: escape_formula(word.label),
        tuple: lambda words: escape_formula(_labels(words)),
        date: _month,
        datetime: lambda moment: moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S"),
    }


def for_excel(zone: ZoneInfo) -> Notation:
    """Write cells of Excel: its own numbers and moments, which have no time zone, and texts."""
    yes_or_no = _yes_or_no()
    return {
        type(None): lambda _nothing: None,
        str: lambda text: text[:LONGEST_TEXT],
        int: int,
        Decimal: float,
        bool: yes_or_no.__getitem__,
        Word: lambda word: word.label,
        tuple: _labels,
        date: lambda month: month,
        datetime: lambda moment: moment.astimezone(zone).replace(tzinfo=None),
    }


def for_json(zone: ZoneInfo) -> Notation:
    """Write values of JSON."""
    return {
        type(None): lambda _nothing: None,
        str: str,
        int: int,
        Decimal: lambda number: int(number) if number == int(number) else float(number),
        bool: bool,
        Word: lambda word: word.code,
        tuple: lambda words: [word.code for word in words],
        date: _month,
        datetime: lambda moment: moment.astimezone(zone).isoformat(),
    }


def _month(month: date) -> str:
    return f"{month:%Y-%m}"


def _labels(words: tuple[Word, ...]) -> str:
    return ", ".join(word.label for word in words)


def _yes_or_no() -> Mapping[bool, str]:
    return {True: _("yes"), False: _("no")}
