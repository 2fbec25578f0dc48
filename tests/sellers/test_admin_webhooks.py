"""Staff manage the marketplace's own webhooks, and read the log of all."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from sellers import actions
from sellers.events import Actor
from sellers.models import Event, Seller, User, Webhook, WebhookDelivery, WebhookTry
from sellers.webhooks.payloads import valid_secrets
from tests.conftest import NOON, Market, admin_url, text
from tests.hooks import hook_of, tell

URL = "https://hooks.markt.example/"
LIST = "/admin/sellers/webhook/"


def secret_on(page: str) -> str:
    """Return the secret that a page shows."""
    found = re.search(r"whsec_[A-Za-z0-9+/=]+", page)
    assert found
    return found[0]


@pytest.fixture
def ours(staff_s: Client) -> Webhook:
    """The marketplace's own."""
    staff_s.post(admin_url(Webhook, "add"), {"url": URL, "kinds": ["query.created"]})
    return Webhook.objects.get()


def act(browser: Client, action: str, *rows: Webhook, **filled_in: str) -> str:
    """Do something with some rows of the list."""
    chosen = {"action": action, "_selected_action": [row.pk for row in rows]}
    return text(browser.post(LIST, chosen | filled_in, follow=True))


def test_secret_of_a_new_one_is_shown_once(staff_s: Client) -> None:
    page = staff_s.post(admin_url(Webhook, "add"), {"url": URL, "kinds": ["query.created"]})

    webhook = Webhook.objects.get()
    assert (webhook.seller, webhook.url, webhook.kinds) == (None, URL, ["query.created"])
    assert webhook.created_by.is_staff
    assert valid_secrets(webhook, now=NOON) == [secret_on(text(page))]
    assert "no-store" in page["Cache-Control"]
    assert "whsec_" not in text(staff_s.get(admin_url(Webhook, "change", webhook.pk)))
    assert Event.objects.get(kind="webhook.created").seller_id is None


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"url": "http://hooks.markt.example/"}, "must begin with https://"),
        ({"url": "https://10.0.0.1/"}, "not its IP address"),
        ({"kinds": []}, "This field is required"),
        ({"url": URL}, "There is a webhook with this URL already"),
    ],
)
def test_what_may_not_be_is_said(
    staff_s: Client, ours: Webhook, given: dict[str, object], said: str
) -> None:
    right = {"url": "https://other.example/", "kinds": ["query.created"]}

    assert said in text(staff_s.post(admin_url(Webhook, "add"), right | given))
    assert Webhook.objects.count() == 1


def test_it_is_changed_and_removed_once_it_is_off(staff_s: Client, ours: Webhook) -> None:
    change = admin_url(Webhook, "change", ours.pk)
    staff_s.post(change, {"url": "https://new.example/", "kinds": ["query.closed"]})
    ours.refresh_from_db()
    assert (ours.url, ours.kinds) == ("https://new.example/", ["query.closed"])

    remove = admin_url(Webhook, "delete", ours.pk)
    assert staff_s.post(remove, {"post": "yes"}).status_code == 403
    act(staff_s, "turn_off", ours)
    assert staff_s.post(remove, {"post": "yes"}).status_code == 302

    assert not Webhook.objects.exists()
    assert [event.kind for event in Event.objects.order_by("pk")] == [
        *("webhook.created", "webhook.changed", "webhook.off", "webhook.deleted"),
    ]


def test_actions_of_the_list(staff_s: Client, ours: Webhook, market: Market) -> None:
    Webhook.objects.update(on_since=NOON)
    market.query()

    assert "Done for 1 webhook" in act(staff_s, "send_test", ours)
    assert "Done for 1 webhook" in act(staff_s, "replay_day", ours)
    assert "Done for 1 webhook" in act(staff_s, "replay_month", ours)
    old = valid_secrets(Webhook.objects.get(), now=NOON)
    new = secret_on(act(staff_s, "rotate_secret", ours))
    assert valid_secrets(Webhook.objects.get(), now=NOON) == [new, *old]
    act(staff_s, "end_old_secret", ours)
    assert valid_secrets(Webhook.objects.get(), now=NOON) == [new]
    act(staff_s, "turn_off", ours)
    assert "Done for 0 webhooks" in act(staff_s, "send_test", ours)
    act(staff_s, "turn_on", ours)
    assert Webhook.objects.get().is_on
    assert "What happened" in text(staff_s.get(admin_url(Webhook, "history", ours.pk)))


def test_third_secret_asks_first_since_it_ends_one_that_signs(
    staff_s: Client, ours: Webhook
) -> None:
    second = secret_on(act(staff_s, "rotate_secret", ours))
    both = valid_secrets(Webhook.objects.get(), now=NOON)
    asks = act(staff_s, "rotate_secret", ours)

    assert "Two secrets sign now." in asks
    assert 'name="sure"' in asks
    assert valid_secrets(Webhook.objects.get(), now=NOON) == both
    third = secret_on(act(staff_s, "rotate_secret", ours, sure="yes"))
    assert valid_secrets(Webhook.objects.get(), now=NOON) == [third, second]


def test_those_of_shops_are_only_looked_at(
    staff_s: Client, fietsenzo: Seller, alice: User, market: Market
) -> None:
    theirs = hook_of(fietsenzo, "https://hooks.fietsenzo.example/", by=alice)

    change = admin_url(Webhook, "change", theirs.row.pk)
    assert "https://hooks.fietsenzo.example/" in text(staff_s.get(change))
    assert staff_s.post(change, {"url": URL, "kinds": ["query.created"]}).status_code == 403
    for action in ("turn_off", "send_test", "end_old_secret"):
        assert "Done for 0 webhooks" in act(staff_s, action, theirs.row)
    assert "Choose one webhook" in act(staff_s, "rotate_secret", theirs.row)

    assert theirs.fresh.is_on
    assert valid_secrets(theirs.fresh, now=NOON) == [theirs.secret]


def test_log_is_read(staff_s: Client, fietsenzo: Seller, alice: User, market: Market) -> None:
    hook_of(fietsenzo, "https://hooks.fietsenzo.example/", by=alice)
    market.query()
    tell()
    delivery = WebhookDelivery.objects.get()
    WebhookTry.objects.create(
        delivery=delivery, at=NOON, milliseconds=5, status=500, excerpt="Out of order"
    )

    page = text(staff_s.get(admin_url(WebhookDelivery, "change", delivery.pk)))
    assert "Out of order" in page
    assert staff_s.post(admin_url(WebhookDelivery, "change", delivery.pk)).status_code == 403
    assert staff_s.get(admin_url(WebhookDelivery, "add")).status_code == 403
    assert "Fietsenzo" in text(staff_s.get(reverse("admin:sellers_webhookdelivery_changelist")))


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("model", "queries"), [(Webhook, 5), (WebhookDelivery, 5)])
def test_lists_cost_the_same_however_long(
    staff_s: Client,
    fietsenzo: Seller,
    alice: User,
    market: Market,
    count: int,
    model: type[Webhook | WebhookDelivery],
    queries: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(count):
        hook = hook_of(fietsenzo, f"https://hooks{number}.example/", by=alice)
        actions.send_test(hook.fresh, by=Actor.user(alice), now=NOON)

    with django_assert_num_queries(queries):
        staff_s.get(admin_url(model, "changelist"))
