"""What was queued arrives, once by its id, whatever the receiver does and whoever else sends."""

import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Event as Signal
from zoneinfo import ZoneInfo

import pytest
from django.conf import LazySettings
from django.db import connection, connections, transaction
from standardwebhooks import Webhook as Standard
from standardwebhooks import WebhookVerificationError
from time_machine import travel

from queries.actions import close
from sellers import actions
from sellers.actions.webhooks import OLD_SECRET_SIGNS_FOR
from sellers.enums import CallFailure, DeliveryState, NoticeKind, OffReason, SellerEvent
from sellers.events import Actor
from sellers.models import Event, Notice, Seller, User, Webhook, WebhookDelivery, WebhookTry
from sellers.sealing import seal
from sellers.tasks import deliver_webhooks, drop_webhook_log
from sellers.webhook_rules import JITTER, WAITS
from sellers.webhooks import sending
from sellers.webhooks.calling import CALL_LASTS, Answer
from sellers.webhooks.clearing import KEPT_FOR, drop_old
from sellers.webhooks.reading import read_events
from sellers.webhooks.sending import CALLS_PER_WEBHOOK, CLAIM_LASTS, claim, note
from tests.conftest import NOON, Market, at_once
from tests.hooks import Hook, allow_this_machine, hook_of, send, tell
from tests.mail_server import deaf_port
from tests.receiver import Call, Receiver, receiving

SECOND, MINUTE, HOUR, DAY = (timedelta(seconds=s) for s in (1, 60, 3_600, 86_400))
LATER = NOON + MINUTE


@pytest.fixture(autouse=True)
def _here(settings: LazySettings) -> None:
    allow_this_machine(settings)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Fietsenzo's own server."""
    with receiving() as listening:
        yield listening


@pytest.fixture
def hook(fietsenzo: Seller, alice: User, receiver: Receiver) -> Hook:
    """What Fietsenzo's server wants to be told: queries that are asked and closed."""
    kinds = ["query.created", "query.closed"]
    return hook_of(fietsenzo, receiver.url, by=alice, kinds=kinds)


def ask(market: Market, count: int, *, now: datetime = NOON) -> None:
    """Let customers ask, and queue that."""
    for _ in range(count):
        market.query(asked_at=now)
    tell(now=now)


def only() -> WebhookDelivery:
    """Return the only delivery there is."""
    return WebhookDelivery.objects.get()


def states() -> list[str]:
    """Return the states of all deliveries, in order."""
    return list(WebhookDelivery.objects.order_by("pk").values_list("state", flat=True))


# What is sent


def test_each_event_arrives_once_signed_and_thin(
    hook: Hook, receiver: Receiver, market: Market
) -> None:
    query = market.query(asked_at=NOON + timedelta(milliseconds=5))
    actions_before = Event.objects.latest("pk")
    tell()

    assert send(now=LATER) == {"delivered": 1}
    assert send(now=LATER) == {}

    with travel(LATER):
        kept = receiver.accepted(hook.secret)
    assert list(kept.values()) == [
        {
            "type": "query.created",
            "timestamp": "2026-03-10T11:00:00.005000Z",
            "data": {
                "id": str(query.pk),
                "object": "query",
                "version": actions_before.pk,
                "url": f"http://localhost:8000/api/v1/queries/{query.pk}/",
            },
        }
    ]
    (got,) = receiver.calls
    assert got.headers["webhook-timestamp"] == str(int(LATER.timestamp()))
    assert got.headers["content-type"] == "application/json"
    assert got.headers["user-agent"].startswith("Nazorg")
    for words in (query.subject, query.customer.name, query.customer.email):
        assert words not in got.body.decode()


def test_it_is_logged(hook: Hook, receiver: Receiver, market: Market) -> None:
    ask(market, 1)

    send(now=LATER)

    delivery = only()
    assert (delivery.state, delivery.delivered_at) == (DeliveryState.DELIVERED, LATER)
    tried = delivery.tries.get()
    assert (tried.status, tried.failure, tried.excerpt) == (204, "", "")
    assert tried.at <= LATER
    assert tried.milliseconds < 10_000


def test_signature_does_not_depend_on_the_zone(
    hook: Hook, receiver: Receiver, market: Market
) -> None:
    """The library drops the zone of what it signs: only UTC is right."""
    ask(market, 1)
    amsterdam = LATER.astimezone(ZoneInfo("Europe/Amsterdam"))

    sending.send_due(clock=lambda: amsterdam)

    with travel(LATER):
        assert len(receiver.accepted(hook.secret)) == 1


def test_tampered_and_replayed_calls_are_refused(
    hook: Hook, receiver: Receiver, market: Market
) -> None:
    ask(market, 1)
    send(now=LATER)
    (got,) = receiver.calls
    checks = Standard(hook.secret)

    with travel(LATER):
        assert checks.verify(got.body, got.headers)["type"] == "query.created"
        with pytest.raises(WebhookVerificationError):
            checks.verify(got.body.replace(b"created", b"closed"), got.headers)
        for name, value in (("webhook-id", "msg_2"), ("webhook-timestamp", "1")):
            with pytest.raises(WebhookVerificationError):
                checks.verify(got.body, got.headers | {name: value})
        assert receiver.refuses(got, "whsec_" + "A" * 43)
    with travel(LATER + timedelta(minutes=6)):
        assert receiver.refuses(got, hook.secret)


def test_both_secrets_sign_while_one_takes_over(
    hook: Hook, receiver: Receiver, market: Market, alice: User
) -> None:
    by, made_at = Actor.user(alice), hook.row.secret_made_at
    new = actions.rotate_secret(hook.fresh, made_at=made_at, by=by, now=NOON)
    assert new != hook.secret

    ask(market, 1)
    send(now=LATER)
    with travel(LATER):
        assert len(receiver.accepted(hook.secret)) == len(receiver.accepted(new)) == 1
    assert len(receiver.calls[0].headers["webhook-signature"].split(" ")) == 2

    over = NOON + OLD_SECRET_SIGNS_FOR
    ask(market, 1, now=over)
    send(now=over)
    with travel(over):
        assert not receiver.refuses(receiver.calls[-1], new)
        assert receiver.refuses(receiver.calls[-1], hook.secret)


def test_nothing_of_another_shop_is_sent(
    hook: Hook, receiver: Receiver, other_market: Market, dirk: User
) -> None:
    ask(other_market, 2)

    assert send(now=LATER) == {}
    assert receiver.calls == []


def test_marketplace_is_told_of_all_shops(
    staff: User, receiver: Receiver, market: Market, other_market: Market
) -> None:
    hook_of(None, receiver.url, by=staff, kinds=["query.created"])
    ask(market, 1)
    ask(other_market, 1)

    assert send(now=LATER) == {"delivered": 2}


@pytest.fixture
def staff(db: None) -> User:
    """Somebody who administers the marketplace."""
    return User.objects.create_superuser("staff@markt.example", name="Staff", language="en")


# Tried again


def test_it_is_tried_ten_times_in_three_days_with_one_id_and_new_signatures(
    hook: Hook, receiver: Receiver, market: Market
) -> None:
    receiver.status = 500
    ask(market, 1)
    now, waits = NOON, []

    while only().state == DeliveryState.WAITING:
        assert send(now=now - SECOND) == {}
        began, now = now, only().next_try_at or now
        assert send(now=now).total() == 1
        waits.append(now - began)

    assert only().state == DeliveryState.FAILED
    assert len(receiver.calls) == only().tries.count() == len(WAITS) + 1 == 10
    for waited, planned in zip(waits[1:], WAITS, strict=True):
        assert planned <= waited <= planned * (1 + JITTER) + SECOND
    assert len(set(receiver.ids())) == 1
    assert len({call.headers["webhook-signature"] for call in receiver.calls}) == 10
    assert len({call.body for call in receiver.calls}) == 1


def test_receiver_that_was_down_for_an_hour_gets_each_event_once(
    hook: Hook, receiver: Receiver, market: Market
) -> None:
    receiver.status = 503
    ask(market, 5)
    now = NOON
    while now < NOON + HOUR:
        send(now=now)
        now += MINUTE
    failed = len(receiver.calls)
    assert failed == 5 * 4  # at once, after 5 s, 5 and 35 minutes
    assert hook.fresh.trouble is not None

    receiver.status = 204
    while now < NOON + 4 * HOUR:
        send(now=now)
        now += 10 * MINUTE

    assert states() == [DeliveryState.DELIVERED] * 5
    assert len(receiver.calls) == failed + 5
    assert len(set(receiver.ids())) == 5
    assert hook.fresh.trouble is None


def test_receiver_that_took_it_but_could_not_say_so_skips_the_second(
    hook: Hook, receiver: Receiver, market: Market
) -> None:
    receiver.statuses = [500]
    ask(market, 1)

    send(now=NOON)
    send(now=NOON + MINUTE)

    assert len(receiver.calls) == 2
    with travel(NOON + MINUTE):
        assert len(receiver.accepted(hook.secret)) == 1


def test_late_state_is_never_taken_for_new(hook: Hook, receiver: Receiver, market: Market) -> None:
    """The first try of the older event fails, so it comes after the newer one."""
    receiver.statuses = [500]
    query = market.query()
    tell()
    send(now=NOON)
    close(query, by=market.actor, now=NOON + SECOND)
    tell(now=NOON + SECOND)
    send(now=NOON + SECOND)
    send(now=NOON + MINUTE)

    seen: dict[str, tuple[int, str]] = {}
    order = []
    for call in receiver.calls[1:]:  # the first was refused
        said = json.loads(call.body)
        order.append(said["type"])
        row = said["data"]
        if row["version"] > seen.get(row["id"], (0, ""))[0]:
            seen[row["id"]] = row["version"], said["type"]
    assert order == ["query.closed", "query.created"]
    assert seen[str(query.pk)][1] == "query.closed"


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirect_is_a_failure(hook: Hook, receiver: Receiver, market: Market, status: int) -> None:
    receiver.status, receiver.headers = status, {"Location": receiver.url}
    ask(market, 1)

    assert send(now=LATER) == {"waiting": 1}
    assert only().tries.get().status == status
    assert len(receiver.calls) == 1


def test_asked_to_wait_it_leaves_the_whole_receiver_in_peace(
    hook: Hook, receiver: Receiver, market: Market
) -> None:
    receiver.statuses, receiver.headers = [429], {"Retry-After": "1800"}
    ask(market, 1)
    send(now=NOON)
    assert only().next_try_at == NOON + 30 * MINUTE == hook.fresh.held_until

    ask(market, 1)
    assert send(now=NOON + 29 * MINUTE) == {}
    assert send(now=NOON + 31 * MINUTE) == {"delivered": 2}


def test_gone_switches_off_at_once_and_the_owner_is_told(
    hook: Hook, receiver: Receiver, market: Market, alice: User, bob: User
) -> None:
    receiver.status = 410
    ask(market, 3)

    counts = send(now=LATER)

    webhook = hook.fresh
    assert (webhook.off_reason, webhook.off_at) == (OffReason.GONE, LATER)
    assert set(states()) == {DeliveryState.CANCELLED}
    assert counts.total() <= CALLS_PER_WEBHOOK + 1
    notice = Notice.objects.get()
    assert (notice.user, notice.kind) == (alice, NoticeKind.WEBHOOK_OFF)
    event = Event.objects.get(kind=SellerEvent.WEBHOOK_OFF)
    assert (event.actor, event.details) == ("system", {"reason": "gone"})
    ask(market, 1, now=LATER)
    assert send(now=LATER + DAY) == {}


def test_after_five_days_it_is_off_and_the_owner_was_told_before(
    hook: Hook, receiver: Receiver, market: Market, alice: User
) -> None:
    receiver.status = 500
    told: list[tuple[str, timedelta]] = []
    for hours in range(0, 24 * 6, 4):
        now = NOON + hours * HOUR
        if hours % 12 == 0:
            ask(market, 1, now=now)
        send(now=now)
        fresh = Notice.objects.filter(created_at=now)
        told += [(notice.kind, now - NOON) for notice in fresh]

    kinds = [kind for kind, _ in told]
    assert kinds == [NoticeKind.WEBHOOK_FAILING] * 2 + [NoticeKind.WEBHOOK_OFF]
    first, second, off = (after for _, after in told)
    assert DAY <= first < 1.5 * DAY
    assert 3 * DAY <= second < 3.5 * DAY
    assert 5 * DAY <= off < 5.6 * DAY
    assert hook.fresh.off_reason == OffReason.FAILING
    assert not WebhookDelivery.objects.filter(state__in=["waiting", "sending"]).exists()


def test_one_that_arrives_ends_the_trouble(hook: Hook, receiver: Receiver, market: Market) -> None:
    receiver.statuses = [500]
    ask(market, 1)
    send(now=NOON)
    assert hook.fresh.failing_since == NOON

    send(now=NOON + MINUTE)

    assert hook.fresh.trouble is None


def test_secret_that_cannot_be_read_switches_off(
    hook: Hook, receiver: Receiver, market: Market, settings: LazySettings
) -> None:
    ours, settings.SECRET_KEY = settings.SECRET_KEY, "another"
    sealed = seal("whsec_x")
    settings.SECRET_KEY = ours
    Webhook.objects.update(secret=sealed)
    ask(market, 1)

    assert send(now=LATER) == {}

    assert hook.fresh.off_reason == OffReason.SECRET_LOST
    assert states() == [DeliveryState.CANCELLED]
    assert receiver.calls == []


def test_forbidden_target_is_a_failure_and_no_connection(
    hook: Hook, receiver: Receiver, market: Market
) -> None:
    ask(market, 1)
    looked_up = []

    def inside(host: str, _port: int) -> list[str]:
        looked_up.append(host)
        return ["10.0.0.1"]

    counts = sending.send_due(clock=lambda: LATER, resolve=inside)

    assert counts == {"waiting": 1}
    assert only().tries.get().failure == CallFailure.FORBIDDEN
    assert looked_up == ["localhost"]
    assert receiver.calls == []


def test_nobody_listens(fietsenzo: Seller, alice: User, market: Market) -> None:
    with deaf_port() as port:
        hook_of(fietsenzo, f"http://localhost:{port}/", by=alice, kinds=["query.created"])
        ask(market, 1)

        assert send(now=LATER) == {"waiting": 1}
    assert only().tries.get().failure == CallFailure.NO_CONNECTION


def test_call_that_fails_in_an_unknown_way_stops_no_other(
    hook: Hook, receiver: Receiver, market: Market, caplog: pytest.LogCaptureFixture
) -> None:
    ask(market, 1)

    def broken(_host: str, _port: int) -> list[str]:
        raise RuntimeError("Nobody thought of this.")

    with caplog.at_level(logging.CRITICAL):
        counts = sending.send_due(clock=lambda: LATER, resolve=broken)

    assert counts == {"waiting": 1}
    assert only().tries.get().failure == CallFailure.BROKEN_OFF


# Beside each other


def test_receiver_is_called_so_often_at_once(
    hook: Hook, receiver: Receiver, market: Market
) -> None:
    receiver.seconds = 0.3
    ask(market, 6)

    assert send(now=LATER) == {"delivered": 6}
    assert receiver.most_open == CALLS_PER_WEBHOOK


def test_slow_receiver_holds_nobody_up(
    hook: Hook,
    receiver: Receiver,
    other_shop: Seller,
    dirk: User,
    market: Market,
    other_market: Market,
) -> None:
    others_are_served = Signal()
    waited: list[bool] = []
    receiver.on_call = lambda _call: waited.append(others_are_served.wait(timeout=10))
    with receiving() as fast:

        def count(_call: Call) -> None:
            if len(fast.calls) == 20:
                others_are_served.set()

        fast.on_call = count
        hook_of(other_shop, fast.url, by=dirk, kinds=["query.created"])
        ask(market, 2)
        ask(other_market, 20)

        assert send(now=LATER) == {"delivered": 22}

    assert waited == [True, True]


def test_failing_receivers_never_have_all_places(
    hook: Hook, receiver: Receiver, market: Market
) -> None:
    ask(market, 1)
    Webhook.objects.update(failing_since=NOON)

    assert claim(now=LATER, only_well=True) is None
    assert claim(now=LATER, but=[hook.row.pk]) is None
    assert claim(now=LATER) is not None


def test_slow_receivers_have_half_the_places(
    fietsenzo: Seller, alice: User, market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "CALLS_TO_SLOW", 2)
    monkeypatch.setattr(sending, "SLOW", timedelta(seconds=0.1))
    open_at_once: list[int] = []
    with receiving() as one, receiving() as two, receiving() as three:
        servers = (one, two, three)
        for each in servers:
            each.seconds = 0.8
            each.on_call = lambda _call: open_at_once.append(sum(one.now_open for one in servers))
            hook_of(fietsenzo, each.url, by=alice, kinds=["query.created"])
        ask(market, 3)

        assert send(now=LATER) == {"delivered": 9}

    assert max(open_at_once[:3]) == 3  # nobody knows yet that they are slow
    assert max(open_at_once[-4:]) == 2


def test_two_senders_side_by_side_send_each_once(
    committed_db: None, hook: Hook, receiver: Receiver, market: Market
) -> None:
    receiver.seconds = 0.02
    ask(market, 20)

    one, other = at_once(*[lambda: sending.send_due(clock=lambda: LATER)] * 2)

    assert one + other == {"delivered": 20}
    assert sorted(receiver.ids()) == sorted(set(receiver.ids()))
    assert len(receiver.calls) == 20


def test_senders_that_claim_beside_each_other_share_what_is_due(
    committed_db: None, hook: Hook, market: Market
) -> None:
    """The lock of the only sender is for the number of calls; claims keep what is sent apart."""
    ask(market, 4)

    claimed = at_once(*[lambda: claim(now=LATER)] * 4)

    found = [delivery.pk for delivery in claimed if delivery is not None]
    assert len(found) == len(set(found)) <= CALLS_PER_WEBHOOK
    assert claim(now=LATER) is None or len(found) < CALLS_PER_WEBHOOK


def test_sender_ends_in_time_and_leaves_the_rest(
    hook: Hook, receiver: Receiver, market: Market
) -> None:
    ask(market, 3)
    moments = [LATER, LATER, LATER + sending.SENDING_LASTS]

    counts = sending.send_due(clock=lambda: moments.pop(0) if len(moments) > 1 else moments[0])

    assert counts == {"delivered": 1}
    assert states().count(DeliveryState.WAITING) == 2


CHILD = """
import django
django.setup()
from django.utils import timezone
from sellers.webhooks.reading import read_events
from sellers.webhooks.sending import send_due
while read_events(now=timezone.now()):
    pass
send_due(clock=timezone.now)
"""


def test_sender_that_is_killed_repeats_with_the_same_id(
    committed_db: None,
    surroundings: dict[str, str],
    hook: Hook,
    receiver: Receiver,
    market: Market,
) -> None:
    for _ in range(3):
        market.query(asked_at=NOON)
    receiver.seconds = 30
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD],
        env={
            **surroundings,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DEMO": "true",
            "WEBHOOKS_TO_LOCALHOST": "true",
        },
    )
    try:
        deadline = time.monotonic() + 30
        while not receiver.calls and time.monotonic() < deadline:
            time.sleep(0.05)
    finally:
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
    assert len(receiver.calls) == 1
    receiver.seconds = 0
    now = datetime.now(UTC)
    while connection_is_held():
        time.sleep(0.05)
    assert sending.send_due(clock=lambda: now) == {"delivered": 2}  # it may still be under way

    later = datetime.now(UTC) + CLAIM_LASTS
    assert sending.send_due(clock=lambda: later) == {"delivered": 1}

    assert len(receiver.calls) == 4
    assert len(set(receiver.ids())) == 3
    assert states() == [DeliveryState.DELIVERED] * 3


def connection_is_held() -> bool:
    """Return whether the lock of a sender that died is still there."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")
        row = cursor.fetchone()
    return bool(row and row[0])


def test_claim_outlives_the_longest_call() -> None:
    assert 2 * CALL_LASTS < CLAIM_LASTS


# What others do meanwhile


def finished(status: int | None) -> sending.Outcome:
    """Return how a call ended."""
    if status is None:
        return sending.Outcome(None, CallFailure.TIMEOUT, CALL_LASTS)
    return sending.Outcome(Answer(status), None, SECOND / 100)


def test_switched_off_while_it_is_sent(hook: Hook, market: Market, alice: User) -> None:
    ask(market, 2)
    first, second = claim(now=LATER), claim(now=LATER)
    assert first
    assert second
    actions.turn_off(hook.fresh, by=Actor.user(alice), now=LATER)

    assert note(first, finished(204), now=LATER) == DeliveryState.DELIVERED
    note(second, finished(500), now=LATER)

    assert states() == [DeliveryState.DELIVERED, DeliveryState.CANCELLED]
    assert hook.fresh.trouble is None


def test_removed_while_it_is_sent(hook: Hook, market: Market, alice: User) -> None:
    ask(market, 1)
    claimed = claim(now=LATER)
    assert claimed
    by = Actor.user(alice)
    actions.turn_off(hook.fresh, by=by, now=LATER)
    actions.remove_webhook(hook.fresh, by=by, now=LATER)

    assert note(claimed, finished(204), now=LATER) == DeliveryState.CANCELLED
    assert not WebhookTry.objects.exists()


def test_who_lost_the_claim_changes_nothing_by_a_failure(hook: Hook, market: Market) -> None:
    ask(market, 1)
    slow = claim(now=LATER)
    again = claim(now=LATER + CLAIM_LASTS)
    assert slow
    assert again

    note(again, finished(204), now=LATER + CLAIM_LASTS)
    note(slow, finished(None), now=LATER + CLAIM_LASTS)

    assert states() == [DeliveryState.DELIVERED]
    assert WebhookTry.objects.count() == 2


# By the clock


def test_tasks_read_send_and_clear(
    committed_db: None, hook: Hook, receiver: Receiver, market: Market
) -> None:
    now = datetime.now(UTC)
    market.query(asked_at=now)
    Webhook.objects.update(on_since=NOON)

    deliver_webhooks()
    deliver_webhooks()

    assert len(receiver.calls) == 1
    drop_webhook_log()
    assert only().tries.count() == 1
    with travel(now + KEPT_FOR + HOUR):
        drop_webhook_log()
    assert not WebhookDelivery.objects.exists()
    assert not WebhookTry.objects.exists()


def test_what_is_under_way_is_not_cleared(hook: Hook, market: Market) -> None:
    ask(market, 1)

    assert drop_old(now=NOON + 2 * KEPT_FOR) == 0

    assert states() == [DeliveryState.WAITING]


def test_old_secret_is_forgotten(hook: Hook, alice: User) -> None:
    by = Actor.user(alice)
    actions.rotate_secret(hook.fresh, made_at=hook.row.secret_made_at, by=by, now=NOON)

    drop_old(now=NOON + 3 * DAY)

    assert (hook.fresh.old_secret, hook.fresh.old_secret_until) == ("", None)


# Reading


def test_what_happened_is_read_once_in_pieces_and_beside_each_other(
    committed_db: None, hook: Hook, market: Market
) -> None:
    for _ in range(3):
        market.query()

    def read() -> int:
        count = 0
        while found := read_events(now=NOON, limit=1):
            count += found
        return count

    at_once(*[read] * 3)
    while read_events(now=NOON):
        pass

    assert WebhookDelivery.objects.count() == 3
    assert read_events(now=NOON) == 0


def test_two_readers_at_once_read_for_one(committed_db: None, hook: Hook, market: Market) -> None:
    market.query()

    def beside() -> int:
        try:
            return read_events(now=NOON)
        finally:
            connections.close_all()

    with transaction.atomic():
        assert read_events(now=NOON) > 0
        assert at_once(beside) == [0]


def test_what_happened_before_is_not_told(
    hook: Hook, fietsenzo: Seller, receiver: Receiver, market: Market
) -> None:
    market.query(asked_at=NOON - SECOND)

    assert tell() == 0


def test_waiting_ones_are_found_by_an_index(hook: Hook, market: Market) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")

    plan = WebhookDelivery.objects.next_due(now=NOON, calls_at_once=2).explain()

    assert "webhookdelivery_to_send" in plan
    assert "webhookdelivery_being_sent" in plan
