"""What the tab tells of a month or a row of days: topics, segments, funnel, and the standards."""

from typing import Any, ClassVar, Final

from django.conf import settings
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from insights.api.asked import AskedMonthSerializer, AskedSegmentsSerializer, today
from insights.api.scores import (
    AT_LEAST,
    BandsSerializer,
    FirstRepliesSerializer,
    IntervalSerializer,
    MonthField,
)
from insights.models import holding_standards
from insights.reports.first_replies import month_first_replies
from insights.reports.funnel import Bridge, Funnel, month_bridge, month_funnel
from insights.reports.months import shop_history
from insights.reports.peers import Peers, Places, compare_with_peers
from insights.reports.segments import Dimension, Segment, SegmentReport, segment_report
from insights.reports.topics import TopicReport, TopicRow, topic_report
from insights.scores import JudgedScore
from insights.shifts import LevelShift, OddMonth
from insights.standards import Standard, known_standards, standard_on
from insights.topic_wording import topic_explanation
from insights.topics import Kind
from insights.trend import Claim, Run, Trend
from insights.trend_wording import trend_in_words
from insights.wording import one_decimal, places_in_words
from sellers.api.fields import RoundedField
from sellers.api.viewsets import ClientViewSet
from sellers.enums import Scope
from surveys.models import Topic
from surveys.nps import Verdict
from surveys.periods import Period, previous_month
from surveys.progress import reason_codes

SLUGS: Final = "slugs"  # what serializers are given: the code of each topic
BEFORE: Final = "before"  # the month before, if there is one


class PointsField(serializers.FloatField):
    """Points of NPS with one decimal."""

    def to_representation(self, value: float) -> Any:
        """Round as the page does, half away from zero."""
        return float(one_decimal(value))


class TopicSerializer(serializers.Serializer[TopicRow]):
    """One part of the score: what it brought or cost, and its own NPS."""

    topic = serializers.SerializerMethodField(
        help_text="Its code; `other` for topics with few responses, `none` for responses without."
    )
    listed_as = serializers.SerializerMethodField(
        help_text="As which topic the list of measurements has these; empty for `other`."
    )
    name = serializers.CharField(source="label", help_text="In the language asked for.")
    tip = serializers.CharField(help_text="What a shop can do about it; may be empty.")
    contribution = RoundedField(
        source="displayed", help_text="In points of NPS; together they are the NPS."
    )
    against_average = RoundedField(
        source="against",
        help_text="Contribution minus its share of the NPS; together they are 0.",
    )
    contribution_change = RoundedField(
        source="trend.displayed", allow_null=True, help_text="Since the month before."
    )
    nps = RoundedField(
        source="part.displayed", allow_null=True, help_text="Null below 5 responses."
    )
    nps_change = RoundedField(
        source="trend.nps.points", allow_null=True, help_text="Since the month before."
    )
    interval = IntervalSerializer(source="part.interval", allow_null=True)
    n = serializers.IntegerField(source="part.tally.total")
    indicative = serializers.BooleanField(source="part.indicative")
    differs = serializers.CharField(
        help_text="`above` or `below` all others by more than chance; else empty."
    )
    bands = BandsSerializer(source="part.tally")
    in_words = serializers.SerializerMethodField(help_text="In the language asked for.")

    def get_topic(self, row: TopicRow) -> str:
        """Return the code of the topic, or which responses these are."""
        topic = row.part.topic
        return str(self.context[SLUGS][topic]) if topic else row.part.kind.value

    def get_listed_as(self, row: TopicRow) -> str:
        """Return how the list of measurements calls it."""
        kind = row.part.kind
        return "" if kind is Kind.OTHER else str(row.part.topic or kind.value)

    def get_in_words(self, row: TopicRow) -> str:
        """Return how it changed, and how far to trust it."""
        return " ".join(topic_explanation(row, self.context[BEFORE]))


class TopicReportSerializer(serializers.Serializer[TopicReport]):
    """The score of a month in detail."""

    period = MonthField(source="month")
    n = serializers.IntegerField(source="total.total")
    nps = RoundedField(source="displayed", allow_null=True)
    topics = TopicSerializer(source="rows", many=True)


class SegmentSerializer(serializers.Serializer[Segment]):
    """The measurements of one channel, subject, agent and so on."""

    listed_as = serializers.CharField(
        source="key", help_text="What narrows the list of measurements to these; may be empty."
    )
    name = serializers.CharField(source="label", help_text="In the language asked for.")
    nps = RoundedField(source="displayed", allow_null=True)
    interval = IntervalSerializer(allow_null=True)
    n = serializers.IntegerField(source="tally.total")
    indicative = serializers.BooleanField()
    differs = serializers.CharField(
        help_text="`above` or `below` all others by more than chance; else empty."
    )
    bands = BandsSerializer(source="tally")


class WholeSerializer(serializers.Serializer[JudgedScore]):
    """All measurements of the period."""

    nps = RoundedField(source="displayed", allow_null=True)
    interval = IntervalSerializer(allow_null=True)
    n = serializers.IntegerField(source="tally.total")
    indicative = serializers.BooleanField()
    bands = BandsSerializer(source="tally")


class SegmentReportSerializer(serializers.Serializer[SegmentReport]):
    """The score of a period, apart for each segment of 5 measurements or more."""

    by = serializers.ChoiceField(choices=Dimension.choices)
    since = serializers.DateField(source="period.first")
    until = serializers.DateField(source="period.last")
    total = WholeSerializer()
    segments = SegmentSerializer(
        source="rows",
        many=True,
        help_text="The largest first; what is too small to show is together in the last.",
    )


class SuppressedSerializer(serializers.Serializer[tuple[str, int]]):
    """How many closings got no survey for one reason."""

    reason = serializers.CharField(
        help_text="A code; `not_now` is between the customer and the marketplace."
    )
    in_words = serializers.CharField()
    count = serializers.IntegerField()


class BridgeSerializer(serializers.Serializer[Bridge]):
    """From the answers that the funnel counts for the shop to those in the score of the month."""

    answered_elsewhere = serializers.IntegerField(
        source="elsewhere", help_text="Of `counting`: answered in another month; taken off."
    )
    closed_elsewhere = serializers.IntegerField(
        source="from_elsewhere", help_text="After a closing in another month; added."
    )
    imported = serializers.IntegerField(help_text="Added.")
    excluded = serializers.IntegerField(help_text="By staff; taken off.")
    n = serializers.IntegerField(source="total", help_text="Measurements in the score.")


class FunnelSerializer(serializers.Serializer[Funnel]):
    """What became of the surveys after the closings of a month."""

    period = serializers.SerializerMethodField()
    closed = serializers.IntegerField()
    suppressed = serializers.SerializerMethodField()
    undecided = serializers.IntegerField()
    to_be_sent = serializers.IntegerField()
    bounced = serializers.IntegerField()
    sent = serializers.IntegerField(help_text="Answerable, expired and answered together.")
    answerable = serializers.IntegerField()
    expired = serializers.IntegerField()
    answered = serializers.IntegerField()
    not_counting = serializers.IntegerField(
        help_text="Answers about what the marketplace closed: they never count for the shop."
    )
    counting = serializers.IntegerField()
    response_percent = serializers.IntegerField(
        allow_null=True, help_text="Answered of what was sent; null when nothing was."
    )
    first_replies = serializers.SerializerMethodField()
    to_the_score = serializers.SerializerMethodField()

    @extend_schema_field(MonthField)
    def get_period(self, funnel: Funnel) -> str:
        """Return the month."""
        return MonthField().to_representation(self.context["month"])

    @extend_schema_field(SuppressedSerializer(many=True))
    def get_suppressed(self, funnel: Funnel) -> Any:
        """Return how many got no survey, by what a shop may know of why."""
        codes = reason_codes()
        most_first = sorted(funnel.suppressed.items(), key=lambda each: (-each[1], each[0]))
        return [
            {"reason": codes[words], "in_words": words, "count": count}
            for words, count in most_first
        ]

    @extend_schema_field(FirstRepliesSerializer)
    def get_first_replies(self, funnel: Funnel) -> Any:
        """Return how many first replies came in time."""
        return FirstRepliesSerializer(self.context["first_replies"]).data

    @extend_schema_field(BridgeSerializer)
    def get_to_the_score(self, funnel: Funnel) -> Any:
        """Return why the score of the month counts others."""
        return BridgeSerializer(self.context["bridge"]).data


class PlacesSerializer(serializers.Serializer[Places]):
    """Between which places a shop is, 1 for the highest score; in percents from 100 shops on."""

    best = serializers.SerializerMethodField(help_text="Null from 100 shops on.")
    worst = serializers.SerializerMethodField(help_text="Null from 100 shops on.")
    percents = serializers.ListField(
        child=serializers.IntegerField(),
        allow_null=True,
        help_text="Which part of all places, from the top; null below 100 shops.",
    )
    too_close_to_call = serializers.BooleanField(
        source="is_open", help_text="Whether that is more than half of all places."
    )
    in_words = serializers.SerializerMethodField(help_text="In the language asked for.")

    def get_best(self, places: Places) -> int | None:
        """Return the best place it may have."""
        return None if places.percents else places.best

    def get_worst(self, places: Places) -> int | None:
        """Return the worst place it may have."""
        return None if places.percents else places.worst

    def get_in_words(self, places: Places) -> str:
        """Return the sentence of the page."""
        return places_in_words(places)


class PeersSerializer(serializers.Serializer[Peers]):
    """The shop among the others, over twelve finished months; nothing reveals another shop."""

    since = serializers.DateField(source="months.first")
    until = serializers.DateField(source="months.last")
    shops = serializers.IntegerField(help_text="How many have measurements enough to take part.")
    n = serializers.IntegerField(source="measurements")
    places = PlacesSerializer(
        source="rank.places",
        allow_null=True,
        default=None,
        help_text="Null where too few shops take part, or the shop has too few measurements.",
    )


class StandardSerializer(serializers.Serializer[Standard]):
    """A service standard: it holds until the next one begins."""

    condition = serializers.SerializerMethodField(help_text="How a score is to lie: >=.")
    value = serializers.IntegerField()
    minimum_measurements = serializers.IntegerField(source="minimum")
    valid_from = serializers.DateField()
    announced_on = serializers.DateField(allow_null=True)
    name = serializers.CharField(source="label", help_text="In the language asked for.")
    holds = serializers.SerializerMethodField(help_text="Whether it is the one of today.")

    def get_condition(self, standard: Standard) -> str:
        """Return the only condition there is."""
        return AT_LEAST

    def get_holds(self, standard: Standard) -> bool:
        """Return whether scores are judged by it today."""
        return bool(standard == self.context["holding"])


class RunSerializer(serializers.Serializer[Run]):
    """The latest finished months in a row that all met the norm, or all did not."""

    months = serializers.IntegerField()
    since = MonthField()
    conforms = serializers.SerializerMethodField()

    def get_conforms(self, run: Run) -> bool:
        """Return whether they met the norm."""
        return run.verdict is Verdict.MET


class ShiftSerializer(serializers.Serializer[LevelShift]):
    """The score has another level since a month: by so many points, with the 95% interval."""

    since = MonthField(source="month")
    points = PointsField(source="size")
    low = PointsField(source="interval.low")
    high = PointsField(source="interval.high")


class OddMonthSerializer(serializers.Serializer[OddMonth]):
    """One month that lies far from the others."""

    period = MonthField(source="month")
    nps = PointsField(source="score")
    usual = PointsField()


class TrendSerializer(serializers.Serializer[Trend]):
    """What the finished months come down to; the sentence of the page, and what it is about."""

    claim = serializers.ChoiceField(
        choices=[(claim.value, claim.value) for claim in Claim],
        help_text="What is said beside the run: a shift, an odd month, the season, or none.",
    )
    run = RunSerializer(allow_null=True)
    shift = ShiftSerializer(allow_null=True)
    odd_month = OddMonthSerializer(allow_null=True)
    in_words = serializers.SerializerMethodField(
        help_text="In the language asked for; empty without measurements."
    )

    def get_in_words(self, trend: Trend) -> str:
        """Return the sentence."""
        return trend_in_words(trend)


class NpsReports(ClientViewSet):
    """The score in detail."""

    part = "NPS"
    operations: ClassVar = {
        "trend": "getNpsTrend",
        "topics": "getNpsTopics",
        "segments": "getNpsSegments",
        "funnel": "getNpsFunnel",
        "peers": "getNpsPeers",
        "standards": "listNpsStandards",
    }
    scopes: ClassVar = dict.fromkeys(operations, Scope.INSIGHTS_READ)
    pagination_class = None

    @extend_schema(responses=TrendSerializer)
    @action(detail=False)
    def trend(self, request: Request) -> Response:
        """Return what the finished months come down to."""
        return Response(TrendSerializer(shop_history(self.seller, today=today()).trend).data)

    @extend_schema(parameters=[AskedMonthSerializer], responses=TopicReportSerializer)
    @action(detail=False)
    def topics(self, request: Request) -> Response:
        """Return what each topic did to the score of a month."""
        month, topics = AskedMonthSerializer.of(request)["month"], list(Topic.objects.all())
        detailed = [month, previous_month(month)]
        history = shop_history(self.seller, today=today(), detailed=detailed)
        report = topic_report(history.find(month) or history.running, topics=topics)
        context = {SLUGS: {topic.pk: topic.slug for topic in topics}, BEFORE: report.before}
        return Response(TopicReportSerializer(report, context=context).data)

    @extend_schema(parameters=[AskedSegmentsSerializer], responses=SegmentReportSerializer)
    @action(detail=False)
    def segments(self, request: Request) -> Response:
        """Return the score of a month, or of the days since up to until, apart per segment."""
        asked = AskedSegmentsSerializer.of(request)
        period = asked["period"] or Period.of_months(asked["month"], asked["month"])
        report = segment_report(
            self.seller, by=Dimension(asked["by"]), period=period, today=today()
        )
        return Response(SegmentReportSerializer(report).data)

    @extend_schema(parameters=[AskedMonthSerializer], responses=FunnelSerializer)
    @action(detail=False)
    def funnel(self, request: Request) -> Response:
        """Return what became of the surveys after the closings of a month."""
        month = AskedMonthSerializer.of(request)["month"]
        replies = month_first_replies(self.seller, month=month, now=timezone.now())
        counted = month_funnel(self.seller, month=month)
        bridge = month_bridge(self.seller, counted, month=month)
        context = {"month": month, "first_replies": replies, "bridge": bridge}
        return Response(FunnelSerializer(counted, context=context).data)

    @extend_schema(responses=PeersSerializer)
    @action(detail=False)
    def peers(self, request: Request) -> Response:
        """Return between which places the shop is; not found where the marketplace tells none."""
        if not settings.PEER_BENCHMARK:
            raise NotFound
        return Response(PeersSerializer(compare_with_peers(self.seller, today=today())).data)

    @extend_schema(responses=StandardSerializer(many=True))
    @action(detail=False)
    def standards(self, request: Request) -> Response:
        """Return the standards that held, hold, or were announced; the oldest first."""
        known: Any = known_standards(holding_standards(), today=today())
        context = {"holding": standard_on(known, today())}
        return Response(StandardSerializer(known, many=True, context=context).data)
