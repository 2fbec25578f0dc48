"""Service standards, reports and the NPS tab."""

from datetime import timedelta

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InsightsConfig(AppConfig):
    """Reads down; nobody reads it."""

    name = "insights"
    verbose_name = _("Insights")

    def ready(self) -> None:
        """Let mails with alerts leave, webhooks tell of standards; say how an alarm is built."""
        from insights import emails, webhooks
        from insights.alert_mail.mailer import AlertMailer
        from insights.enums import MonthNoteEvent, StandardEvent
        from sellers import mailings, notices
        from sellers.api import telling
        from sellers.enums import Scope
        from sellers.webhooks import kinds

        mailings.register(AlertMailer())
        kinds.register(*webhooks.SOURCES)
        telling.register(
            telling.Telling(StandardEvent, Scope.INSIGHTS_READ),
            telling.Telling(MonthNoteEvent, Scope.INSIGHTS_READ),
        )

        alarm = notices.Kind(emails.integrity_email, stale_after=timedelta(days=7))
        notices.register_kind(emails.INTEGRITY, alarm)
        behind = notices.Kind(emails.work_email, stale_after=timedelta(days=1))
        notices.register_kind(emails.WORK, behind)
