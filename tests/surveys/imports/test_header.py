"""A file says the same in whatever dialect it is written."""

import csv
import io
import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from surveys.imports.decoding import LETTER_OF_UTF_8
from surveys.imports.formats import FORMATS, Column
from surveys.imports.header import read_mapping
from surveys.imports.reading import Dates, Measurement, Reader, Table, open_table
from surveys.imports.refusals import FileRefused

NOW = datetime(2026, 11, 1, tzinfo=UTC)
MOMENT = "2026-03-31T14:05:00+02:00"
HEADER = ["external_id", "score", "submitted_at", "reason", "left, over; or|not\tread"]
TEXTS = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Cf", "Cn"])
    | st.sampled_from(",;\t|\"'\n\r\u00a0"),
    max_size=15,
)
ROWS = st.lists(st.tuples(st.integers(0, 10), TEXTS, TEXTS), min_size=1, max_size=5)
ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "utf-32": "UTF-32",
}


def measurements(table: Table) -> list[Measurement]:
    """Return what all rows of a table say."""
    reader = Reader(table, find_seller=lambda _text: 7, now=NOW)
    found = [reader.read(row, cells) for row, cells in table.rows()]
    assert [each for each in found if not isinstance(each, Measurement)] == []
    return [each for each in found if isinstance(each, Measurement)]


def read(content: str | bytes, format_name: str = "", **options: str) -> list[Measurement]:
    """Return what all rows of a file say, with columns that are told."""
    content = content.encode() if isinstance(content, str) else content
    mapping = {Column(column): name for column, name in options.items()}
    return measurements(open_table(content, format_name, mapping=mapping))


def is_utf_8(content: bytes) -> bool:
    """Return whether these bytes are UTF-8."""
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    ROWS,
    st.sampled_from(sorted(ENCODINGS)),
    st.sampled_from(",;\t|"),
    st.lists(st.sampled_from(["\r", "\n", "\r\n"]), min_size=1, max_size=3),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.lists(
        st.sampled_from(["Export of a shop", 'The "shop"; of, NPS|\t2026', "\u201cq", ""]),
        max_size=4,
    ),
    st.booleans(),
    st.booleans(),
)
def test_rows_are_the_same_in_every_dialect(
    rows: list[tuple[int, str, str]],
    encoding: str,
    delimiter: str,
    ends: list[str],
    quoting: int,
    titles: list[str],
    with_separator: bool,
    dropped: bool,
) -> None:
    text = io.StringIO(newline="")
    text.write("\ufeff" if encoding == "utf-8-sig" else "")  # a second mark
    if with_separator:
        text.write(f"sep={delimiter}\r\n")
    for line in titles:
        text.write(line + ends[0])
    table = [HEADER, *([f"a-{n}", str(row[0]), MOMENT, *row[1:]] for n, row in enumerate(rows))]
    for number, cells in enumerate(table):
        while dropped and cells[-1] == "":
            cells.pop()
        end = ends[number % len(ends)]
        line = io.StringIO(newline="")
        # Ends that are not its own would stay without quotes.
        writer = csv.writer(line, delimiter=delimiter, lineterminator="\r\n", quoting=quoting)
        writer.writerow(cells)
        text.write(line.getvalue().removesuffix("\r\n") + end)

    opened = open_table(text.getvalue().encode(encoding))

    assert [(each.external_id, each.score, each.reason) for each in measurements(opened)] == [
        (f"a-{number}", score, reason.strip()) for number, (score, reason, _rest) in enumerate(rows)
    ]
    assert opened.encoding == ENCODINGS[encoding]
    assert opened.lines_above == len([line for line in titles if line])


@given(
    st.lists(
        st.text("aeéëïöü€ –“”Ññ,;'", min_size=1, max_size=15).filter(lambda text: text.strip()),
        min_size=1,
        max_size=5,
    )
)
def test_what_is_no_utf_8_is_windows_1252_or_refused(texts: list[str]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([HEADER[:4], *(["a", "9", MOMENT, each] for each in texts)])

    content = text.getvalue().encode("cp1252")
    assume(content.isascii() or not is_utf_8(content))  # Ñ– is і too
    try:
        table = open_table(content)
    except FileRefused:
        assert LETTER_OF_UTF_8.search(content)
        return

    assert [each.reason for each in measurements(table)] == [each.strip() for each in texts]
    if not text.getvalue().isascii():
        assert table.encoding == "Windows-1252"


def test_utf_8_that_was_damaged_is_not_taken_for_another_encoding() -> None:
    content = f"{','.join(HEADER[:4])}\na,9,{MOMENT},Hélène\nb,9,{MOMENT},Zoé".encode()

    with pytest.raises(
        FileRefused, match=r"^Byte 110 of the file \(0xC3, on line 3\) is not UTF-8"
    ):
        open_table(content[:-1])


@pytest.mark.parametrize(
    ("content", "row"),
    [
        ("external_id,score,submitted_at\na,x,{}\n", 2),
        ("sep=,\r\nexternal_id,score,submitted_at\r\na,x,{}\r\n", 2),
        ("Title\n\nexternal_id,score,submitted_at\n\n\na-1,x,{}\n", 6),
        ('"A title\nof two lines"\nexternal_id,score,submitted_at\na-1,x,{}\n', 3),
        ('external_id,score,submitted_at,reason\na,9,{},"1\n2\n3"\na-1,x,{}\n', 3),
        ('external_id,score,submitted_at,"two\nlines"\na-1,x,{}\n', 2),
        ("external_id,score,submitted_at\ra-0,9,{}\ra-1,x,{}\r", 3),
    ],
)
def test_rows_are_counted_as_spreadsheets_do(content: str, row: int) -> None:
    table = open_table(content.replace("{}", MOMENT).encode())
    reader = Reader(table, find_seller=lambda _text: 7, now=NOW)

    found = [reader.read(number, cells) for number, cells in table.rows()]

    assert [each.row for each in found[-1] if not isinstance(found[-1], Measurement)] == [row]


def test_header_may_be_far_down_but_not_farther() -> None:
    lines = f"external_id,score,submitted_at\na,9,{MOMENT}\n"

    assert open_table(("x\n" * 49 + lines).encode()).lines_above == 49
    with pytest.raises(FileRefused, match=r"^The header is of no known format"):
        open_table(("x\n" * 50 + lines).encode())


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_header_that_is_repeated_is_skipped(mark: str) -> None:
    lines = f"{mark}external_id,score,submitted_at\na,9,{MOMENT}\n"

    table = open_table((lines + lines.replace("a,9", "b,9")).encode())

    assert [each.external_id for each in measurements(table)] == ["a", "b"]
    assert table.judgement.headers == {3}


def test_header_is_repeated_with_other_capitals() -> None:
    rows = f"A-1,9,{MOMENT}\nExternal ID,SCORE,Submitted  at\nA-2,8,{MOMENT}\n"

    assert [each.external_id for each in read(f"external_id,score,submitted_at\n{rows}")] == [
        "A-1",
        "A-2",
    ]


def test_names_are_the_same_however_their_accents_are_composed() -> None:
    content = f"Nume\u0301ro,E\u0301valuation,Re\u0301pondu\nA-1,9,{MOMENT}\n"

    (one,) = read(content, external_id="numéro", score="évaluation", submitted_at="Répondu")

    assert (one.external_id, one.score) == ("A-1", 9)


@pytest.mark.parametrize("end", ["\x1a", "\x1a\r\n", "\r\n\x1a"])
def test_mark_with_which_old_programs_close_a_file_is_no_row(end: str) -> None:
    (one,) = read(f"external_id,score,submitted_at,reason\r\nA-1,9,{MOMENT},Prima{end}")

    assert one.reason == "Prima"


def test_cells_that_are_formulas_to_be_texts_in_excel_are_these_texts() -> None:
    content = f'external_id,score,submitted_at,reason\n="00123","=""9""",{MOMENT},"=""ja, zo"""\n'

    (one,) = read(content)

    assert (one.external_id, one.score, one.reason) == ("00123", 9, "ja, zo")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_row_that_a_spreadsheet_made_one_cell_is_taken_apart(delimiter: str) -> None:
    """Excel with another separator puts quotes around rows with quotes in them, and no others."""
    original, saved = io.StringIO(newline=""), io.StringIO(newline="")
    rows = [
        ["external_id", "score", "submitted_at", f"reason {delimiter}"],
        ["A-1", "9", MOMENT, "Prima"],
        ["A-2", "8", MOMENT, f'"ok"{delimiter}echt'],
        ["A-3", "7", MOMENT, '"zo"'],
    ]
    csv.writer(original, delimiter=delimiter).writerows(rows)
    lines = ([line] for line in original.getvalue().splitlines())
    csv.writer(saved, delimiter="|").writerows(lines)
    assert '"A-3' in saved.getvalue()

    found = read(saved.getvalue(), reason=f"reason {delimiter}")

    assert [[each.external_id, str(each.score), MOMENT, each.reason] for each in found] == rows[1:]


@pytest.mark.parametrize(
    ("name", "hour"),
    [
        ("Submitted (UTC)", 14),
        ("Submitted (UTC+2)", 12),
        ("Submitted (GMT-05:00)", 19),
        ("Submitted (US/Eastern)", 18),
        ("Submitted (Europe/Amsterdam)", 12),
        ("Submitted (by/them)", 5),
        ("Submitted", 5),
    ],
)
def test_zone_in_the_name_of_a_column_is_that_of_its_moments(name: str, hour: int) -> None:
    content = f"nr,score,{name}\nA-1,9,2026-03-31 14:00\n"
    mapping = {Column.EXTERNAL_ID: "nr", Column.SUBMITTED_AT: name}

    table = open_table(content.encode(), mapping=mapping, zone=ZoneInfo("Asia/Tokyo"))
    (one,) = measurements(table)

    assert one.submitted_at == datetime(2026, 3, 31, hour, tzinfo=UTC)


def test_second_half_of_a_broken_text_is_no_unanswered_row() -> None:
    table = open_table(
        f"external_id,score,submitted_at,reason\na,9,{MOMENT},Slow\nand bad\n".encode()
    )
    reader = Reader(table, find_seller=lambda _text: 7, now=NOW)

    problems = [reader.read(row, cells) for row, cells in table.rows()][1]

    assert isinstance(problems, list)
    assert [problem[:3] for problem in problems] == [(3, "score", ""), (3, "submitted_at", "")]


# Which of day and month comes first


@pytest.mark.parametrize(
    ("moments", "months"),
    [
        (["31-03-2026 12:00", "3-4-2026 12:00"], [3, 4]),
        (["3-4-2026 12:00", "03-31-2026 12:00"], [3, 3]),
        (["3/4/2026 1:00 PM", "4/25/2026 1:00 PM"], [3, 4]),
        (["3.4.2026 12:00", "1-1-2026 12:00", "2026-05-06 12:00"], [4, 1, 5]),
    ],
)
def test_one_file_has_one_order(moments: list[str], months: list[int]) -> None:
    lines = "".join(f"{number};9;{text}\n" for number, text in enumerate(moments))

    table = open_table(
        f"external_id;score;submitted_at\n{lines}".encode(), zone=ZoneInfo("Europe/Amsterdam")
    )

    assert [each.submitted_at.month for each in measurements(table)] == months


@pytest.mark.parametrize(
    ("moments", "sentence"),
    [
        (
            ["31-3-2026 12:00", "3-31-2026 12:00"],
            "Row 2 begins its date with the day and row 3 with",
        ),
        (["1-1-2026 12:00", "3/4/2026 12:00"], "No date in the file shows whether the day or the"),
    ],
)
def test_order_is_never_guessed(moments: list[str], sentence: str) -> None:
    lines = "".join(f"{number};9;{text}\n" for number, text in enumerate(moments))

    with pytest.raises(FileRefused, match=f"^{sentence}"):
        open_table(f"external_id;score;submitted_at\n{lines}".encode())


@pytest.mark.parametrize(("dates", "month"), [(Dates.DAY_FIRST, 4), (Dates.MONTH_FIRST, 3)])
def test_order_can_be_told(dates: Dates, month: int) -> None:
    content = b"external_id;score;submitted_at\na;9;3-4-2026 12:00\n"

    [measurement] = measurements(open_table(content, zone=ZoneInfo("UTC"), dates=dates))

    assert measurement.submitted_at.month == month


# Columns under another name


@pytest.mark.parametrize(
    ("texts", "mapping"),
    [
        (["score=Cijfer"], {"score": "Cijfer"}),
        (
            ['score="How likely, from 0 to 10?",reason=Why, then?'],
            {"score": "How likely, from 0 to 10?", "reason": "Why, then?"},
        ),
        (["score = A = B , external_id = #"], {"score": "A = B", "external_id": "#"}),
        (["score=A", "score=B"], {"score": "B"}),
    ],
)
def test_columns_are_told(texts: list[str], mapping: dict[str, str]) -> None:
    assert read_mapping(texts) == mapping


def test_file_of_another_program_is_read_by_what_is_told() -> None:
    [measurement] = read(
        f"Nr;Cijfer  0-10;Wanneer;Waarom\n17;9;{MOMENT};Snel\n",
        external_id="nr",
        score="cijfer 0-10",
        submitted_at="Wanneer",
        reason="WAAROM",
    )

    assert (measurement.external_id, measurement.score, measurement.reason) == ("17", 9, "Snel")


def test_number_stays_that_of_its_program_when_a_column_is_told() -> None:
    [plain] = read(f"id,rating,rated_at,remark\n17,9,{MOMENT},Fast\n")
    [told] = read(f"id,rating,rated_at,remark\n17,9,{MOMENT},Fast\n", reason="remark")

    assert (plain.external_id, told.external_id) == ("zendesk:17", "zendesk:17")
    assert (plain.reason, told.reason) == ("", "Fast")


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        (
            "#,How likely are you to recommend us?,How likely would you recommend her?,"
            "Submit Date (UTC)",
            "Several columns may be the score: “How likely are you to recommend us?”, “How likely ",
        ),
        ("#,Rate us,Submit Date (UTC)", "The header lacks the question how likely one is to recom"),
        ("id,Score,score ,created_at", "The header has the column score twice"),
    ],
)
def test_column_that_is_not_certain_is_asked_for(header: str, sentence: str) -> None:
    with pytest.raises(FileRefused) as refusal:
        open_table(f"{header}\n".encode())

    assert str(refusal.value).startswith(sentence)


# Other programs, as their documentation says (surveys/imports/formats.py names the pages)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(
            "id,end_user_id,survey_id,score,text,completed,excluded_from_calculations,ip_address,"
            "origin_url,created_at,updated_at\n"
            "1,1,1,0,Site is slow.,false,false,127.0.0.1,,2026-03-31 07:05:00 -0500,\n",
            ("wootric:1", 0, "Site is slow."),
            id="Wootric",
        ),
        pytest.param(
            json.dumps([{"id": 1, "score": 0, "text": "Site is slow.", "created_at": 1774958700}]),
            ("wootric:1", 0, "Site is slow."),
            id="Wootric, JSON",
        ),
        pytest.param(
            "response_id,person_id,name,email,answer,comment,sent,opened,responded,question_type\n"
            "77,5,Ann,a@b.example,9,Fine.,1774950000,1774950010,1774958700,nps\n"
            "78,6,Bob,b@b.example,,,1774950000,,,nps\n",
            ("asknicely:77", 9, "Fine."),
            id="AskNicely",
        ),
        pytest.param(
            "StartDate,EndDate,Status,Progress,Finished,RecordedDate,ResponseId,Q1,Q1_NPS_GROUP\n"
            "Start Date,End Date,Response Type,Progress,Finished,Recorded Date,Response ID,"
            '"How likely, all in all?","How likely, all in all? - Group"\n'
            '"{""ImportId"":""startDate"",""timeZone"":""UTC""}",'
            '"{""ImportId"":""endDate"",""timeZone"":""UTC""}","{""ImportId"":""status""}",'
            '"{""ImportId"":""progress""}","{""ImportId"":""finished""}",'
            '"{""ImportId"":""recordedDate"",""timeZone"":""UTC""}","{""ImportId"":""_recordId""}",'
            '"{""ImportId"":""QID1""}","{""ImportId"":""QID1_NPS_GROUP""}"\n'
            "2026-03-31 14:00:00,2026-03-31 14:04:00,IP Address,100,True,2026-03-31 14:05:00,"
            "R_1a2B,9,Promoter\n",
            ("qualtrics:R_1a2B", 9, ""),
            id="Qualtrics",
        ),
        pytest.param(
            "id,customerId,email,campaignId,campaignName,createdDate,score,comment,ratingCategory,"
            "channel,metricsType,isBogus\n"
            "5a9d,17,a@b.example,6044,Orders,2026-03-31T12:05:00.000Z,9,Fine.,promoter,email,nps,"
            "false\n",
            ("retently:5a9d", 9, "Fine."),
            id="Retently",
        ),
        pytest.param(
            json.dumps(
                {
                    "message": "Success.",
                    "code": 200,
                    "data": {
                        "page": 1,
                        "responses": [
                            {
                                "id": "5a9d",
                                "createdDate": "2026-03-31T12:05:00.000Z",
                                "score": 9,
                                "comment": "Fine.",
                                "metricsType": "NPS",
                            }
                        ],
                    },
                }
            ),
            ("retently:5a9d", 9, "Fine."),
            id="Retently, JSON",
        ),
        pytest.param(
            "#,How likely are you to recommend us?,Response Type,Start Date (UTC),Stage Date (UTC),"
            "Submit Date (UTC),Network ID,Tags\n"
            "odwdp4nz,9,completed,2026-03-31 12:04:00,,2026-03-31 12:05:00,653e97acae,\n",
            ("typeform:odwdp4nz", 9, ""),
            id="Typeform",
        ),
        pytest.param(
            "Respondent ID,Collector ID,Start Date,End Date,IP Address,Email Address,First Name,"
            "Last Name,Custom Data 1,How likely is it that you would recommend us?,\n"
            ",,,,,,,,,0 - NOT AT ALL LIKELY - 10 - EXTREMELY LIKELY,\n"
            "10001,200,03/31/2026 02:04:00 PM,03/31/2026 02:05:00 PM,127.0.0.1,,,,,9,\n",
            ("surveymonkey:10001", 9, ""),
            id="SurveyMonkey",
        ),
    ],
)
def test_documented_export_is_recognised(content: str, expected: tuple[str, int, str]) -> None:
    table = open_table(content.encode(), zone=ZoneInfo("Europe/Amsterdam"))

    [measurement] = measurements(table)

    assert (measurement.external_id, measurement.score, measurement.reason) == expected
    assert measurement.submitted_at == datetime.fromisoformat(MOMENT)


@pytest.mark.parametrize("moment", ["createdAt", "Review Created (UTC)", "created_at"])
def test_stars_are_no_scores(moment: str) -> None:
    with pytest.raises(FileRefused, match=r"^The header (?:is of no known format|lacks )"):
        open_table(f"id,stars,title,text,{moment}\n1,5,Great,Fast,{MOMENT}\n".encode())


def test_other_kinds_of_survey_are_refused_by_their_own_name() -> None:
    content = f"id,createdDate,score,comment,metricsType\n1,{MOMENT},5,Fine.,csat\n".encode()
    reader = Reader(open_table(content), find_seller=lambda _text: 7, now=NOW)

    [problems] = [reader.read(*row) for row in open_table(content).rows()]

    assert isinstance(problems, list)
    assert [each.column for each in problems] == ["metricsType"]


def test_prefixes_keep_the_programs_apart() -> None:
    prefixes = [each.prefix for each in FORMATS.values() if each.prefix]

    assert len(set(prefixes)) == len(prefixes)
    assert [prefix for prefix in prefixes if not prefix.endswith(":")] == []


# Sheets and objects


def workbook(*sheets: list[list[object]]) -> bytes:
    """Return a file of Excel with these sheets."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for rows in sheets:
        sheet = book.create_sheet()
        for row in rows:
            sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_sheets_with_the_same_header_are_one_file() -> None:
    header = ["external_id", "score", "submitted_at", "reason"]
    content = workbook(
        [["What this is about"]],
        [["Export"], [], header, ["a-1", 9, MOMENT, "Two\nlines _x000D_ and =1+1"]],
        [["Export"], [], header, [17, 3.0, MOMENT, None], ["a-2", None, None, None]],
        [["Summary"], ["+50"]],
    )

    table = open_table(content)

    assert [(each.external_id, each.score) for each in measurements(table)] == [
        ("a-1", 9),
        ("17", 3),
    ]
    assert measurements(table)[0].reason == "Two\nlines \r and =1+1"
    assert (table.lines_above, len(table.judgement.unanswered)) == (1, 1)


def test_sheets_with_the_same_columns_are_one_file_in_any_order() -> None:
    content = workbook(
        [["external_id", "score", "submitted_at", "reason"], ["a-1", 9, MOMENT, "one"]],
        [["External ID", "SCORE", "submitted_at", "Reason"], ["a-2", 8, MOMENT, "two"]],
        [
            ["team", "reason", "submitted_at", "score", "external_id"],
            ["north", None, MOMENT, 7, "a-3"],
            ["north", "four", MOMENT, 6, "a-4"],
        ],
        [["score", "count"], [9, 1]],
    )

    table = open_table(content)

    assert [(each.external_id, each.score, each.reason) for each in measurements(table)] == [
        ("a-1", 9, "one"),
        ("a-2", 8, "two"),
        ("a-3", 7, ""),
        ("a-4", 6, "four"),
    ]
    assert table.not_read == ["Sheet3"]


@pytest.mark.parametrize(
    "header",
    [
        ["external_id", "score", "submitted_at", "seller", "reason"],
        ["external_id", "score", "submitted_at"],
        ["id", "score", "created_at", "comment", "reason"],
    ],
)
def test_sheet_with_measurements_in_other_columns_is_not_passed_over(header: list[str]) -> None:
    content = workbook(
        [["external_id", "score", "submitted_at", "reason"], ["a-1", 9, MOMENT, "one"]],
        [header, ["a-2", 8, MOMENT, "x", "y"]],
    )

    with pytest.raises(FileRefused, match=r"^There are measurements in the sheet “Sheet1” too"):
        open_table(content)


def test_sheets_with_a_header_alone_are_empty() -> None:
    content = workbook(
        [["id", "score", "created_at"]],
        [["external_id", "score", "submitted_at"], ["a-1", 9, MOMENT]],
        [["external_id", "score", "submitted_at", "seller"]],
    )

    table = open_table(content)

    assert [each.external_id for each in measurements(table)] == ["a-1"]
    assert table.not_read == []
    assert read(workbook([["id", "score", "created_at"]])) == []


ONE = {"external_id": "a-1", "score": 9, "submitted_at": MOMENT}
TWO = {"submitted_at": MOMENT, "external_id": "a-2", "score": "8", "answers": [{"q": 1}]}


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(json.dumps([ONE, TWO]), id="a list"),
        pytest.param(json.dumps({"data": [ONE, TWO], "meta": {"pages": 1}}), id="data"),
        pytest.param(json.dumps({"results": {"responses": [ONE, TWO]}}), id="deeper"),
        pytest.param(json.dumps({"users": [{"id": 1}], "rows": [ONE, TWO]}), id="one of two"),
        pytest.param(json.dumps({"2024": [ONE], "2025": [TWO]}), id="two lists"),
        pytest.param(f"{json.dumps(ONE)}\n{json.dumps(TWO)}\n", id="lines"),
        pytest.param(f"{json.dumps(ONE)}\r\n\r\n{json.dumps(TWO)}", id="lines of Windows"),
        pytest.param(f"{json.dumps([ONE])}\n{json.dumps([TWO])}", id="two files"),
        pytest.param(
            f"{json.dumps({'data': [ONE]})}{json.dumps({'data': [TWO]})}",
            id="two answers of an API",
        ),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_json_is_read_wherever_its_list_is(content: str, encoding: str) -> None:
    table = open_table(content.encode(encoding))

    assert [(each.external_id, each.score) for each in measurements(table)] == [
        ("a-1", 9),
        ("a-2", 8),
    ]


def test_list_of_json_that_is_not_read_is_named() -> None:
    content = {"included": {"users": [{"id": 1}]}, "rows": [ONE], "none": []}

    assert open_table(json.dumps(content).encode()).not_read == ["included.users"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            '[{"external_id": "a-1", "score": 3, "score": 9, "submitted_at": "x"}]',
            "This file of JSON is broken (“score” is twice in one object).",
        ),
        (json.dumps(ONE) + "\n" + json.dumps(TWO)[:-5], "This file of JSON is broken ("),
        (json.dumps([ONE]) + " x", "This file of JSON is broken ("),
    ],
)
def test_json_that_leaves_a_doubt_is_refused(content: str, sentence: str) -> None:
    with pytest.raises(FileRefused) as refusal:
        open_table(content.encode())

    assert str(refusal.value).startswith(sentence)


def test_moments_of_a_sheet_need_a_zone_and_are_not_exact() -> None:
    content = workbook(
        [["external_id", "score", "submitted_at"], ["a-1", 9, datetime(2026, 3, 31, 14, 5)]]  # noqa: DTZ001
    )

    [measurement] = measurements(open_table(content, zone=ZoneInfo("Europe/Amsterdam")))

    assert measurement.says(9, datetime(2026, 3, 31, 12, 5, 0, 400_000, UTC), "seller")
    assert not measurement.says(9, datetime(2026, 3, 31, 12, 5, 1, 0, UTC), "seller")
    assert not measurement.says(8, datetime(2026, 3, 31, 12, 5, tzinfo=UTC), "seller")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        pytest.param(b"PK\x03\x04", "This file of Excel is broken (", id="no zip"),
        pytest.param(workbook([["a"]])[:-30], "This file of Excel is broken (", id="cut off"),
        pytest.param(workbook([[]]), "The file is empty.", id="no rows"),
        pytest.param(workbook([["name", "age"]]), "The header is of no known format.", id="other"),
        pytest.param(b"{", "This file of JSON is broken (", id="JSON"),
        pytest.param(b"[" * 10**6, "This file of JSON is broken (", id="deep"),
        pytest.param(b"{}", "This file of JSON needs one list, of an object for", id="no list"),
        pytest.param(b"[1]", "This file of JSON needs one list, of an object for", id="no objects"),
        pytest.param(b"[]", "The file is empty.", id="empty list"),
        pytest.param(b'{"shop": "x", "measurements": []}', "The file is empty.", id="no rows"),
        pytest.param(
            b'[{"score": "\\ud800"}]', "This file of JSON is broken (", id="half a letter"
        ),
        pytest.param(b'[{"a": 1}]', "The header is of no known format.", id="other objects"),
        pytest.param(
            b"id,rating,rated_at\n1,,\n2,,\n",
            "No row of the file has a score. Never answered: 2",
            id="none",
        ),
    ],
)
def test_file_that_cannot_be_read_is_refused(content: bytes, sentence: str) -> None:
    with pytest.raises(FileRefused) as refusal:
        open_table(content)

    assert str(refusal.value).startswith(sentence)


def test_marks_of_formulas_are_only_in_text() -> None:
    row = {"external_id": "'-5", "score": 9, "submitted_at": MOMENT, "tags": [{"a": 1}]}

    [in_text] = read(f"external_id,score,submitted_at\n'-5,9,{MOMENT}\n")
    [in_json] = read(json.dumps({"links": [], "responses": [row]}))
    [in_sheet] = read(workbook([list(row)[:3], list(row.values())[:3]]))

    assert [each.external_id for each in (in_text, in_json, in_sheet)] == ["-5", "'-5", "'-5"]


GOOD = [
    f"external_id;score;submitted_at\r\na-1;9;{MOMENT}\r\n".encode(),
    "sep=;\r\nexternal_id;score;submitted_at\r\na-1;9;31-3-2026 14:05\r\n".encode("utf-16"),
    json.dumps([{"external_id": 1, "score": 9, "submitted_at": MOMENT}]).encode(),
    workbook([["external_id", "score", "submitted_at"], ["a-1", 9, MOMENT]]),
]


@given(st.data())
def test_no_file_is_anything_but_read_or_refused(data: st.DataObject) -> None:
    content = bytearray(data.draw(st.sampled_from(GOOD) | st.binary(max_size=200)))
    for _ in range(data.draw(st.integers(0, 4))):
        place = data.draw(st.integers(0, len(content)))
        content[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))

    try:
        table = open_table(bytes(content))
    except FileRefused:
        return
    reader = Reader(table, find_seller=lambda _text: 7, now=NOW)
    for row, cells in table.rows():
        found = reader.read(row, cells)
        assert isinstance(found, Measurement) or found
