"""What programs do to a query: as the pages do it, and only as it was when they read it."""

from http import HTTPStatus
from typing import Any, ClassVar

from django.db import transaction
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from queries import actions, wording
from queries.api.reading import OfQuery
from queries.models import CustomerQuery
from queries.serializers import (
    AssignmentSerializer,
    ByAgentSerializer,
    CloseSerializer,
    MessageSerializer,
    NewNoteSerializer,
    NoReplySerializer,
    NoteSerializer,
    QueryDetailSerializer,
    ReplySerializer,
    edition,
)
from sellers.api.problems import PreconditionFailed
from sellers.api.versions import ETAGS, etag_of, is_any, refuse_other_version
from sellers.enums import Scope
from sellers.events import Actor

IF_MATCH = OpenApiParameter(
    "If-Match",
    {"type": "string", "pattern": f"^({ETAGS.pattern})$"},
    OpenApiParameter.HEADER,
    required=True,
    description="The ETag of the query as you read it, or * to change it whatever it is.",
)


class QueryAction(OfQuery):
    """Something that is done to a query; the answer is how it is then.

    What moved on since the client read it is not changed.
    """

    scopes: ClassVar = {"create": Scope.QUERIES_WRITE}

    def asked(self) -> dict[str, Any]:
        """Return what a client sent, and as whom it acts. Raises ValidationError."""
        said = self.get_serializer(data=self.request.data)
        said.is_valid(raise_exception=True)
        chosen: dict[str, Any] = dict(said.validated_data)
        by = Actor.program(self.client, agent=chosen.pop("agent"))
        return {**chosen, "by": by, "now": timezone.now()}

    def as_read(self, query_id: str) -> tuple[CustomerQuery, dict[str, Any]]:
        """Return a query, and what is asked with the version that the client read.

        Raises Http404, ValidationError, PreconditionRequired and PreconditionFailed.
        """
        query, asked = self.found(query_id), self.asked()
        refuse_other_version(self.request, edition(query))
        version = None if is_any(self.request) else query.version
        return query, {**asked, "version": version}

    def handle_exception(self, exc: Exception) -> Response:
        """Say of what moved on meanwhile the same as of what did before."""
        moved_on = isinstance(exc, actions.MovedOn)
        return super().handle_exception(PreconditionFailed() if moved_on else exc)

    def made(self, data: Any, query: CustomerQuery) -> Response:
        """Answer with what was written, and the ETag that the query has by that.

        In the transaction that wrote it: no ETag is told of what the client knows nothing of.
        """
        etag = etag_of(edition(self.found(str(query.pk))))
        return Response(data, status=HTTPStatus.CREATED, headers={"ETag": etag})


class Reply(QueryAction):
    """An answer to the customer."""

    operations: ClassVar = {"create": "replyToQuery"}
    refusals = wording.NOT_REPLIED
    serializer_class = ReplySerializer

    @extend_schema(
        parameters=[IF_MATCH], request=ReplySerializer, responses={201: MessageSerializer}
    )
    @transaction.atomic
    def create(self, request: Request, query_id: str) -> Response:
        """Answer the customer, and close the query if that is asked.

        The ETag is that of the query, as it is now.
        """
        query, asked = self.as_read(query_id)
        sent = actions.reply(query, **asked)
        message = query.messages.as_thread().get(pk=sent.pk)
        return self.made(MessageSerializer(message).data, query)


class Close(QueryAction):
    """The end of a query."""

    operations: ClassVar = {"create": "closeQuery"}
    refusals = wording.NOT_CLOSED
    serializer_class = CloseSerializer

    @extend_schema(
        parameters=[IF_MATCH],
        request=CloseSerializer,
        responses={200: QueryDetailSerializer},
    )
    def create(self, request: Request, query_id: str) -> Response:
        """Close a query without another word."""
        query, asked = self.as_read(query_id)
        actions.close(query, **asked)
        return self.in_full(query_id)


class Reopen(QueryAction):
    """A new beginning of what was closed."""

    operations: ClassVar = {"create": "reopenQuery"}
    refusals = wording.NOT_REOPENED
    serializer_class = ByAgentSerializer

    @extend_schema(
        parameters=[IF_MATCH], request=ByAgentSerializer, responses={200: QueryDetailSerializer}
    )
    def create(self, request: Request, query_id: str) -> Response:
        """Open a closed query again."""
        query, asked = self.as_read(query_id)
        actions.reopen(query, **asked)
        return self.in_full(query_id)


class Assign(QueryAction):
    """Whose an open query is."""

    operations: ClassVar = {"create": "assignQuery"}
    refusals = wording.NOT_ASSIGNED
    serializer_class = AssignmentSerializer

    @extend_schema(
        parameters=[IF_MATCH], request=AssignmentSerializer, responses={200: QueryDetailSerializer}
    )
    def create(self, request: Request, query_id: str) -> Response:
        """Give an open query to a member, or to nobody."""
        query, asked = self.as_read(query_id)
        actions.assign(query, **asked)
        return self.in_full(query_id)


class NoReplyNeeded(QueryAction):
    """What the customer wrote last needs no answer."""

    operations: ClassVar = {"create": "needNoReply"}
    refusals = wording.NOT_SPARED
    serializer_class = NoReplySerializer

    @extend_schema(
        parameters=[IF_MATCH], request=NoReplySerializer, responses={200: QueryDetailSerializer}
    )
    def create(self, request: Request, query_id: str) -> Response:
        """Say that it is the customer’s turn without an answer; the query stays open."""
        query, asked = self.as_read(query_id)
        actions.need_no_reply(query, body=asked.pop("why"), **asked)
        return self.in_full(query_id)


class Notes(QueryAction):
    """What people of the shop wrote for each other; programs write in somebody’s name."""

    operations: ClassVar = {"list": "listNotes", "create": "writeNote"}
    scopes: ClassVar = {"list": Scope.QUERIES_READ, "create": Scope.QUERIES_WRITE}
    refusals: ClassVar = {actions.QueryIsErased: wording.NOTHING_TO_NOTE}
    serializer_class = NewNoteSerializer
    ordering = ("written_at", "pk")

    @extend_schema(responses=NoteSerializer(many=True))
    def list(self, request: Request, query_id: str) -> Response:
        """Return the notes, the oldest first."""
        notes = self.found(query_id).notes.select_related("author")
        rows: Any = self.paginate_queryset(notes)
        return self.get_paginated_response(NoteSerializer(rows, many=True).data)

    @extend_schema(request=NewNoteSerializer, responses={201: NoteSerializer})
    @transaction.atomic
    def create(self, request: Request, query_id: str) -> Response:
        """Write a note; nothing follows from it, so it fits whatever the query is by now.

        The ETag is that of the query, as it is now.
        """
        query = self.found(query_id)
        note = actions.write_note(query, **self.asked())
        return self.made(NoteSerializer(note).data, query)
