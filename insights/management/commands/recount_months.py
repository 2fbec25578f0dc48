"""Count the months of every shop again."""

from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from insights.counts import keep_counts, recount
from sellers.models import Seller


class Command(BaseCommand):
    """Mends what check_integrity found to differ; shops that are right stay as they are."""

    help = "Count the kept months of every shop again, from the measurements."

    def handle(self, *args: Any, **options: Any) -> None:
        """Count what is new, then everything."""
        keep_counts()
        shops = list(Seller.objects.order_by("pk").values_list("pk", flat=True))
        wrong = sum(recount(shop) for shop in tqdm(shops, unit="shop", disable=None))
        self.stdout.write(f"{len(shops)} shops counted again, {wrong} had been wrong.")
