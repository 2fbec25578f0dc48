"""What an owner does with the webhooks of the shop, and staff with those of the marketplace."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from sellers.actions.team import NotAnOwner, lock_team
from sellers.enums import DeliveryState, OffReason, SellerEvent, WebhookKind
from sellers.events import Actor, record
from sellers.models import Event, Seller, User, Webhook, WebhookDelivery
from sellers.models.webhooks import UNDER_WAY
from sellers.sealing import seal
from sellers.webhooks.kinds import event_kinds
from sellers.webhooks.payloads import new_secret
from sellers.webhooks.reading import queue
from sellers.webhooks.switching import cancel_deliveries, switch_off

MOST_WEBHOOKS: Final = 10  # of a shop
MOST_REPLAYED: Final = 10_000  # events at once
OLD_SECRET_SIGNS_FOR: Final = timedelta(days=3)


class TooManyWebhooks(Exception):
    """The shop has as many as it may have."""


class WebhookExists(Exception):
    """There is one with this URL already."""


class SecretIsNewer(Exception):
    """It was given another secret meanwhile: a page that was sent twice must not end it."""


class WebhookIsOff(Exception):
    """Nothing is sent to it."""


class WebhookIsOn(Exception):
    """It must be switched off first."""


class TooManyEvents(Exception):
    """More happened in that time than is sent at once."""


@transaction.atomic
def add_webhook(
    seller: Seller | None, *, url: str, kinds: Collection[str], by: Actor, now: datetime
) -> tuple[Webhook, str]:
    """Add a webhook of a shop, or of the marketplace; return it with its secret, told only now.

    Raises NotAnOwner, TooManyWebhooks or WebhookExists.
    """
    owner = _hold_owner(seller, by=by)
    theirs = Webhook.objects.for_seller(seller)
    if theirs.filter(url=url).exists():
        raise WebhookExists
    if theirs.count() >= MOST_WEBHOOKS:
        raise TooManyWebhooks
    secret = new_secret()
    webhook = Webhook.objects.create(
        seller=seller,
        url=url,
        kinds=sorted(kinds),
        secret=seal(secret),
        secret_made_at=now,
        created_by=owner,
        created_at=now,
        on_since=now,
    )
    _record(SellerEvent.WEBHOOK_CREATED, webhook, by=by, now=now, kinds=webhook.kinds)
    return webhook, secret


@transaction.atomic
def change_webhook(
    webhook: Webhook, *, url: str, kinds: Collection[str], by: Actor, now: datetime
) -> None:
    """Call another URL, or tell of other things. Raises NotAnOwner or WebhookExists."""
    _hold(webhook, by=by)
    others = Webhook.objects.for_seller(webhook.seller).exclude(pk=webhook.pk)
    if others.filter(url=url).exists():
        raise WebhookExists
    changes: dict[str, object] = {}
    if webhook.url != url:
        changes["url"] = None  # it may hold a key
    if sorted(webhook.kinds) != sorted(kinds):
        changes["kinds"] = [webhook.kinds, sorted(kinds)]
    if changes:
        webhook.url, webhook.kinds = url, sorted(kinds)
        webhook.save(update_fields=["url", "kinds"])
        _record(SellerEvent.WEBHOOK_CHANGED, webhook, by=by, now=now, changes=changes)


@transaction.atomic
def rotate_secret(webhook: Webhook, *, made_at: datetime, by: Actor, now: datetime) -> str:
    """Give a webhook a new secret and return it; the one of `made_at` signs too for a while.

    Raises NotAnOwner or SecretIsNewer.
    """
    _hold(webhook, by=by)
    if webhook.secret_made_at != made_at:
        raise SecretIsNewer
    secret = new_secret()
    webhook.old_secret, webhook.old_secret_until = webhook.secret, now + OLD_SECRET_SIGNS_FOR
    webhook.secret, webhook.secret_made_at = seal(secret), now
    webhook.save(update_fields=["secret", "secret_made_at", "old_secret", "old_secret_until"])
    _record(SellerEvent.WEBHOOK_SECRET_ROTATED, webhook, by=by, now=now)
    return secret


@transaction.atomic
def end_old_secret(webhook: Webhook, *, by: Actor, now: datetime) -> None:
    """Sign with the new secret alone from now on; twice is once. Raises NotAnOwner."""
    _hold(webhook, by=by)
    if webhook.old_secret:
        webhook.old_secret, webhook.old_secret_until = "", None
        webhook.save(update_fields=["old_secret", "old_secret_until"])
        _record(SellerEvent.WEBHOOK_SECRET_ENDED, webhook, by=by, now=now)


@transaction.atomic
def turn_off(webhook: Webhook, *, by: Actor, now: datetime) -> None:
    """Send nothing to a webhook any more; twice is once. Raises NotAnOwner."""
    _hold(webhook, by=by)
    if webhook.is_on:
        switch_off(webhook, reason=OffReason.BY_HAND, by=by, now=now)


@transaction.atomic
def turn_on(webhook: Webhook, *, by: Actor, now: datetime) -> None:
    """Tell a webhook what happens from now on; twice is once. Raises NotAnOwner."""
    _hold(webhook, by=by)
    if not webhook.is_on:
        cancel_deliveries(webhook)  # what a reader queued while it was switched off
        webhook.off_reason, webhook.off_at, webhook.on_since = "", None, now
        webhook.save(update_fields=["off_reason", "off_at", "on_since"])
        _record(SellerEvent.WEBHOOK_ON, webhook, by=by, now=now)


@transaction.atomic
def send_test(webhook: Webhook, *, by: Actor, now: datetime) -> None:
    """Queue an event about the webhook itself, tried once. Raises NotAnOwner or WebhookIsOff."""
    _hold_on(webhook, by=by)
    _record(SellerEvent.WEBHOOK_TESTED, webhook, by=by, now=now)
    WebhookDelivery.objects.create(
        webhook=webhook,
        event=Event.objects.about([webhook]).latest("pk"),
        kind=WebhookKind.TEST,
        object_pk=webhook.pk,
        created_at=now,
        next_try_at=now,
    )


@transaction.atomic
def send_again(delivery: WebhookDelivery, *, by: Actor, now: datetime) -> None:
    """Send one event again, from the first try on. Raises NotAnOwner or WebhookIsOff."""
    _hold_on(delivery.webhook, by=by)
    again = _again(delivery.webhook, now=now, pk=delivery.pk)
    _record(SellerEvent.WEBHOOK_REPLAYED, delivery.webhook, by=by, now=now, count=again)


@transaction.atomic
def replay(
    webhook: Webhook,
    *,
    start: datetime,
    end: datetime,
    also_delivered: bool,
    by: Actor,
    now: datetime,
) -> int:
    """Send what happened from `start` until before `end` again, also what it was never told.

    What the receiver has already has the same id. Returns how many events are sent. Raises
    NotAnOwner, WebhookIsOff or TooManyEvents.
    """
    _hold_on(webhook, by=by)
    happened = Event.objects.filter(
        kind__in=event_kinds(webhook.kinds), at__gte=start, at__lt=end
    ).order_by("pk")
    if webhook.seller:
        happened = happened.told_to(webhook.seller)
    events = list(happened[: MOST_REPLAYED + 1])
    if len(events) > MOST_REPLAYED:
        raise TooManyEvents
    done = [DeliveryState.FAILED, DeliveryState.CANCELLED]
    if also_delivered:
        done.append(DeliveryState.DELIVERED)
    again = _again(
        webhook,
        now=now,
        event__in=[event.pk for event in events],
        kind__in=webhook.kinds,
        state__in=done,
    )
    before = webhook.deliveries.count()
    queue(events, [webhook], now=now, since=False)
    count = again + webhook.deliveries.count() - before
    _record(SellerEvent.WEBHOOK_REPLAYED, webhook, by=by, now=now, count=count)
    return count


@transaction.atomic
def remove_webhook(webhook: Webhook, *, by: Actor, now: datetime) -> None:
    """Forget a webhook that is off, with its log. Raises NotAnOwner or WebhookIsOn."""
    _hold(webhook, by=by)
    if webhook.is_on:
        raise WebhookIsOn
    _record(SellerEvent.WEBHOOK_DELETED, webhook, by=by, now=now)
    WebhookDelivery.objects.filter(webhook=webhook).forget()
    webhook.delete()


def _hold_owner(seller: Seller | None, *, by: Actor) -> User:
    """Wait for whoever changes the same shop's; return who may. Raises NotAnOwner."""
    if seller is not None:
        lock_team(seller, by=by)
    if by.account is None or (seller is None and not by.account.is_staff):
        raise NotAnOwner
    return by.account


def _hold(webhook: Webhook, *, by: Actor) -> None:
    """Hold a webhook and see it as others left it. Raises NotAnOwner."""
    _hold_owner(webhook.seller, by=by)
    webhook.refresh_from_db(from_queryset=Webhook.objects.select_for_update(no_key=True))


def _hold_on(webhook: Webhook, *, by: Actor) -> None:
    """Hold a webhook to which something is to be sent. Raises NotAnOwner or WebhookIsOff."""
    _hold(webhook, by=by)
    if not webhook.is_on:
        raise WebhookIsOff


def _again(webhook: Webhook, *, now: datetime, **which: object) -> int:
    """Let these deliveries begin anew, unless they are under way; return how many."""
    over = webhook.deliveries.filter(**which).exclude(state__in=UNDER_WAY)
    return over.update(state=DeliveryState.WAITING, next_try_at=now, failures=0, delivered_at=None)


def _record(
    kind: SellerEvent, webhook: Webhook, *, by: Actor, now: datetime, **details: object
) -> None:
    record(kind, webhook, seller_id=webhook.seller_id, by=by, now=now, **details)
