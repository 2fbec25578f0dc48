"""What an owner may do with webhooks, and what the database keeps whatever anybody does."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sellers import actions
from sellers.actions.webhooks import MOST_WEBHOOKS, OLD_SECRET_SIGNS_FOR
from sellers.enums import DeliveryState, NoticeKind, OffReason, SellerEvent, WebhookKind
from sellers.events import Actor
from sellers.models import (
    Event,
    MailServer,
    Notice,
    Seller,
    User,
    Webhook,
    WebhookCursor,
    WebhookDelivery,
    WebhookTry,
)
from sellers.sealing import seal
from sellers.webhook_mail import failing_email, off_email
from sellers.webhooks.payloads import valid_secrets
from sellers.webhooks.sending import claim
from sellers.webhooks.switching import switch_off, tell_responsible
from tests.conftest import NOON, Market, refused_by
from tests.hooks import Hook, hook_of, tell
from tests.mail_server import MailServer as Server

URL = "https://hooks.fietsenzo.example/nazorg?key=1"
LATER = NOON + timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def hook(fietsenzo: Seller, alice: User) -> Hook:
    """What Fietsenzo's server wants to be told."""
    return hook_of(fietsenzo, URL, by=alice, kinds=["query.created", "query.closed"])


@pytest.fixture
def by(alice: User) -> Actor:
    """The owner."""
    return Actor.user(alice)


@pytest.fixture
def staff(db: None) -> User:
    """Somebody who administers the marketplace."""
    return User.objects.create_superuser("staff@markt.example", name="Staff", language="en")


def kinds_told() -> list[str]:
    """Return what was written about webhooks."""
    told = Event.objects.filter(kind__startswith="webhook.").order_by("pk")
    return list(told.values_list("kind", flat=True))


# Adding and changing


def test_owner_adds_one_and_sees_its_secret(hook: Hook, fietsenzo: Seller, alice: User) -> None:
    row = hook.fresh

    assert (row.seller, row.created_by, row.url) == (fietsenzo, alice, URL)
    assert row.kinds == ["query.closed", "query.created"]
    assert row.is_on
    assert row.host == "hooks.fietsenzo.example"
    assert hook.secret.startswith("whsec_")
    assert len(hook.secret) == len("whsec_") + 44
    assert hook.secret not in row.secret
    assert valid_secrets(row, now=NOON) == [hook.secret]
    event = Event.objects.get(kind=SellerEvent.WEBHOOK_CREATED)
    assert event.details == {"kinds": ["query.closed", "query.created"]}


def test_only_an_owner_does_anything(hook: Hook, bob: User, dirk: User, staff: User) -> None:
    for user in (bob, dirk, staff):
        by = Actor.user(user)
        for act in (actions.send_test, actions.turn_off, actions.turn_on, actions.end_old_secret):
            with pytest.raises(actions.NotAnOwner):
                act(hook.fresh, by=by, now=LATER)
        with pytest.raises(actions.NotAnOwner):
            hook_of(hook.row.seller, "https://other.example/", by=user)


def test_only_staff_do_anything_with_the_marketplace_s(alice: User, staff: User) -> None:
    with pytest.raises(actions.NotAnOwner):
        hook_of(None, URL, by=alice)
    with pytest.raises(actions.NotAnOwner):
        actions.add_webhook(None, url=URL, kinds=["query.created"], by=Actor.SYSTEM, now=NOON)
    hook = hook_of(None, URL, by=staff)

    with pytest.raises(actions.NotAnOwner):
        actions.turn_off(hook.fresh, by=Actor.user(alice), now=LATER)
    actions.turn_off(hook.fresh, by=Actor.user(staff), now=LATER)
    assert not hook.fresh.is_on


def test_same_url_once_per_shop(hook: Hook, other_shop: Seller, dirk: User, alice: User) -> None:
    with pytest.raises(actions.WebhookExists):
        hook_of(hook.row.seller, URL, by=alice)

    assert hook_of(other_shop, URL, by=dirk).row.url == URL


def test_a_shop_has_so_many(fietsenzo: Seller, alice: User) -> None:
    for number in range(MOST_WEBHOOKS):
        hook_of(fietsenzo, f"https://hooks{number}.example/", by=alice)

    with pytest.raises(actions.TooManyWebhooks):
        hook_of(fietsenzo, URL, by=alice)


def test_it_goes_elsewhere_and_tells_other_things(hook: Hook, by: Actor, alice: User) -> None:
    other = "https://new.fietsenzo.example/"

    actions.change_webhook(hook.fresh, url=other, kinds=["query.created"], by=by, now=LATER)
    actions.change_webhook(hook.fresh, url=other, kinds=["query.created"], by=by, now=LATER)

    assert (hook.fresh.url, hook.fresh.kinds) == (other, ["query.created"])
    event = Event.objects.get(kind=SellerEvent.WEBHOOK_CHANGED)
    assert event.details == {
        "changes": {"url": None, "kinds": [["query.closed", "query.created"], ["query.created"]]}
    }
    hook_of(hook.row.seller, URL, by=alice)
    with pytest.raises(actions.WebhookExists):
        actions.change_webhook(hook.fresh, url=URL, kinds=["query.created"], by=by, now=LATER)


# Secrets


def test_two_secrets_are_valid_while_one_takes_over(hook: Hook, by: Actor) -> None:
    new = actions.rotate_secret(hook.fresh, made_at=NOON, by=by, now=LATER)

    ends = LATER + OLD_SECRET_SIGNS_FOR
    assert valid_secrets(hook.fresh, now=LATER) == [new, hook.secret]
    assert valid_secrets(hook.fresh, now=ends) == [new]

    actions.end_old_secret(hook.fresh, by=by, now=LATER)
    actions.end_old_secret(hook.fresh, by=by, now=LATER)
    assert valid_secrets(hook.fresh, now=LATER) == [new]
    assert kinds_told()[1:] == [
        SellerEvent.WEBHOOK_SECRET_ROTATED,
        SellerEvent.WEBHOOK_SECRET_ENDED,
    ]


def test_page_that_is_sent_twice_makes_one_new_secret(hook: Hook, by: Actor) -> None:
    new = actions.rotate_secret(hook.fresh, made_at=NOON, by=by, now=LATER)

    with pytest.raises(actions.SecretIsNewer):
        actions.rotate_secret(hook.fresh, made_at=NOON, by=by, now=LATER)

    assert valid_secrets(hook.fresh, now=LATER) == [new, hook.secret]


# On, off and away


def test_off_and_on_again(hook: Hook, by: Actor, market: Market) -> None:
    market.query()
    tell()
    actions.turn_off(hook.fresh, by=by, now=LATER)
    actions.turn_off(hook.fresh, by=by, now=LATER)

    assert (hook.fresh.off_reason, hook.fresh.off_at) == (OffReason.BY_HAND, LATER)
    assert hook.row.deliveries.get().state == DeliveryState.CANCELLED
    assert not Notice.objects.exists()  # who did it knows
    market.query(asked_at=LATER)
    assert tell(now=LATER) == 0

    actions.turn_on(hook.fresh, by=by, now=LATER + DAY)
    actions.turn_on(hook.fresh, by=by, now=LATER + DAY)
    assert hook.fresh.is_on
    tell(now=LATER + DAY)
    assert hook.row.deliveries.count() == 1
    assert kinds_told()[1:] == [SellerEvent.WEBHOOK_OFF, SellerEvent.WEBHOOK_ON]


def test_what_was_queued_while_it_went_off_is_not_sent_when_it_is_on(
    hook: Hook, by: Actor, market: Market
) -> None:
    market.query()
    Webhook.objects.update(off_reason=OffReason.BY_HAND, off_at=LATER)
    WebhookDelivery.objects.create(
        webhook=hook.row,
        event=Event.objects.latest("pk"),
        kind="query.created",
        object_pk=1,
        created_at=NOON,
        next_try_at=NOON,
    )

    actions.turn_on(hook.fresh, by=by, now=LATER)

    assert claim(now=LATER) is None


def test_only_what_is_off_is_removed(hook: Hook, by: Actor, market: Market) -> None:
    market.query()
    tell()
    with pytest.raises(actions.WebhookIsOn):
        actions.remove_webhook(hook.fresh, by=by, now=LATER)

    actions.turn_off(hook.fresh, by=by, now=LATER)
    with CaptureQueriesContext(connection) as statements:
        actions.remove_webhook(hook.fresh, by=by, now=LATER)

    (deletion,) = [
        each["sql"]
        for each in statements
        if each["sql"].startswith('DELETE FROM "sellers_webhookdelivery"')
    ]
    assert " IN (" not in deletion  # however many there are, none was loaded
    assert not Webhook.objects.exists()
    assert not WebhookDelivery.objects.exists()
    assert kinds_told()[-1] == SellerEvent.WEBHOOK_DELETED


# Sending by hand


def test_test_event_goes_to_this_one_alone(hook: Hook, by: Actor, alice: User) -> None:
    other = hook_of(hook.row.seller, "https://other.example/", by=alice)

    actions.send_test(hook.fresh, by=by, now=LATER)
    tell(now=LATER)

    delivery = WebhookDelivery.objects.get()
    assert (delivery.webhook, delivery.kind) == (hook.row, WebhookKind.TEST)
    assert not other.row.deliveries.exists()
    actions.turn_off(hook.fresh, by=by, now=LATER)
    with pytest.raises(actions.WebhookIsOff):
        actions.send_test(hook.fresh, by=by, now=LATER)


def done(hook: Hook, state: DeliveryState) -> None:
    """Let all that was queued have ended so."""
    moment = LATER if state == DeliveryState.DELIVERED else None
    hook.row.deliveries.update(state=state, next_try_at=None, delivered_at=moment, failures=10)


def test_one_is_sent_again_with_the_same_id(hook: Hook, by: Actor, market: Market) -> None:
    market.query()
    tell()
    before = hook.row.deliveries.get()
    done(hook, DeliveryState.FAILED)

    actions.send_again(hook.row.deliveries.get(), by=by, now=LATER + DAY)

    after = hook.row.deliveries.get()
    assert after.message_id == before.message_id
    assert (after.state, after.failures, after.next_try_at) == ("waiting", 0, LATER + DAY)


@pytest.mark.parametrize(
    ("state", "also_delivered", "expected"),
    [
        ("failed", False, 2),
        ("cancelled", False, 2),
        ("delivered", False, 0),
        ("delivered", True, 2),
        ("waiting", True, 0),
    ],
)
def test_a_time_is_sent_again(
    hook: Hook, by: Actor, market: Market, state: str, also_delivered: bool, expected: int
) -> None:
    for minutes in (0, 10, 20, 30):
        market.query(asked_at=NOON + timedelta(minutes=minutes))
    tell()
    if state != "waiting":
        done(hook, DeliveryState(state))

    count = actions.replay(
        hook.fresh,
        start=NOON + timedelta(minutes=10),
        end=NOON + timedelta(minutes=30),
        also_delivered=also_delivered,
        by=by,
        now=LATER,
    )

    assert count == expected
    assert hook.row.deliveries.count() == 4
    assert hook.row.deliveries.filter(next_try_at=LATER).count() == expected


def test_what_it_was_never_told_is_sent_too(
    hook: Hook, by: Actor, market: Market, other_market: Market
) -> None:
    """It was switched off meanwhile."""
    actions.turn_off(hook.fresh, by=by, now=NOON)
    market.query(asked_at=LATER)
    other_market.query(asked_at=LATER)
    actions.turn_on(hook.fresh, by=by, now=LATER + DAY)
    times: dict[str, Any] = {"start": NOON, "end": LATER + DAY, "also_delivered": False}

    assert actions.replay(hook.fresh, **times, by=by, now=LATER + DAY) == 1
    assert actions.replay(hook.fresh, **times, by=by, now=LATER + DAY) == 0

    assert kinds_told()[-1] == SellerEvent.WEBHOOK_REPLAYED
    assert Event.objects.latest("pk").details == {"count": 0}


def test_too_much_is_not_sent_at_once(
    hook: Hook, by: Actor, market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sellers.actions.webhooks.MOST_REPLAYED", 1)
    market.query()
    market.query()
    times: dict[str, Any] = {"start": NOON, "end": LATER, "also_delivered": False}

    with pytest.raises(actions.TooManyEvents):
        actions.replay(hook.fresh, **times, by=by, now=LATER)


# Who is told that it fails


def test_owners_are_told_and_of_the_marketplace_s_its_administrators(
    hook: Hook, alice: User, bob: User, staff: User, settings: LazySettings
) -> None:
    ours = hook_of(None, URL, by=staff)

    tell_responsible(hook.row, kind=NoticeKind.WEBHOOK_FAILING, now=NOON)
    switch_off(ours.fresh, reason=OffReason.FAILING, by=Actor.SYSTEM, now=NOON)

    told = Notice.objects.order_by("pk").values_list("user", "kind")
    assert list(told) == [
        (alice.pk, NoticeKind.WEBHOOK_FAILING),
        (staff.pk, NoticeKind.WEBHOOK_OFF),
    ]


def test_mails_say_which_server_and_where_to_look(hook: Hook, alice: User, staff: User) -> None:
    Webhook.objects.update(failing_since=NOON)
    tell_responsible(hook.row, kind=NoticeKind.WEBHOOK_FAILING, now=NOON)
    mail = failing_email(Notice.objects.get(), alice)

    assert mail.subject == "Your webhook gets nothing at the moment: hooks.fietsenzo.example"
    assert mail.to == [alice.email]
    assert "since March 10, 2026, noon" in mail.body
    link = f"http://localhost:8000/settings/connections/webhooks/{hook.row.pk}/?shop="
    assert f"{link}{hook.row.seller_id}" in mail.body
    assert "key=1" not in mail.body  # of the URL

    ours = hook_of(None, URL, by=staff)
    switch_off(ours.fresh, reason=OffReason.GONE, by=Actor.SYSTEM, now=NOON)
    mail = off_email(Notice.objects.get(user=staff), staff)
    assert "gone for good (410)" in mail.body
    assert f"/admin/sellers/webhook/{ours.row.pk}/change/" in mail.body


def test_mail_leaves_unless_it_arrives_again_meanwhile(
    hook: Hook, mail_server: Server, by: Actor
) -> None:
    from sellers.sending import send_due

    assert MailServer.objects.exists()
    Webhook.objects.update(failing_since=NOON)
    tell_responsible(hook.row, kind=NoticeKind.WEBHOOK_FAILING, now=NOON)
    assert send_due(clock=lambda: NOON) == {"sent": 1}
    tell_responsible(hook.row, kind=NoticeKind.WEBHOOK_FAILING, now=NOON)
    Webhook.objects.update(failing_since=None)
    assert send_due(clock=lambda: NOON) == {"suppressed": 1}

    switch_off(hook.fresh, reason=OffReason.FAILING, by=Actor.SYSTEM, now=NOON)
    actions.turn_on(hook.fresh, by=by, now=NOON)
    assert send_due(clock=lambda: NOON) == {"suppressed": 1}
    switch_off(hook.fresh, reason=OffReason.FAILING, by=Actor.SYSTEM, now=NOON)
    assert send_due(clock=lambda: NOON) == {"sent": 1}


# Guards


@pytest.mark.parametrize(
    ("guard", "wrong"),
    [
        ("webhook_url_of_web", {"url": "ftp://shop.example/"}),
        ("webhook_url_of_web", {"url": "https://"}),
        ("webhook_kinds_known", {"kinds": []}),
        ("webhook_kinds_known", {"kinds": ["query.read"]}),
        ("webhook_kinds_known", {"kinds": ["webhook.test"]}),
        ("webhook_secret_sealed", {"secret": ""}),
        ("webhook_secret_sealed", {"secret": "whsec_in_clear"}),
        ("webhook_old_secret_ends", {"old_secret": "whsec_in_clear", "old_secret_until": NOON}),
        ("webhook_old_secret_ends", {"old_secret_until": NOON}),
        ("webhook_old_secret_ends", {"old_secret": seal("x")}),
        ("webhook_off_has_reason", {"off_reason": "gone"}),
        ("webhook_off_has_reason", {"off_at": NOON}),
        ("webhook_off_has_reason", {"off_reason": "bored", "off_at": NOON}),
        ("webhook_warned_while_failing", {"warnings": 1, "warned_at": NOON}),
        ("webhook_warned_while_failing", {"warnings": 1, "failing_since": NOON}),
        ("webhook_warned_while_failing", {"warned_at": NOON, "failing_since": NOON}),
        (
            "webhook_warned_while_failing",
            {"warnings": 3, "warned_at": NOON, "failing_since": NOON},
        ),
        ("webhook_stays_its_owner_s", {"seller": None}),
        ("webhook_stays_its_owner_s", {"created_at": LATER}),
    ],
)
def test_webhook_refuses(hook: Hook, guard: str, wrong: dict[str, object]) -> None:
    with refused_by(guard):
        Webhook.objects.filter(pk=hook.row.pk).update(**wrong)


def test_webhook_is_once_per_url(hook: Hook, staff: User, alice: User) -> None:
    ours = hook_of(None, URL, by=staff)
    for row in (hook.fresh, ours.fresh):
        row.pk = None
        with refused_by("webhook_once_per_url"):
            row.save(force_insert=True)


@pytest.fixture
def delivery(hook: Hook, market: Market) -> WebhookDelivery:
    """A query that was asked, on its way to Fietsenzo."""
    market.query()
    tell()
    return WebhookDelivery.objects.get()


@pytest.mark.parametrize(
    ("guard", "wrong"),
    [
        ("webhookdelivery_kind_known", {"kind": "query.read"}),
        ("webhookdelivery_next_try_iff_under_way", {"next_try_at": None}),
        ("webhookdelivery_next_try_iff_under_way", {"state": "failed"}),
        ("webhookdelivery_next_try_iff_under_way", {"state": "lost", "next_try_at": None}),
        ("webhookdelivery_delivered_has_moment", {"state": "delivered", "next_try_at": None}),
    ],
)
def test_delivery_refuses(hook: Hook, market: Market, guard: str, wrong: dict[str, object]) -> None:
    market.query()
    right = {
        "webhook": hook.row,
        "event": Event.objects.latest("pk"),
        "kind": "query.created",
        "object_pk": 1,
        "created_at": NOON,
        "next_try_at": NOON,
    }

    with refused_by(guard):
        WebhookDelivery.objects.create(**right | wrong)


@pytest.mark.parametrize(
    "wrong", [{"kind": "query.closed"}, {"object_pk": 0}, {"created_at": LATER}]
)
def test_delivery_stays_the_same(delivery: WebhookDelivery, wrong: dict[str, object]) -> None:
    with refused_by("webhookdelivery_stays_the_same"):
        WebhookDelivery.objects.update(**wrong)


def test_event_goes_to_a_webhook_once(delivery: WebhookDelivery) -> None:
    delivery.pk = None
    with refused_by("webhookdelivery_once"):
        delivery.save(force_insert=True)


def test_event_of_another_shop_is_refused(delivery: WebhookDelivery, other_market: Market) -> None:
    other_market.query()
    theirs = Event.objects.latest("pk")
    delivery.pk, delivery.event = None, theirs

    with refused_by("webhookdelivery_of_own_shop"):
        delivery.save(force_insert=True)


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": None},
        {"status": 200, "failure": "timeout"},
        {"status": None, "failure": "bored"},
        {"status": None, "failure": "timeout", "excerpt": "Hello"},
        {"status": 99},
    ],
)
def test_try_was_answered_or_says_why_not(
    delivery: WebhookDelivery, wrong: dict[str, object]
) -> None:
    right = {"delivery": delivery, "at": NOON, "milliseconds": 5, "status": 200}
    with refused_by("webhooktry_answered_or_why_not"):
        WebhookTry.objects.create(**right | wrong)


def test_try_stays(delivery: WebhookDelivery) -> None:
    WebhookTry.objects.create(delivery=delivery, at=NOON, milliseconds=5, status=200)
    with refused_by("webhooktry_stays"):
        WebhookTry.objects.update(status=204)


def test_there_is_one_cursor(db: None) -> None:
    assert WebhookCursor.objects.count() == 1
    with refused_by("webhook_cursor_is_one"):
        WebhookCursor.objects.create(pk=2)
