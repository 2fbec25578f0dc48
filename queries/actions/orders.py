"""What was bought, as the marketplace's platform tells it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from queries.enums import QueryEvent
from queries.models import Order, OrderItem
from sellers.events import Actor, record
from sellers.models import Seller


@transaction.atomic
def store_order(
    seller: Seller,
    *,
    reference: str,
    items: Sequence[Mapping[str, Any]],
    by: Actor,
    now: datetime,
    **told: Any,
) -> tuple[Order, bool]:
    """Store an order of a shop as it is told now; return it and whether anything is new.

    `told` are the other columns of an order, `items` those of its lines in their order.
    """
    locked = Order.objects.for_seller(seller).select_for_update()
    order = locked.filter(reference=reference).first()
    if order is None:
        order = Order.objects.create(seller=seller, reference=reference, **told)
        _store_items(order, items)
        _record(QueryEvent.ORDER_CREATED, order, by=by, now=now)
        return order, True
    changes = [name for name, value in told.items() if getattr(order, name) != value]
    if changes:
        for name in changes:
            setattr(order, name, told[name])
        order.save(update_fields=changes)
    if other_items := not _has(order, items):
        order.items.all().delete()
        _store_items(order, items)
    if is_new := bool(changes) or other_items:
        _record(QueryEvent.ORDER_CHANGED, order, by=by, now=now)
    return order, is_new


def _has(order: Order, items: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether these are the lines of an order already."""
    stored = list(order.items.order_by("position"))
    return len(stored) == len(items) and all(
        getattr(line, name) == value
        for line, item in zip(stored, items, strict=True)
        for name, value in item.items()
    )


def _store_items(order: Order, items: Sequence[Mapping[str, Any]]) -> None:
    OrderItem.objects.bulk_create(
        OrderItem(order=order, position=position, **item)
        for position, item in enumerate(items, start=1)
    )


def _record(kind: QueryEvent, order: Order, *, by: Actor, now: datetime) -> None:
    record(kind, order, seller_id=order.seller_id, by=by, now=now)
