"""Feed in a file of the marketplace's platform."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from tqdm import tqdm

from queries.feeding import Outcome
from queries.feeding.items import is_source
from sellers.models import ApiClient
from surveys.feeding import MOST, Said, feed_told

SHOWN_PROBLEMS = 20


class Command(BaseCommand):
    """Stores what a file tells of, as the API does with a batch; again as often as needed."""

    help = (
        "Store what a file tells of: one JSON object a line, as an item of a batch of the API "
        "(docs/feeding.md). Stored in parts of 1,000 lines: a run that was broken off is run "
        "again, and settles the same."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file, the platform and its client."""
        parser.add_argument("file", type=Path, help="The file, NDJSON.")
        parser.add_argument("--source", required=True, help="What the platform is called.")
        parser.add_argument(
            "--client", default="", help="The client_id that it comes from, if there are several."
        )
        parser.add_argument("--errors", type=Path, help="Where to write what was rejected.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Feed the file in; fail when anything was rejected."""
        if not is_source(options["source"]):
            raise CommandError(_("A source is a word of small letters, digits and hyphens."))
        client = _client(options["client"])
        counts: Counter[str] = Counter()
        rejected: list[Said] = []
        for said in self._feed(options, client):
            counts[said["outcome"]] += 1
            if said["outcome"] == Outcome.REJECTED:
                rejected.append(said)
        listed = ", ".join(f"{counts[each]} {each}" for each in Outcome if counts[each])
        self.stdout.write(listed or _("The file is empty."))
        if rejected:
            self._show(rejected, options["errors"])

    def _feed(self, options: dict[str, Any], client: ApiClient) -> Iterator[Said]:
        """Yield what became of each line."""
        try:
            total = options["file"].stat().st_size
            lines = options["file"].open("rb")
        except OSError as error:
            message = _("%(file)s cannot be read: %(reason)s.")
            values = {"file": options["file"], "reason": error.strerror}
            raise CommandError(message % values) from error
        silent = options["verbosity"] == 0 or None
        bar = tqdm(total=total, unit="B", unit_scale=True, leave=False, disable=silent)
        with lines, bar:
            numbered = enumerate(lines, start=1)
            while part := list(islice(numbered, MOST)):
                told = [_read(line) for _number, line in part]
                results = feed_told(options["source"], told, client=client, now=timezone.now())
                for (number, _line), said in zip(part, results, strict=True):
                    yield {"line": number, **said}
                bar.update(sum(len(line) for _number, line in part))

    def _show(self, rejected: list[Said], report: Path | None) -> None:
        """Print the first that were rejected, and write all where they were asked for."""
        for said in rejected[:SHOWN_PROBLEMS]:
            self.stderr.write(
                _("Line %(line)d: %(why)s") % {"line": said["line"], "why": why(said)}
            )
        if report:
            report.write_text("".join(f"{json.dumps(said)}\n" for said in rejected))
        message = ngettext(
            "%(count)d line was rejected.", "%(count)d lines were rejected.", len(rejected)
        )
        raise CommandError(message % {"count": len(rejected)})


def why(said: Said) -> str:
    """Return why an item was rejected."""
    problem = said["problem"]
    named: Iterable[dict[str, str]] = problem.get("violations", ())
    violations = "; ".join(f"{each['name']}: {each['reason']}" for each in named)
    return violations or str(problem["detail"])


def _read(line: bytes) -> Any:
    """Return what a line says; what is no JSON is no item."""
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _client(client_id: str) -> ApiClient:
    """Return the client of the marketplace that the file comes from. Raises CommandError."""
    clients = ApiClient.objects.of_marketplace().usable()
    found = list(clients.filter(client_id=client_id) if client_id else clients[:2])
    if not found:
        raise CommandError(_("There is no such API client of the marketplace."))
    if len(found) > 1:
        raise CommandError(_("There are several API clients of the marketplace. Add --client."))
    return found[0]
