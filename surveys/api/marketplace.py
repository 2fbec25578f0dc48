"""The marketplace's platform feeds in what it knows, each thing under its own id."""

from datetime import UTC
from typing import Any, ClassVar, Final

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import (
    OpenApiParameter,
    PolymorphicProxySerializer,
    extend_schema,
    extend_schema_field,
    extend_schema_view,
    inline_serializer,
)
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from queries.enums import FedKind
from queries.feeding import FORMS, Effect, Outcome, Reader, Unreadable, key_of
from queries.feeding.items import ExternalIdField, is_source
from queries.models import WaitingItem
from sellers.api.fields import unknown_names
from sellers.api.paging import MomentPagination
from sellers.api.viewsets import ClientViewSet
from sellers.enums import Scope
from surveys.feeding import MOST, STATUS, feed_in, feed_told, said_of

SOURCE: Final = OpenApiParameter(
    "source",
    {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,39}$"},
    OpenApiParameter.PATH,
    description="What your platform is called: ids are of one platform.",
)
EXTERNAL_ID: Final = OpenApiParameter(
    "external_id",
    {"type": "string", "pattern": "^[!-.0-~]{1,100}$"},
    OpenApiParameter.PATH,
    description="Your own id.",
)
PARTS: Final = {
    FedKind.SELLER: "Seller",
    FedKind.MEMBER: "Member",
    FedKind.CUSTOMER: "Customer",
    FedKind.ORDER: "Order",
    FedKind.OPT_OUT: "OptOut",
    FedKind.BOUNCE: "Bounce",
    FedKind.QUERY: "Query",
    FedKind.MESSAGE: "Message",
    FedKind.HANDOVER: "Handover",
    FedKind.HANDBACK: "Handback",
    FedKind.CLOSING: "Closing",
}


@extend_schema_field({"$ref": "#/components/schemas/Problem"})
class ProblemField(serializers.DictField):
    """A problem, as the body of a refusal has it."""


class KeySerializer(serializers.Serializer[Any]):
    """What the platform knows something by."""

    kind = serializers.ChoiceField(choices=FedKind.choices)
    external_id = ExternalIdField()


class WhatBecameSerializer(serializers.Serializer[Any]):
    """What became of what was told, and what follows from it."""

    outcome = serializers.ChoiceField(choices=Outcome.choices)
    id = serializers.CharField(allow_null=True, help_text="Ours; null while it waits.")
    effects = serializers.ListField(
        child=serializers.ChoiceField(choices=Effect.choices),
        help_text="What follows that one may not expect. deadline_passed: the answer of the shop "
        "is overdue already. survey_stale: closed too long ago for a survey. older_than_known: "
        "something newer is known, so nothing changed. erased: the customer was erased.",
    )
    waits_for = KeySerializer(allow_null=True, help_text="What has to come first.")


class FedSerializer(WhatBecameSerializer):
    """What became of one thing that was told of."""

    kind = serializers.ChoiceField(choices=FedKind.choices)
    external_id = ExternalIdField()


class MarketplaceViewSet(ClientViewSet):
    """What only the marketplace's platform does."""

    part = "marketplace"
    of_marketplace = True
    pagination_class: type[BasePagination] | None = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Check who asks, then what their platform is called."""
        super().initial(request, *args, **kwargs)
        if not is_source(self.kwargs["source"]):
            raise NotFound(_("A source is a word of small letters, digits and hyphens."))


class FedViewSet(MarketplaceViewSet):
    """One kind of thing, told of one by one."""

    kind: ClassVar[FedKind]
    scopes: ClassVar = {"update": Scope.MARKETPLACE_WRITE}
    lookup_field = "external_id"

    def update(self, request: Request, source: str, external_id: str) -> Response:
        """Store how it is, or what happened, at the platform; as often as you like."""
        now = timezone.now()
        key = {"kind": self.kind, "external_id": external_id}
        try:
            item = Reader(now=now).read(*key_of(key), request.data)
        except Unreadable as unreadable:
            raise unreadable.error from unreadable
        (result,) = feed_in(source, [item], client=self.client, now=now)
        if result.problem:
            raise result.problem
        return Response(said_of(result), status=STATUS.get(result.outcome, 200))


def viewset_of(kind: FedKind) -> type[FedViewSet]:
    """Return the viewset of one kind."""
    answers = dict.fromkeys([200, 201, 202], FedSerializer)
    described = extend_schema(
        parameters=[SOURCE, EXTERNAL_ID], request=FORMS[kind], responses=answers
    )
    viewset = type(
        f"{PARTS[kind]}Feed",
        (FedViewSet,),
        {
            "__doc__": FORMS[kind].__doc__,
            "kind": kind,
            "operations": {"update": f"put{PARTS[kind]}"},
            "serializer_class": FORMS[kind],
        },
    )
    return extend_schema_view(update=described)(viewset)  # one `update` each: it is marked


FEEDS: Final = {
    "sellers": viewset_of(FedKind.SELLER),
    "members": viewset_of(FedKind.MEMBER),
    "customers": viewset_of(FedKind.CUSTOMER),
    "orders": viewset_of(FedKind.ORDER),
    "opt-outs": viewset_of(FedKind.OPT_OUT),
    "bounces": viewset_of(FedKind.BOUNCE),
    "queries": viewset_of(FedKind.QUERY),
    "messages": viewset_of(FedKind.MESSAGE),
    "handovers": viewset_of(FedKind.HANDOVER),
    "handbacks": viewset_of(FedKind.HANDBACK),
    "closings": viewset_of(FedKind.CLOSING),
}


# A batch


def _item_of_batch(kind: FedKind) -> type[serializers.Serializer[Any]]:
    fields = {
        "kind": serializers.ChoiceField(choices=[kind.value]),
        "external_id": ExternalIdField(),
    }
    return type(f"{PARTS[kind]}ItemSerializer", (FORMS[kind],), fields)


BATCH: Final = inline_serializer(
    "Batch",
    {
        "items": serializers.ListField(
            child=PolymorphicProxySerializer(
                "BatchItem",
                serializers={kind.value: _item_of_batch(kind) for kind in FedKind},
                resource_type_field_name="kind",
            ),
            min_length=1,
            max_length=MOST,
        )
    },
)


class BatchResultSerializer(WhatBecameSerializer):
    """What became of one item of a batch."""

    kind = serializers.CharField(allow_null=True)
    external_id = serializers.CharField(allow_null=True)
    status = serializers.IntegerField(help_text="What a PUT would have answered.")
    problem = ProblemField(allow_null=True, help_text="Why it was rejected.")


class Batches(MarketplaceViewSet):
    """Many things at once."""

    operations: ClassVar = {"create": "postBatch"}
    scopes: ClassVar = {"create": Scope.MARKETPLACE_WRITE}
    serializer_class = BatchResultSerializer

    @extend_schema(
        parameters=[SOURCE],
        request=BATCH,
        responses={
            207: inline_serializer("BatchResults", {"results": BatchResultSerializer(many=True)})
        },
    )
    def create(self, request: Request, source: str) -> Response:
        """Store up to 1,000 items of any kind and in any order; say of each what became of it."""
        sent = request.data if isinstance(request.data, dict) else {}
        told: Any = sent.get("items")
        wrong = unknown_names(sent, ("items",))
        if not isinstance(told, list) or not 1 <= len(told) <= MOST:
            wrong["items"] = [_("A list of 1 to 1000 items.")]
        if wrong:
            raise ValidationError(wrong)
        results = feed_told(source, told, client=self.client, now=timezone.now())
        return Response({"results": results}, status=207)


# What waits


class WaitingSerializer(serializers.ModelSerializer[WaitingItem]):
    """What waits for what it belongs to, or was rejected after all."""

    waits_for = serializers.SerializerMethodField()
    received_at = serializers.DateTimeField(default_timezone=UTC)
    rejected_at = serializers.DateTimeField(
        source="given_up_at", allow_null=True, default_timezone=UTC
    )
    problem = ProblemField(allow_null=True)

    class Meta:
        model = WaitingItem
        fields = ("kind", "external_id", "waits_for", "received_at", "rejected_at", "problem")

    @extend_schema_field(KeySerializer)
    def get_waits_for(self, item: WaitingItem) -> dict[str, str]:
        """Return what has to come first."""
        return {"kind": item.parent_kind, "external_id": item.parent_id}


class Waiting(MarketplaceViewSet):
    """What waits, and what was rejected because nothing came."""

    operations: ClassVar = {"list": "listWaiting"}
    scopes: ClassVar = {"list": Scope.MARKETPLACE_WRITE}
    pagination_class = MomentPagination
    ordering = ("received_at", "pk")
    serializer_class = WaitingSerializer

    @extend_schema(parameters=[SOURCE])
    def list(self, request: Request, source: str) -> Response:
        """Return what waits and what was rejected later, longest waiting first."""
        items = WaitingItem.objects.from_source(source)
        page = self.paginate_queryset(items)
        return self.get_paginated_response(self.get_serializer(page, many=True).data)
