"""What happened becomes deliveries: read from the events, each once, behind a cursor."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Q

from sellers.models import Event, Webhook, WebhookCursor, WebhookDelivery
from sellers.webhooks.kinds import news_of

BATCH: Final = 1_000


@transaction.atomic
def read_events(*, now: datetime, limit: int = BATCH) -> int:
    """Queue the next events for whoever wants them; return how many were read.

    None while somebody else reads.
    """
    cursor = WebhookCursor.objects.select_for_update(skip_locked=True).first()
    if cursor is None:
        return 0
    events = cursor.read_on(most=limit)
    webhooks = _webhooks_for(events)
    if webhooks:
        queue(events, webhooks, now=now)
    return len(events)


def queue(
    events: Sequence[Event], webhooks: Iterable[Webhook], *, now: datetime, since: bool = True
) -> int:
    """Store what of these events goes to which of these webhooks; what is stored is left alone.

    `since` leaves out what happened before a webhook was switched on. Returns how many it wants.
    """
    by_shop = defaultdict[int | None, list[Webhook]](list)
    everybody = list(webhooks)
    for webhook in everybody:
        by_shop[webhook.seller_id].append(webhook)
    deliveries = [
        WebhookDelivery(
            webhook=webhook,
            event=news.event,
            kind=kind,
            object_pk=news.object_pk,
            created_at=now,
            next_try_at=now,
        )
        for kind, news in news_of(events)
        for webhook in _readers(news.event.seller_id, by_shop, everybody)
        if kind in webhook.kinds
        and (news.is_for_shop or webhook.seller_id is None)
        and (news.event.at >= webhook.on_since or not since)
    ]
    WebhookDelivery.objects.bulk_create(deliveries, ignore_conflicts=True, batch_size=BATCH)
    return len(deliveries)


def _readers(
    shop: int | None, by_shop: dict[int | None, list[Webhook]], everybody: list[Webhook]
) -> list[Webhook]:
    """Return who may read of something: of no shop in particular, everybody."""
    return everybody if shop is None else [*by_shop[shop], *by_shop[None]]


def _webhooks_for(events: Sequence[Event]) -> list[Webhook]:
    """Return the webhooks that may want any of these events."""
    shops = {event.seller_id for event in events}
    if not shops:
        return []
    if None in shops:
        return list(Webhook.objects.on())
    return list(Webhook.objects.on().filter(Q(seller=None) | Q(seller__in=shops)))
