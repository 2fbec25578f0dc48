"""Erase what was kept long enough."""

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from surveys.retention import count_outdated, erase_outdated, retention_periods


class Command(BaseCommand):
    """Does now what the nightly task does, or says what it would do."""

    help = "Erase what was kept longer than the RETENTION_… settings say; --dry-run only counts."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take whether to erase at all."""
        parser.add_argument("--dry-run", action="store_true", help="Count, and erase nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Count first; then erase, unless it only counts."""
        now, periods = timezone.now(), retention_periods()
        self._report("To be erased", count_outdated(now=now, periods=periods))
        if not options["dry_run"]:
            self._report("Erased", erase_outdated(now=now, periods=periods))

    def _report(self, what: str, counts: Counter[str]) -> None:
        counted = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
        self.stdout.write(f"{what}: {counted or 'nothing'}.")
