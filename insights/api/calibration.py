"""How well the agents of a shop predict scores, as its owner reads it."""

from datetime import date
from typing import Any, ClassVar, Final

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from insights.api.asked import AskedPeriodSerializer, today
from insights.api.scores import BandsSerializer, CountsSerializer
from insights.calibration import BandRow, Bias, Calibration, Comparison, Predictions
from insights.reports.predictions import (
    AgentPredictions,
    PredictionReport,
    TeamPredictions,
    team_predictions,
)
from insights.wording import bias_in_words, one_decimal, whole
from sellers.api.fields import PersonSerializer, RoundedField
from sellers.api.viewsets import ClientViewSet
from sellers.enums import Scope
from surveys.periods import Period

YEAR: Final = 12  # months
PERIOD: Final = "period"  # what the serializer is given: of which closings


class NotCompared(NotFound):
    """The owner wants no such report."""

    default_code = "not_compared"


class TenthsField(RoundedField):
    """A number with one decimal, as on the page."""

    def to_representation(self, value: Any) -> float | int:
        """Return it rounded."""
        return super().to_representation(one_decimal(value))


class WholeField(RoundedField):
    """A number without decimals, as on the page."""

    def to_representation(self, value: Any) -> float | int:
        """Return it rounded."""
        return super().to_representation(whole(value))


class BiasSerializer(serializers.Serializer[Bias]):
    """By how much predictions are too high, below 0 too low; with the 95 % interval."""

    mean = TenthsField()
    low = TenthsField(source="interval.low")
    high = TenthsField(source="interval.high")
    within_chance = serializers.BooleanField(source="could_be_chance")
    in_words = serializers.SerializerMethodField(help_text="In the language asked for.")

    def get_in_words(self, bias: Bias) -> str:
        """Return the words of the page."""
        return bias_in_words(bias)


class ComparisonSerializer(serializers.Serializer[Comparison]):
    """How far off predictions are, beside the shop’s middle score for the same customers."""

    pairs = serializers.IntegerField()
    mean_error = TenthsField()
    naive_error = TenthsField(help_text="Of who always names the shop’s middle score.")
    skill_percent = serializers.SerializerMethodField(
        help_text="Which part of that is avoided; null when the middle score was never off."
    )

    def get_skill_percent(self, compared: Comparison) -> int | None:
        """Return the skill in whole percents."""
        return None if compared.skill is None else int(whole(100 * compared.skill))


class BandRowSerializer(serializers.Serializer[BandRow]):
    """What customers gave where one band was predicted."""

    predicted = serializers.CharField(help_text="The band: promoter, passive or detractor.")
    given = CountsSerializer()


class PredictedSerializer(serializers.Serializer[Predictions]):
    """What was predicted."""

    n = serializers.IntegerField(source="total")
    mean = TenthsField()
    nps = WholeField(source="tally.nps")


class CalibrationSerializer(serializers.Serializer[Calibration]):
    """Predictions beside the scores that came."""

    bias = BiasSerializer()
    comparison = ComparisonSerializer(allow_null=True)
    predicted = PredictedSerializer()
    actual_nps = WholeField(source="actual.nps")
    actual = BandsSerializer()
    in_right_band = serializers.IntegerField()
    bands = BandRowSerializer(many=True)


class PredictionReportSerializer(serializers.Serializer[PredictionReport]):
    """How well somebody predicts; below 10 answers nothing is computed."""

    predicted = serializers.IntegerField(help_text="Closings with a prediction.")
    pairs = serializers.IntegerField(help_text="Predictions that were answered.")
    calibration = CalibrationSerializer(allow_null=True)
    unanswered_total = serializers.IntegerField(help_text="Surveys whose time has passed.")
    unanswered = PredictedSerializer(allow_null=True)


class AgentPredictionsSerializer(serializers.Serializer[AgentPredictions]):
    """How well one agent predicts."""

    agent = PersonSerializer()
    report = PredictionReportSerializer()


class TeamPredictionsSerializer(serializers.Serializer[TeamPredictions]):
    """How well everybody predicts, by name, for it is no ranking; and together."""

    since = serializers.SerializerMethodField()
    until = serializers.SerializerMethodField()
    agents = AgentPredictionsSerializer(many=True)
    together = PredictionReportSerializer()

    def get_since(self, report: TeamPredictions) -> date:
        """Return the first day of the closings."""
        first: date = self.context[PERIOD].first
        return first

    def get_until(self, report: TeamPredictions) -> date:
        """Return the last day of the closings."""
        last: date = self.context[PERIOD].last
        return last


class NpsCalibration(ClientViewSet):
    """The predictions of the team, unless its owner wants no such comparison."""

    part = "NPS"
    operations: ClassVar = {"calibration": "getNpsCalibration"}
    scopes: ClassVar = dict.fromkeys(operations, Scope.INSIGHTS_READ)
    pagination_class = None

    @extend_schema(parameters=[AskedPeriodSerializer], responses=TeamPredictionsSerializer)
    @action(detail=False)
    def calibration(self, request: Request) -> Response:
        """Return how well each colleague predicts; of closings in twelve months or a period."""
        if not self.seller.compares_agents:
            raise NotCompared(_("The owner of this shop wants no comparison of its agents."))
        asked = AskedPeriodSerializer.of(request)["period"]
        period = asked or Period.last_months(YEAR, today())
        report = team_predictions(self.seller, period=period, now=timezone.now())
        return Response(TeamPredictionsSerializer(report, context={PERIOD: period}).data)
