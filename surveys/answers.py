"""What a customer does with the link: answer once, or ask for no more surveys."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db import transaction

from surveys.enums import InvitationState
from surveys.models import Invitation, ResponseTopic, SurveyOptOut, SurveyResponse, Topic
from surveys.periods import month_of


class AlreadyAnswered(Exception):
    """The first answer stands; there cannot be a second one."""


class AnswerTooLate(Exception):
    """The answer window of the invitation is over."""


@transaction.atomic
def submit(
    invitation: Invitation,
    *,
    score: int,
    reason: str,
    topics: Iterable[Topic],
    may_contact: bool | None,
    opened_at: datetime | None,
    now: datetime,
) -> SurveyResponse:
    """Store the answer of a customer, for ever. Raises AlreadyAnswered or AnswerTooLate.

    The month it belongs to is decided here, in the marketplace's time zone.
    """
    invitation.refresh_from_db(
        from_queryset=Invitation.objects.select_related("closing").select_for_update(of=("self",))
    )
    if invitation.state == InvitationState.ANSWERED:
        raise AlreadyAnswered
    if invitation.is_expired(now=now):
        raise AnswerTooLate
    response = SurveyResponse.objects.create(
        invitation=invitation,
        seller_id=invitation.seller_id,
        query_id=invitation.query_id,
        closed_by=invitation.closing.closed_by,
        score=score,
        submitted_at=now,
        month=month_of(now, settings.MARKETPLACE_ZONE),
        reason=reason,
        may_contact=may_contact,
    )
    ResponseTopic.objects.bulk_create(
        ResponseTopic(response=response, topic=topic) for topic in topics
    )
    _note_answered(invitation, opened_at=opened_at, now=now)
    return response


def _note_answered(invitation: Invitation, *, opened_at: datetime | None, now: datetime) -> None:
    invitation.state = InvitationState.ANSWERED
    invitation.answered_at = now
    invitation.opened_at = opened_at
    # A worker can die after the mail left and before it could note so: then it was sent by now,
    # even when the next worker found it too late to send.
    invitation.reason = ""
    invitation.sent_at = invitation.sent_at or now
    invitation.expires_at = invitation.expires_at or now
    invitation.save(
        update_fields=["state", "reason", "answered_at", "opened_at", "sent_at", "expires_at"]
    )


def opt_out(invitation: Invitation, *, now: datetime) -> None:
    """Send this customer no surveys any more, from any shop; twice is once."""
    SurveyOptOut.objects.get_or_create(
        customer_id=invitation.customer_id, defaults={"opted_out_at": now}
    )


def undo_opt_out(invitation: Invitation) -> None:
    """Let this customer be surveyed again; twice is once."""
    SurveyOptOut.objects.filter(customer_id=invitation.customer_id).delete()
