"""A webhook is switched off, and whoever answers for it is told."""

from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from sellers.enums import DeliveryState, NoticeKind, OffReason, SellerEvent
from sellers.events import Actor, record
from sellers.models import Membership, User, Webhook
from sellers.models.webhooks import TROUBLE, UNDER_WAY
from sellers.notices import notify

BY_THEMSELVES: Final = OffReason.BY_HAND  # who did it need not be told


def switch_off(webhook: Webhook, *, reason: OffReason, by: Actor, now: datetime) -> None:
    """Send nothing to a webhook any more; the caller holds its row."""
    webhook.off_reason, webhook.off_at = reason, now
    webhook.trouble = webhook.held_until = None
    webhook.save(update_fields=["off_reason", "off_at", "held_until", *TROUBLE])
    cancel_deliveries(webhook)
    kind = SellerEvent.WEBHOOK_OFF
    record(kind, webhook, seller_id=webhook.seller_id, by=by, now=now, reason=reason)
    if reason != BY_THEMSELVES:
        tell_responsible(webhook, kind=NoticeKind.WEBHOOK_OFF, now=now)


def cancel_deliveries(webhook: Webhook) -> None:
    """Let what still waits not be sent."""
    waiting = webhook.deliveries.filter(state__in=UNDER_WAY)
    waiting.update(state=DeliveryState.CANCELLED, next_try_at=None)


def tell_responsible(webhook: Webhook, *, kind: NoticeKind, now: datetime) -> None:
    """Mail the owners of the shop; of the marketplace's own, its administrators."""
    for user in responsible_for(webhook):
        notify(user, kind=kind, now=now, webhook=webhook.pk)


def responsible_for(webhook: Webhook) -> QuerySet[User]:
    """Return who can do something about a webhook."""
    if webhook.seller is None:
        return User.objects.filter(is_active=True, is_superuser=True).order_by("pk")
    owners = Membership.objects.owning().filter(seller=webhook.seller)
    return User.objects.filter(pk__in=owners.values("user")).order_by("pk")
