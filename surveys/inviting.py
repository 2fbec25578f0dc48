"""The mail that invites a customer, and the end of the time to answer it."""

from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email

from queries.models import CustomerQuery
from sellers.mailings import Mailer
from surveys.deciding import survey_rules
from surveys.emails import invitation_email
from surveys.enums import InvitationState, SuppressionReason
from surveys.models import Invitation, SurveyOptOut


class InvitationMailer(Mailer[Invitation]):
    """Sends invitations, as long as nothing has come between the decision and the mail."""

    model = Invitation

    def prepare(self, mailing: Invitation, *, now: datetime) -> Iterable[str]:
        """Set the link and how long it lives."""
        mailing.renew_digest()
        # Now already: whatever becomes of this worker, no link lives for ever.
        mailing.expires_at = now + survey_rules(now=now).answer_window
        return ("token_digest", "expires_at")

    def recipient(self, mailing: Invitation) -> str:
        """Return where mail about the query goes."""
        return mailing.query.reply_to_email

    def lock(self, mailing: Invitation) -> None:
        """Lock the query, then see where mail about it goes when it was erased meanwhile."""
        CustomerQuery.objects.select_for_update(no_key=True).get(pk=mailing.query_id)
        mailing.refresh_from_db(fields=["query"])

    def reason_not_to_send(self, mailing: Invitation, *, now: datetime) -> str:
        """Return what has come between the decision and the mail, if anything."""
        rules = survey_rules(now=now)
        if mailing.closing.reopened_at is not None:
            return SuppressionReason.REOPENED
        if now - (mailing.closing.closed_at + rules.delay) > rules.stale_after:
            return SuppressionReason.STALE
        try:
            validate_email(mailing.query.reply_to_email)
        except ValidationError:
            return SuppressionReason.NO_ADDRESS
        if SurveyOptOut.objects.of_person(mailing.query.customer).exists():
            return SuppressionReason.OPTED_OUT
        return ""

    def email(self, mailing: Invitation) -> EmailMessage:
        """Return the invitation."""
        return invitation_email(mailing)


def expire_due(*, now: datetime) -> int:
    """Note which sent invitations may not be answered any more; return how many."""
    return Invitation.objects.past_answer_window(now=now).update(state=InvitationState.EXPIRED)
