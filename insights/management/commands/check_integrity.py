"""Recount everything that is stored twice or follows from other rows."""

import json
from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from insights.integrity import check_all
from surveys.integrity import Finding


class Command(BaseCommand):
    """Writes how many rows differ for each check, and fails when some do."""

    help = "Recount all that is stored twice or follows from other rows; changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the shape of the output."""
        parser.add_argument("--json", action="store_true", help="Write JSON, for programs.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write every finding, then raise CommandError when one is alarming."""
        write = self._write_json if options["json"] else self._write_table
        broken = [found.check.name for found in write(check_all()) if found.is_alarming]
        if broken:
            raise CommandError(f"These differ: {', '.join(broken)}.")

    def _write_table(self, findings: Iterable[Finding]) -> list[Finding]:
        """Write each finding on a line as soon as it is known."""
        self.stdout.write(f"{'Check':<20} {'Rows that differ':>16}  The first")
        written = []
        for found in findings:
            examples = ", ".join(map(str, found.examples))
            line = f"{found.check.name:<20} {found.count:>16,}  {examples}"
            self.stdout.write(line.rstrip())
            written.append(found)
        return written

    def _write_json(self, findings: Iterable[Finding]) -> list[Finding]:
        written = list(findings)
        rows = [
            {
                "check": found.check.name,
                "rows": found.check.broken.model.__name__,
                "count": found.count,
                "ids": found.examples,
                "alarming": found.is_alarming,
            }
            for found in written
        ]
        self.stdout.write(json.dumps(rows, indent=2))
        return written
