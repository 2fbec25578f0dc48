"""A score and its counts, in one shape wherever the API gives them."""

from datetime import date
from typing import Any, Final

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from insights.exports.months import hundredths
from insights.reports.handling import Share
from insights.reports.months import MonthScore
from insights.reports.response import WhoAnswered
from insights.response import ChannelResponse
from insights.scores import JudgedScore
from insights.standards import Standard
from queries.enums import Channel
from sellers.api.fields import RoundedField
from surveys.nps import Interval, Shares, Tally, Verdict

AT_LEAST: Final = ">="


@extend_schema_field({"type": "string", "pattern": r"^[0-9]{4}-[0-9]{2}$"})
class MonthField(serializers.Field[Any, Any, Any, Any]):
    """A month as ISO 8601 has it: 2026-10."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(read_only=True, **kwargs)

    def to_representation(self, value: date) -> str:
        """Return the month of a day."""
        return f"{value:%Y-%m}"


class IntervalSerializer(serializers.Serializer[Interval]):
    """A 95 % interval (adjusted Wald), both ends included, with two decimals as in the files."""

    low = serializers.SerializerMethodField()
    high = serializers.SerializerMethodField()

    def get_low(self, interval: Interval) -> float:
        """Return the lower end."""
        return float(hundredths(interval.low))

    def get_high(self, interval: Interval) -> float:
        """Return the upper end."""
        return float(hundredths(interval.high))


class SharesSerializer(serializers.Serializer[Shares]):
    """Whole percentages that add up to 100."""

    promoters = serializers.IntegerField()
    passives = serializers.IntegerField()
    detractors = serializers.IntegerField()


class CountsSerializer(serializers.Serializer[Tally]):
    """How many there are of each band."""

    promoters = serializers.IntegerField()
    passives = serializers.IntegerField()
    detractors = serializers.IntegerField()


class BandsSerializer(CountsSerializer):
    """How many measurements are in each band, and which part of all."""

    percentages = SharesSerializer(source="shares", allow_null=True)


class NormSerializer(serializers.Serializer[Standard]):
    """The service standard that a score is judged by."""

    condition = serializers.SerializerMethodField(help_text="How the score is to lie: >=.")
    value = serializers.IntegerField()
    minimum_measurements = serializers.IntegerField(
        source="minimum", help_text="From so many measurements on there is a verdict."
    )

    def get_condition(self, standard: Standard) -> str:
        """Return the only condition there is."""
        return AT_LEAST


class FirstRepliesSerializer(serializers.Serializer[Share]):
    """How many first replies of the queries asked in a month were due, and how many in time."""

    in_time = serializers.IntegerField(source="count")
    counted = serializers.IntegerField(source="of")


class ChannelResponseSerializer(serializers.Serializer[ChannelResponse]):
    """How many of the surveys after the closings of a channel were answered."""

    channel = serializers.ChoiceField(choices=Channel.choices)
    sent = serializers.IntegerField()
    answered = serializers.IntegerField()


class WhoAnsweredSerializer(serializers.Serializer[WhoAnswered]):
    """Of the surveys after a month's closings that can no longer be answered: the answered ones."""

    sent = serializers.IntegerField(source="rates.total.sent")
    answered = serializers.IntegerField(source="rates.total.answered")
    channels = ChannelResponseSerializer(
        source="rates.channels", many=True, help_text="The one with the most surveys first."
    )
    customers = serializers.IntegerField(
        help_text="How many different customers gave the measurements that were made here."
    )


class ScoreSerializer(serializers.Serializer[MonthScore]):
    """An NPS beside its standard: 100 × (promoters − detractors) ÷ measurements."""

    conforms = serializers.SerializerMethodField(
        help_text="Compared exactly; null with too few measurements for a verdict, or no norm."
    )
    numerator = serializers.SerializerMethodField(help_text="100 × (promoters − detractors).")
    denominator = serializers.IntegerField(source="tally.total")
    value = RoundedField(
        source="displayed",
        help_text="Whole; one decimal within 1 of the norm. Never rounded onto or past it.",
    )
    distance_to_norm = serializers.SerializerMethodField(
        help_text="Value minus norm: below 0 the norm is not met. Null without a norm."
    )
    interval = IntervalSerializer(
        allow_null=True, help_text="Null below 5 measurements, where it would say next to nothing."
    )
    within_chance = serializers.SerializerMethodField(
        help_text="Whether the norm lies inside the interval; null while the month is running."
    )

    def get_conforms(self, score: JudgedScore) -> bool | None:
        """Return whether the standard is met; None when that is not said."""
        return None if score.verdict in (None, Verdict.TOO_FEW) else score.verdict == Verdict.MET

    @extend_schema_field({"type": ["boolean", "null"]})
    def get_within_chance(self, score: MonthScore) -> bool | None:
        """Return whether this month alone can tell; nothing of what still runs."""
        return None if score.running else score.could_be_chance

    def get_numerator(self, score: JudgedScore) -> int:
        """Return what is divided by the number of measurements."""
        return 100 * score.tally.balance

    @extend_schema_field({"type": ["number", "null"]})
    def get_distance_to_norm(self, score: JudgedScore) -> Any:
        """Return how far from the standard the score is as people read it."""
        return None if score.distance is None else RoundedField().to_representation(score.distance)
