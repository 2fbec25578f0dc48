"""What a customer does with the link: answer once, or ask for no more surveys."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Coalesce

from queries.identity import lock_customer
from queries.models import Customer
from sellers.events import Actor, record
from surveys.enums import Band, InvitationState, SurveyEvent
from surveys.followups.opening import open_followup
from surveys.models import Invitation, ResponseTopic, SurveyOptOut, SurveyResponse, Topic
from surveys.periods import month_of


class AlreadyAnswered(Exception):
    """The first answer is final; there cannot be a second one."""


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
    by: Actor,
    now: datetime,
) -> SurveyResponse:
    """Store the answer of a customer, for ever. Raises AlreadyAnswered or AnswerTooLate.

    The month it belongs to is decided here, in the marketplace's time zone.
    """
    _note_answered(invitation, opened_at=opened_at, now=now)
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
    if response.band == Band.DETRACTOR and invitation.counts_for_seller:
        open_followup(response, agent_id=invitation.closing.agent_id)
    record(SurveyEvent.MEASURED, response, seller_id=response.seller_id, by=by, now=now)
    return response


def _note_answered(invitation: Invitation, *, opened_at: datetime | None, now: datetime) -> None:
    """Let the invitation be answered by this answer, unless it cannot be answered any more.

    Lock, check and write in one statement: of two answers at once the second waits here for the
    first, and then finds nothing to write.
    """
    answerable = Invitation.objects.exclude(state=InvitationState.ANSWERED).filter(
        Q(expires_at=None) | Q(expires_at__gt=now), pk=invitation.pk
    )
    # A worker can die after the mail left and before it could note so: then it was sent by now,
    # even when the next worker found it too late to send.
    if not answerable.update(
        state=InvitationState.ANSWERED,
        reason="",
        answered_at=now,
        opened_at=opened_at,
        sent_at=Coalesce("sent_at", now),
        expires_at=Coalesce("expires_at", now),
    ):
        invitation.refresh_from_db(fields=["state"])
        raise AlreadyAnswered if invitation.state == InvitationState.ANSWERED else AnswerTooLate


@transaction.atomic
def opt_out(customer: Customer, *, by: Actor, now: datetime) -> SurveyOptOut:
    """Send this customer no surveys any more, from any shop; twice is once."""
    customer = lock_customer(customer)
    opted_out, is_new = SurveyOptOut.objects.get_or_create(
        customer=customer, defaults={"opted_out_at": now}
    )
    # No shop's: sellers do not learn of it (docs/decisions/0006-opt-out-and-the-seller.md).
    if is_new:
        record(SurveyEvent.OPTED_OUT, customer, seller_id=None, by=by, now=now)
    return opted_out


@transaction.atomic
def undo_opt_out(customer: Customer, *, by: Actor, now: datetime) -> None:
    """Let this person be surveyed again, by whichever number they opted out; twice is once."""
    customer = lock_customer(customer)
    count, _models = SurveyOptOut.objects.of_person(customer).delete()
    if count:
        record(SurveyEvent.OPT_OUT_UNDONE, customer, seller_id=None, by=by, now=now)
