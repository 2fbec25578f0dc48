"""The demo as an app, installed only when DEMO."""

from django.apps import AppConfig
from django.conf import settings


class Demo(AppConfig):
    """Makes the command that loads the invented marketplace findable."""

    name = "config.demo"

    def ready(self) -> None:
        """Take what the button of the demo's own orders says."""
        from config.demo.orders import public_demo_key

        settings.ASK_KEYS = [*settings.ASK_KEYS, public_demo_key()]
