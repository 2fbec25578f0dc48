"""Downloads: what is in them, who gets them, and that nothing in them runs."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pypdf
import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from insights.reports.months import shop_history
from insights.trend_wording import trend_in_words
from queries.exports import files
from queries.exports.files import write_xlsx
from queries.exports.tables import Cell, Column, Table
from sellers.events import Actor
from sellers.models import Seller, User
from surveys.exclusions import exclude
from surveys.imports.reading import open_table
from surveys.imports.storing import Outcome, SourceFile, import_measurements
from surveys.models import ResponseTopic, SurveyResponse, Topic
from tests.conftest import Market
from tests.insights.conftest import DAY, NOW
from tests.measurements import imported

pytestmark = pytest.mark.usefixtures("_twentieth_of_march")

DOWNLOAD = "/queries/nps/download/"
REPORT = "/queries/nps/report.pdf"
ALL = "?since=2000-01-01"

# What a spreadsheet would calculate, fetch or start.
FORMULAS = [
    "=1+1",
    "+31 6 12345678",
    "-1+1",
    "@SUM(A1:A9)",
    '=HYPERLINK("https://evil.example","click")',
    "=cmd|' /C calc'!A0",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠A1",
    "'=1+1",
]
HARMLESS = ["'s avonds geleverd", "1 = 1", "Prima 👍🏽", "מעולה", "ممتاز، شكرا", 'a;b,c\n"d"', " x"]


@pytest.fixture
def dutch(cora_s: Client, cora: User) -> Client:
    """The browser of Cora, in Dutch."""
    User.objects.filter(pk=cora.pk).update(language="nl")
    return cora_s


def lines(browser: Client, url: str, delimiter: str = ",") -> list[list[str]]:
    """Return the cells of a CSV file, its header included."""
    text = browser.get(DOWNLOAD + url).getvalue().decode()
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def objects(browser: Client, url: str) -> list[dict[str, object]]:
    """Return what a CSV file for programs says, by the names of its columns."""
    header, *rows = lines(browser, url)
    return [dict(zip(header, row, strict=True)) for row in rows]


def sheet(browser: Client, url: str) -> list[tuple[Any, ...]]:
    """Return the cells of an Excel file, its header included."""
    file = io.BytesIO(browser.get(DOWNLOAD + url).getvalue())
    return list(openpyxl.load_workbook(file).active.iter_rows(values_only=True))


# The measurements


def test_measurement_is_there_with_all_its_properties(
    cora_s: Client, market: Market, alice: User
) -> None:
    response = market.response(3, submitted_at=NOW - DAY, reason="Late.")
    speed, effort = Topic.objects.filter(slug__in=["speed", "effort"]).order_by("position")
    for topic in (speed, effort):
        ResponseTopic.objects.create(response=response, topic=topic)
    exclude(response, reason="Storm.", by=Actor.user(alice), now=NOW)

    [found] = objects(cora_s, "measurements.csv?excluded=yes")

    assert found == {
        "external_id": f"nazorg:{response.pk}",
        "seller": "Fietsenzo",
        "score": "3",
        "submitted_at": "2026-03-19T13:00:00+01:00",
        "month": "2026-03",
        "band": "detractor",
        "reason": "Late.",
        "topics": "speed effort",
        "agent": "Bob",
        "channel": "web",
        "subject": "Where is my parcel?",
        "query": str(response.query_id),
        "language": "en",
        "excluded": "true",
        "exclusion_reason": "Storm.",
        "imported_at": "",
        "predicted_score": "",
    }


def test_json_has_the_same_measurement(cora_s: Client, market: Market) -> None:
    market.response(9, submitted_at=NOW - DAY, reason="Fast 👍🏽.")
    [in_csv] = objects(cora_s, "measurements.csv")

    answer = json.loads(cora_s.get(f"{DOWNLOAD}measurements.json").getvalue())

    [in_json] = answer.pop("measurements")
    assert answer == {
        "shop": "Fietsenzo",
        "downloaded_at": "2026-03-20T13:00:00+01:00",
        "time_zone": "Europe/Amsterdam",
    }
    assert list(in_json) == list(in_csv)
    assert (in_json["score"], in_json["topics"], in_json["excluded"]) == (9, [], False)
    assert (in_json["reason"], in_json["imported_at"]) == ("Fast 👍🏽.", None)


def test_excel_has_numbers_and_moments_of_its_own(dutch: Client, market: Market) -> None:
    response = market.response(9, submitted_at=NOW - DAY)

    _header, row = sheet(dutch, "measurements.xlsx")

    assert row[0] == f"nazorg:{response.pk}"
    assert row[2] == 9
    assert [f"{moment:%Y-%m-%d %H:%M}" for moment in row[3:5]] == [
        "2026-03-19 13:00",
        "2026-03-01 00:00",
    ]


def test_csv_for_a_dutch_excel_is_what_a_dutch_reader_gets(dutch: Client, market: Market) -> None:
    for score in (10, 9, 9, 8, 0):
        market.response(score, submitted_at=NOW - DAY)

    text = dutch.get(f"{DOWNLOAD}months.csv").getvalue().decode()
    header, *rows = csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";")

    assert text.startswith("\ufeff")
    assert header[:3] == ["Maand", "Voorlopig", "NPS"]
    assert rows[-1][:4] == ["2026-03", "ja", "40", "5"]
    assert rows[-1][10:12] == ["-29,78", "79,78"]


def test_dialect_is_a_choice(dutch: Client, market: Market) -> None:
    international = lines(dutch, "months.csv?dialect=international")
    unknown = lines(dutch, "months.csv?dialect=klingon", delimiter=";")

    assert international[0][:3] == ["month", "provisional", "nps"]
    assert unknown[0][1:3] == ["Voorlopig", "NPS"]


def test_download_is_of_the_list_that_is_seen(cora_s: Client, market: Market) -> None:
    old = market.response(2, submitted_at=NOW - 60 * DAY)
    fresh = [market.response(score, submitted_at=NOW - DAY) for score in (10, 3)]

    def numbers(choice: str) -> list[object]:
        return [row["external_id"] for row in objects(cora_s, f"measurements.csv{choice}")]

    assert numbers("") == [f"nazorg:{each.pk}" for each in reversed(fresh)]
    assert numbers("?band=detractor") == [f"nazorg:{fresh[1].pk}"]
    assert numbers(f"{ALL}&sort=lowest") == [
        f"nazorg:{each.pk}" for each in (old, fresh[1], fresh[0])
    ]


@pytest.mark.parametrize("text", [*FORMULAS, *HARMLESS])
def test_no_text_becomes_a_formula_and_none_is_lost(
    cora_s: Client, fietsenzo: Seller, text: str
) -> None:
    imported(fietsenzo, 3, submitted_at=NOW - DAY, reason=text)
    written = "'" + text if text in FORMULAS else text
    for end in "\t\r\n":  # what comes after it would be a cell of its own elsewhere
        written = written.replace(f"{end}=", f"{end}'=")

    [in_csv] = objects(cora_s, "measurements.csv")
    [in_json] = json.loads(cora_s.get(f"{DOWNLOAD}measurements.json").getvalue())["measurements"]
    file = cora_s.get(f"{DOWNLOAD}measurements.xlsx").getvalue()
    cell = openpyxl.load_workbook(io.BytesIO(file)).active["G2"]

    assert in_csv["reason"] == written
    assert in_json["reason"] == text
    assert (cell.data_type, cell.value.replace("_x000D_", "\r")) == ("s", text)
    assert cell.hyperlink is None


def as_excel_saves(content: bytes, encoding: str, delimiter: str, moment: str) -> bytes:
    """Return the sheet of an XLSX file as Excel writes it as text: moments as they are shown."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter)
    for row in openpyxl.load_workbook(io.BytesIO(content)).active.values:
        shown = (f"{cell:{moment}}" if isinstance(cell, datetime) else cell for cell in row)
        writer.writerow(["" if cell is None else cell for cell in shown])
    return text.getvalue().encode(encoding, "replace")


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize(
    ("name", "saved"),
    [
        pytest.param("csv?dialect=international&", None, id="CSV for programs"),
        pytest.param("csv?dialect=excel-nl&", None, id="CSV for people"),
        pytest.param("json?", None, id="JSON"),
        pytest.param("xlsx?", None, id="XLSX"),
        pytest.param("xlsx?", ("utf-8-sig", ";", "%d-%m-%Y %H:%M"), id="Dutch Excel, UTF-8"),
        pytest.param("xlsx?", ("cp1252", ";", "%d-%m-%Y %H:%M:%S"), id="Dutch Excel, ANSI"),
        pytest.param("xlsx?", ("utf-16", "\t", "%Y-%m-%d %H:%M:%S"), id="Excel, Unicode text"),
        pytest.param("xlsx?", ("utf-8-sig", ",", "%m/%d/%Y %H:%M"), id="American Excel"),
    ],
)
def test_download_imported_again_adds_nothing(
    cora_s: Client,
    cora: User,
    market: Market,
    language: str,
    name: str,
    saved: tuple[str, str, str] | None,
) -> None:
    User.objects.filter(pk=cora.pk).update(language=language)
    for number, text in enumerate(FORMULAS + HARMLESS):
        moment = NOW - number * DAY + timedelta(seconds=17, microseconds=700_400)
        market.response(number % 11, submitted_at=moment, reason=text)
    for external_id, moment in (
        ("-5", NOW - DAY),
        ("first of two", datetime(2025, 10, 26, 0, 30, tzinfo=UTC)),
        ("second of two", datetime(2025, 10, 26, 1, 30, tzinfo=UTC)),
    ):
        imported(market.shop, 3, submitted_at=moment, external_id=external_id)
    before = SurveyResponse.objects.count()
    content = cora_s.get(f"{DOWNLOAD}measurements.{name}{ALL.removeprefix('?')}").getvalue()
    content = as_excel_saves(content, *saved) if saved else content
    table = open_table(content)

    outcome = import_measurements(
        table,
        rows=table.rows(),
        file=SourceFile("measurements.csv", content),
        seller="",
        dry_run=False,
        by=Actor.SYSTEM,
        now=NOW + DAY,
    )

    assert outcome == Outcome(imported=0, skipped=before)
    assert SurveyResponse.objects.count() == before


# The months and topics


def test_empty_month_has_no_score(cora_s: Client) -> None:
    rows = objects(cora_s, "months.csv")

    assert len(rows) == 24
    assert (rows[0]["month"], rows[0]["nps"], rows[0]["measurements"]) == ("2024-04", "", "0")
    assert rows[0]["standard"] == "10"
    assert [row["provisional"] for row in rows] == ["false"] * 23 + ["true"]


def test_negative_score_is_a_number_for_programs(cora_s: Client, market: Market) -> None:
    market.response(0, submitted_at=NOW - DAY)

    assert objects(cora_s, "months.csv")[-1]["nps"] == "-100"
    assert lines(cora_s, "months.csv?dialect=excel-nl", delimiter=";")[-1][2] == "-100"
    assert sheet(cora_s, "months.xlsx")[-1][2] == -100


def test_files_of_the_months_say_what_the_page_says_of_them(
    cora_s: Client, fietsenzo: Seller, market: Market
) -> None:
    market.response(9, submitted_at=NOW - DAY)
    assert "summary" not in json.loads(cora_s.get(f"{DOWNLOAD}topics.json").getvalue())
    for month in range(1, 14):
        imported(fietsenzo, *[2] * 20, *[10] * 10, submitted_at=NOW - 30 * month * DAY)
    sentence = trend_in_words(shop_history(fietsenzo, today=NOW.date()).trend)
    assert "finished months below the standard" in sentence

    answer = json.loads(cora_s.get(f"{DOWNLOAD}months.json").getvalue())
    book = openpyxl.load_workbook(
        io.BytesIO(cora_s.get(f"{DOWNLOAD}months.xlsx").getvalue()), data_only=True
    )

    assert answer["summary"] == sentence
    assert len(answer["months"]) == 24
    assert book.sheetnames == ["Months", "Summary"]
    assert list(book["Summary"].values) == [(sentence,)]
    assert len(list(book["Months"].values)) == 25
    assert sentence not in cora_s.get(f"{DOWNLOAD}months.csv").getvalue().decode()


def test_topics_add_up_to_the_score(cora_s: Client, market: Market) -> None:
    speed = Topic.objects.get(slug="speed")
    for score in (10, 10, 9, 0, 0, 8):
        ResponseTopic.objects.create(
            response=market.response(score, submitted_at=NOW - DAY), topic=speed
        )
    market.response(10, submitted_at=NOW - DAY)

    rows = objects(cora_s, "topics.csv?month=2026-03")

    assert [(row["topic"], row["contribution"], row["measurements"]) for row in rows] == [
        ("speed", "15", "6"),
        ("none", "14", "1"),
    ]
    assert objects(cora_s, "months.csv")[-1]["nps"] == "29"


# The PDF


def test_report_is_one_page_about_a_month(cora_s: Client, market: Market) -> None:
    for score in (10, 9, 8, 0):
        market.response(score, submitted_at=NOW - 30 * DAY)

    answer = cora_s.get(f"{REPORT}?month=2026-02")
    pdf = pypdf.PdfReader(io.BytesIO(answer.getvalue()))
    text = pdf.pages[0].extract_text()

    assert answer["Content-Type"] == "application/pdf"
    assert len(pdf.pages) == 1
    for part in ("Fietsenzo", "February 2026", "+25", "4 measurements", "Too few for a verdict"):
        assert part in text
    assert "provisional" not in text
    assert f"{NOW:%d %B %Y} at 13:00" in text


def test_report_of_the_running_month_is_provisional_and_says_what_was_excluded(
    cora_s: Client, market: Market, alice: User
) -> None:
    market.response(10, submitted_at=NOW - DAY)
    exclude(
        market.response(0, submitted_at=NOW - DAY), reason="Storm.", by=Actor.user(alice), now=NOW
    )

    text = (
        pypdf.PdfReader(io.BytesIO(cora_s.get(f"{REPORT}?month=2026-03").getvalue()))
        .pages[0]
        .extract_text()
    )

    assert "provisional" in text
    assert "corrected" in text
    assert "1 measurement was excluded" in text


@pytest.mark.parametrize("name", ["Fietsenmakerij " * 8, "🚲", "دراجات", "Łódź & Zoë's – Ægir"])
def test_report_fits_any_name(cora_s: Client, fietsenzo: Seller, name: str) -> None:
    Seller.objects.filter(pk=fietsenzo.pk).update(name=name.strip()[:120])

    pdf = pypdf.PdfReader(io.BytesIO(cora_s.get(REPORT).getvalue()))

    assert len(pdf.pages) == 1


# The files


@pytest.mark.parametrize(
    ("name", "header"),
    [
        (
            "Fietsenzo",
            'attachment; filename="nps-measurements-fietsenzo-2026-03.csv"',
        ),
        (
            'Café "Zoë"',
            "attachment; filename*=utf-8''nps-measurements-caf%C3%A9-zo%C3%AB-2026-03.csv",
        ),
        ("🚲", 'attachment; filename="nps-measurements-2026-03.csv"'),
    ],
)
def test_file_is_named_after_shop_and_days(
    cora_s: Client, fietsenzo: Seller, name: str, header: str
) -> None:
    Seller.objects.filter(pk=fietsenzo.pk).update(name=name)

    answer = cora_s.get(f"{DOWNLOAD}measurements.csv?since=2026-03-01&until=2026-03-31")

    assert answer["Content-Disposition"] == header
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize(
    ("url", "days"),
    [
        ("months.csv", "2026-03-20"),
        ("topics.csv?month=2026-02", "2026-02"),
        ("topics.json", "2026-03"),
        ("measurements.json?since=2026-02-01&until=2026-02-28", "2026-02"),
        ("measurements.csv", "2026-02-21-2026-03-20"),
        ("measurements.csv?to=2026-02-03", "2026-02-03"),
    ],
)
def test_file_is_named_after_its_days(cora_s: Client, url: str, days: str) -> None:
    assert f"-fietsenzo-{days}." in cora_s.get(DOWNLOAD + url)["Content-Disposition"]


@pytest.mark.parametrize(
    ("url", "words"),
    [
        (DOWNLOAD + "topics.csv?month=2019-01", "“2019-01” is not among the last 24 months."),
        (DOWNLOAD + "topics.json?month=soon", "Write it as 2026-03."),
        (REPORT + "?month=2026-13", "“2026-13” is not among the last 24 months."),
        (
            DOWNLOAD + "measurements.json?since=2026-10-31&until=2026-10-01",
            "until: The period ends",
        ),
        (DOWNLOAD + "measurements.csv?score=99", "score: "),
        (DOWNLOAD + "measurements.xlsx?topic=abc", "topic: "),
    ],
)
def test_what_is_asked_wrongly_is_explained_and_no_file(
    cora_s: Client, url: str, words: str
) -> None:
    answer = cora_s.get(url)

    assert answer.status_code == 400
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert words in answer.content.decode()


@pytest.mark.parametrize("url", ["measurements.pdf", "shops.csv", "months.", "x.y.csv"])
def test_what_cannot_be_downloaded_is_not_found(cora_s: Client, url: str) -> None:
    assert cora_s.get(DOWNLOAD + url).status_code == 404


@pytest.mark.parametrize("person", ["alice", "bob", "cora", "dirk"])
@pytest.mark.parametrize("extension", ["csv", "json", "xlsx"])
def test_everybody_gets_the_measurements_of_their_own_shop(
    market: Market,
    other_market: Market,
    person: str,
    extension: str,
    request: pytest.FixtureRequest,
) -> None:
    market.response(9, submitted_at=NOW - DAY, reason="Ours")
    other_market.response(9, submitted_at=NOW - DAY, reason="Theirs")
    browser = Client()
    browser.force_login(request.getfixturevalue(person))

    if extension == "xlsx":
        content = str(sheet(browser, "measurements.xlsx"))
    else:
        content = browser.get(f"{DOWNLOAD}measurements.{extension}").getvalue().decode()

    assert ("Ours" in content, "Theirs" in content) == (person != "dirk", person == "dirk")


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("extension", ["csv", "json", "xlsx"])
def test_download_asks_the_same_for_any_number_of_rows(
    cora_s: Client,
    market: Market,
    count: int,
    extension: str,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(count):
        market.response(9, submitted_at=NOW - DAY)

    with django_assert_num_queries(5):
        answer = cora_s.get(f"{DOWNLOAD}measurements.{extension}").getvalue()

    assert answer


def test_rows_come_one_batch_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "BATCH", 2)
    made: list[int] = []

    def rows() -> Iterator[list[Cell]]:
        for number in range(6):
            made.append(number)
            yield [number]

    table = Table(name="numbers", title="Numbers", columns=[Column("n", "N")], rows=rows())
    pieces = files.csv_pieces(table, dialect=files.Dialect.INTERNATIONAL, zone=ZoneInfo("UTC"))

    assert next(pieces) == "n\r\n0\r\n"
    assert made == [0]
    assert list(pieces) == ["1\r\n2\r\n", "3\r\n4\r\n", "5\r\n"]


def test_excel_goes_on_where_a_sheet_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "ROWS_OF_SHEET", 3)
    file = io.BytesIO()
    rows: list[list[Cell]] = [[number] for number in range(5)]

    write_xlsx(Table("numbers", "Numbers", [Column("n", "N")], rows), file, zone=ZoneInfo("UTC"))

    sheets = openpyxl.load_workbook(file).worksheets
    assert [each.title for each in sheets] == ["Numbers", "Numbers 2", "Numbers 3"]
    assert [[row[0] for row in each.values] for each in sheets] == [
        ["N", 0, 1],
        ["N", 2, 3],
        ["N", 4],
    ]
