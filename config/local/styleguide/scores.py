"""Made-up scores for the real charts: every state that a month, topic or segment can be in."""

from collections import Counter
from datetime import date
from decimal import Decimal
from itertools import cycle, islice
from typing import Any, Final

from insights.calibration import LEAST_PAIRS, Calibration, Guess, Predictions
from insights.chance import beyond_chance, p_value
from insights.charts.differences import differences
from insights.charts.distribution import band_bar, histogram
from insights.charts.funnel import funnel_steps
from insights.charts.history import history_chart
from insights.charts.peers import strip
from insights.charts.predictions import SCORES, bias_mark, plot
from insights.charts.scale import scale
from insights.charts.segments import segment_chart
from insights.charts.waterfall import waterfall
from insights.reports.funnel import Funnel
from insights.reports.months import History, MonthScore
from insights.reports.peers import LEAST_SHOPS, Peers, Places, Rank
from insights.reports.predictions import PredictionReport
from insights.reports.segments import Dimension, Segment, SegmentReport
from insights.reports.to_do import FirstSteps, ToDo
from insights.reports.topics import TopicReport, topic_report
from insights.scores import JudgedScore
from insights.standards import GUIDELINE, Standard
from queries.choices import Choice
from queries.worklist import Tally as Counted
from surveys.enums import SuppressionReason
from surveys.models import Topic
from surveys.nps import Answer, Tally
from surveys.periods import Period, month_start, months_back, previous_month
from surveys.progress import reason_for_seller

# Promoters, passives and detractors of each month, oldest first: without a standard, then with
# +10, then with +25; met and missed, by chance or by more; few and none; the last one runs.
MONTHS: Final = (
    *((30, 10, 10), (28, 14, 9)),
    *((40, 20, 20), (60, 20, 8), (52, 19, 12), (64, 18, 6), (9, 3, 4), (30, 20, 28), (55, 15, 12)),
    *((58, 21, 9), (0, 0, 0), (61, 16, 9), (57, 22, 14), (10, 20, 50), (66, 19, 11), (62, 18, 8)),
    *((70, 14, 7), (44, 17, 20), (40, 22, 19), (36, 20, 24), (25, 24, 31), (21, 30, 44)),
    *((70, 40, 57), (47, 36, 61)),
)
STANDARDS: Final = {2: 10, 14: 25}  # from which month on
TOPICS: Final = ("Speed", "Expertise", "Friendliness", "Solution", "Clarity", "Ease")
# What was predicted, and how often which score came.
PREDICTED: Final = {
    3: {0: 2},
    5: {7: 1},
    6: {3: 2},
    7: {6: 4, 8: 4},
    8: {6: 3, 8: 12, 9: 6},
    9: {2: 1, 8: 11, 9: 14, 10: 6},
    10: {9: 5, 10: 7},
}
# The scores that a band gives, and the topics that it ticks.
PROMOTERS: Final = ((10, 9, 10), ((3,), (2, 3), (3, 5), (4,), ()))
PASSIVES: Final = ((8, 7), ((1,), (), (5,)))
DETRACTORS: Final = ((6, 3, 0, 5, 6, 2, 4, 1), ((4,), (1, 4), (6,), (), (4, 6), (1,)))


def insights(today: date) -> dict[str, Any]:
    """Return what the sections of the NPS tab show."""
    history = _history(today)
    chosen = history.running
    topics = topic_report(chosen, topics=_topics())
    segments = _segments(today)
    peers = _peers(today)
    return {
        "history": history,
        "chosen": chosen,
        "shown": chosen,
        "twelve_months": history.twelve_months(chosen),
        "chart": history_chart(history, chosen=chosen),
        "bands": band_bar(chosen),
        "histogram": histogram(chosen),
        "scale": scale(chosen, running=True),
        "topics": topics,
        "differences": differences(topics),
        "to_do": _to_do(topics),
        "readings": (Choice("nps", "NPS", "?", current=True),),
        "waterfall": waterfall(topics),
        "segments": segments,
        "segment_chart": segment_chart(segments),
        "peers": peers,
        "own": strip(peers.rank.places) if peers.rank else None,
        "least_measurements": GUIDELINE,
        "least_shops": LEAST_SHOPS,
        "month": chosen.month,
        "last_day": chosen.last_day,
        "first_steps": FirstSteps(waiting=0, oldest=None, has_closed=True, has_sent=False),
        "standard": chosen.standard,
        "funnel_steps": funnel_steps(_funnel()),
        **_predictions(),
    }


def _to_do(topics: TopicReport) -> ToDo:
    """Return a day with something of everything."""
    late, today, open_, waiting, remarks = (Counted(number) for number in (2, 3, 9, 4, 6))
    return ToDo(late, today, open_, waiting, remarks, topic=topics.costliest)


def _predictions() -> dict[str, Any]:
    """Return what an agent predicted who expects a little too much."""
    guesses = {
        Guess(predicted, actual, naive=8): count
        for predicted, came in PREDICTED.items()
        for actual, count in came.items()
    }
    calibration = Calibration(guesses)
    report = PredictionReport(
        predicted=120,
        pairs=calibration.pairs,
        calibration=calibration,
        unanswered_total=14,
        unanswered=Predictions({4: 3, 6: 5, 8: 6}),
    )
    return {
        "calibration": calibration,
        "report": report,
        "plot": plot(calibration),
        "bias": bias_mark(calibration),
        "score_range": SCORES,
        "least": LEAST_PAIRS,
    }


def _history(today: date) -> History:
    days = months_back(month_start(today), len(MONTHS))
    months: list[MonthScore] = []
    standard: Standard | None = None
    for place, (month, counts) in enumerate(zip(days, MONTHS, strict=True)):
        if place in STANDARDS:
            standard = Standard(STANDARDS[place], GUIDELINE, month, label="At least")
        answers = _answers(counts)
        months.append(
            MonthScore(
                month=month,
                running=month == days[-1],
                tally=Tally(*counts),
                standard=standard,
                before=months[-1] if months else None,
                scores=Counter(answer.score for answer in answers),
                answers=Counter(answers),
                excluded=int(place == 3),
            )
        )
    return History(tuple(months))


def _answers(counts: tuple[int, int, int]) -> list[Answer]:
    """Return so many answers of each band."""
    return [
        answer
        for count, (scores, ticked) in zip(counts, (PROMOTERS, PASSIVES, DETRACTORS), strict=True)
        for answer in islice(map(Answer, cycle(ticked), cycle(scores)), count)
    ]


def _topics() -> list[Topic]:
    tip = "What you can do about it, in a sentence."
    return [
        Topic(pk=pk, label_en=label, label_nl=label, tip_en=tip, tip_nl=tip)
        for pk, label in enumerate(TOPICS, start=1)
    ]


def _segments(today: date) -> SegmentReport:
    """Return a finished month, the only kind in which a segment can surely differ."""
    month = previous_month(month_start(today))
    tallies = {
        "Web form": Tally(90, 40, 45),
        "E-mail": Tally(70, 20, 12),
        "Phone": Tally(12, 20, 40),
        "Direct message": Tally(8, 4, 3),
    }
    total = sum(tallies.values(), Tally())
    sure = beyond_chance({name: p_value(each, total - each) for name, each in tallies.items()})
    return SegmentReport(
        by=Dimension.CHANNEL,
        period=Period.of_months(month, month),
        total=JudgedScore(tally=total),
        segments=tuple(
            Segment(label=label, tally=tally, rest=total - tally, is_sure=label in sure)
            for label, tally in tallies.items()
        ),
        other=None,
    )


def _peers(today: date) -> Peers:
    last = previous_month(month_start(today))
    return Peers(
        months=Period.of_months(months_back(last, 12)[0], last),
        shops=240,
        measurements=1132,
        rank=Rank(Decimal(31), Places(best=41, worst=118, shops=240), middle=(15, 35)),
    )


def _funnel() -> Funnel:
    reasons = {SuppressionReason.OPTED_OUT: 284, SuppressionReason.REOPENED: 59}
    return Funnel(
        suppressed={reason_for_seller(reason): count for reason, count in reasons.items()},
        undecided=12,
        to_be_sent=3,
        bounced=20,
        answerable=1211,
        expired=1573,
        answered=1795,
        not_counting=54,
    )
