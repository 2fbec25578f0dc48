"""The log of webhooks is kept as long as somebody may want to look something up."""

from datetime import datetime, timedelta
from typing import Final

from sellers.models import Webhook, WebhookDelivery

KEPT_FOR: Final = timedelta(days=30)


def drop_old(*, now: datetime) -> int:
    """Delete what was delivered or given up long ago, and secrets that sign no more.

    Returns how many deliveries were deleted.
    """
    Webhook.objects.filter(old_secret_until__lte=now).update(old_secret="", old_secret_until=None)
    return WebhookDelivery.objects.over_before(now - KEPT_FOR).forget()
