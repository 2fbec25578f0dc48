"""What a mark of a chart says by its colour, as the classes of static/css/code.css."""

from insights.chance import side_of
from insights.reports.segments import Segment
from insights.reports.topics import TopicRow
from insights.scores import JudgedScore
from surveys.nps import Verdict


def verdict_kind(score: JudgedScore, *, running: bool) -> str:
    """Return "met" or "missed", with "sure" when that is more than chance; "" without a verdict.

    What still runs claims nothing about chance.
    """
    match score.verdict:
        case Verdict.MET:
            kind = "met"
        case Verdict.NOT_MET:
            kind = "missed"
        case _:
            return ""
    return kind if running or score.could_be_chance else f"{kind} sure"


def segment_kind(segment: Segment) -> str:
    """Return "above" or "below" the rest, with "sure" when that is more than chance; "" for few."""
    kind = "" if segment.indicative else side_of(segment.tally, segment.rest)
    return f"{kind} sure" if segment.is_sure else kind


def topic_kind(row: TopicRow) -> str:
    """Return "above" or "below" the own average; "" for few, or neither.

    With "sure" when its own NPS lies on that side of all others by more than chance.
    """
    if row.part.indicative or not row.part.against:
        return ""
    kind = "above" if row.part.against > 0 else "below"
    return f"{kind} sure" if row.differs == kind else kind
