"""Service standards, reports and the NPS tab."""

from datetime import timedelta

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InsightsConfig(AppConfig):
    """Reads down; nobody reads it."""

    name = "insights"
    verbose_name = _("Insights")

    def ready(self) -> None:
        """Let mails with alerts leave; say how the alarm for staff is built."""
        from insights import emails
        from insights.alert_mail.mailer import AlertMailer
        from sellers import mailings, notices

        mailings.register(AlertMailer())

        alarm = notices.Kind(emails.integrity_email, stale_after=timedelta(days=7))
        notices.register_kind(emails.INTEGRITY, alarm)
