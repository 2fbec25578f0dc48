"""Every string a user can read exists in Dutch, and the compiled catalogue is the written one.

Numbers agree with the words after them, in both languages.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from pathlib import Path
from typing import Final

import polib
import pytest
from django.utils import dates, translation
from django.utils.translation import gettext, ngettext, pgettext

BASE = Path(__file__).resolve().parent.parent
CATALOGUE = Path("locale/nl/LC_MESSAGES/django.po")
SOURCES = ("config", "sellers", "queries", "surveys", "insights", "templates", "locale")
NUMBER: Final = re.compile(r"%\((\w+)\)[sd](?!%%)")
WORD: Final = re.compile(r"%\(\w+\)[sd]|[^\W\d_]+")
REACH: Final = 2  # words after a number that may have to agree with it
IRREGULAR: Final = {("is", "are"), ("is", "zijn")}
# A number by one of these names is never one: limits, and what is said of many only.
MANY: Final = frozenset({"least", "length", "minimum", "most", "norm", "shops", "show_value"})
MANY_HERE: Final = frozenset(
    {
        ("count", "in a row"),  # runs are told from three months on
        ("count", "finished months"),
        ("days", "days"),  # settings of the portal, from a week on
        ("hours", "working hours, %(norm)s"),  # more than the norm of a day
        ("months", "last %(months)s months"),  # of the history
        ("speed", "rows a second"),
        ("unread", "More than"),  # where counting stops
    }
)
# Names of what is no number at all.
NAMES: Final = frozenset(
    {"country", "day", "mailbox", "month", "most", "name", "place", "promoters", "seller", "sum"}
)
# In "1 of every 100 customers answered" the verb agrees with the 1, and the noun does not.
OUT_OF: Final = re.compile(r"^\s+(?:of|van)(?: every| de)? (?:\d+|%\(\w+\)[sd]) \w+", re.IGNORECASE)


@pytest.fixture(scope="module")
def fresh_catalogue(tmp_path_factory: pytest.TempPathFactory) -> polib.POFile:
    """Collect the strings of today's sources in a copy of the tree."""
    assert shutil.which("xgettext"), "Install gettext first (Debian: apt install gettext)."
    copy = tmp_path_factory.mktemp("sources")
    for name in SOURCES:
        shutil.copytree(BASE / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-m", "django", "makemessages", "--locale", "nl", "--no-obsolete"]
    subprocess.run(command, cwd=copy, check=True, capture_output=True)
    return polib.pofile(str(copy / CATALOGUE))


def test_no_string_of_ours_renames_a_month_or_a_day() -> None:
    """A catalogue of ours wins over Django's, in which "may" is the month."""
    names = {*dates.MONTHS.values(), *dates.MONTHS_3.values(), *dates.WEEKDAYS.values()}
    names |= {*dates.WEEKDAYS_ABBR.values()}
    with translation.override(None):
        of_dates = {str(name) for name in names}

    ours = {entry.msgid for entry in polib.pofile(str(BASE / CATALOGUE)) if not entry.msgctxt}

    assert not of_dates & ours
    with translation.override("nl"):
        assert str(dates.MONTHS_3[5]) == "mei"


def test_every_string_has_a_dutch_translation(fresh_catalogue: polib.POFile) -> None:
    missing = [entry.msgid for entry in fresh_catalogue.untranslated_entries()]
    doubtful = [entry.msgid for entry in fresh_catalogue.fuzzy_entries()]

    assert len(fresh_catalogue) > 100
    assert (missing, doubtful) == ([], [])


def test_the_catalogue_holds_nothing_that_is_no_longer_used(fresh_catalogue: polib.POFile) -> None:
    written = {entry.msgid for entry in polib.pofile(str(BASE / CATALOGUE))}

    assert written - {entry.msgid for entry in fresh_catalogue} == set()


def test_the_compiled_catalogue_is_the_written_one() -> None:
    written = polib.pofile(str(BASE / CATALOGUE))
    compiled = polib.mofile(str((BASE / CATALOGUE).with_suffix(".mo")))

    assert {(entry.msgid, entry.msgstr, str(entry.msgstr_plural)) for entry in compiled} == {
        (entry.msgid, entry.msgstr, str(entry.msgstr_plural)) for entry in written
    }


@pytest.mark.parametrize("number", [0, 1, 2])
@pytest.mark.parametrize("language", ["en", "nl"])
def test_numbers_agree_with_the_words_after_them(language: str, number: int) -> None:
    entries = polib.pofile(str(BASE / CATALOGUE))
    pairs = [_forms(each, language) for each in entries if each.msgid_plural]
    many_by_one = dict(_agreeing(pairs))
    assert {"en": "measurements", "nl": "metingen"}[language] in many_by_one.values()
    misfits = set(many_by_one.values()) if number == 1 else set(many_by_one)
    misfits -= set(many_by_one) if number == 1 else set(many_by_one.values())

    with translation.override(language):
        wrong = [
            (each.msgid, placeholder, word)
            for each in entries
            if number == 1 or each.msgid_plural  # of others nobody knows what is a number
            for placeholder, words in _after_numbers(_said(each, number))
            if not _is_never_so_few(each.msgid, placeholder)
            for word in words
            if word in misfits
        ]

    assert not wrong, "\n".join(map(str, wrong))


def _forms(entry: polib.POEntry, language: str) -> tuple[str, str]:
    """Return a message of one and of many."""
    if language == "en":
        return entry.msgid, entry.msgid_plural
    return entry.msgstr_plural[0], entry.msgstr_plural[1]


def _agreeing(pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield the words that differ between a message of one and of many: (meting, metingen)."""
    for one, many in pairs:
        ones, manys = WORD.findall(one.lower()), WORD.findall(many.lower())
        changes = SequenceMatcher(None, ones, manys, autojunk=False).get_opcodes()
        for change, first, last, other_first, other_last in changes:
            if change == "replace" and last - first == other_last - other_first:
                words = zip(ones[first:last], manys[other_first:other_last], strict=True)
                yield from (pair for pair in words if pair in IRREGULAR or _are_alike(*pair))


def _are_alike(one: str, many: str) -> bool:
    return one[0] == many[0] != "%"


def _said(entry: polib.POEntry, number: int) -> str:
    """Return a message in the active language, its numbers not filled in."""
    if entry.msgid_plural:
        return ngettext(entry.msgid, entry.msgid_plural, number)
    if entry.msgctxt:
        return pgettext(entry.msgctxt, entry.msgid)
    return gettext(entry.msgid)


def _after_numbers(text: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the placeholders of a message, each with the words soon after it in its clause."""
    for found in NUMBER.finditer(text):
        clause = re.split(r"[.;:!?,]|\((?!\w+\)[sd])", OUT_OF.sub("", text[found.end() :]))[0]
        yield found[1], WORD.findall(clause.lower())[:REACH]


def _is_never_so_few(msgid: str, placeholder: str) -> bool:
    if placeholder in MANY | NAMES:
        return True
    return any(placeholder == name and words in msgid for name, words in MANY_HERE)
