"""What a shop brought along from the program that asked its customers before: by the importer."""

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random
from typing import Final

from django.conf import settings

from config.demo.marketplace import Marketplace, StoredShop
from sellers.events import Actor
from sellers.models import Seller, User
from surveys.imports.reading import open_table
from surveys.imports.storing import SourceFile, import_measurements
from surveys.periods import day_start

FILE_NAME: Final = "delighted-responses.csv"
HEADER: Final = ("id", "survey_type", "score", "comment", "created_at")
MONTHS: Final = 13  # before the shop joined
PER_MONTH: Final = 30  # enough to be judged
BROUGHT_AFTER: Final = timedelta(days=5, hours=10)  # the shop joined
SAID: Final = (
    *((score, "Snel antwoord, top.") for score in (10, 9, 9, 10)),
    *((score, "Prima geholpen.") for score in (8, 8, 7)),
    *((score, "") for score in (9, 8, 7, 10, 6)),
    *((score, "Ik moest het drie keer uitleggen.") for score in (5, 3)),
)


def import_some(marketplace: Marketplace, *, day: date) -> int:
    """Import what the shops that joined later had; return how many measurements that were."""
    brought = (each for each in marketplace.stored_shops if each.shop.came_with_history)
    by = Actor.user(User.objects.get(pk=marketplace.staff_id))
    return sum(_of_shop(stored, day=day, by=by) for stored in brought)


def _of_shop(stored: StoredShop, *, day: date, by: Actor) -> int:
    seller = Seller.objects.get(pk=stored.seller_id)
    joined = day_start(seller.joined_on, settings.MARKETPLACE_ZONE)
    file = io.StringIO()
    csv.writer(file).writerows([HEADER, *_rows(joined, Random(f"{day} imported"))])  # noqa: S311  the same every time
    content = file.getvalue().encode()
    table = open_table(content)
    outcome = import_measurements(
        table,
        rows=table.rows(),
        file=SourceFile(FILE_NAME, content),
        seller=str(seller.pk),
        dry_run=False,
        by=by,
        now=joined + BROUGHT_AFTER,
    )
    return outcome.imported


def _rows(joined: datetime, rng: Random) -> Iterator[tuple[object, ...]]:
    """Yield the answers of the months before the shop joined, oldest first."""
    step = timedelta(days=365 / 12) / PER_MONTH
    for number in range(MONTHS * PER_MONTH):
        moment = joined - step * (MONTHS * PER_MONTH - number - rng.random() / 2)
        score, comment = rng.choice(SAID)
        yield 41_000 + number, "nps", score, comment, int(moment.timestamp())
