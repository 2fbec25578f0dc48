"""Let a held database go to work."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from sellers.events import Actor
from sellers.held import NotHeld, release
from surveys.backlog import backlog


class Command(BaseCommand):
    """Says what would leave, and releases it."""

    help = "Release a database that was restored or held: surveys are decided, mail leaves."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take whether to change anything."""
        parser.add_argument("--check", action="store_true", help="Change nothing, only look.")
        parser.add_argument(
            "--no-input", action="store_false", dest="interactive", help="Do not ask for a yes."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Say what would leave, ask for a yes and release."""
        now = timezone.now()
        waiting = backlog(now=now)
        if not waiting.is_held:
            raise CommandError("Nothing is held.")
        self.stdout.write(
            f"Surveys to be decided: {waiting.closings}, of which too late: {waiting.stale}. "
            f"Mails in the queue: {waiting.mails}. Calls to webhooks: {waiting.calls}."
        )
        if options["check"]:
            return
        if options["interactive"] and not _says_yes():
            raise CommandError("It is still held. Without a terminal, release with --no-input.")
        try:
            release(by=Actor.SYSTEM, now=now)
        except NotHeld:
            raise CommandError("Somebody else has released it.") from None
        self.stdout.write("Released.")


def _says_yes() -> bool:
    try:
        return input("Release? Type yes: ").strip().lower() == "yes"
    except EOFError:  # nobody is there to ask
        return False
