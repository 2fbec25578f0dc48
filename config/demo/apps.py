"""The demo as an app, installed only when DEMO."""

from django.apps import AppConfig


class Demo(AppConfig):
    """Makes the command that loads the invented marketplace findable."""

    name = "config.demo"
