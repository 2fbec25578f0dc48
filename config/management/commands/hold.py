"""Let nothing leave: for a copy that cannot be told from what it was made of."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from sellers.events import Actor
from sellers.held import hold


class Command(BaseCommand):
    """Holds what a backup of files or a snapshot of a disk brought back."""

    help = (
        "Hold the database: nothing is decided or sent until manage.py release. A dump that was "
        "restored is held by itself; say it where files or a disk were put back."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Hold."""
        hold(by=Actor.SYSTEM, now=timezone.now())
        self.stdout.write("Nothing leaves until manage.py release.")
