"""Every string a user can read exists in Dutch, and the compiled catalogue is the written one."""

import shutil
import subprocess
import sys
from pathlib import Path

import polib
import pytest

BASE = Path(__file__).resolve().parent.parent
CATALOGUE = Path("locale/nl/LC_MESSAGES/django.po")
SOURCES = ("config", "sellers", "queries", "surveys", "insights", "templates", "locale")


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
