"""A database that was restored starts held: nothing leaves it until staff release it.

What left after the backup was made would leave again (docs/decisions/0033-a-restored-database-is-
held.md). Pages go on: who answers a survey or a customer loses nothing.
"""

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import F

from sellers.enums import SellerEvent
from sellers.events import Actor, record
from sellers.models import Installation
from sellers.models.installation import TRANSACTIONS_SKIPPED, ThisDatabase

logger = logging.getLogger(__name__)


class NotHeld(Exception):
    """There is nothing to release."""


def look_whether_held(*, now: datetime) -> bool:
    """Return whether nothing may leave; skip the numbers of a copy before any row gets one."""
    if not Installation.objects.held().exists():
        return False
    if Installation.skip_numbers(now=now):
        logger.error("This database was restored from a backup: nothing leaves it. See the admin.")
    return True


@transaction.atomic
def hold(*, by: Actor, now: datetime) -> None:
    """Let nothing leave from now on, also where a copy cannot be told from what it was made of."""
    installation = Installation.objects.select_for_update().get()
    installation.database = installation.skipped_in = ""
    installation.save(update_fields=["database", "skipped_in"])
    Installation.skip_numbers(now=now)
    record(SellerEvent.DATABASE_HELD, installation, seller_id=None, by=by, now=now)


@transaction.atomic
def release(*, by: Actor, now: datetime) -> None:
    """Let everything leave again that is not too late. Raises NotHeld."""
    installation = Installation.objects.held().select_for_update().first()
    if installation is None:
        raise NotHeld
    Installation.skip_numbers(now=now)  # unless a page or a task did
    Installation.objects.update(
        database=ThisDatabase(),
        held_since=None,
        transactions_before=F("transactions_before") + TRANSACTIONS_SKIPPED,
    )
    record(SellerEvent.DATABASE_RELEASED, installation, seller_id=None, by=by, now=now)
