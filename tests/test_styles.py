"""House rules of the style sheets that no linter sees."""

import re
from pathlib import Path

from queries.enums import Author, QueryState
from surveys.enums import Band

BASE = Path(__file__).parent.parent
SHEETS = BASE / "static" / "css"
TEMPLATES = BASE / "templates"
MADE_ELSEWHERE = {
    *("htmx-request", "errorlist", "warning"),  # htmx, Django's forms, Django's messages
    *("module", "breadcrumbs", "object-tools", "close-button", "closelink", "deletelink"),
    *("paginator", "results", "vLargeTextField"),  # Django's admin
    *("change-list", "dashboard", "nowrap"),
}
PRINTED = {*Author.values, *Band.values, *QueryState.values}  # as class="{{ … }}"


def style(path: Path) -> str:
    """Return the rules of a file, without its comments."""
    return re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)


def classes_of_the_pages() -> set[str]:
    """Return what templates write as a class, in whichever case; the style guide has no say."""
    found: set[str] = set()
    for path in TEMPLATES.rglob("*.html"):
        if path.parent.name != "styleguide":
            text = re.sub(r"{%.*?%}|{{.*?}}", _words, path.read_text())
            for written in re.findall(r'class="([^"]*)"|kind=([\w -]*)', text):
                found |= {*" ".join(written).split()}
    return found


def _words(tag: re.Match[str]) -> str:
    """Return what a tag of a template may print: nothing, or the classes it hands to an include."""
    kind = re.search(r'with kind="([^"]*)"', tag[0])
    return f"kind={kind[1]} " if kind else " "


def test_every_class_has_an_element() -> None:
    used = classes_of_the_pages() | PRINTED | MADE_ELSEWHERE
    unused = {
        f"{path.relative_to(SHEETS).as_posix()}: .{name}"
        for path in SHEETS.rglob("*.css")
        if path.name != "swatches.css"  # the style guide's own
        for name in re.findall(r"(?<![\w\d])\.([a-z][\w-]*)", re.sub(r'"[^"]*"', "", style(path)))
        if name not in used
    }

    assert len(used) > 100
    assert unused == set()


def test_every_property_is_set_and_used() -> None:
    rules = "".join(style(path) for path in SHEETS.rglob("*.css"))
    ours = "".join(style(path) for path in SHEETS.rglob("*.css") if path.name != "theme.css")

    assert set(re.findall(r"(--[\w-]+):", ours)) <= set(re.findall(r"var\((--[\w-]+)", rules))
    assert set(re.findall(r"var\((--[\w-]+)", rules)) <= set(re.findall(r"(--[\w-]+):", rules))


def test_every_part_is_in_a_sheet() -> None:
    sheets = "".join(path.read_text() for path in SHEETS.glob("*.css"))
    linked = "".join(path.read_text() for path in TEMPLATES.rglob("*.html"))

    unused = {
        path.relative_to(SHEETS).as_posix()
        for path in SHEETS.rglob("*.css")
        if f'url("{path.relative_to(SHEETS).as_posix()}")' not in sheets
        and f'"css/{path.relative_to(SHEETS).as_posix()}"' not in linked
    }

    assert unused == set()


def test_parts_in_a_folder_name_no_other_file() -> None:
    named = [path.name for path in SHEETS.glob("*/*.css") if "url(" in style(path)]

    assert named == []  # the URL would be that of the sheet: config/stylesheets.py


def test_colours_are_tokens() -> None:
    colours = {
        f"{path.relative_to(SHEETS).as_posix()}: {colour}"
        for path in SHEETS.rglob("*.css")
        if path.name not in ("tokens.css", "print.css", "mail.css")  # paper and mail are white
        for colour in re.findall(r"#[0-9a-f]{3,8}\b(?=[^{}]*;)|(?:rgb|hsl)\(", style(path))
    }

    assert colours == set()


def test_what_looks_like_something_is_described_in_one_sheet() -> None:
    """Two sheets that describe one class undo each other, in whichever order they are read."""
    described: dict[str, set[str]] = {}
    for path in (SHEETS / "components").glob("*.css"):
        for name in re.findall(r"^  (\.[\w-]+) {", style(path), flags=re.MULTILINE):
            described.setdefault(name, set()).add(path.name)

    assert len(described) > 50
    assert {name: sheets for name, sheets in described.items() if len(sheets) > 1} == {}
