"""The page for the wall: what it says of a month, and where it writes it."""

import io

import pypdf
import pytest
from django.test import Client

from sellers.events import Actor
from sellers.models import User
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
