"""What the owners of the demo's shops say of a month: by the portal's own action."""

from datetime import date, timedelta
from typing import Final

from django.conf import settings

from config.demo.marketplace import Marketplace, StoredShop
from insights.notes import note_month
from sellers.enums import Role
from sellers.events import Actor
from sellers.models import Seller, User
from surveys.periods import day_start, last_day, month_start, months_back

WRITTEN_AFTER: Final = timedelta(days=3)  # the month was over


def note_some(marketplace: Marketplace, *, day: date) -> int:
    """Let each owner write what there is to say, soon after the month; return how many did."""
    return sum(_of_shop(stored, day=day) for stored in marketplace.stored_shops)


def _of_shop(stored: StoredShop, *, day: date) -> int:
    seller = Seller.objects.get(pk=stored.seller_id)
    owner = next(person.email for person in stored.shop.people if person.role == Role.OWNER)
    by = Actor.user(User.objects.get(email=owner))
    for ago, words in stored.shop.notes.items():
        month = months_back(month_start(day), ago + 1)[0]
        now = day_start(last_day(month) + WRITTEN_AFTER, settings.MARKETPLACE_ZONE)
        note_month(seller, month=month, words=words, by=by, now=now)
    return len(stored.shop.notes)
