"""What programs read of queries, and what they send."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from queries.enums import (
    ActorType,
    AttachmentKind,
    Author,
    Channel,
    MessageVia,
    NoteKind,
    QueryState,
)
from queries.forms import REASON_MAX_LENGTH, REPLY_MAX_LENGTH
from queries.models import Attachment, Closing, CustomerMail, CustomerQuery, HandOver, Message, Note
from sellers.api.fields import (
    ColleagueField,
    MomentField,
    PersonSerializer,
    SentSerializer,
    TextField,
)
from sellers.enums import Language, MailState
from sellers.tokens import digest

EDITION_DIGITS = 8  # of the digest of what the version says nothing about


def edition(query: CustomerQuery) -> str:
    """Return what is another one as soon as a query says something else to who reads it.

    Its version rises with all but who asks, whose name and address are the customer's own.
    """
    asked_by = digest(f"{query.asked_by}\n{query.masked_email}")
    return f"{query.version}-{asked_by[:EDITION_DIGITS]}"


# What is read


class AskerSerializer(serializers.Serializer[CustomerQuery]):
    """Who asked, as far as every page of the shop says it."""

    name = serializers.CharField(source="asked_by", help_text="Or the address, masked.")
    email = serializers.CharField(
        source="masked_email", help_text="Masked, such as r•••@klant.example; empty without one."
    )


class QuerySerializer(serializers.Serializer[CustomerQuery]):
    """One question of a customer, and whose turn it is."""

    id = serializers.CharField(source="pk")
    version = serializers.SerializerMethodField(
        help_text="Its ETag without the quotes: to be sent, in quotes, as If-Match."
    )
    state = serializers.ChoiceField(choices=QueryState.choices)
    subject = serializers.CharField(help_text="Empty of what was erased.")
    order_reference = serializers.CharField(help_text="Empty when it is about no order.")
    channel = serializers.ChoiceField(choices=Channel.choices)
    language = serializers.ChoiceField(choices=Language.choices)
    customer = AskerSerializer(source="*")
    assignee_id = serializers.CharField(allow_null=True, help_text="A member; null: nobody.")
    asked_at = MomentField()
    turn_since = MomentField(help_text="Since when it is in this state.")
    reply_needed_since = MomentField(
        allow_null=True, help_text="Since when the customer waits; null when nobody does."
    )
    due_at = MomentField(help_text="When a reply is due, while the customer waits for one.")
    first_replied_at = MomentField(allow_null=True)
    snoozed_until = MomentField(allow_null=True)
    duplicate_of_id = serializers.CharField(
        allow_null=True, help_text="The query that is kept in the place of this one."
    )
    logged_by_seller = serializers.BooleanField(
        help_text="A phone call that the shop noted itself; never surveyed."
    )
    erased_at = MomentField(allow_null=True)
    changed_at = MomentField(help_text="What updated_since compares with.")

    def get_version(self, query: CustomerQuery) -> str:
        """Return what its ETag says."""
        return edition(query)


class ClosingSerializer(serializers.Serializer[Closing]):
    """One time that a query was closed."""

    closed_at = MomentField()
    closed_by = serializers.ChoiceField(choices=ActorType.choices)
    agent_id = serializers.CharField(allow_null=True)
    client = serializers.CharField(
        source="client.name", allow_null=True, default=None, help_text="The program that did it."
    )
    predicted_score = serializers.IntegerField(allow_null=True)
    reopened_at = MomentField(allow_null=True)


class HandOverSerializer(serializers.Serializer[HandOver]):
    """One time that a query was handed over to the marketplace."""

    handed_over_at = MomentField()
    agent_id = serializers.CharField(source="by_id", allow_null=True)
    client = serializers.CharField(
        source="client.name", allow_null=True, default=None, help_text="The program that did it."
    )
    reason = serializers.CharField(help_text="Empty of what was erased.")
    handed_back_at = MomentField(allow_null=True, help_text="Null while it is there.")


class QueryDetailSerializer(QuerySerializer):
    """One question of a customer, with every time that it was closed or handed over."""

    closings = ClosingSerializer(many=True, source="closings_in_order")
    hand_overs = HandOverSerializer(many=True, source="handovers_in_order")


class AttachmentSerializer(serializers.Serializer[Attachment]):
    """A file that came with a message."""

    id = serializers.CharField(source="pk")
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=AttachmentKind.choices)
    size = serializers.IntegerField(help_text="In bytes.")


class MailSerializer(serializers.Serializer[CustomerMail]):
    """A mail that brings a reply to the customer."""

    state = serializers.ChoiceField(choices=MailState.choices)


class MessageSerializer(serializers.Serializer[Message]):
    """What somebody said in the conversation with the customer."""

    id = serializers.CharField(source="pk")
    author = serializers.ChoiceField(choices=Author.choices)
    agent = PersonSerializer(allow_null=True)
    client = serializers.CharField(
        source="client.name", allow_null=True, default=None, help_text="The program that sent it."
    )
    body = serializers.CharField(source="words")
    quoted = serializers.CharField(help_text="What a mail repeats of earlier ones.")
    sent_at = MomentField()
    via = serializers.ChoiceField(choices=MessageVia.choices)
    from_email = serializers.CharField(help_text="Of somebody else than the customer.")
    accepted_at = MomentField(
        allow_null=True, help_text="When the shop took what somebody else wrote for an answer."
    )
    withdrawn_at = MomentField(
        allow_null=True, help_text="When it was taken back; the customer never saw it."
    )
    mail = MailSerializer(
        allow_null=True, default=None, help_text="Its mail to the customer; null without one."
    )
    attachments = AttachmentSerializer(many=True, source="files")


class NoteSerializer(serializers.Serializer[Note]):
    """What somebody of the shop wrote for colleagues."""

    id = serializers.CharField(source="pk")
    kind = serializers.ChoiceField(choices=NoteKind.choices)
    author = PersonSerializer()
    body = serializers.CharField()
    written_at = MomentField()


# What is sent


class FlagField(serializers.BooleanField):
    """True or false, and nothing that can be taken for it."""

    def to_internal_value(self, data: Any) -> bool:
        """Return what it is. Raises ValidationError."""
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class PredictionField(serializers.IntegerField):
    """The score that is expected of the customer, or null."""

    default_error_messages = {"invalid": _("A prediction is a whole number from 0 to 10.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0, max_value=10, allow_null=True, default=None, **kwargs)

    def to_internal_value(self, data: Any) -> int:
        """Return the score. Raises ValidationError."""
        if isinstance(data, bool | str):
            self.fail("invalid")
        return super().to_internal_value(data)


class ByAgentSerializer(SentSerializer):
    """Who of the shop does it; without anybody, the program does."""

    agent = ColleagueField(
        allow_null=True, default=None, help_text="A member who may answer; null: nobody."
    )


class CloseSerializer(ByAgentSerializer):
    """How a query is closed."""

    predicted_score = PredictionField(
        help_text="What the customer will give, as the agent expects it."
    )


class ReplySerializer(CloseSerializer):
    """An answer to the customer, which may be the last one."""

    body = TextField(max_length=REPLY_MAX_LENGTH)
    closes = FlagField(default=False, help_text="Whether it closes the query.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a prediction of what is not closed."""
        if attrs["predicted_score"] is not None and not attrs["closes"]:
            said = _("A prediction goes with a closing: send closes too, or leave it out.")
            raise serializers.ValidationError({"predicted_score": [said]})
        return attrs


class AssignmentSerializer(ByAgentSerializer):
    """To whom a query is given."""

    assignee = ColleagueField(
        allow_null=True, help_text="A member who may answer; null: nobody in particular."
    )


class NewNoteSerializer(SentSerializer):
    """What a member wrote for colleagues; a program alone writes none."""

    agent = ColleagueField(help_text="The member who wrote it.")
    body = TextField(max_length=REPLY_MAX_LENGTH)


class NoReplySerializer(SentSerializer):
    """Who says that no reply is needed, and why; a program alone cannot say it."""

    agent = ColleagueField(help_text="The member who says so.")
    why = TextField(max_length=REASON_MAX_LENGTH, allow_blank=True, default="")
