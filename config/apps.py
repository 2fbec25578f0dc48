"""The outermost room: settings, URLs and the clock."""

from django.apps import AppConfig
from django.conf import settings
from django.contrib.admin import apps as admin


class Config(AppConfig):
    """Makes the management commands and the templates of this room findable."""

    name = "config"

    def ready(self) -> None:
        """Report errors, where an operator asks for it."""
        if settings.SENTRY_DSN:
            from config import error_reports  # the library takes its time

            error_reports.start(settings.SENTRY_DSN, process=settings.PROCESS)


class StaffAdmin(admin.AdminConfig):
    """Django's admin, on a site that has more than models."""

    default = False  # Django takes it for the admin, not for this room
    default_site = "config.staff.StaffSite"
