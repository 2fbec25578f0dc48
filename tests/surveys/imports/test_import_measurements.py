"""The command that brings history in: what it says, and where."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from sellers.models import Seller
from surveys.models import SurveyResponse

HEADER = "external_id,score,submitted_at"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with two measurements."""
    path = tmp_path / "history.csv"
    path.write_text(f"{HEADER}\na-1,9,2024-03-01T10:00:00Z\na-2,3,2024-03-01T10:00:00Z\n")
    return path


def test_import_says_what_it_did(
    fietsenzo: Seller, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("import_measurements", file, seller="Fietsenzo")
    call_command("import_measurements", file, seller="Fietsenzo")

    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("Imported 2 measurements, 0 there already: ")
    assert second.startswith("Imported 0 measurements, 2 there already: ")
    assert SurveyResponse.objects.count() == 2


def test_dry_run_says_so(fietsenzo: Seller, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("import_measurements", file, seller="Fietsenzo", dry_run=True)

    assert capsys.readouterr().out == (
        "Dry run, nothing is stored: 2 measurements would be imported, 0 there already.\n"
    )
    assert not SurveyResponse.objects.exists()


def test_problems_are_shown_up_to_a_limit(
    fietsenzo: Seller, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = "".join(f"a-{number},11,2024-03-01T10:00:00Z\n" for number in range(25))
    file.write_text(f"{HEADER}\n{rows}")

    with pytest.raises(CommandError, match=r"^25 problems, so nothing was imported\.$"):
        call_command("import_measurements", file, seller="Fietsenzo")

    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "Row 2, score '11': A score is a whole number from 0 to 10, such as 7."
    assert lines[19].startswith("Row 21, ")
    assert lines[20:] == ["… and 5 more.", "See them all in a file: add --errors."]


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        pytest.param(["--errors"], "history.errors.csv", id="next to the input"),
        pytest.param(["--errors", "{folder}/wrong.csv"], "wrong.csv", id="by name"),
    ],
)
def test_all_problems_go_to_a_file(
    fietsenzo: Seller, file: Path, arguments: list[str], name: str
) -> None:
    rows = "".join(f"a-{number},11,2024-03-01T10:00:00Z\n" for number in range(25))
    file.write_text(f"{HEADER}\n{rows}")
    arguments = [argument.format(folder=file.parent) for argument in arguments]

    with pytest.raises(CommandError):
        call_command("import_measurements", file, *arguments, seller="Fietsenzo")

    lines = (file.parent / name).read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == 26
    assert lines[1] == '2,score,11,"A score is a whole number from 0 to 10, such as 7."'


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        pytest.param(b"", "The file is empty", id="empty"),
        pytest.param(b"external_id,score\n", "The header lacks submitted_at", id="missing column"),
        pytest.param(HEADER.encode("utf-16")[:-1], "is UTF-16, but its byte", id="encoding"),
    ],
)
def test_refused_file_is_named(file: Path, content: bytes, sentence: str, db: None) -> None:
    file.write_bytes(content)

    with pytest.raises(CommandError, match=rf"history\.csv: .*{sentence}"):
        call_command("import_measurements", file)


def test_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"nothing\.csv cannot be read: No such file"):
        call_command("import_measurements", tmp_path / "nothing.csv")


def test_problems_never_overwrite_the_input(file: Path) -> None:
    with pytest.raises(CommandError, match="is the file to import itself"):
        call_command("import_measurements", file, "--errors", str(file))


def test_list_that_cannot_be_written_is_reported(fietsenzo: Seller, file: Path) -> None:
    file.write_text(f"{HEADER}\na-1,11,2024-03-01T10:00:00Z\n")

    with pytest.raises(CommandError, match=r"cannot be written to .+: Not a directory"):
        call_command(
            "import_measurements", file, "--errors", str(file / "x.csv"), seller="Fietsenzo"
        )


def test_file_that_does_not_fit_is_not_read(file: Path) -> None:
    with file.open("r+b") as opened:
        opened.truncate(1_000_000_000_000)  # a hole: nothing is written

    with pytest.raises(CommandError, match=r"has 1000000 MB and at most 100 MB can be read\. Save"):
        call_command("import_measurements", file, seller="Fietsenzo")
