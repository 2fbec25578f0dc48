"""Give one shop very many queries."""

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from tqdm import tqdm

from config.demo.load import NobodyAnswers, loads
from config.demo.rows import analyze, free_pks, store
from config.demo.shops import FIETSENZO, STAFF
from sellers.models import Seller, User


class Command(BaseCommand):
    """Adds queries of two years to a shop; only where the demo is installed."""

    help = "Give one shop of the demo very many queries, to see how fast the portal stays."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take how many, and whose."""
        parser.add_argument("--queries", type=int, required=True, help="How many, such as 1000000.")
        parser.add_argument(
            "--seller",
            default=FIETSENZO.name,
            help="The name of the shop; %(default)s if not given.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Store the queries, each load in a transaction of its own."""
        seller = Seller.objects.filter(name=options["seller"]).first()
        staff = User.objects.filter(email=STAFF[0]).first()
        if options["queries"] < 1:
            raise CommandError("--queries is a number above 0.")
        if not seller or not staff:
            raise CommandError(f"There is no shop “{options['seller']}” here. First: load_demo.")
        begin, stored = time.monotonic(), 0
        rows = loads(
            seller, queries=options["queries"], pks=free_pks(), staff=staff, now=timezone.now()
        )
        with tqdm(
            total=options["queries"],
            desc=seller.name,
            unit=" queries",
            disable=options["verbosity"] == 0 or None,
        ) as bar:
            try:
                for load in rows:
                    stored += store(load)
                    bar.update(len(load.queries))
            except NobodyAnswers as error:
                raise CommandError(f"Nobody of {seller} may answer.") from error
        if settings.DATABASE_OWNER:
            analyze()
        seconds = time.monotonic() - begin
        self.stdout.write(f"{seller} has {stored:,} rows more, in {seconds:.0f} seconds.")
