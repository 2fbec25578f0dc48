"""How invitations to teams leave."""

from collections.abc import Iterable
from datetime import datetime

from django.core.mail import EmailMessage

from sellers.emails import team_invitation_email
from sellers.enums import UnsentInvitationReason
from sellers.mailings import Mailer
from sellers.models import TeamInvitation


class TeamInvitationMailer(Mailer[TeamInvitation]):
    """Sends invitations while they can be accepted, before mail that nobody waits for."""

    model = TeamInvitation
    is_urgent = True

    def prepare(self, mailing: TeamInvitation, *, now: datetime) -> Iterable[str]:
        """Let the link be found that this mail carries."""
        mailing.renew_digest()
        return ("token_digest",)

    def recipient(self, mailing: TeamInvitation) -> str:
        """Return who is invited."""
        return mailing.email

    def reason_not_to_send(self, mailing: TeamInvitation, *, now: datetime) -> str:
        """Return what came between inviting and the mail, if anything."""
        if mailing.accepted_at:
            return UnsentInvitationReason.ACCEPTED
        if mailing.withdrawn_at:
            return UnsentInvitationReason.WITHDRAWN
        if mailing.is_expired(now=now):
            return UnsentInvitationReason.EXPIRED
        return ""

    def email(self, mailing: TeamInvitation) -> EmailMessage:
        """Return the invitation."""
        return team_invitation_email(mailing)
