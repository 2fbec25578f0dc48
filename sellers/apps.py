"""Users, shops, memberships and rights."""

from datetime import timedelta

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SellersConfig(AppConfig):
    """The lowest room: it knows no other app."""

    name = "sellers"
    verbose_name = _("Sellers")

    def ready(self) -> None:
        """Let notices and invitations leave; say how the notice for a new password is built."""
        from sellers import emails, mailings, notices, team_mail
        from sellers.enums import NoticeKind

        mailings.register(notices.NoticeMailer())
        mailings.register(team_mail.TeamInvitationMailer())
        reset = notices.Kind(emails.password_reset_email, stale_after=timedelta(days=1))
        notices.register_kind(NoticeKind.RESET, reset)
