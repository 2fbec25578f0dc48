"""Export files as other programs and spreadsheets write them, through the command itself."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from sellers.models import Seller
from surveys.models import SurveyResponse

AMSTERDAM = "--zone=Europe/Amsterdam"
FIVE_PAST_TWO = datetime(2025, 3, 31, 12, 5, tzinfo=UTC)  # by the clock of Amsterdam

Row = tuple[str, int, datetime, str]
BringIn = Callable[..., tuple[str, str]]

ONE = [("A-1", 9, FIVE_PAST_TWO, "Prima")]
TYPEFORM = (
    '#,"How likely are you to recommend us?","Why?",Start Date (UTC),Submit Date (UTC),Network ID\n'
    'odwdp4nzj1xg,9,"Goed",2025-03-31 12:04:00,2025-03-31 12:05:00,653e97\n'
)
SURVEYMONKEY = (
    "Respondent ID,Collector ID,Date Created,Date Modified,How likely is it that you would "
    "recommend us to a friend or colleague?,\n"
    ",,,,0 - NOT AT ALL LIKELY - 10 - EXTREMELY LIKELY,\n"
    "10001,200,03/31/2025 12:05:00 PM,03/31/2025 02:05:00 PM,9,\n"
)


def stored() -> list[Row]:
    """Return what is stored, in order."""
    rows = SurveyResponse.objects.order_by("pk")
    return list(rows.values_list("external_id", "score", "submitted_at", "reason"))


@pytest.fixture
def bring_in(fietsenzo: Seller, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> BringIn:
    """What imports a file and returns what is said of it, and what is wrong with it."""

    def bring_in(content: str | bytes, *arguments: str) -> tuple[str, str]:
        file = tmp_path / "export"
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        wrong = ""
        try:
            call_command("import_measurements", file, *arguments)
        except CommandError as error:
            wrong = str(error)
        said = capsys.readouterr()
        return said.out, said.err + wrong

    return bring_in


@pytest.mark.parametrize(
    ("content", "arguments", "rows", "said"),
    [
        pytest.param(
            "sep=;\r\nexternal_id;score;submitted_at;reason\r\n"
            "A-1;9;2025-03-31T14:05:00+02:00;Prima\r\n",
            [],
            ONE,
            "",
            id="separator line",
        ),
        pytest.param(
            "NPS export shop Voorbeeld\r\nexternal_id;score;submitted_at;reason\r\n"
            "A-1;9;2025-03-31T14:05:00+02:00;Prima\r\n",
            [],
            ONE,
            "1 line above the header was skipped.",
            id="title line",
        ),
        pytest.param(
            "external_id;score;submitted_at;reason;team\r\n"
            "A-1;9;2025-03-31T14:05:00+02:00;Prima;noord\r\nA-2;8;2025-03-31T14:05:00+02:00\r\n",
            [],
            [*ONE, ("A-2", 8, FIVE_PAST_TWO, "")],
            "",
            id="trailing cells dropped",
        ),
        pytest.param(
            "external_id;score;submitted_at;reason\r\nA-1;9;31-03-2025 14:05;Prima\r\n"
            "A-2;8;31-3-2025 14:05;ok\r\n",
            [AMSTERDAM],
            [*ONE, ("A-2", 8, FIVE_PAST_TWO, "ok")],
            "",
            id="dates of a Dutch Excel",
        ),
        pytest.param(
            "id,rating,rated_at,comment\n1,9.0,2025-03-31T12:05:00Z,goed\n"
            "2,3.0,2025-03-31T12:05:00Z,slecht\n",
            [],
            [("zendesk:1", 9, FIVE_PAST_TWO, "goed"), ("zendesk:2", 3, FIVE_PAST_TWO, "slecht")],
            "",
            id="scores with decimals",
        ),
        pytest.param(
            TYPEFORM,
            [
                '--map=score="How likely are you to recommend us?",external_id=#,'
                "submitted_at=Submit Date (UTC),reason=Why?"
            ],
            [("typeform:odwdp4nzj1xg", 9, FIVE_PAST_TWO, "Goed")],
            "score = “How likely are you to recommend us?”",
            id="Typeform, told",
        ),
        pytest.param(
            TYPEFORM,
            ["--map", "reason=Why?"],
            [("typeform:odwdp4nzj1xg", 9, FIVE_PAST_TWO, "Goed")],
            "Read as typeform: external_id = “#”, ",
            id="Typeform, recognised",
        ),
        pytest.param(
            "nps_feedback_uid,nps_feedback_id,merchant_id,purchase_id,user_id,state,rating,review,"
            "response,responded_by,created_at,rated_at,responded_at\n"
            'a1,1,7,55,9,rated,9,"Goed",,,2025-03-30 10:00:00 UTC,2025-03-31 12:05:00 UTC,\n'
            "a2,2,7,56,10,unviewed,,,,,2025-03-30 10:00:00 UTC,,\n",
            [
                "--map=external_id=nps_feedback_uid,score=rating,submitted_at=rated_at",
                "--map=reason=review",
            ],
            [("a1", 9, FIVE_PAST_TWO, "Goed")],
            "1 row without a score was skipped: never answered.",
            id="a program nobody knows",
        ),
        pytest.param(
            SURVEYMONKEY,
            [
                "--map",
                "score=How likely is it that you would recommend us to a friend or colleague?, "
                "external_id=Respondent ID, submitted_at=Date Modified",
                AMSTERDAM,
            ],
            [("surveymonkey:10001", 9, FIVE_PAST_TWO, "")],
            "1 row that repeats or explains the header was skipped.",
            id="SurveyMonkey, told",
        ),
        pytest.param(
            SURVEYMONKEY,
            [AMSTERDAM],
            [("surveymonkey:10001", 9, FIVE_PAST_TWO, "")],
            "submitted_at = “Date Modified”",
            id="SurveyMonkey, recognised",
        ),
        pytest.param(
            "id,rating,rated_at,comment,state\n1,9,2025-03-31T12:05:00Z,goed,rated\n"
            "2,,,,viewed\n3,,,,unviewed\n4\n5,NULL\n",
            [],
            [("zendesk:1", 9, FIVE_PAST_TWO, "goed")],
            "4 rows without a score were skipped: never answered.",
            id="never answered",
        ),
        pytest.param(
            "id,rating,rated_at,comment,tags,tags\n1,9,2025-03-31T12:05:00Z,goed,a,b\n",
            [],
            [("zendesk:1", 9, FIVE_PAST_TWO, "goed")],
            "",
            id="a name twice that is not read",
        ),
        pytest.param(
            b"\xef\xbb\xbf\xef\xbb\xbfexternal_id;score;submitted_at\r\n"
            b"A-1;9;2025-03-31T14:05:00+02:00\r\n",
            [],
            [("A-1", 9, FIVE_PAST_TWO, "")],
            "",
            id="two byte order marks",
        ),
        pytest.param(
            "external_id\tscore\tsubmitted_at\treason\r\n"
            "A-1\t9\t2025-03-31T14:05:00+02:00\tHélène\r\n".encode("utf-16"),
            [],
            [("A-1", 9, FIVE_PAST_TWO, "Hélène")],
            "The file is not UTF-8: it was read as UTF-16.",
            id="Unicode text of Excel",
        ),
        pytest.param(
            "external_id;score;submitted_at;reason\r\n"
            "A-1;9;2025-03-31T14:05:00+02:00;Hélène betaalde € 5\r\n".encode("cp1252"),
            [],
            [("A-1", 9, FIVE_PAST_TWO, "Hélène betaalde € 5")],
            "The file is not UTF-8: it was read as Windows-1252.",
            id="CSV of an older Excel",
        ),
    ],
)
def test_file_is_read_as_its_program_meant_it(
    bring_in: BringIn, content: str | bytes, arguments: list[str], rows: list[Row], said: str
) -> None:
    out, wrong = bring_in(content, "--seller=Fietsenzo", *arguments)

    assert wrong == ""
    assert stored() == rows
    assert said in out


def test_moments_are_those_that_are_meant(bring_in: BringIn) -> None:
    texts = {
        "A-1": "2025-03-31 14:05:00 UTC",
        "A-2": "2025-03-31 14:05:00 +0000",
        "A-3": "2025-03-31 24:00:00+00:00",
        "A-4": "2016-12-31T23:59:60Z",
        "A-5": "2025-03-31T12:05:00Z",
        "A-6": '"Mon, 31 Mar 2025 14:05:00 +0200"',
        "A-7": "2025-03-31T14:05:00.123456789+02:00",
        "A-8": "2025-03-30T02:30:00+01:00",
        "A-9": "2025-W14-1T14:05:00+02:00",
        "A-10": "20250331T140500Z",
    }
    lines = (f"{number},9,{text}\n" for number, text in texts.items())

    _out, wrong = bring_in(
        f"external_id,score,submitted_at\n{''.join(lines)}", "--seller=fietsenzo"
    )

    assert wrong == ""
    five_past_four = datetime(2025, 3, 31, 14, 5, tzinfo=UTC)
    assert [(row[0], row[2]) for row in stored()] == [
        ("A-1", five_past_four),
        ("A-2", five_past_four),
        ("A-3", datetime(2025, 4, 1, tzinfo=UTC)),
        ("A-4", datetime(2017, 1, 1, tzinfo=UTC)),
        ("A-5", FIVE_PAST_TWO),
        ("A-6", FIVE_PAST_TWO),
        ("A-7", FIVE_PAST_TWO.replace(microsecond=123456)),
        ("A-8", datetime(2025, 3, 30, 1, 30, tzinfo=UTC)),
        ("A-9", FIVE_PAST_TWO),
        ("A-10", five_past_four),
    ]


@pytest.mark.parametrize(
    "content", [SURVEYMONKEY, "external_id;score;submitted_at\n1;9;31-3-2025 14:05"]
)
def test_zone_is_asked_for(bring_in: BringIn, content: str) -> None:
    _out, wrong = bring_in(content, "--seller=Fietsenzo")

    assert (
        "This moment has no time zone. Say whose clock showed it, such as --zone=Europe/" in wrong
    )
    assert stored() == []


def test_order_of_dates_is_asked_for_and_can_be_told(bring_in: BringIn) -> None:
    content = "external_id,score,submitted_at\nA-1,9,3/4/2025 2:05 PM\n"

    _out, wrong = bring_in(content, "--seller=Fietsenzo", AMSTERDAM)
    bring_in(content, "--seller=Fietsenzo", AMSTERDAM, "--dates=month-first")

    assert "such as “3/4/2025 2:05 PM” on row 2. Add --dates=day-first or --dates=month-" in wrong
    assert [row[2] for row in stored()] == [datetime(2025, 3, 4, 13, 5, tzinfo=UTC)]


def test_moments_that_are_chosen_are_told(bring_in: BringIn) -> None:
    out, wrong = bring_in(
        "external_id,score,submitted_at\nA-1,9,2025-10-26 02:30\nA-2,8,31-03-2025\n",
        "--seller=Fietsenzo",
        AMSTERDAM,
    )

    assert wrong == ""
    assert "1 moment was shown twice when the clock was put back: the first is taken.\n" in out
    assert "1 row has a day without a time: it counts from the beginning of that day.\n" in out
    assert [row[2] for row in stored()] == [
        datetime(2025, 10, 26, 0, 30, tzinfo=UTC),
        datetime(2025, 3, 30, 22, tzinfo=UTC),
    ]


def test_scores_that_are_one_are_read_and_others_refused(bring_in: BringIn) -> None:
    header, moment = "external_id,score,submitted_at\n", "2025-03-31T12:05:00Z"
    good, bad = ["09", '"9,0"', "9.00"], ["10/10", "９", "9.5", '"9,5"', "9 - likely", "1e1", "+9"]

    _out, wrong = bring_in(
        header + "".join(f"A-{number},{text},{moment}\n" for number, text in enumerate(good + bad)),
        "--seller=Fietsenzo",
    )
    assert wrong.count("A score is a whole number from 0 to 10, such as 7.") == len(bad)
    assert stored() == []
    bring_in(
        header + "".join(f"A-{number},{text},{moment}\n" for number, text in enumerate(good)),
        "--seller=Fietsenzo",
    )
    assert [row[1] for row in stored()] == [9, 9, 9]


def test_names_of_shops_are_compared_without_their_blanks(bring_in: BringIn) -> None:
    shop = Seller.objects.create(
        name="Café Zo B.V.", country="NL", contact_email="a@b.example", joined_on=date(2024, 1, 1)
    )
    names = ["Café Zo\u00a0B.V.", "CAFÉ  Zo \u2009B.V. ", "Cafe\u0301 Zo B.V."]
    header, rest = "external_id,seller,score,submitted_at\n", "9,2025-03-31T12:05:00Z\n"

    bring_in(header + "".join(f"A-{number},{name},{rest}" for number, name in enumerate(names)))
    _out, wrong = bring_in(f"{header}B-1,Café Zo BV,{rest}B-2,Iemand anders,{rest}")

    assert set(SurveyResponse.objects.values_list("seller", "external_id")) == {
        (shop.pk, f"A-{number}") for number in range(3)
    }
    assert f"There is no such seller. Is it “Café Zo B.V.”, with number {shop.pk}?" in wrong
    assert "There is no such seller. Write its number or its exact name." in wrong


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--map=rating=Score"], "--map rating=Score: write one of external_id, seller, score, "),
        (["--map=score"], "--map score: write one of external_id, seller, score, "),
        (["--map=score= "], "--map score= : write one of external_id, seller, score, "),
        (
            ["--map=score=Cijfer"],
            "The file has no column “Cijfer” for score. It has: “external_id”",
        ),
        (["--zone=Amsterdam"], "--zone=Amsterdam is no time zone. Write one such as Europe/Amst"),
        (["--zone=../etc"], "--zone=../etc is no time zone. Write one such as Europe/Amsterdam"),
    ],
)
def test_wrong_option_is_named(bring_in: BringIn, arguments: list[str], sentence: str) -> None:
    out, wrong = bring_in(
        "external_id,score,submitted_at\nA-1,9,2025-03-31T12:05:00Z\n", *arguments
    )

    assert (out, stored()) == ("", [])
    assert sentence in wrong
