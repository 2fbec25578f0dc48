"""Import measurements from before this portal."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from tqdm import tqdm

from sellers.events import Actor
from surveys.imports.decoding import UTF_8
from surveys.imports.formats import FORMATS, Column
from surveys.imports.header import read_mapping
from surveys.imports.reading import Dates, Problem, Table, open_table, refuse_too_large
from surveys.imports.refusals import FileRefused
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
    """Brings the history of shops in from a file."""

    help = "Import measurements from a file: all of them, or none and a list of what is wrong."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file, and what it does not say itself."""
        parser.add_argument("file", type=Path, help="CSV, XLSX or JSON.")
        parser.add_argument(
            "--format",
            choices=FORMATS,
            default="",
            help="Which program wrote it; without this it is recognised by its header.",
        )
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            metavar='COLUMN="THEIR NAME"',
            help=f"What the file calls a column: {', '.join(Column)}. Several at once by commas.",
        )
        parser.add_argument(
            "--zone",
            default="",
            help="Whose clock showed moments without an offset, such as Europe/Amsterdam.",
        )
        parser.add_argument(
            "--dates",
            choices=list(Dates),
            help="What dates such as 3/4/2026 begin with, if the file does not show it.",
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
            refuse_too_large(file.stat().st_size)
            content = file.read_bytes()
        except OSError as error:
            message = _("%(file)s cannot be read: %(reason)s.")
            raise CommandError(message % {"file": file, "reason": error.strerror}) from error
        asked = options["map"]
        table = open_table(
            content,
            options["format"],
            mapping=read_mapping([asked] if isinstance(asked, str) else asked),
            zone=_zone(options["zone"]),
            dates=Dates(options["dates"]) if options["dates"] else None,
        )
        rows = tqdm(
            table.rows(),
            total=table.length,
            desc=_("Measurements"),
            unit=_(" rows"),
            leave=False,
            disable=options["verbosity"] == 0 or None,
        )
        try:
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
        finally:
            for sentence in how_it_was_read(table):
                self.stdout.write(sentence)

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


def _zone(name: str) -> ZoneInfo | None:
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        message = _("--zone=%(name)s is no time zone. Write one such as Europe/Amsterdam or UTC.")
        raise CommandError(message % {"name": name}) from error


def how_it_was_read(table: Table) -> Iterator[str]:
    """Yield a sentence about each thing that another reader might have read otherwise."""
    judgement, counted = table.judgement, table.counted
    if table.encoding != UTF_8:
        message = _("The file is not UTF-8: it was read as %(encoding)s. Look at a few accents.")
        yield message % {"encoding": table.encoding}
    if table.is_told:
        pairs = (f"{column} = “{table.name(column)}”" for column in table.places)
        yield _("Read as %(format)s: %(pairs)s.") % {
            "format": table.format.name,
            "pairs": ", ".join(pairs),
        }
    if count := table.lines_above:
        yield ngettext(
            "%(count)d line above the header was skipped.",
            "%(count)d lines above the header were skipped.",
            count,
        ) % {"count": count}
    if count := len(judgement.headers):
        yield ngettext(
            "%(count)d row that repeats or explains the header was skipped.",
            "%(count)d rows that repeat or explain the header were skipped.",
            count,
        ) % {"count": count}
    if count := len(judgement.unanswered):
        yield ngettext(
            "%(count)d row without a score was skipped: never answered.",
            "%(count)d rows without a score were skipped: never answered.",
            count,
        ) % {"count": count}
    if count := table.hidden:
        yield ngettext(
            "%(count)d row is hidden in the spreadsheet, and was read like the others.",
            "%(count)d rows are hidden in the spreadsheet, and were read like the others.",
            count,
        ) % {"count": count}
    if names := table.not_read:
        yield ngettext(
            "%(count)d sheet or list without these columns was not read: %(names)s.",
            "%(count)d sheets or lists without these columns were not read: %(names)s.",
            len(names),
        ) % {"count": len(names), "names": ", ".join(f"“{name}”" for name in names)}
    if count := counted["days"]:
        yield ngettext(
            "%(count)d row has a day without a time: it counts from the beginning of that day.",
            "%(count)d rows have a day without a time: they count from the beginning of that day.",
            count,
        ) % {"count": count}
    if count := counted["twice"]:
        yield ngettext(
            "%(count)d moment was shown twice when the clock was put back: the first is taken.",
            "%(count)d moments were shown twice when the clock was put back: the first is taken.",
            count,
        ) % {"count": count}


def _report(file: Path, name: str | None) -> Path | None:
    """Return where the problems are to be written, if anywhere."""
    if name is None:
        return None
    report = Path(name) if name else file.with_suffix(".errors.csv")
    if report.resolve() == file.resolve():
        message = _("--errors=%(name)s is the file to import itself. Give another name.")
        raise CommandError(message % {"name": name})
    return report
