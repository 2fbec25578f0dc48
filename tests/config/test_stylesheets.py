"""Style in one request, with DEBUG and without."""

from pathlib import Path

import pytest
from django.conf import LazySettings
from django.contrib.staticfiles import finders

from config.stylesheets import Finder, inlined

SHEETS = ("css/portal.css", "css/survey.css", "css/admin.css")


@pytest.fixture
def sheets(settings: LazySettings, tmp_path: Path) -> Path:
    """Give the folder of a portal with one style sheet, which imports another in a folder."""
    settings.BASE_DIR = tmp_path
    settings.STATICFILES_DIRS = [tmp_path / "static"]
    folder = tmp_path / "static" / "css"
    (folder / "components").mkdir(parents=True)
    (folder / "whole.css").write_text('@layer a, b;\n@import url("components/card.css");\n.z {}\n')
    (folder / "components" / "card.css").write_text("@layer b { .card {} }\n")
    (folder / "plain.css").write_text(".plain {}\n")
    (folder / "letters.woff2").write_bytes(b"\xff")
    return folder


def test_imported_file_takes_the_place_of_its_import(sheets: Path) -> None:
    assert inlined(sheets / "whole.css") == "@layer a, b;\n@layer b { .card {} }\n\n.z {}\n"


def test_imported_file_may_import_others(sheets: Path) -> None:
    (sheets / "first.css").write_text('@import url("whole.css");\n')

    assert "@import" not in inlined(sheets / "first.css")
    assert ".card {}" in inlined(sheets / "first.css")


def test_edit_of_a_part_shows_at_the_next_request(sheets: Path) -> None:
    finder = Finder()
    before = Path(str(finder.find("css/whole.css"))).read_text()
    (sheets / "components" / "card.css").write_text("@layer b { .card { margin: 0; } }\n")

    after = Path(str(finder.find("css/whole.css"))).read_text()

    assert "margin" not in before
    assert "margin: 0" in after


def test_sheet_that_did_not_change_keeps_its_age(sheets: Path) -> None:
    finder = Finder()
    first = Path(str(finder.find("css/whole.css"))).stat()

    second = Path(str(finder.find("css/whole.css"))).stat()

    assert (second.st_mtime_ns, second.st_ino) == (first.st_mtime_ns, first.st_ino)


def test_collecting_reads_every_sheet_as_a_whole(sheets: Path) -> None:
    collected = {path: Path(storage.path(path)).read_bytes() for path, storage in Finder().list([])}

    assert set(collected) == {
        "css/components/card.css",
        "css/letters.woff2",
        "css/plain.css",
        "css/whole.css",
    }
    assert b"@import" not in collected["css/whole.css"]
    assert b".card {}" in collected["css/whole.css"]
    assert collected["css/letters.woff2"] == b"\xff"


def test_file_that_is_not_there_is_not_found(sheets: Path) -> None:
    assert not Finder().find("css/other.css")


@pytest.mark.parametrize("name", SHEETS)
def test_sheets_of_the_portal_ask_for_no_other(name: str) -> None:
    found = finders.find(name)

    assert found is not None
    text = Path(found).read_text()
    assert "@import" not in text
    assert "--ink:" in text


def test_customer_s_pages_keep_the_letters_of_the_phone() -> None:
    found = finders.find("css/survey.css")

    assert found is not None
    assert "@font-face" not in Path(found).read_text()
