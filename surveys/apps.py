"""Deciding, inviting, answering and the arithmetic of NPS."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SurveysConfig(AppConfig):
    """Asks the queries app what was closed; is asked by insights what was answered."""

    name = "surveys"
    verbose_name = _("Surveys")

    def ready(self) -> None:
        """Let invitations leave, opt-outs be fed in, webhooks tell of measurements and tasks."""
        from queries import feeding
        from queries.enums import FedKind
        from sellers import mailings
        from sellers.api import telling
        from sellers.webhooks import kinds
        from surveys import webhooks
        from surveys.api import changes
        from surveys.feeding import OptOutSerializer, store_opt_out
        from surveys.inviting import InvitationMailer

        mailings.register(InvitationMailer())
        feeding.register(FedKind.OPT_OUT, form=OptOutSerializer, store=store_opt_out)
        kinds.register(*webhooks.SOURCES)
        telling.register(*changes.TELLINGS)
