"""Import measurements from before this portal."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from tqdm import tqdm

from sellers.events import Actor
from surveys.imports.formats import FORMATS
from surveys.imports.reading import FileRefused, Problem, open_table
from surveys.imports.storing import (
    Outcome,
    RowsRefused,
    SourceFile,
    import_measurements,
    write_problems,
)

SHOWN_PROBLEMS = 20
SHOWN_CHARACTERS = 60


class Command(BaseCommand):
    """Brings the history of shops in from a CSV file."""

    help = "Import measurements from a CSV file: all of them, or none and a list of what is wrong."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file, and what it does not say itself."""
        parser.add_argument("file", type=Path, help="A CSV file in UTF-8.")
        parser.add_argument(
            "--format",
            choices=FORMATS,
            default="",
            help="Which program wrote it; without this it is recognised by its header.",
        )
        parser.add_argument(
            "--seller",
            default="",
            help="Number or name of the seller, when the file has no column for it.",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="Check everything and store nothing."
        )
        parser.add_argument(
            "--errors",
            nargs="?",
            const="",
            help="Write all problems, if any, to this CSV file; without a name it comes next to "
            "the input, as NAME.errors.csv.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Import the file in one transaction, and say what came of it."""
        file, begin = options["file"], time.monotonic()
        report = _report(file, options["errors"])
        try:
            outcome = self._import(file, options)
        except FileRefused as refusal:
            raise CommandError(f"{file}: {refusal}") from refusal
        except RowsRefused as refusal:
            self._show(refusal.problems, report)
            message = ngettext(
                "%(count)d problem, so nothing was imported.",
                "%(count)d problems, so nothing was imported.",
                len(refusal.problems),
            )
            raise CommandError(message % {"count": len(refusal.problems)}) from refusal
        self._report(outcome, dry_run=options["dry_run"], seconds=time.monotonic() - begin)

    def _import(self, file: Path, options: dict[str, Any]) -> Outcome:
        try:
            content = file.read_bytes()
        except OSError as error:
            message = _("%(file)s cannot be read: %(reason)s.")
            raise CommandError(message % {"file": file, "reason": error.strerror}) from error
        table = open_table(content, options["format"])
        rows = tqdm(
            table.rows(),
            total=table.length,
            desc=_("Measurements"),
            unit=_(" rows"),
            leave=False,
            disable=options["verbosity"] == 0 or None,
        )
        with rows:
            return import_measurements(
                table,
                rows=rows,
                file=SourceFile(file.name, content),
                seller=options["seller"].strip(),
                dry_run=options["dry_run"],
                by=Actor.SYSTEM,
                now=timezone.now(),
            )

    def _show(self, problems: Sequence[Problem], report: Path | None) -> None:
        """Print the first problems, and write all of them where they were asked for."""
        for row, column, value, advice in problems[:SHOWN_PROBLEMS]:
            shown = value if len(value) <= SHOWN_CHARACTERS else f"{value[:SHOWN_CHARACTERS]}…"
            message = _("Row %(row)d, %(column)s %(value)r: %(advice)s")
            place = {"row": row, "column": column, "value": shown, "advice": advice}
            self.stderr.write(message % place)
        hidden = len(problems) - SHOWN_PROBLEMS
        if hidden > 0:
            message = ngettext("… and %(count)d more.", "… and %(count)d more.", hidden)
            self.stderr.write(message % {"count": hidden})
        if report is None:
            self.stderr.write(_("See them all in a file: add --errors."))
            return
        try:
            # The mark in front lets Excel know that it is UTF-8.
            with report.open("w", encoding="utf-8-sig", newline="") as stream:
                write_problems(problems, stream)
        except OSError as error:
            message = _("The problems cannot be written to %(file)s: %(reason)s.")
            raise CommandError(message % {"file": report, "reason": error.strerror}) from error
        self.stderr.write(_("They are all in %(file)s.") % {"file": report})

    def _report(self, outcome: Outcome, *, dry_run: bool, seconds: float) -> None:
        if dry_run:
            message = ngettext(
                "Dry run, nothing is stored: %(count)s measurement would be imported, "
                "%(skipped)s there already.",
                "Dry run, nothing is stored: %(count)s measurements would be imported, "
                "%(skipped)s there already.",
                outcome.imported,
            )
        else:
            message = ngettext(
                "Imported %(count)s measurement, %(skipped)s there already: %(seconds).1f "
                "seconds, %(speed)s rows a second.",
                "Imported %(count)s measurements, %(skipped)s there already: %(seconds).1f "
                "seconds, %(speed)s rows a second.",
                outcome.imported,
            )
        rows = outcome.imported + outcome.skipped
        figures = {
            "count": f"{outcome.imported:,}",
            "skipped": f"{outcome.skipped:,}",
            "seconds": seconds,
            "speed": f"{rows / seconds:,.0f}",
        }
        self.stdout.write(message % figures)


def _report(file: Path, name: str | None) -> Path | None:
    """Return where the problems are to be written, if anywhere."""
    if name is None:
        return None
    report = Path(name) if name else file.with_suffix(".errors.csv")
    if report.resolve() == file.resolve():
        message = _("--errors=%(name)s is the file to import itself. Give another name.")
        raise CommandError(message % {"name": name})
    return report
