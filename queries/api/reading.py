"""The queries of a shop, each with its conversation and the notes about it."""

from typing import ClassVar, Final

from django.db.models import Prefetch
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from queries.api.listing import list_filter
from queries.models import Closing, CustomerQueries, CustomerQuery, HandOver
from queries.serializers import (
    MessageSerializer,
    QueryDetailSerializer,
    QuerySerializer,
    edition,
)
from sellers.api.fields import pk_or_404
from sellers.api.filtering import chosen_by, parameters_of
from sellers.api.versions import NOT_MODIFIED, etag_of, unchanged
from sellers.api.viewsets import ClientViewSet
from sellers.enums import Scope
from sellers.made_once import FoundOnce
from sellers.models import Seller

IF_NONE_MATCH: Final = "If-None-Match"


def _mine(*, seller: int, pk: int) -> CustomerQueries:
    return CustomerQuery.objects.for_seller(Seller(pk=seller)).filter(pk=pk)


# What an edition is made of, without the rest: most often it is what the client has.
FOR_EDITION: Final = FoundOnce(
    {"seller": int, "pk": int},
    _mine,
    along=("customer",),
    only={
        "": ("id", "version", "contact_email", "customer_id"),
        "customer": ("id", "name", "email", "erased_at", "merged_into_id"),
    },
)


class OfQuery(ClientViewSet):
    """A resource of one query of the shop; another's is not found."""

    part = "queries"

    def found(self, query_id: str, queries: CustomerQueries | None = None) -> CustomerQuery:
        """Return a query with its customer. Raises Http404."""
        known = CustomerQuery.objects.all() if queries is None else queries
        mine = known.for_seller(self.seller).select_related("customer")
        return get_object_or_404(mine, pk=pk_or_404(query_id))

    def in_full(self, query_id: str) -> Response:
        """Return all that is told of a query."""
        query = self.found(query_id, _with_history())
        data = QueryDetailSerializer(query, context=self.get_serializer_context()).data
        return Response(data, headers={"ETag": etag_of(edition(query))})


class Queries(OfQuery):
    """What customers asked the shop."""

    operations: ClassVar = {"list": "listQueries", "retrieve": "getQuery"}
    scopes: ClassVar = {"list": Scope.QUERIES_READ, "retrieve": Scope.QUERIES_READ}
    serializer_class = QuerySerializer
    lookup_url_kwarg = "query_id"
    ordering = ("-asked_at", "-pk")

    @extend_schema(parameters=parameters_of(list_filter()), responses=QuerySerializer(many=True))
    def list(self, request: Request) -> Response:
        """Return what was asked, the latest first."""
        mine = CustomerQuery.objects.for_seller(self.seller).select_related("customer")
        rows = self.paginate_queryset(chosen_by(self, list_filter(), mine).qs)
        return self.get_paginated_response(self.get_serializer(rows, many=True).data)

    @extend_schema(responses={200: QueryDetailSerializer, 304: NOT_MODIFIED})
    def retrieve(self, request: Request, query_id: str) -> Response:
        """Return one query, unless the client has it as it is."""
        if IF_NONE_MATCH in request.headers:
            known = FOR_EDITION.first(seller=self.seller.pk, pk=pk_or_404(query_id))
            same = unchanged(request, edition(known)) if known else None
            if same is not None:
                return same
        return self.in_full(query_id)


class Messages(OfQuery):
    """What was said in the conversation with the customer."""

    operations: ClassVar = {"list": "listMessages"}
    scopes: ClassVar = {"list": Scope.QUERIES_READ}
    serializer_class = MessageSerializer
    ordering = ("sent_at", "pk")

    @extend_schema(responses=MessageSerializer(many=True))
    def list(self, request: Request, query_id: str) -> Response:
        """Return what was said, the oldest first."""
        rows = self.paginate_queryset(self.found(query_id).messages.as_thread())
        return self.get_paginated_response(self.get_serializer(rows, many=True).data)


def _with_history() -> CustomerQueries:
    closings = Closing.objects.select_related("client").order_by("closed_at", "pk")
    handovers = HandOver.objects.select_related("client").order_by("handed_over_at", "pk")
    return CustomerQuery.objects.prefetch_related(
        Prefetch("closings", closings, "closings_in_order"),
        Prefetch("handovers", handovers, "handovers_in_order"),
    )
