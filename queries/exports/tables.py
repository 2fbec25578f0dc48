"""A table as it is downloaded, whatever kind of file it becomes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from django.db.models import TextChoices


class Word(NamedTuple):
    """One of a fixed choice: the code that a program reads, and the label that a person reads."""

    code: str
    label: str


def words(choices: type[TextChoices]) -> Mapping[str, Word]:
    """Return the labels of a fixed choice, in the language that is active now."""
    return {value: Word(value, str(label)) for value, label in choices.choices}


# Of a date only the month is meant; a tuple is a list of words.
Cell = str | int | bool | Decimal | date | datetime | Word | tuple[Word, ...] | None


class Column(NamedTuple):
    """The name of a column for programs, which never changes, and for people in their language."""

    key: str
    heading: str


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells below columns.

    The rows are made while they are written, so that a million of them need no more memory than
    one. All words in them are in the language in which the table was made. `summary` is what they
    come down to in one sentence, empty where nothing is said.
    """

    name: str
    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Cell]]
    summary: str = ""
