"""Take one mail from standard input, as a mail server's pipe hands it over."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import OperationalError
from django.utils import timezone

from queries.files import FilesCannotBeStored
from queries.incoming import receive
from queries.received import MAX_BYTES

TRY_AGAIN_LATER = 75  # EX_TEMPFAIL of sysexits.h: the mail server keeps the mail


class Command(BaseCommand):
    """Never ends with an error about the mail itself: what cannot be placed is held for staff."""

    help = "Take one mail from standard input: an answer of a customer, or a bounce."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the recipients of the envelope, where the mail server names them."""
        parser.add_argument(
            "--to", action="append", default=[], metavar="ADDRESS", help="recipient of the envelope"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Read one byte more than is taken, so that what is too large is known."""
        raw = sys.stdin.buffer.read(MAX_BYTES + 1)
        while sys.stdin.buffer.read(1024 * 1024):
            pass  # else the mail server sees a broken pipe, and tries for days
        try:
            incoming = receive(raw, recipients=options["to"], now=timezone.now())
        except (OperationalError, FilesCannotBeStored):
            self.stderr.write("The database or the disk cannot store now; try again later.")
            sys.exit(TRY_AGAIN_LATER)
        self.stdout.write(f"{incoming} {incoming.state} {incoming.reason}".strip())
