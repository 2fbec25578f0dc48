"""What only all rows of a file together say: which are no answers, and what its dates mean."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice, takewhile
from typing import Final, NamedTuple

from django.utils.translation import gettext as _

from surveys.imports.cells import NOTHING, SCORE, Identifiers, judge_identifiers, visible
from surveys.imports.formats import Column, fold
from surveys.imports.moments import ORDERED
from surveys.imports.refusals import FileRefused

HEADERS_BELOW: Final = 2  # rows below the header that some programs explain it with

Row = tuple[int, list[str]]


class Dates(NamedTuple):
    """The rows that show an order of day and month, and one that leaves it open; 0 is none."""

    day_first: int = 0
    month_first: int = 0
    either: int = 0
    text: str = ""  # of the row that leaves it open


@dataclass(frozen=True, slots=True)
class Judgement:
    """What all rows of a file say together."""

    headers: frozenset[int] = frozenset()  # rows that repeat or explain the header
    unanswered: frozenset[int] = frozenset()  # rows without a score
    identifiers: Identifiers = field(default_factory=Identifiers)
    dates: Dates = field(default_factory=Dates)
    answers: int = 0


def judge(rows: Iterable[Row], header: Sequence[str], places: Mapping[Column, int]) -> Judgement:
    """Look at all rows below the header once."""
    rest, names = iter(rows), list(map(fold, header))
    first = list(islice(rest, HEADERS_BELOW))
    below = takewhile(lambda row: _explains(row[1], places), first)
    headers = {number for number, _cells in below}
    unanswered, kept = set[int](), Kept()
    for number, cells in chain(first, rest):
        if number in headers:
            continue
        if _repeats(cells, names, places[Column.SCORE]):
            headers.add(number)
        elif is_unanswered(cells, places):
            unanswered.add(number)
        else:
            kept.add(number, cells, places)
    return Judgement(
        frozenset(headers),
        frozenset(unanswered),
        judge_identifiers(kept.identifiers),
        kept.dates,
        len(kept.identifiers),
    )


def cell(cells: Sequence[str], place: int | None) -> str:
    """Return what a cell says; one that was dropped at the end of a row says nothing."""
    return cells[place].strip() if place is not None and place < len(cells) else ""


def _repeats(cells: Sequence[str], names: Sequence[str], place: int) -> bool:
    """Return whether a row is the header once more; `place` is a column of numbers."""
    if cell(cells, place).isdecimal():
        return False
    return [fold(text) for text in cells[: len(names)]] == names


def _explains(cells: Sequence[str], places: Mapping[Column, int]) -> bool:
    """Return whether a row right below the header is part of it: no digits where data has them."""
    if SCORE.fullmatch(cell(cells, places[Column.SCORE])):
        return False
    others = (cell(cells, places[each]) for each in (Column.EXTERNAL_ID, Column.SUBMITTED_AT))
    return not any(character.isdigit() for text in others for character in text)


def is_unanswered(cells: Sequence[str], places: Mapping[Column, int]) -> bool:
    """Return whether a row says that nobody answered.

    A row that ends before its score may also be the second half of a text with a line break: it
    must have an identifier, one word with a digit.
    """
    place = places[Column.SCORE]
    if cell(cells, place).casefold() not in NOTHING:
        return False
    if place < len(cells):
        return True
    identifier = cell(cells, places[Column.EXTERNAL_ID])
    return len(identifier.split()) == 1 and any(map(str.isdigit, identifier))


class Kept:
    """What is kept of each row until all were seen."""

    def __init__(self) -> None:
        self.identifiers: list[str] = []
        self.dates = Dates()

    def add(self, number: int, cells: Sequence[str], places: Mapping[Column, int]) -> None:
        """Look at a row with an answer."""
        self.identifiers.append(visible(cell(cells, places[Column.EXTERNAL_ID])))
        text = cell(cells, places[Column.SUBMITTED_AT])
        if text[:4].isdecimal():  # a year: nothing can change places
            return
        found = ORDERED.match(text)
        if not found or found[2] == ".":  # nobody writes a month before a point
            return
        one, two = int(found[1]), int(found[3])
        if one > 12 and not self.dates.day_first:
            self.dates = self.dates._replace(day_first=number)
        elif two > 12 and not self.dates.month_first:
            self.dates = self.dates._replace(month_first=number)
        elif one != two and max(one, two) <= 12 and not self.dates.either:
            self.dates = self.dates._replace(either=number, text=text)


def is_month_first(dates: Dates) -> bool:
    """Return which of day and month the dates of a file begin with; raises FileRefused."""
    if dates.day_first and dates.month_first:
        message = _(
            "Row %(day)d begins its date with the day and row %(month)d with the month, so none of "
            "them is certain. Export the file again with one order."
        )
        raise FileRefused(message % {"day": dates.day_first, "month": dates.month_first})
    if dates.either and not (dates.day_first or dates.month_first):
        message = _(
            "No date in the file shows whether the day or the month comes first, such as "
            "“%(text)s” on row %(row)d. Add --dates=day-first or --dates=month-first."
        )
        raise FileRefused(message % {"text": dates.text, "row": dates.either})
    return bool(dates.month_first)
