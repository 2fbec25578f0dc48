"""The measurements of a shop one by one, narrowed and ordered as on the page."""

from collections.abc import Iterable
from typing import ClassVar

from django.db.models import Prefetch
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from insights.api.scores import MonthField
from insights.filters import MeasurementFilter
from sellers.api.fields import MomentField, PersonSerializer, pk_or_404
from sellers.api.filtering import chosen_by, parameters_of
from sellers.api.versions import NOT_MODIFIED, answer_unless_unchanged
from sellers.api.viewsets import ClientViewSet
from sellers.enums import Scope
from surveys.enums import Band
from surveys.followup_rules import contact_wish
from surveys.models import MeasurementExclusion, SurveyResponse, SurveyResponses, Topic

MEASUREMENT = OpenApiParameter("measurement_id", str, OpenApiParameter.PATH)


class TickedTopicSerializer(serializers.Serializer[Topic]):
    """What a customer said played a part."""

    id = serializers.CharField(source="pk", help_text="What lists are narrowed by.")
    topic = serializers.CharField(source="slug", help_text="Its code.")
    name = serializers.CharField(source="label", help_text="In the language asked for.")


class ExclusionSerializer(serializers.Serializer[MeasurementExclusion]):
    """One time that staff took a measurement out of the score."""

    reason = serializers.CharField()
    excluded_at = MomentField()
    lifted_at = MomentField(allow_null=True, help_text="Since when it counts again.")


class MeasurementSerializer(serializers.Serializer[SurveyResponse]):
    """One completely submitted survey. What was measured never changes."""

    id = serializers.CharField(source="pk")
    external_id = serializers.CharField(
        help_text="The number where it was measured; empty for what was measured here."
    )
    score = serializers.IntegerField(help_text="0 to 10.")
    band = serializers.ChoiceField(choices=Band.choices)
    submitted_at = MomentField()
    period = MonthField(source="month", help_text="The month it counts in.")
    reason = serializers.CharField(help_text="In the customer’s words; may be empty.")
    topics = TickedTopicSerializer(many=True)
    contact_wish = serializers.SerializerMethodField(
        help_text="Whether the shop may make contact: allowed, refused or not_said."
    )
    query_id = serializers.CharField(
        allow_null=True, help_text="Null for what was measured before this portal."
    )
    subject = serializers.CharField(
        source="query.subject", allow_null=True, help_text="Empty when it was erased."
    )
    language = serializers.CharField(source="query.language", allow_null=True)
    channel = serializers.CharField(source="invitation.closing.channel", allow_null=True)
    closed_at = MomentField(source="invitation.closing.closed_at", allow_null=True)
    agent = PersonSerializer(
        source="invitation.closing.agent", allow_null=True, help_text="Who closed the query."
    )
    predicted_score = serializers.IntegerField(
        source="invitation.closing.predicted_score",
        allow_null=True,
        help_text="What the agent expected; null when nothing was predicted.",
    )
    counts = serializers.BooleanField(help_text="Whether it is in the score now.")
    exclusions = ExclusionSerializer(
        source="every_exclusion",
        many=True,
        help_text="When and why it did not count, by itself or with its import; the latest first.",
    )
    imported_at = MomentField(allow_null=True)
    followup_id = serializers.SerializerMethodField(
        help_text="Of the task after a low score; null without one that counts."
    )

    def get_contact_wish(self, response: SurveyResponse) -> str:
        """Return what the customer said about being contacted."""
        return contact_wish(may_contact=response.may_contact).value

    def get_followup_id(self, response: SurveyResponse) -> str | None:
        """Return the id of the task that counts."""
        task = getattr(response, "followup", None)
        return str(task.pk) if task and task.lapsed_at is None else None


class Measurements(ClientViewSet):
    """The measurements that count for the shop, or that staff excluded."""

    part = "measurements"
    operations: ClassVar = {"list": "listMeasurements", "retrieve": "getMeasurement"}
    scopes: ClassVar = dict.fromkeys(operations, Scope.INSIGHTS_READ)
    lookup_url_kwarg = "measurement_id"
    serializer_class = MeasurementSerializer

    @extend_schema(
        parameters=parameters_of(MeasurementFilter), responses=MeasurementSerializer(many=True)
    )
    def list(self, request: Request) -> Response:
        """Return those that are asked for: all of them, the latest first, without the excluded.

        What staff excluded is only there with excluded=yes, and then nothing else.
        """
        mine = SurveyResponse.objects.for_seller(self.seller)
        chosen = chosen_by(self, MeasurementFilter, mine)
        self.ordering = chosen.order.keys
        rows = self.paginate_queryset(chosen.qs)
        return self.get_paginated_response(self.get_serializer(_whole(rows or ()), many=True).data)

    @extend_schema(
        parameters=[MEASUREMENT], responses={200: MeasurementSerializer, 304: NOT_MODIFIED}
    )
    def retrieve(self, request: Request, measurement_id: str) -> Response:
        """Return one of them, excluded or not."""
        mine = _with_all(SurveyResponse.objects.for_seller(self.seller))
        found = get_object_or_404(mine, pk=pk_or_404(measurement_id))
        return answer_unless_unchanged(request, self.get_serializer(found).data)


def _with_all(responses: SurveyResponses) -> SurveyResponses:
    """Fetch what a program reads of each."""
    topics = Topic.objects.order_by("position", "pk")
    whole = responses.with_exclusions().prefetch_related(Prefetch("topics", topics))
    return whole.select_related("query", "invitation__closing__agent", "followup", "batch")


def _whole(rows: Iterable[SurveyResponse]) -> list[SurveyResponse]:
    """Fetch the rest of a few, which were found first: to sort, the database would join all."""
    pks = [row.pk for row in rows]
    found = _with_all(SurveyResponse.objects.all()).in_bulk(pks)
    return [found[pk] for pk in pks]
