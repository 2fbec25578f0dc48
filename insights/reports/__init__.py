"""The numbers of the NPS tab: counted once, judged once, the same wherever they are shown."""

from insights.reports.funnel import Funnel, funnel
from insights.reports.measurements import (
    Measurement,
    MeasurementPage,
    Sort,
    measurements,
    neighbours,
)
from insights.reports.months import HISTORY_MONTHS, POOLED_MONTHS, History, MonthScore, history
from insights.reports.segments import Dimension, Segment, SegmentReport, segment_report
from insights.reports.topics import TopicReport, TopicRow, topic_comments, topic_report

__all__ = [
    "HISTORY_MONTHS",
    "POOLED_MONTHS",
    "Dimension",
    "Funnel",
    "History",
    "Measurement",
    "MeasurementPage",
    "MonthScore",
    "Segment",
    "SegmentReport",
    "Sort",
    "TopicReport",
    "TopicRow",
    "funnel",
    "history",
    "measurements",
    "neighbours",
    "segment_report",
    "topic_comments",
    "topic_report",
]
