"""The parts of the tab that show one month: what people read when the numbers are treacherous."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from html import unescape

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from insights.charts.distribution import band_bar, histogram
from insights.charts.history import history_chart
from insights.charts.scale import scale
from insights.reports.months import History, MonthScore
from insights.standards import Standard, standard_for_month
from insights.views.printed import readings
from surveys.nps import Tally

TODAY = date(2026, 8, 20)
JULY, AUGUST = date(2026, 7, 1), date(2026, 8, 1)
TWENTY_FIVE = Standard(
    25, 25, date(2026, 1, 1), announced_on=date(2025, 10, 1), label="At least 25"
)
PARTS = ("_month", "_month_facts", "_history", "_history_table", "_distribution", "_computation")

Scores = Mapping[int, int]


def month_score(
    scores: Scores,
    month: date = AUGUST,
    *,
    standard: Standard | None = TWENTY_FIVE,
    excluded: int = 0,
    before: MonthScore | None = None,
) -> MonthScore:
    return MonthScore(
        month=month,
        scores=scores,
        tally=Tally.from_scores(scores),
        standard=standard,
        running=month == AUGUST,
        excluded=excluded,
        before=before,
    )


def page(
    chosen: MonthScore,
    before: Scores | None = None,
    *,
    coming: Standard | None = None,
    reading: str = "nps",
) -> str:
    """Return the markup of all parts for a month, after a July with these scores."""
    july = month_score(before or {}, JULY)
    if chosen.month == AUGUST:
        chosen = replace(chosen, before=july)
    months = (july, chosen) if chosen.month == AUGUST else (chosen, month_score({}))
    history = History(months, coming=coming)
    context = {
        "history": history,
        "chosen": chosen,
        "shown": chosen,
        "twelve_months": history.twelve_months(chosen),
        "chart": history_chart(history, chosen=chosen, reading=reading),
        "readings": tuple(readings(None, reading)),
        "bands": band_bar(chosen),
        "histogram": histogram(chosen),
        "scale": scale(chosen, running=chosen.running),
        "zone": "Europe/Amsterdam",
    }
    parts = [part for part in PARTS if chosen.tally.total or part != "_distribution"]
    return "".join(render_to_string(f"insights/{part}.html", context) for part in parts)


def words(markup: str) -> str:
    """Return what is read: without tags, with single spaces."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", markup)).split())


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        pytest.param(
            {},
            ["This month still running, provisional – 0 measurements", "there is no score"],
            id="n = 0",
        ),
        pytest.param(
            {10: 1},
            [
                "+100 Too few for a verdict 1 measurement",
                "With fewer than 25 measurements the score is indicative.",
                "August 2026 (running) +100 1 – +25",
            ],
            id="n = 1",
        ),
        pytest.param({9: 3, 3: 1}, ["August 2026 (running) +50 4 – +25"], id="n = 4: no interval"),
        pytest.param({10: 5}, ["95% interval +17 to +100"], id="n = 5"),
        pytest.param({10: 24}, ["+100 Too few for a verdict 24 measurements"], id="n = 24"),
        pytest.param({10: 25}, ["+100 Standard +25 met 25 measurements"], id="n = 25"),
        pytest.param(
            {10: 2_000},
            [
                "+100 Standard +25 met 2,000 measurements",
                "Promoters 2,000 · 100%",
                "Detractors 0 · 0%",
            ],
            id="all tens",
        ),
        pytest.param(
            {10: 30, 0: 30},
            ["provisional 0 Standard +25 not met 60 measurements", "= 0"],
            id="as many promoters as detractors",
        ),
        pytest.param(
            {10: 246, 8: 754},
            ["+24.6 Standard +25 not met 1,000 measurements", "6 more promoters and you reach +25"],
            id="24.6 against 25",
        ),
        pytest.param(
            {9: 3, 7: 1, 3: 4},
            ["−13 Too few for a verdict 8 measurements", "= −12.50 ≈ −13"],
            id="-12.5",
        ),
        pytest.param({9: 999, 3: 1_000}, ["0 Standard +25 not met 1,999 measurements"], id="-0.05"),
        pytest.param(
            {9: 1, 7: 1, 3: 1}, ["Promoters 1 · 34%", "Passives 1 · 33%"], id="shares of 99"
        ),
        pytest.param(
            {9: 5, 7: 5, 3: 190},
            ["Promoters 5 · 3%", "Passives 5 · 2%", "Detractors 190 · 95%"],
            id="shares of 101",
        ),
    ],
)
def test_month_says_what_is_the_case(scores: Scores, expected: list[str]) -> None:
    read = words(page(month_score(scores)))

    for each in expected:
        assert each in read


@pytest.mark.parametrize(
    ("scores", "shown"),
    [
        pytest.param({10: 246, 8: 754}, "+24.6", id="24.6"),
        pytest.param({10: 2_496, 8: 7_504}, "+24.9", id="24.96"),
        pytest.param({10: 2_499_999, 8: 7_500_001}, "+24.9", id="24.99999"),
    ],
)
def test_score_below_the_standard_is_nowhere_written_as_the_standard(
    scores: Scores, shown: str
) -> None:
    markup = page(month_score(scores))

    written = re.findall(r'class="(?:big|value)"[^>]*>([^<]*)<|<strong>([+−–][^<]*)<', markup)
    assert {first or second for first, second in written} == {shown, "–"}
    assert f"≈ {shown}" in words(markup)
    assert "Standard +25 not met" in words(markup)


@pytest.mark.parametrize("language", ["en", "nl"])
@pytest.mark.parametrize("reading", ["nps", "shares"])
@pytest.mark.parametrize(
    ("scores", "before"),
    [
        ({9: 999, 3: 1_000}, {9: 1_000, 3: 1_001}),
        ({9: 1, 3: 1}, {9: 1, 3: 1}),
        ({7: 30}, {9: 1_000, 3: 1_001}),
        ({}, {}),
    ],
    ids=["just below 0", "0", "passives", "nothing"],
)
def test_minus_zero_is_never_written(
    scores: Scores, before: Scores, reading: str, language: str
) -> None:
    with translation.override(language):
        read = words(page(month_score(scores), before, reading=reading))

    assert not re.search(r"[−-]0(?![\d.,]*[1-9])", read.replace("0-10", ""))


def test_month_before_the_first_standard_has_no_verdict() -> None:
    read = words(page(month_score({10: 3}, JULY, standard=None)))

    assert "No standard" in read
    assert "With fewer than 25 measurements the score is indicative." in read
    assert "No standard held in this month" in read
    assert not re.search(
        r"more promoter|difference with the standard|Standard \S+ (not )?met", read
    )


@pytest.mark.parametrize(
    ("month", "verdict"),
    [(JULY, "Standard +40 not met"), (AUGUST, "Standard +10 met")],
    ids=["finished: the last day", "running: today"],
)
def test_month_with_two_standards_is_judged_by_one(month: date, verdict: str) -> None:
    change = month.replace(day=25)
    standards = [
        Standard(10, 25, date(2020, 1, 1)),
        Standard(40, 25, change, announced_on=date(2026, 1, 1)),
    ]
    standard = standard_for_month(standards, month, today=TODAY)

    assert verdict in words(page(month_score({10: 15, 8: 35}, month, standard=standard)))


def test_month_announces_the_standard_to_come() -> None:
    coming = Standard(30, 25, date(2027, 1, 1), announced_on=date(2026, 8, 1))
    announced = "From 1 January 2027 the standard is +30."

    assert announced in words(page(month_score({10: 1}), coming=coming))
    assert announced in words(page(month_score({}), coming=coming))
    assert announced not in words(page(month_score({10: 1}, JULY), coming=coming))


def test_corrected_month_says_so_and_leads_to_what_was_left_out() -> None:
    markup = page(month_score({10: 30}, excluded=2))
    read = words(markup)

    assert "Corrected: 2 measurements were excluded by the marketplace and do not count." in read
    assert "Staff excluded 2 measurements." in read
    assert "August 2026 (running) (corrected)" in read
    assert "Aug*" in read
    assert markup.count("since=2026-08-01&amp;until=2026-08-31&amp;excluded=yes") == 2


def test_month_that_is_all_excluded_is_empty_and_corrected() -> None:
    read = words(page(month_score({}, excluded=1)))

    assert "This month still running, provisional – 0 measurements" in read
    assert "Corrected: 1 measurement was excluded by the marketplace and does not count." in read
    assert "No measurement of this month counts, so there is no score." in read
    assert "Nobody has answered" not in read


def test_month_says_how_it_changed() -> None:
    read = words(page(month_score({10: 62, 8: 20, 0: 18}), {10: 50, 8: 30, 0: 20}))

    assert "chance." not in read[: read.index("months")]  # nothing of what still runs
    assert "Previous month +30 (100)" in read
    assert "A smaller share of passives" not in read


def test_finished_month_says_which_bands_moved() -> None:
    june = month_score({10: 50, 8: 30, 0: 20}, date(2026, 6, 1))

    read = words(page(month_score({10: 62, 8: 20, 0: 18}, JULY, before=june)))

    assert "A smaller share of passives and a larger one of promoters than in June." in read


def test_computation_fills_in_the_numbers_and_leads_to_their_rows() -> None:
    markup = page(month_score({10: 13, 8: 5, 0: 7}))
    read, rows = words(markup), "/queries/nps/measurements/?since=2026-08-01&amp;until=2026-08-31"

    assert "100 × ( 13 − 7 ) ÷ 25 = +24" in read
    assert "p = (13 + ¾) ÷ (25 + 3) = 0.4911, d = (7 + ¾) ÷ (25 + 3) = 0.2768" in read
    assert "= 21.4 ± 31.5: −10 to +53" in read
    assert "“At least 25”: at least +25, valid since 1 January 2026" in read
    assert "announced on 1 October 2025" in read
    computation = markup[markup.index('id="computation"') :]
    for link in ("", "&amp;band=promoter", "&amp;band=passive", "&amp;band=detractor"):
        assert f'"{rows}{link}"' in computation


def test_distribution_leads_to_the_rows_of_each_band_and_score() -> None:
    markup = page(month_score({10: 13, 8: 5, 0: 7}))

    # On the tab itself, whose URL the browser then shows.
    rows = "?month=2026-08&amp;since=2026-08-01&amp;until=2026-08-31"
    for parameter in ("band=promoter", "band=passive", "band=detractor", "score=0", "score=10"):
        assert f'href="{rows}&amp;{parameter}#measurements"' in markup
        assert f'hx-get="{rows}&amp;{parameter}"' in markup


@pytest.mark.parametrize("reading", ["nps", "shares"])
def test_history_can_be_read_both_ways(reading: str) -> None:
    markup = page(month_score({10: 13, 8: 5, 0: 7}), {9: 30}, reading=reading)

    chosen = re.search(r'<a href="([^"]*)" aria-current="true">', markup)
    assert chosen is not None
    assert ("reading=shares" in chosen[1]) is (reading == "shares")
    assert ("13 · 52%" in markup) is (reading == "shares")
    assert markup.count('class="column"') == 2
    assert markup.count('class="tip"') == 2
    assert 'href=""' not in markup


def test_months_in_the_reader_s_language() -> None:
    with translation.override("nl"):
        read = words(page(month_score({10: 246, 8: 754}), {10: 30}))

    assert "+24,6" in read
    assert "1.000" in read
    assert "0,2460" in read
