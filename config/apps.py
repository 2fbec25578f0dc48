"""The outermost room: settings, URLs and the clock."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin


class Config(AppConfig):
    """Makes the management commands and the templates of this room findable."""

    name = "config"


class StaffAdmin(admin.AdminConfig):
    """Django's admin, on a site that has more than models."""

    default = False  # Django takes it for the admin, not for this room
    default_site = "config.staff.StaffSite"
