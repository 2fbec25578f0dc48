"""What the API says of a shop itself: who is in its team, and what changed."""

from typing import Any, ClassVar, Final

from django.core import signing
from django.utils.translation import gettext as _
from drf_spectacular.helpers import forced_singular_serializer
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from sellers.api.fields import MomentField
from sellers.api.paging import described_limit, limit_of
from sellers.api.telling import told
from sellers.api.viewsets import ClientViewSet
from sellers.enums import Role, Scope
from sellers.models import START, Event, Membership, Position

CHANGES: Final = 500  # in one answer
SALT: Final = "api.changes"
# What rows are called to programs, here as in webhooks; all others as their class is.
NOUNS: Final = {"customerquery": "query", "surveyresponse": "measurement"}
AFTER: Final = OpenApiParameter(
    "after",
    OpenApiTypes.STR,
    description="What the last answer said to go on with; without it from the beginning.",
)
LIMITED: Final = described_limit(CHANGES, most=CHANGES)
LIMIT: Final = OpenApiParameter("limit", LIMITED["schema"], description=LIMITED["description"])


class MemberSerializer(serializers.Serializer[Membership]):
    """Somebody of the shop."""

    id = serializers.CharField(source="user_id", help_text="To be named as agent or assignee.")
    name = serializers.CharField(source="user.name")
    role = serializers.ChoiceField(choices=Role.choices)
    may_answer = serializers.BooleanField()


class Members(ClientViewSet):
    """The team of the shop."""

    part = "team"
    operations: ClassVar = {"list": "listMembers"}
    scopes: ClassVar = {"list": Scope.QUERIES_READ}
    pagination_class = None
    serializer_class = MemberSerializer

    @extend_schema(responses=MemberSerializer(many=True))
    def list(self, request: Request) -> Response:
        """Return who is in the team, by name."""
        members = Membership.objects.for_seller(self.seller)
        return Response(self.get_serializer(members, many=True).data)


class ChangeSerializer(serializers.Serializer[Event]):
    """One thing that happened to something of the shop."""

    kind = serializers.CharField(help_text="Such as query.closed; new ones may be added.")
    at = MomentField()
    object = serializers.SerializerMethodField(
        help_text="What it happened to: query, measurement, …"
    )
    id = serializers.CharField(source="object_pk")
    version = serializers.IntegerField(
        source="pk", help_text="Higher for what happened later to the same object."
    )

    def get_object(self, event: Event) -> str:
        """Return what kind of row it is."""
        name = event.object_label.rpartition(".")[2].lower()
        return NOUNS.get(name, name)


class ChangePageSerializer(serializers.Serializer[Event]):
    """Some changes, and how to go on."""

    after = serializers.CharField(help_text="What to send next time.")
    more = serializers.BooleanField(help_text="Whether there is more already.")
    results = ChangeSerializer(many=True)


class Changes(ClientViewSet):
    """What happened at the shop, in an order in which nothing is skipped."""

    part = "changes"
    operations: ClassVar = {"list": "listChanges"}
    scopes: ClassVar = {"list": (Scope.QUERIES_READ, Scope.INSIGHTS_READ)}
    pagination_class = None
    serializer_class = ChangeSerializer

    @extend_schema(
        parameters=[AFTER, LIMIT],
        responses=forced_singular_serializer(ChangePageSerializer),  # type: ignore[no-untyped-call]
    )
    def list(self, request: Request) -> Response:
        """Return what happened after what was read last, of what the token may read.

        Queries need queries:read; measurements, tasks and what was done with them insights:read.
        Over what is not told `after` moves on, so an answer may be empty while there is more.

        Only what nothing can come before any more is given: while a transaction of an earlier
        moment runs, what came after it waits.
        """
        after = request.query_params.get("after")
        position = _position(after, self.seller.pk) if after else START
        mine = Event.objects.filter(seller=self.seller)
        size = limit_of(request, CHANGES, most=CHANGES)
        found = list(mine.settled_after(position)[: size + 1])
        read = found[:size]
        last = read[-1].position if read else position
        token: Any = request.auth  # else nobody came this far
        scopes = token.scope.split()
        events = told(read, seller=self.seller, scopes=scopes)
        return Response(
            {
                "after": signing.dumps([self.seller.pk, *last], salt=SALT),
                "more": len(found) > size,
                "results": self.get_serializer(events, many=True).data,
            }
        )


def _position(text: str, seller_pk: int) -> Position:
    """Return how far a client has read. Raises ValidationError."""
    try:
        of_seller, transaction, pk = signing.loads(text, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        of_seller, transaction, pk = None, 0, 0
    if of_seller != seller_pk:
        raise ValidationError({"after": [_("This is not what a list of changes said to send.")]})
    return Position(transaction, pk)
