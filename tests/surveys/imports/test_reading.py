"""CSV files from elsewhere: what is recognised, what is understood, and what is said otherwise."""

import csv
import io
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queries.enums import ActorType
from queries.exports.formulas import escape_formula, unescape_formula
from surveys.imports.cells import ID_MAX_LENGTH
from surveys.imports.reading import Measurement, Problem, Reader, open_table
from surveys.imports.refusals import FileRefused, WrongCell
from surveys.models import SurveyResponse
from tests.conftest import NOON

OURS = "external_id,seller,score,submitted_at,reason,closed_by"
GOOD = {
    "external_id": "a-1",
    "seller": "Fietsenzo",
    "score": "9",
    "submitted_at": "2026-03-01T10:00:00+01:00",
    "reason": "Fast.",
    "closed_by": "seller",
}
DELIGHTED = "id,person,survey_type,score,comment,permalink,created_at,updated_at"
ZENDESK = "id,recipient_id,rating,comment,created_at,updated_at"
ZENDESK_OF_ALL_SURVEYS = "id,survey_name,user_email,rating,comment,delivered_at,rated_at"
TEXTS = st.text(alphabet=",;\t\r\n\"'=-@+＝a1 ", max_size=12)


def find_seller(text: str) -> int:
    """Know one shop."""
    if text not in ("Fietsenzo", ""):
        raise WrongCell("There is no such seller.")
    return 7


def read(content: str | bytes, format_name: str = "") -> list[Measurement | list[Problem]]:
    """Return what each row of a file says."""
    content = content.encode() if isinstance(content, str) else content
    table = open_table(content, format_name)
    reader = Reader(table, find_seller=find_seller, now=NOON)
    return [reader.read(row, cells) for row, cells in table.rows()]


def read_row(**cells: str) -> Measurement | list[Problem]:
    """Return what a row says that is good but for these cells."""
    quoted = (f'"{cell}"' for cell in (GOOD | cells).values())
    return read(f"{OURS}\n{','.join(quoted)}\n")[0]


def test_row_of_our_own_format_is_understood() -> None:
    assert read_row() == Measurement(
        row=2,
        external_id="a-1",
        seller=7,
        score=9,
        submitted_at=datetime(2026, 3, 1, 9, 0, tzinfo=UTC),
        reason="Fast.",
        closed_by=ActorType.SELLER,
    )


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(
            f"{DELIGHTED}\n1,10,nps,0,Slow.,https://x.example,1713418460,\n",
            ("delighted:1", 0, datetime(2024, 4, 18, 5, 34, 20, tzinfo=UTC), "Slow."),
            id="delighted",
        ),
        pytest.param(
            f"{DELIGHTED}\n1,10,nps,0,,,2024-04-18T07:34:20+02:00,\n",
            ("delighted:1", 0, datetime(2024, 4, 18, 5, 34, 20, tzinfo=UTC), ""),
            id="delighted with ISO moments",
        ),
        pytest.param(
            f"{ZENDESK}\n1,1,9,Fine.,2013-08-29T00:00:00-07:00,2013-08-30T00:00:00-07:00\n",
            ("zendesk:1", 9, datetime(2013, 8, 29, 7, 0, tzinfo=UTC), "Fine."),
            id="zendesk",
        ),
        pytest.param(
            f"{ZENDESK_OF_ALL_SURVEYS}\n1,S,a@b.example,9,Fine.,,2013-08-29T00:00:00-07:00\n",
            ("zendesk:1", 9, datetime(2013, 8, 29, 7, 0, tzinfo=UTC), "Fine."),
            id="zendesk of all surveys",
        ),
    ],
)
def test_other_programs_are_recognised_by_their_header(
    content: str, expected: tuple[str, int, datetime, str]
) -> None:
    [measurement] = read(content)

    assert isinstance(measurement, Measurement)
    assert (
        measurement.external_id,
        measurement.score,
        measurement.submitted_at,
        measurement.reason,
    ) == expected
    assert measurement.closed_by == ActorType.SELLER


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("\ufeffexternal_id,score,submitted_at\na-1,9,2026-03-01T10:00Z\n", id="BOM"),
        pytest.param("external_id;score;submitted_at\na-1;9;2026-03-01T10:00Z\n", id="semicolons"),
        pytest.param("external_id\tscore\tsubmitted_at\na-1\t9\t2026-03-01T10:00Z", id="tabs"),
        pytest.param("external_id,score,submitted_at\r\na-1,9,2026-03-01T10:00Z\r\n", id="CRLF"),
        pytest.param("External ID,Score, Submitted at \na-1,9,2026-03-01T10:00Z\n", id="capitals"),
        pytest.param("\nexternal_id,score,submitted_at\na-1,9,2026-03-01T10:00Z\n\n", id="blanks"),
    ],
)
def test_ways_to_write_the_same_file(content: str) -> None:
    [measurement] = read(content)

    assert isinstance(measurement, Measurement)
    assert (measurement.external_id, measurement.score) == ("a-1", 9)


def test_text_keeps_its_lines_and_quotes_and_rows_count_as_in_a_spreadsheet() -> None:
    content = (
        "external_id,score,submitted_at,reason\n"
        'a-1,9,2026-03-01T10:00Z,"Two\r\nlines, and ""quotes"" 🙂"\n'
        ",,,\n"
        "a-2,x,2026-03-01T10:00Z,\n"
    )

    first, second = read(content)

    assert isinstance(first, Measurement)
    assert first.reason == 'Two\r\nlines, and "quotes" 🙂'
    assert isinstance(second, list)
    assert [problem.row for problem in second] == [4]


@pytest.mark.parametrize(
    ("column", "value", "advice"),
    [
        ("score", "10.5", "A score is a whole number from 0 to 10, such as 7."),
        ("score", "seven", "A score is a whole number from 0 to 10, such as 7."),
        ("score", "-1", "A score is a whole number from 0 to 10, such as 7."),
        ("score", "11", "A score is a whole number from 0 to 10, such as 7."),
        ("score", "٣", "A score is a whole number from 0 to 10, such as 7."),
        ("submitted_at", "2026-03-01T10:00:00", "This moment has no time zone. Say whose clock"),
        ("submitted_at", "2026-03-01", "This moment has no time zone. Say whose clock showed it,"),
        ("submitted_at", "31-03-2026 10:00", "This moment has no time zone. Say whose clock sho"),
        ("submitted_at", "1713418460", "This is not a moment. Write it like 2026-03-31T14:05"),
        ("submitted_at", "", "This is not a moment. Write it like 2026-03-31T14:05:00+02:00."),
        ("submitted_at", "2026-03-10T11:00:01Z", "This moment has not come yet. Check the date"),
        ("submitted_at", "9999-12-31T23:59:59-12:00", "This moment has not come yet. Check the"),
        ("submitted_at", "0001-01-01T00:00:00+14:00", "This is before 2003, when nobody measur"),
        ("external_id", "", "Give each measurement its number: it prevents importing it twice."),
        ("external_id", "x" * 101, "This number is too long: at most 100 characters are kept."),
        ("external_id", "a\0", "This text has a null byte in it, which cannot be stored. Remove"),
        ("reason", "a\0", "This text has a null byte in it, which cannot be stored. Remove it."),
        ("seller", "Nobody", "There is no such seller."),
        ("closed_by", "system", "Write who closed the query: seller, marketplace. Nothing means"),
    ],
)
def test_wrong_cell_is_named_with_what_to_do(column: str, value: str, advice: str) -> None:
    problems = read_row(**{column: value})

    assert isinstance(problems, list)
    [problem] = problems
    assert problem[:3] == (2, column, value)
    assert problem.message.startswith(advice)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        pytest.param("2026-03-10T11:00:00Z", NOON, id="this very moment"),
        pytest.param(
            "2026-03-10T12:00:00.5+01:30",
            datetime(2026, 3, 10, 12, 0, 0, 500_000, timezone(timedelta(minutes=90))),
            id="fractions and half hours",
        ),
        pytest.param("2003-01-01T00:00Z", datetime(2003, 1, 1, tzinfo=UTC), id="the earliest"),
    ],
)
def test_moment_that_is_taken(text: str, moment: datetime) -> None:
    measurement = read_row(submitted_at=text)

    assert isinstance(measurement, Measurement)
    assert measurement.submitted_at == moment


def test_marketplace_may_have_closed() -> None:
    measurement = read_row(closed_by="Marketplace")

    assert isinstance(measurement, Measurement)
    assert measurement.closed_by == ActorType.MARKETPLACE


def test_everything_wrong_in_a_row_is_reported_at_once() -> None:
    problems = read_row(score="11", submitted_at="yesterday", seller="Nobody")

    assert isinstance(problems, list)
    assert [problem.column for problem in problems] == ["seller", "score", "submitted_at"]


def test_problem_carries_the_name_that_the_file_gives_the_column() -> None:
    [problems] = read(f"{ZENDESK}\n1,1,good,,2013-08-29T00:00:00-07:00,\n")

    assert isinstance(problems, list)
    assert [problem[:3] for problem in problems] == [(2, "rating", "good")]


@pytest.mark.parametrize("moment", ["17134184600", "9999999999999", "9" * 5000, "²"])
def test_unix_seconds_out_of_range_are_refused(moment: str) -> None:
    [problems] = read(f"{DELIGHTED}\n1,10,nps,0,,,{moment},\n")

    assert isinstance(problems, list)
    assert [problem.column for problem in problems] == ["created_at"]


def test_other_kinds_of_survey_are_refused() -> None:
    [problems] = read(f"{DELIGHTED}\n1,10,csat,5,,,1713418460,\n")

    assert isinstance(problems, list)
    assert [problem[1:3] for problem in problems] == [("survey_type", "csat")]


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        pytest.param(
            "external_id,score,submitted_at,reason\na-1,9,2026-03-01T10:00Z,Slow, and wrong\n",
            "The header has 4 columns and this row 5.",
            id="a comma in a text",
        ),
        pytest.param(
            "external_id,submitted_at,score,\na-1,2026-03-01T10:00Z,7,5\n",
            "The header has 3 columns and this row 4.",
            id="a comma in a score, and one that closes the header",
        ),
    ],
)
def test_row_that_is_longer_than_the_header_is_refused(file: str, sentence: str) -> None:
    [problems] = read(file)

    assert isinstance(problems, list)
    assert problems[0].message.startswith(sentence)


@pytest.mark.parametrize("row", ["a-1,9,2026-03-01T10:00Z", "a-1,9,2026-03-01T10:00Z,,, ,"])
def test_empty_cells_at_the_end_of_a_row_do_not_matter(row: str) -> None:
    [measurement] = read(f"external_id,score,submitted_at,reason\n{row}\n")

    assert isinstance(measurement, Measurement)
    assert measurement.reason == ""


def test_row_that_ends_too_early_lacks_what_is_needed() -> None:
    [problems] = read("external_id,score,submitted_at,reason\na-1,9\n")

    assert isinstance(problems, list)
    assert [problem[:3] for problem in problems] == [(2, "submitted_at", "")]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        pytest.param(b"", "The file is empty.", id="empty"),
        pytest.param(b"\xef\xbb\xbf\n\n", "The file is empty.", id="blank"),
        pytest.param(
            b"x" * 250_000, "There is no header at the beginning", id="a line without an end"
        ),
        pytest.param(
            "external_id,score\nZoé,Zo\n".encode() + b"\xeb\n",
            "Byte 27 of the file (0xEB, on line 3) is not UTF-8. Save the file again in that",
            id="broken UTF-8",
        ),
        pytest.param(
            b"external_id,score\na-1,Zo\x81\n",
            "Byte 25 of the file (0x81, on line 2) is not UTF-8. Save the file again in that",
            id="neither UTF-8 nor Windows-1252",
        ),
        pytest.param(
            "external_id".encode("utf-16") + b"a",
            "The file is UTF-16, but its byte 25 is not: it was cut off or changed.",
            id="utf-16 cut off",
        ),
        pytest.param(
            b"external_id,submitted_at\n",
            "The header lacks score, which the format portal needs.",
            id="missing column",
        ),
        pytest.param(
            b"id,rating\n",
            "The header lacks rated_at / created_at, which the format zendesk needs.",
            id="missing column of two names",
        ),
        pytest.param(
            b"name,age\n",
            "The header is of no known format. These columns are needed: portal: external_id, ",
            id="another table",
        ),
        pytest.param(
            b"external_id,score,Score,submitted_at\n",
            "The header has the column score twice.",
            id="column twice",
        ),
    ],
)
def test_file_as_a_whole_is_refused(content: bytes, sentence: str) -> None:
    with pytest.raises(FileRefused) as refusal:
        open_table(content)

    assert str(refusal.value).startswith(sentence)


@pytest.mark.parametrize(
    "reason",
    [
        pytest.param('"never closed', id="open quote"),
        pytest.param('"a "quoted" word"', id="quotes within"),
        pytest.param("x" * 1_000_000, id="a megabyte"),
    ],
)
def test_row_that_cannot_be_taken_apart_refuses_the_file(reason: str) -> None:
    row = "a-{},9,2026-03-01T10:00Z,{}"
    content = "\n".join((OURS.replace(",seller", ""), row.format(1, ","), row.format(2, reason)))

    with pytest.raises(FileRefused, match=r"^Row 3 cannot be read \(.+\)\. Probably a double quot"):
        read(content)


def test_format_can_be_prescribed() -> None:
    with pytest.raises(FileRefused, match=r"^The header lacks rating, which the format zendesk"):
        open_table(f"{DELIGHTED}\n".encode(), "zendesk")


def test_longest_number_fits_the_database() -> None:
    assert SurveyResponse._meta.get_field("external_id").max_length == ID_MAX_LENGTH


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"),
        ("-8", "'-8"),
        ("\t@x", "'\t'@x"),
        ("Fine;=1+1", "Fine;'=1+1"),
        ("Fine,-8", "Fine,'-8"),
        ("Fine\r\n@x", "Fine\r\n'@x"),
        ('Fine;"=1', "Fine;\"'=1"),
        ("Fine;'=1", "Fine;''=1"),
        ("Fine, - and fast", "Fine, - and fast"),
        ("＝1", "'＝1"),
        ("'=1", "''=1"),
        ("''=1", "'''=1"),
        ("'s avonds", "'s avonds"),
        ("1=1", "1=1"),
        ("", ""),
    ],
)
def test_text_that_looks_like_a_formula_is_marked_and_read_as_it_was(
    text: str, written: str
) -> None:
    assert escape_formula(text) == written
    assert unescape_formula(written) == text


@given(TEXTS)
def test_any_marked_text_is_read_as_it_was(text: str) -> None:
    assert unescape_formula(escape_formula(text)) == text


@given(
    st.lists(st.lists(TEXTS, min_size=3, max_size=3), min_size=1, max_size=3),
    st.sampled_from(",;"),
    st.sampled_from(",;\t"),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_NONE]),
)
def test_no_separator_makes_a_formula(
    rows: list[list[str]], written: str, taken: str, quoting: int
) -> None:
    file = io.StringIO(newline="")
    marked = [[escape_formula(text) for text in row] for row in rows]
    csv.writer(file, delimiter=written).writerows(marked)

    file.seek(0)
    cells = [cell for row in csv.reader(file, delimiter=taken, quoting=quoting) for cell in row]

    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "＝"))]


def test_mark_before_a_formula_is_no_part_of_the_text() -> None:
    ours = read_row(external_id="'-5", reason="'=1+1")
    [delighted] = read("id,score,comment,created_at\n1,9,'=1+1,1713418460\n")

    assert isinstance(ours, Measurement)
    assert isinstance(delighted, Measurement)
    assert (ours.external_id, ours.reason) == ("-5", "=1+1")
    assert delighted.reason == "'=1+1"
