"""The NPS of each month, as page and files have it."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from insights.api.asked import today
from insights.api.scores import (
    BandsSerializer,
    FirstRepliesSerializer,
    MonthField,
    NormSerializer,
    ScoreSerializer,
    WhoAnsweredSerializer,
)
from insights.reports.first_replies import first_replies_by_month
from insights.reports.handling import Share
from insights.reports.months import MonthScore, history_month, shop_history
from insights.reports.response import who_answered_by_month
from insights.response_wording import response_sentences
from insights.wording import month_in_words, no_month_in_words, standard_in_words
from sellers.api.versions import NOT_MODIFIED, answer_unless_unchanged
from sellers.api.viewsets import ClientViewSet
from sellers.enums import Scope
from surveys.nps import HIGHEST_SCORE, LOWEST_SCORE

PERIOD = OpenApiParameter(
    "period", str, OpenApiParameter.PATH, description="A month, such as 2026-10."
)


class MonthSerializer(serializers.Serializer[MonthScore]):
    """A month of a shop; `score` is only there when somebody answered, `norm` when one holds."""

    period = MonthField(source="month")
    provisional = serializers.BooleanField(
        source="running", help_text="Whether the month is running."
    )
    n = serializers.IntegerField(source="tally.total", help_text="Measurements that count.")
    indicative = serializers.BooleanField(help_text="Whether n is too small for a verdict.")
    excluded = serializers.IntegerField(help_text="Measurements that staff took out of it.")
    imported = serializers.BooleanField(help_text="Whether any of them were imported.")
    norm = NormSerializer(source="standard", required=False)
    score = ScoreSerializer(source="*", required=False)
    bands = BandsSerializer(source="tally")
    scores = serializers.SerializerMethodField(help_text="How often 0, 1, … 10 was given.")
    first_replies = serializers.SerializerMethodField()
    response = serializers.SerializerMethodField()
    note = serializers.CharField(help_text="What the owner says of the month; may be empty.")
    in_words = serializers.SerializerMethodField(help_text="In the language asked for.")

    def get_scores(self, month: MonthScore) -> list[int]:
        """Return the histogram."""
        return [month.scores.get(score, 0) for score in range(LOWEST_SCORE, HIGHEST_SCORE + 1)]

    @extend_schema_field(FirstRepliesSerializer)
    def get_first_replies(self, month: MonthScore) -> Any:
        """Return how many first replies came in time."""
        return FirstRepliesSerializer(self.context["first_replies"].get(month.month, Share())).data

    @extend_schema_field(WhoAnsweredSerializer)
    def get_response(self, month: MonthScore) -> Any:
        """Return how many answered."""
        return WhoAnsweredSerializer(self.context["who_answered"][month.month]).data

    def get_in_words(self, month: MonthScore) -> str:
        """Return the sentences of the page."""
        rates = self.context["who_answered"][month.month].rates
        about_standard = standard_in_words(month) if month.tally.total else ""
        said = [month_in_words(month), about_standard, *response_sentences(rates, month)]
        return " ".join(filter(None, said))

    def to_representation(self, instance: MonthScore) -> dict[str, Any]:
        """Leave out what is not there."""
        said: dict[str, Any] = super().to_representation(instance)
        if instance.standard is None:
            del said["norm"]
        if not instance.tally.total:
            del said["score"]
        return said


class NpsMonths(ClientViewSet):
    """The last 24 months."""

    part = "NPS"
    operations: ClassVar = {"list": "listNpsMonths", "retrieve": "getNpsMonth"}
    scopes: ClassVar = dict.fromkeys(operations, Scope.INSIGHTS_READ)
    pagination_class = None
    lookup_url_kwarg = "period"
    serializer_class = MonthSerializer

    @extend_schema(responses={200: MonthSerializer(many=True), 304: NOT_MODIFIED})
    def list(self, request: Request) -> Response:
        """Return the months, the running one first."""
        history = shop_history(self.seller, today=today())
        return answer_unless_unchanged(request, self._said(reversed(history.months)))

    @extend_schema(parameters=[PERIOD], responses={200: MonthSerializer, 304: NOT_MODIFIED})
    def retrieve(self, request: Request, period: str) -> Response:
        """Return one of the last 24 months."""
        day = today()
        month = history_month(period, today=day)
        found = month and shop_history(self.seller, today=day).find(month)
        if not found:
            raise NotFound(no_month_in_words(period, today=day))
        return answer_unless_unchanged(request, self._said([found])[0])

    def _said(self, scores: Iterable[MonthScore]) -> Any:
        shown: Any = list(scores)
        months = sorted(score.month for score in shown)
        now = timezone.now()
        context = {
            **self.get_serializer_context(),
            "first_replies": first_replies_by_month(self.seller, months=months, now=now),
            "who_answered": who_answered_by_month(self.seller, months=months, now=now),
        }
        return MonthSerializer(shown, many=True, context=context).data
