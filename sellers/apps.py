"""Users, shops, memberships and rights."""

from datetime import timedelta

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SellersConfig(AppConfig):
    """The lowest room: it knows no other app."""

    name = "sellers"
    verbose_name = _("Sellers")

    def ready(self) -> None:
        """Let notices and invitations leave; say how each notice and a test event are built."""
        from sellers import emails, mailings, notices, team_mail, webhook_mail
        from sellers.api import telling
        from sellers.enums import NoticeKind, Scope, SellerEvent, WebhookKind
        from sellers.webhooks import kinds

        mailings.register(notices.NoticeMailer())
        mailings.register(team_mail.TeamInvitationMailer())
        reset = notices.Kind(emails.password_reset_email, stale_after=timedelta(days=1))
        notices.register_kind(NoticeKind.RESET, reset)
        failing = notices.Kind(webhook_mail.failing_email, timedelta(days=1), webhook_mail.is_well)
        notices.register_kind(NoticeKind.WEBHOOK_FAILING, failing)
        off = notices.Kind(webhook_mail.off_email, timedelta(days=7), webhook_mail.is_on_again)
        notices.register_kind(NoticeKind.WEBHOOK_OFF, off)
        page = "/settings/connections/webhooks/{}/"
        kinds.register(kinds.Source(WebhookKind.TEST, frozenset(), "webhook", page))
        telling.register(telling.Telling(SellerEvent, Scope.QUERIES_READ))
