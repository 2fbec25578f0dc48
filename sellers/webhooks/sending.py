"""The loop that calls: some servers at once, one database connection.

As with mail (sellers/sending.py) a delivery is claimed and committed before it leaves, threads call
and touch no database, and what is finished is noted before anything else begins. A sender that is
killed leaves claims that lapse; then the same is sent again, and its id says that it is the same.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import SystemRandom
from ssl import SSLContext
from typing import Final

from django.conf import settings
from django.db import connection, transaction

from sellers.enums import CallFailure, DeliveryState, NoticeKind, OffReason, WebhookKind
from sellers.events import Actor
from sellers.models import Webhook, WebhookDelivery, WebhookTry
from sellers.models.webhooks import TROUBLE
from sellers.sealing import CannotBeUnsealed
from sellers.sending import DATABASE_GONE
from sellers.webhook_rules import Trouble, Verdict, judge, retry_after
from sellers.webhook_rules import wait as wait_after
from sellers.webhooks.calling import CALL_LASTS, Answer, CallFailed, Resolve, call, resolve, trusted
from sellers.webhooks.payloads import body_of, signed_headers
from sellers.webhooks.switching import switch_off, tell_responsible

logger = logging.getLogger(__name__)

SENDING_LASTS: Final = timedelta(seconds=55)  # then the next tick goes on
CLAIM_LASTS: Final = 4 * CALL_LASTS  # after this a sender must be done with a call, or dead
CALLS_AT_ONCE: Final = 32
CALLS_PER_WEBHOOK: Final = 2
# Servers that fail, or were slow the last time, never have all the places.
CALLS_TO_SLOW: Final = CALLS_AT_ONCE // 2
SLOW: Final = timedelta(seconds=3)
LOOK_AGAIN_AFTER: Final = 0.5  # seconds, while slow ones are waited for: others may have news
SENDER_LOCK: Final = 0x686F6F6B  # "hook": the number of the advisory lock

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one call ended: with an answer, or why there was none."""

    answer: Answer | None
    failure: CallFailure | None
    lasted: timedelta

    @property
    def verdict(self) -> Verdict:
        """Return what that means for the delivery."""
        return judge(self.answer.status if self.answer else None)


def send_due(*, clock: Clock, resolve: Resolve = resolve) -> Counter[str]:
    """Send what is due, until nothing is or the time is over.

    Returns how many tries left their delivery in which state. While another sender is at work this
    one does nothing; none waits for a slow server longer than for one call.
    """
    sender = _Sender(clock=clock, resolve=resolve)
    with ThreadPoolExecutor(CALLS_AT_ONCE) as pool:
        with _only_sender() as is_only:
            if is_only:
                sender.work(pool, until=clock() + SENDING_LASTS)
        while sender.is_busy:  # who comes now may begin; what is under way is still ours
            sender.note_finished(seconds=None)
    return sender.counts


@contextmanager
def _only_sender() -> Iterator[bool]:
    """Give whether nobody else sends; the lock ends with the session, however that ends."""
    with connection.cursor() as cursor:
        cursor.execute("SET tcp_keepalives_idle = 60")
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [SENDER_LOCK])
        is_only = cursor.fetchone() == (True,)
    try:
        yield is_only
    finally:
        if is_only:
            with suppress(*DATABASE_GONE), connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [SENDER_LOCK])


class _Sender:
    """Keeps up to so many calls under way."""

    def __init__(self, *, clock: Clock, resolve: Resolve) -> None:
        self.counts = Counter[str]()
        self._clock = clock
        self._resolve = resolve
        self._under_way: dict[Future[Outcome], WebhookDelivery] = {}
        self._quick: set[int] = set()  # webhooks, as far as their last call told
        self._slow: set[int] = set()

    @property
    def is_busy(self) -> bool:
        """Return whether any call is under way."""
        return bool(self._under_way)

    def work(self, pool: ThreadPoolExecutor, *, until: datetime) -> None:
        """Begin what is due until the time is over, or nothing is due or under way."""
        while (now := self._clock()) < until:
            if delivery := self._next(now):
                self._begin(pool, delivery, now=now)
                self.note_finished(seconds=0)
            elif self.is_busy:
                self.note_finished(seconds=LOOK_AGAIN_AFTER)
            else:
                return

    def note_finished(self, *, seconds: float | None) -> None:
        """Note how the calls ended that are over, waiting at most so long for a first one."""
        done, _ = wait(self._under_way, timeout=seconds, return_when=FIRST_COMPLETED)
        for future in done:
            delivery, outcome = self._under_way[future], future.result()
            self.counts[note(delivery, outcome, now=self._clock()).value] += 1
            is_slow = outcome.lasted >= SLOW
            (self._quick if is_slow else self._slow).discard(delivery.webhook_id)
            (self._slow if is_slow else self._quick).add(delivery.webhook_id)
            del self._under_way[future]

    def _begin(self, pool: ThreadPoolExecutor, delivery: WebhookDelivery, *, now: datetime) -> None:
        body = body_of(delivery)
        try:
            headers = signed_headers(delivery, body, now=now)
        except CannotBeUnsealed:
            logger.error("Webhook %s: its secret cannot be read any more", delivery.webhook_id)
            _switch_off_unsealed(delivery, now=now)
            return
        sent = pool.submit(
            _call,
            delivery.webhook.url,
            body=body,
            headers=headers,
            tls=trusted(),
            resolve=self._resolve,
        )
        self._under_way[sent] = delivery

    def _next(self, now: datetime) -> WebhookDelivery | None:
        """Claim one more, if there is a place for it."""
        if len(self._under_way) >= CALLS_AT_ONCE:
            return None
        called = [each.webhook for each in self._under_way.values()]
        # One call shows whether a server is quick; until then it gets no second one.
        but = {webhook.pk for webhook in called} - self._quick
        slow = [each for each in called if each.failing_since or each.pk in self._slow]
        if len(slow) < CALLS_TO_SLOW:
            return claim(now=now, but=but)
        return claim(now=now, but=but | self._slow, only_well=True)


@transaction.atomic
def claim(
    *, now: datetime, but: Collection[int] = (), only_well: bool = False
) -> WebhookDelivery | None:
    """Claim what is to be sent next, None when nothing is due or all are called enough.

    But not for these webhooks, and not for those that fail when `only_well`. The webhook's row is
    held meanwhile, so that senders beside each other count all calls.
    """
    due = WebhookDelivery.objects.next_due(now=now, calls_at_once=CALLS_PER_WEBHOOK)
    if only_well:
        due = due.exclude(webhook__in=Webhook.objects.failing().values("pk"))
    held = due.exclude(webhook__in=but).select_for_update(skip_locked=True, of=("self",))
    delivery = held.select_related("event").first()
    if delivery is None:
        return None
    free = Webhook.objects.select_for_update(skip_locked=True, no_key=True)
    webhook = free.filter(pk=delivery.webhook_id).first()
    calls = WebhookDelivery.objects.being_sent(now=now).filter(webhook=webhook)
    if webhook is None or calls.count() >= CALLS_PER_WEBHOOK:
        return None  # somebody else is at it
    delivery.webhook = webhook
    delivery.state, delivery.next_try_at = DeliveryState.SENDING, now + CLAIM_LASTS
    delivery.save(update_fields=["state", "next_try_at"])
    return delivery


@transaction.atomic
def note(delivery: WebhookDelivery, outcome: Outcome, *, now: datetime) -> DeliveryState:
    """Note how a try ended, and heed what it says of the webhook; return the delivery's state."""
    webhook = _held(delivery)
    if webhook is None:
        return DeliveryState.CANCELLED  # removed meanwhile, with all about it
    answer = outcome.answer
    WebhookTry.objects.create(
        delivery=delivery,
        at=now - outcome.lasted,
        milliseconds=round(outcome.lasted.total_seconds() * 1_000),
        status=answer.status if answer else None,
        failure=outcome.failure or "",
        excerpt=answer.excerpt if answer else "",
    )
    if outcome.verdict is Verdict.TAKEN:
        return _note_taken(delivery, webhook, now=now)
    if outcome.verdict is Verdict.GONE and webhook.is_on:
        switch_off(webhook, reason=OffReason.GONE, by=Actor.SYSTEM, now=now)
        return DeliveryState.CANCELLED
    return _note_failed(delivery, webhook, outcome, now=now)


def _held(delivery: WebhookDelivery) -> Webhook | None:
    """Return the webhook of a delivery as it is now, and hold it."""
    held = Webhook.objects.select_for_update(no_key=True, of=("self",))
    return held.filter(pk=delivery.webhook_id, deliveries=delivery.pk).first()


def _note_taken(delivery: WebhookDelivery, webhook: Webhook, *, now: datetime) -> DeliveryState:
    """Note that it arrived, also when the claim has lapsed or was cancelled meanwhile."""
    WebhookDelivery.objects.filter(pk=delivery.pk).update(
        state=DeliveryState.DELIVERED, delivered_at=now, next_try_at=None
    )
    if webhook.trouble:
        webhook.trouble = None
        webhook.save(update_fields=TROUBLE)
    return DeliveryState.DELIVERED


def _note_failed(
    delivery: WebhookDelivery, webhook: Webhook, outcome: Outcome, *, now: datetime
) -> DeliveryState:
    """Note when it is tried again, unless somebody else has it by now or it was cancelled."""
    failures = delivery.failures + 1
    chance = SystemRandom().random()
    waits = None if delivery.kind == WebhookKind.TEST else wait_after(failures, spread=chance)
    asked = retry_after(outcome.answer.retry_after, now=now) if outcome.answer else None
    next_try_at = now + max(waits, asked or timedelta()) if waits is not None else None
    state = DeliveryState.WAITING if next_try_at else DeliveryState.FAILED
    claimed = WebhookDelivery.objects.filter(
        pk=delivery.pk, state=DeliveryState.SENDING, next_try_at=delivery.next_try_at
    )
    claimed.update(state=state, next_try_at=next_try_at, failures=failures)
    if webhook.is_on and delivery.kind != WebhookKind.TEST:
        _note_trouble(webhook, held_until=now + asked if asked else None, now=now)
    return state


def _note_trouble(webhook: Webhook, *, held_until: datetime | None, now: datetime) -> None:
    """Note that a webhook fails; after a while tell its owner, at last switch it off."""
    before = webhook.trouble or Trouble(now)
    after = before.next_step(now=now)
    if after is None:
        switch_off(webhook, reason=OffReason.FAILING, by=Actor.SYSTEM, now=now)
        return
    webhook.trouble, webhook.held_until = after, held_until
    webhook.save(update_fields=["held_until", *TROUBLE])
    if after.warnings > before.warnings:
        tell_responsible(webhook, kind=NoticeKind.WEBHOOK_FAILING, now=now)


@transaction.atomic
def _switch_off_unsealed(delivery: WebhookDelivery, *, now: datetime) -> None:
    webhook = _held(delivery)
    if webhook is not None and webhook.is_on:
        switch_off(webhook, reason=OffReason.SECRET_LOST, by=Actor.SYSTEM, now=now)


def _call(
    url: str, *, body: str, headers: dict[str, str], tls: SSLContext, resolve: Resolve
) -> Outcome:
    """Call, in a thread of its own."""
    began = time.monotonic()
    answer: Answer | None = None
    failure: CallFailure | None = None
    try:
        answer = call(
            url,
            body=body.encode(),
            headers=headers,
            rules=settings.WEBHOOK_TARGETS,
            tls=tls,
            resolve=resolve,
        )
    except CallFailed as failed:
        failure = failed.failure
    except Exception:  # one call that nobody thought of must not stop the others
        logger.exception("A call to a webhook failed in an unknown way")
        failure = CallFailure.BROKEN_OFF
    return Outcome(answer, failure, timedelta(seconds=time.monotonic() - began))
