"""The page for the wall: what it says of a month, and where it writes it."""

import io
import re
from datetime import UTC, datetime
from itertools import pairwise

import pypdf
import pypdfium2
import pytest
from django.test import Client

from insights.poster.paper import Paper
from sellers.events import Actor
from sellers.models import Seller, User
from surveys.exclusions import exclude
from surveys.models import ResponseTopic, Topic
from tests.conftest import Market
from tests.insights.conftest import DAY, NOW

pytestmark = pytest.mark.usefixtures("_twentieth_of_march")

REPORT = "/queries/nps/report.pdf"


def report(browser: Client, url: str = "") -> list[tuple[str, float]]:
    """Return the lines of the PDF as written, and how high above the bottom, in points."""
    found: list[tuple[str, float]] = []

    def write_down(text: str, _cm: object, matrix: list[float], *_font: object) -> None:
        if text.strip():
            found.append((text.strip(), matrix[5]))

    page = pypdf.PdfReader(io.BytesIO(browser.get(REPORT + url).getvalue())).pages[0]
    page.extract_text(visitor_text=write_down)
    return found


@pytest.mark.parametrize(
    ("scores", "outlined"),
    [
        pytest.param([10] * 16 + [8] * 7 + [0] * 7, 1, id="within chance"),
        pytest.param([10] * 30, 0, id="sure"),
    ],
)
def test_verdict_that_could_be_chance_is_drawn_lighter(
    cora_s: Client, market: Market, scores: list[int], outlined: int
) -> None:
    for score in scores:
        market.response(score, submitted_at=NOW - 30 * DAY)

    pdf = pypdf.PdfReader(io.BytesIO(cora_s.get(f"{REPORT}?month=2026-02").getvalue()))

    assert len(re.findall(rb"\bre\s+S\b", pdf.pages[0].get_contents().get_data())) == outlined


def test_what_the_months_came_to_is_not_said_of_an_earlier_one(
    cora_s: Client, market: Market
) -> None:
    for month in (1, 2):
        market.response(9, submitted_at=datetime(2026, month, 10, tzinfo=UTC))
    trend = "No finished month has 25 or more measurements yet"

    earlier, last, running = (
        " ".join(text for text, _height in report(cora_s, f"?month=2026-{month}"))
        for month in ("01", "02", "03")
    )

    assert trend not in earlier
    assert trend in last
    assert "+100" in earlier
    assert "Nobody has answered this month yet" in running


@pytest.mark.parametrize(
    ("days_ago", "is_excluded", "sentence"),
    [
        pytest.param(
            1, False, "Nobody has answered this month yet, so there is no score.", id="yet"
        ),
        pytest.param(30, False, "Nobody answered in this month, so it has no score.", id="nobody"),
        pytest.param(
            1, True, "No measurement of this month counts, so there is no score.", id="now"
        ),
        pytest.param(
            30, True, "No measurement of this month counts, so there is no score.", id="then"
        ),
    ],
)
def test_report_says_why_there_is_no_score(
    cora_s: Client, market: Market, alice: User, days_ago: int, is_excluded: bool, sentence: str
) -> None:
    moment = NOW - days_ago * DAY
    market.response(10, submitted_at=NOW - 60 * DAY)
    if is_excluded:
        exclude(
            market.response(0, submitted_at=moment), reason="Storm.", by=Actor.user(alice), now=NOW
        )

    lines = [line for line, _height in report(cora_s, f"?month={moment:%Y-%m}")]

    assert [line for line in lines if "no score" in line] == [sentence]


def test_report_of_a_small_shop_leads_with_its_twelve_months_as_the_tab(
    cora_s: Client, market: Market
) -> None:
    for months_ago, score in enumerate([10, 0, 10, 10]):
        market.response(score, submitted_at=NOW - 30 * months_ago * DAY)

    together = [line for line, _height in report(cora_s)]
    month = [line for line, _height in report(cora_s, "?month=2026-03")]

    assert {"+50", "Apr 2025 – Mar 2026", "Twelve months together: 4 measurements"} <= {*together}
    assert "This month: +100 from 1 measurement" in " ".join(together)
    assert "provisional" not in together
    assert {"+100", "March 2026", "provisional", "1 measurement"} <= {*month}
    assert "Twelve months on one page" in cora_s.get("/queries/nps/downloads/").content.decode()


def test_report_of_an_empty_shop_has_one_sentence(cora_s: Client) -> None:
    lines = [line for line, _height in report(cora_s)]

    assert "Nobody has answered this month yet, so there is no score." in lines
    assert "12 months" not in lines


def test_report_writes_the_lowest_scores_clear_of_the_months(
    cora_s: Client, market: Market
) -> None:
    for days in (1, 30, 60):
        market.response(0, submitted_at=NOW - days * DAY)

    lines = report(cora_s)

    [month] = [height for line, height in lines if line == "Jan"]
    scores = [height for line, height in lines if line == "−100"]
    below_bars = min(scores)
    assert scores.count(below_bars) == 3
    assert below_bars - month > 12  # in points; the month is written in 8.5


@pytest.mark.parametrize(
    ("answers", "expected"),
    [(24, "24 measurements · indicative"), (25, "25 measurements")],
    ids=["few", "enough"],
)
def test_report_calls_a_topic_with_few_responses_indicative(
    cora_s: Client, market: Market, answers: int, expected: str
) -> None:
    speed = Topic.objects.get(slug="speed")
    for _ in range(answers):
        response = market.response(10, submitted_at=NOW - DAY)
        ResponseTopic.objects.create(response=response, topic=speed)

    lines = [line for line, _height in report(cora_s)]

    assert lines[lines.index("Topics that counted most") + 3] == expected


NAMES = [
    pytest.param("Ποδήλατα", id="Greek"),
    pytest.param("Велосипеды", id="Cyrillic"),
    pytest.param("ŁódźĐặngĞül", id="Latin with marks"),
    pytest.param("אופניים", id="Hebrew"),
    pytest.param("دراجات", id="Arabic"),
    pytest.param("北京自行车商店", id="Chinese"),
    pytest.param("自転車の店ヨコハマ", id="Japanese"),
    pytest.param("서울자전거", id="Korean"),
    pytest.param("จักรยานกรุงเทพ", id="Thai"),
]


def letters_of(paper: bytes) -> str:
    """Return what a reader finds in a PDF, in any order: which letters there are."""
    text = pypdf.PdfReader(io.BytesIO(paper)).pages[0].extract_text()
    return "".join(sorted(filter(str.isprintable, text.replace(" ", ""))))


def ink(paper: bytes) -> list[int]:
    """Return how many dots are dark in each column of a printed PDF, at 100 dots an inch."""
    image = pypdfium2.PdfDocument(paper)[0].render(scale=100 / 72).to_pil().convert("L")
    width, height = image.size
    pixels = list(image.get_flattened_data())
    return [sum(pixels[x + y * width] < 128 for y in range(height)) for x in range(width)]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("bold", [False, True], ids=["regular", "bold"])
def test_name_in_any_script_is_printed(name: str, bold: bool) -> None:
    paper = Paper(title=name, written_at=NOW)

    width = paper.text(20, 40, name, 28, bold=bold)

    written = paper.as_bytes()
    assert letters_of(written) == "".join(sorted(name.replace(" ", "")))
    dark = ink(written)
    begin, end = 20 / 25.4 * 100, (20 + width) / 25.4 * 100
    drawn = [place for place, dots in enumerate(dark) if dots]
    assert begin - 3 <= drawn[0] <= begin + 12
    assert end - 12 <= drawn[-1] <= end + 3
    # No letter is blank: none of its size is as narrow as this.
    assert max(b - a for a, b in pairwise(drawn)) < 16


@pytest.mark.parametrize(
    ("name", "read"),
    [
        pytest.param("Bike 🚲 shop", "Bike ▯ shop", id="picture"),
        pytest.param("Հեծանիվ", "▯▯▯▯▯▯▯", id="script that no font has"),
        pytest.param("AB\ufe0fC", "ABC", id="what nobody sees"),
    ],
)
def test_letter_that_no_font_has_is_a_box(name: str, read: str) -> None:
    paper = Paper(title=name, written_at=NOW)

    paper.text(20, 40, name, 28)

    assert pypdf.PdfReader(io.BytesIO(paper.as_bytes())).pages[0].extract_text().strip() == read


def test_name_that_is_too_long_is_cut_off_in_any_script() -> None:
    paper = Paper(title="", written_at=NOW)

    width = paper.text(20, 40, "自転車の店" * 40, 28, width=100)

    assert width <= 100
    assert "…" in letters_of(paper.as_bytes())


@pytest.mark.parametrize("name", ["דן אופניים BV 12", "دراجات القاهرة", "自転車の店 東京"])
def test_report_has_the_name_of_its_shop(cora_s: Client, market: Market, name: str) -> None:
    Seller.objects.filter(pk=market.shop.pk).update(name=name)
    market.response(10, submitted_at=NOW - DAY)

    read = letters_of(cora_s.get(REPORT).getvalue())

    assert set(name.replace(" ", "")) <= set(read)
