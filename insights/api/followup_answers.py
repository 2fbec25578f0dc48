"""A follow-up task as programs read it."""

from typing import Any, Final

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from insights.reports.followup_steps import (
    CheckedStep,
    HistoryLine,
    followup_history,
)
from sellers.api.fields import MomentField, PersonSerializer
from surveys.enums import FollowUpState
from surveys.followup_rules import may_be_called, may_be_written
from surveys.models import FollowUp, Playbook

STEPS: Final = "steps"  # what the serializer is given: the checklist of the task


class FollowUpSerializer(serializers.Serializer[FollowUp]):
    """What a shop does after one low score."""

    id = serializers.CharField(source="pk")
    measurement_id = serializers.CharField(source="response_id")
    query_id = serializers.CharField(source="response.query_id")
    subject = serializers.CharField(
        source="response.query.subject", help_text="Empty when it was erased."
    )
    customer_name = serializers.CharField(source="response.query.customer.name")
    score = serializers.IntegerField(source="response.score", help_text="0 to 6.")
    reason = serializers.CharField(source="response.reason", help_text="May be empty.")
    contact_wish = serializers.CharField(
        source="wish.value",
        help_text="Whether the shop may make contact: allowed, refused or not_said.",
    )
    state = serializers.ChoiceField(choices=FollowUpState.choices)
    assignee = PersonSerializer(allow_null=True)
    opened_at = MomentField()
    due_at = MomentField(help_text="Until when the customer is to be contacted.")
    is_late = serializers.SerializerMethodField()
    contacted_at = MomentField(allow_null=True)
    finished_at = MomentField(allow_null=True)
    note = serializers.CharField(help_text="What was done; from when it was finished.")
    promised = serializers.CharField()
    cause_topic = serializers.CharField(
        source="cause_topic.slug", allow_null=True, help_text="The code of a topic."
    )
    cause = serializers.CharField()
    lesson = serializers.CharField()
    lapsed_at = MomentField(
        allow_null=True, help_text="Since when it is in no figure, and nothing can be done to it."
    )
    lapse = serializers.CharField(help_text="Why: excluded, erased, or empty.")

    def get_is_late(self, followup: FollowUp) -> bool:
        """Return whether it should have been taken up by now."""
        return followup.is_late(now=timezone.now())


class PlaybookSerializer(serializers.Serializer[Playbook]):
    """What staff advise after this score, as it was when the task opened."""

    version = serializers.IntegerField()
    intro = serializers.CharField()


class CheckedStepSerializer(serializers.Serializer[CheckedStep]):
    """One step of the playbook, and who ticked it when."""

    id = serializers.CharField(source="step.pk")
    name = serializers.CharField(source="step.label", help_text="What to do.")
    hint = serializers.CharField(source="step.hint")
    ticked_by_contact = serializers.BooleanField(
        source="step.is_contact", help_text="Whether contact from the task ticks it."
    )
    is_done = serializers.BooleanField()
    ticked_at = MomentField(allow_null=True)
    ticked_by = PersonSerializer(allow_null=True)


class HistoryLineSerializer(serializers.Serializer[HistoryLine]):
    """One thing that happened to a task."""

    at = MomentField()
    kind = serializers.CharField(help_text="Such as followup.assigned; new ones may be added.")
    what = serializers.CharField(help_text="The same in words.")
    who = serializers.CharField(help_text="Empty for what happened by itself.")
    words = serializers.CharField(help_text="May be empty.")
    message_id = serializers.CharField(source="message_pk", allow_null=True)


class WholeFollowUpSerializer(FollowUpSerializer):
    """A task with its checklist and all that happened, the latest first."""

    may_be_written = serializers.SerializerMethodField(
        help_text="Whether one more reply is fine with the customer."
    )
    may_be_called = serializers.SerializerMethodField()
    playbook = PlaybookSerializer()
    steps = serializers.SerializerMethodField()
    history = serializers.SerializerMethodField()

    def get_may_be_written(self, followup: FollowUp) -> bool:
        """Return whether a reply would be taken, as far as the customer is concerned."""
        query, replies = followup.response.query, followup.contacts.replies().count()
        assert query, "Nobody follows up on what was imported."
        return may_be_written(followup.wish, replies=replies) and not query.erased_at

    def get_may_be_called(self, followup: FollowUp) -> bool:
        """Return whether the customer wants a phone call."""
        return may_be_called(followup.wish)

    @extend_schema_field(CheckedStepSerializer(many=True))
    def get_steps(self, followup: FollowUp) -> Any:
        """Return the checklist."""
        return CheckedStepSerializer(self.context[STEPS], many=True).data

    @extend_schema_field(HistoryLineSerializer(many=True))
    def get_history(self, followup: FollowUp) -> Any:
        """Return what happened, as the page has it."""
        contacts = list(followup.contacts.select_related("message").order_by("made_at", "pk"))
        lines: Any = followup_history(followup, contacts=contacts, steps=self.context[STEPS])
        return HistoryLineSerializer(lines, many=True).data
