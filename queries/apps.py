"""Customers, queries, messages, closings, deadlines."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class QueriesConfig(AppConfig):
    """Knows sellers; nothing about surveys."""

    name = "queries"
    verbose_name = _("Customer queries")

    def ready(self) -> None:
        """Let mails to customers and staff leave, and webhooks tell of queries."""
        from queries import staff_mail, webhooks
        from queries.delivering import CustomerMailer
        from queries.enums import QueryEvent
        from sellers import mailings, notices
        from sellers.api import telling
        from sellers.enums import Scope
        from sellers.webhooks import kinds

        mailings.register(CustomerMailer())
        notices.register_kind(staff_mail.HANDED_OVER, staff_mail.KIND)
        kinds.register(*webhooks.SOURCES)
        telling.register(telling.Telling(QueryEvent, Scope.QUERIES_READ))
