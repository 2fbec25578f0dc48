"""Count the months of every shop again."""

from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from insights.keeping import keep_counts, mend, wrong_shops
from sellers.models import Seller


class Command(BaseCommand):
    """Mends what check_integrity found to differ; shops that are right stay as they are."""

    help = "Count the kept months of every shop again, from the measurements."

    def handle(self, *args: Any, **options: Any) -> None:
        """Count what is new, then everything."""
        keep_counts()
        wrong = wrong_shops()
        mend(tqdm(sorted(wrong), unit="shop", disable=None))
        shops = Seller.objects.count()
        self.stdout.write(f"{shops} shops counted again, {len(wrong)} had been wrong.")
