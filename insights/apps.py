"""Service standards, reports and the NPS tab."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InsightsConfig(AppConfig):
    """Reads down; nobody reads it."""

    name = "insights"
    verbose_name = _("Insights")
