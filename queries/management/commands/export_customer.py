"""Write out all that is stored about a person."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from queries.customers import export_customer
from queries.management.naming import the_customer
from sellers.events import Actor


class Command(BaseCommand):
    """Gives a customer a copy of all that is stored about them."""

    help = "Write all that is stored about a customer: a zip with JSON and attachments."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take who it is and where to write."""
        parser.add_argument("customer", help="The customer's e-mail or primary key.")
        parser.add_argument(
            "--number", action="store_true", help="It is the marketplace's own customer number."
        )
        parser.add_argument(
            "file", nargs="?", default="-", help="Where to write the zip; without it, to stdout."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the zip; a file that is there already is left alone."""
        customer = the_customer(options["customer"], is_number=options["number"])
        archive = export_customer(customer, by=Actor.SYSTEM, now=timezone.now())
        if options["file"] == "-":
            sys.stdout.buffer.write(archive)
            return
        try:
            with Path(options["file"]).open("xb") as file:
                file.write(archive)
        except OSError as error:
            raise CommandError(f"Cannot write {options['file']}: {error.strerror}.") from error
        self.stdout.write(f"Wrote {options['file']}.")
