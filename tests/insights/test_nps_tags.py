"""What the templates of the NPS tab print of the months, and their links."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from insights.charts.history import history_chart
from insights.reports.months import History, MonthScore
from insights.standards import Standard
from insights.templatetags import nps
from surveys.nps import Tally

STANDARD = Standard(25, 25, date(2020, 1, 1))


def month_score(
    scores: Mapping[int, int], standard: Standard | None = STANDARD, *, excluded: int = 0
) -> MonthScore:
    return MonthScore(
        month=date(2026, 11, 1),
        excluded=excluded,
        scores=scores,
        tally=Tally.from_scores(scores),
        standard=standard,
        running=True,
    )


def test_rows_of_a_month_are_those_of_its_days() -> None:
    url = nps.rows_of(month_score({9: 1}))

    assert url == "/queries/nps/measurements/?since=2026-11-01&until=2026-11-30"


def test_printed_marks_what_is_running_and_corrected() -> None:
    month = month_score({9: 12_345}, excluded=1)
    chart = history_chart(History((month,)), chosen=month)

    [printed], [row] = nps.printed_months(chart), nps.month_rows(chart)

    assert (printed.url, printed.chosen) == ("?month=2026-11", True)
    assert (printed.abbreviation, printed.count_below) == ("Nov*", "12k")
    assert (row.url, row.chosen) == ("/queries/nps/?month=2026-11", True)
    assert (printed.nps, row.nps, row.count) == ("+100", "+100", "12,345")
    assert row.notes == "(running) (corrected)"
    assert row.cells == ("+100 to +100", "+25", "Standard +25 met")


def test_table_of_months_says_what_may_be_chance() -> None:
    """As the chart beside it does: with a mark, and in words."""
    sure, unsure, running = (
        replace(month_score(scores), running=is_running)
        for scores, is_running in (({9: 50}, False), ({9: 15, 6: 8, 7: 7}, False), ({9: 30}, True))
    )
    for month, kind, verdict in (
        (sure, "met sure", "Standard +25 met"),
        (unsure, "missed", "Standard +25 not met, could be chance"),
        (running, "met running", "Standard +25 met"),
    ):
        chart = history_chart(History((month,)), chosen=month)
        (row,) = nps.month_rows(chart)
        assert (row.kind, row.cells[-1]) == (kind, verdict)


def test_printed_shares_stay_with_the_shares() -> None:
    month = month_score({9: 1, 7: 1, 3: 1})
    chart = history_chart(History((month,)), chosen=month, reading="shares")

    [printed], [row] = nps.printed_months(chart), nps.month_rows(chart)

    assert printed.url == "?month=2026-11&reading=shares"
    assert row.url == "/queries/nps/?month=2026-11&reading=shares"
    assert row.cells == ("1 · 34%", "1 · 33%", "1 · 33%")


def test_printed_month_without_measurements_has_no_numbers() -> None:
    month = month_score({})

    for reading, cells in (
        ("nps", ("–", "+25", "No measurements")),
        ("shares", ("–", "–", "–")),
    ):
        chart = history_chart(History((month,)), chosen=month, reading=reading)
        [printed], [row] = nps.printed_months(chart), nps.month_rows(chart)
        assert (printed.nps, row.count, printed.count_below) == ("–", "0", "–")
        assert row.cells == cells
