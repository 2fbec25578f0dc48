"""What became of the survey of a query, as its page tells it."""

from typing import ClassVar

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from queries.models import CustomerQuery
from sellers.api.fields import pk_or_404
from sellers.api.viewsets import ClientViewSet
from sellers.enums import Scope
from surveys.deciding import survey_rules
from surveys.progress import fate_of
from surveys.serializers import FateSerializer


class Fate(ClientViewSet):
    """The survey after the last closing of a query."""

    part = "queries"
    operations: ClassVar = {"retrieve": "getSurveyOfQuery"}
    scopes: ClassVar = {"retrieve": Scope.QUERIES_READ}
    pagination_class = None
    serializer_class = FateSerializer

    @extend_schema(responses=FateSerializer)
    def retrieve(self, request: Request, query_id: str) -> Response:
        """Return what happened since the last closing, and what is still to come."""
        mine = CustomerQuery.objects.for_seller(self.seller)
        query = get_object_or_404(mine, pk=pk_or_404(query_id))
        steps = fate_of(query, delay=survey_rules(now=timezone.now()).delay)
        return Response(self.get_serializer({"steps": steps}).data)
