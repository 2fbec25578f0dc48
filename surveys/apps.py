"""Deciding, inviting, answering and the arithmetic of NPS."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SurveysConfig(AppConfig):
    """Asks the queries app what was closed; is asked by insights what was answered."""

    name = "surveys"
    verbose_name = _("Surveys")

    def ready(self) -> None:
        """Let invitations leave, and webhooks tell of measurements and tasks."""
        from sellers import mailings
        from sellers.api import telling
        from sellers.webhooks import kinds
        from surveys import webhooks
        from surveys.api import changes
        from surveys.inviting import InvitationMailer

        mailings.register(InvitationMailer())
        kinds.register(*webhooks.SOURCES)
        telling.register(*changes.TELLINGS)
