"""Take one mail from standard input, as a mail server's pipe hands it over."""

import logging
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from queries.enums import NotKeptReason
from queries.incoming import NotKept, receive
from queries.received import MAX_BYTES

logger = logging.getLogger(__name__)

# Of sysexits.h.
TRY_AGAIN_LATER = 75  # EX_TEMPFAIL: the mail server keeps the mail
REFUSED = 77  # EX_NOPERM: the mail server tells the sender


class Command(BaseCommand):
    """Takes every mail, or lets the mail server try again; what has no place waits for staff.

    Only who sends too much that has no place is refused.
    """

    requires_system_checks = ()  # each mail is a process; they take longer than the mail
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
        except NotKept as refusal:
            logger.warning("Received mail not kept: %s", refusal.reason.value)
            self.stderr.write("Too much mail waits here; this one is not kept.")
            # Staff make room; a sender who wrote so much stops only when told.
            sys.exit(TRY_AGAIN_LATER if refusal.reason == NotKeptReason.FULL else REFUSED)
        except Exception as failure:  # noqa: BLE001
            # Whatever it is, the customer's mail server must not be told that the mail is refused.
            logger.error("Received mail not stored: %s", type(failure).__name__)
            self.stderr.write("This mail cannot be stored now; try again later.")
            sys.exit(TRY_AGAIN_LATER)
        self.stdout.write(f"{incoming} {incoming.state} {incoming.reason}".strip())
