"""Customers, queries, messages, closings, deadlines."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class QueriesConfig(AppConfig):
    """Knows sellers; nothing about surveys."""

    name = "queries"
    verbose_name = _("Customer queries")
