"""The outermost room: settings, URLs and the clock."""

from django.apps import AppConfig


class Config(AppConfig):
    """Makes the management commands and the templates of this room findable."""

    name = "config"
