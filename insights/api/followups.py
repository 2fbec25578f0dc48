"""What a shop does after low scores: its tasks, and everything that is done to them."""

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar, Final

import django_filters
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from insights.api.followup_answers import STEPS, FollowUpSerializer, WholeFollowUpSerializer
from insights.filters import FollowUpFilter
from insights.forms.followups import (
    LESSON_NEEDED,
    NOTE_MAX_LENGTH,
    ContactReplyForm,
    FinishForm,
)
from insights.refusals import REFUSED
from insights.reports.followup_steps import checklist
from insights.reports.followups import Part
from queries.forms import REPLY_MAX_LENGTH
from sellers.api.fields import ColleagueField, LineField, SentSerializer, TextField, pk_or_404
from sellers.api.filtering import chosen_by, parameters_of
from sellers.api.versions import NOT_MODIFIED, answer_unless_unchanged
from sellers.api.viewsets import ClientViewSet
from sellers.enums import Scope
from sellers.events import Actor
from surveys.enums import CallOutcome, FollowUpState
from surveys.followups import working
from surveys.models import FollowUp, PlaybookStep, Topic

FOLLOWUP: Final = OpenApiParameter("followup_id", str, OpenApiParameter.PATH)
READING: Final = ("list", "retrieve")
TASK: Final = "task"  # what serializers are given: which one it is about
# As the page says it.
REPLY_NEEDED: Final = ContactReplyForm.base_fields["body"].error_messages["required"]
NOTE_NEEDED: Final = FinishForm.base_fields["note"].error_messages["required"]


def _needed(reason: object) -> dict[str, Any]:
    """Return what is said where something is left out."""
    return dict.fromkeys(("required", "blank", "null"), reason)


def _written(asked: type[serializers.Serializer[Any]], **options: str) -> Callable[..., Any]:
    """Make a method the POST that takes this and answers with the task."""

    def decorate(method: Callable[..., Response]) -> Any:
        described = extend_schema(
            parameters=[FOLLOWUP], request=asked, responses=WholeFollowUpSerializer
        )
        return described(action(detail=True, methods=["post"], **options)(method))

    return decorate


class ProgramFollowUpFilter(FollowUpFilter):
    """The choices of the page, but for one's own tasks: a program has none."""

    part = django_filters.ChoiceFilter(
        method="keep_all",
        choices=[(part.value, part.label) for part in Part if part is not Part.MINE],
        label=_("Which"),
    )


@extend_schema_field(OpenApiTypes.STR)
class StepField(serializers.Field[Any, Any, Any, Any]):
    """A step of the playbook of the task, by its id."""

    default_error_messages = {"unknown": _("This is no step of the playbook of this task.")}

    def to_internal_value(self, data: object) -> PlaybookStep:
        """Return the step. Raises ValidationError."""
        steps = {str(step.pk): step for step in self.context[TASK].playbook.steps.all()}
        if not isinstance(data, str) or data not in steps:
            self.fail("unknown")
        step: PlaybookStep = steps[data]
        return step


@extend_schema_field(OpenApiTypes.STR)
class CauseField(serializers.Field[Any, Any, Any, Any]):
    """A topic that surveys ask about, by its code."""

    default_error_messages = {"unknown": _("This is no topic that surveys ask about.")}

    def to_internal_value(self, data: object) -> Topic:
        """Return the topic. Raises ValidationError."""
        topics = {topic.slug: topic for topic in Topic.objects.offered()}
        if not isinstance(data, str) or data not in topics:
            self.fail("unknown")
        return topics[data]


class ByAnybodySerializer(SentSerializer):
    """In whose name something is done, if in anybody’s."""

    agent = ColleagueField(required=False, help_text="In whose name; the id of a member.")


class ByAgentSerializer(SentSerializer):
    """Who did something: it is of a person."""

    agent = ColleagueField(help_text="Who did it; the id of a member.")


class StepSerializer(ByAgentSerializer):
    """Which step was done, or was not after all."""

    step_id = StepField(source="step")


class ContactReplySerializer(ByAgentSerializer):
    """What is written to the customer."""

    body = TextField(max_length=REPLY_MAX_LENGTH, error_messages=_needed(REPLY_NEEDED))


class LoggedCallSerializer(ByAgentSerializer):
    """What came of a phone call."""

    outcome = serializers.ChoiceField(choices=CallOutcome.choices)
    note = TextField(max_length=NOTE_MAX_LENGTH, allow_blank=True, default="")


class HandedSerializer(ByAnybodySerializer):
    """Who is to do a task."""

    assignee = ColleagueField(allow_null=True, help_text="The id of a member; null for nobody.")


class ResolvedSerializer(ByAnybodySerializer):
    """What was done, and what can be learned."""

    note = TextField(max_length=NOTE_MAX_LENGTH, error_messages=_needed(NOTE_NEEDED))
    promised = LineField(
        max_length=300,
        allow_blank=True,
        default="",
        help_text="It is at the top of this customer’s next query.",
    )
    cause_topic = CauseField(
        allow_null=True, default=None, help_text="The code of a topic that surveys ask about."
    )
    cause = LineField(max_length=200, allow_blank=True, default="")
    lesson = TextField(max_length=NOTE_MAX_LENGTH, allow_blank=True, default="")


class NotRecoverableSerializer(ResolvedSerializer):
    """What was done in vain, and what the team can learn from it."""

    lesson = TextField(max_length=NOTE_MAX_LENGTH, error_messages=_needed(LESSON_NEEDED))


class FollowUps(ClientViewSet):
    """The tasks after low scores. Each write answers with the task as it is then."""

    part = "follow-ups"
    operations: ClassVar = {
        "list": "listFollowUps",
        "retrieve": "getFollowUp",
        "reply": "replyToCustomer",
        "call": "logCall",
        "tick": "tickStep",
        "untick": "untickStep",
        "assign": "assignFollowUp",
        "resolve": "resolveFollowUp",
        "not_recoverable": "endFollowUp",
        "reopen": "reopenFollowUp",
    }
    scopes: ClassVar = {
        name: Scope.INSIGHTS_READ if name in READING else Scope.FOLLOWUPS_WRITE
        for name in operations
    }
    refusals = REFUSED
    lookup_url_kwarg = "followup_id"
    serializer_class = FollowUpSerializer

    @extend_schema(
        parameters=parameters_of(ProgramFollowUpFilter), responses=FollowUpSerializer(many=True)
    )
    def list(self, request: Request) -> Response:
        """Return those that are asked for, in the order of the page.

        Without a part, a state or days it is the open ones; of those, the most pressing first.
        """
        mine = FollowUp.objects.for_seller(self.seller)
        chosen = chosen_by(self, ProgramFollowUpFilter, mine)
        self.ordering = chosen.part_shown.keys
        rows = self.paginate_queryset(chosen.of(user=None, now=timezone.now()))
        pks = [row.pk for row in rows or ()]
        found = FollowUp.objects.with_people().in_bulk(pks)
        shown = self.get_serializer([found[pk] for pk in pks], many=True)
        return self.get_paginated_response(shown.data)

    @extend_schema(
        parameters=[FOLLOWUP], responses={200: WholeFollowUpSerializer, 304: NOT_MODIFIED}
    )
    def retrieve(self, request: Request, followup_id: str) -> Response:
        """Return one with its checklist and history."""
        return answer_unless_unchanged(request, self._whole(self._task(followup_id)))

    @_written(ContactReplySerializer)
    def reply(self, request: Request, followup_id: str) -> Response:
        """Write to the customer in the conversation, which stays closed when it is."""
        return self._done(followup_id, ContactReplySerializer, working.reply)

    @_written(LoggedCallSerializer)
    def call(self, request: Request, followup_id: str) -> Response:
        """Keep what came of a phone call; only who was reached was contacted."""
        return self._done(followup_id, LoggedCallSerializer, working.log_call)

    @_written(StepSerializer)
    def tick(self, request: Request, followup_id: str) -> Response:
        """Note that a step of the playbook is done; twice is once."""
        return self._done(followup_id, StepSerializer, working.tick)

    @_written(StepSerializer)
    def untick(self, request: Request, followup_id: str) -> Response:
        """Note that a step is not done after all; twice is once."""
        return self._done(followup_id, StepSerializer, working.untick)

    @_written(HandedSerializer)
    def assign(self, request: Request, followup_id: str) -> Response:
        """Give the task to a member who may answer, or to nobody."""
        return self._done(followup_id, HandedSerializer, working.assign)

    @_written(ResolvedSerializer)
    def resolve(self, request: Request, followup_id: str) -> Response:
        """End the task: resolved. The score stays what it is."""
        act = partial(working.finish, state=FollowUpState.RESOLVED)
        return self._done(followup_id, ResolvedSerializer, act)

    @_written(NotRecoverableSerializer, url_path="not-recoverable")
    def not_recoverable(self, request: Request, followup_id: str) -> Response:
        """End the task: the customer was not won back. The score stays what it is."""
        act = partial(working.finish, state=FollowUpState.NOT_RECOVERABLE)
        return self._done(followup_id, NotRecoverableSerializer, act)

    @_written(ByAnybodySerializer)
    def reopen(self, request: Request, followup_id: str) -> Response:
        """Open a finished task again; what was written when it ended stays."""
        return self._done(followup_id, ByAnybodySerializer, working.reopen)

    def _done(
        self, followup_id: str, asked: type[serializers.Serializer[Any]], act: Callable[..., object]
    ) -> Response:
        """Do something to a task with what was sent, and answer with the task."""
        task = self._task(followup_id)
        sent = asked(data=self.request.data, context={**self.get_serializer_context(), TASK: task})
        sent.is_valid(raise_exception=True)
        given = dict(sent.validated_data)
        by = Actor.program(self.client, agent=given.pop("agent", None))
        act(task, **given, by=by, now=timezone.now())
        return Response(self._whole(self._task(followup_id)))

    def _task(self, followup_id: str) -> FollowUp:
        """Return a task of the shop; raise Http404 for another's."""
        mine = FollowUp.objects.for_seller(self.seller).with_people()
        tasks = mine.select_related("seller", "playbook")
        return get_object_or_404(tasks, pk=pk_or_404(followup_id))

    def _whole(self, task: FollowUp) -> Any:
        context = {**self.get_serializer_context(), STEPS: checklist(task)}
        return WholeFollowUpSerializer(task, context=context).data
