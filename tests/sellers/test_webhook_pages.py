"""An owner adds a webhook, sees its secret once, tests it, and looks into its log."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from time_machine import travel

from sellers import actions
from sellers.enums import CallFailure, DeliveryState, OffReason
from sellers.events import Actor
from sellers.models import Seller, User, Webhook, WebhookDelivery, WebhookTry
from sellers.webhooks.payloads import valid_secrets
from sellers.webhooks.switching import switch_off
from tests.conftest import NOON, Market, text
from tests.hooks import Hook, hook_of, tell

URL = "https://hooks.fietsenzo.example/nazorg"
LIST = "/settings/connections/webhooks/"
LATER = NOON + timedelta(hours=1)
QUERIES_OF_LIST = 5
QUERIES_OF_PAGE = 8
LogIn = Callable[[User], Client]


@pytest.fixture(autouse=True)
def _an_hour_later() -> object:
    """Stop the clock."""
    with travel(LATER, tick=False):
        yield


@pytest.fixture
def hook(fietsenzo: Seller, alice: User) -> Hook:
    """What Fietsenzo's server wants to be told."""
    return hook_of(fietsenzo, URL, by=alice, kinds=["query.created", "query.closed"])


@pytest.fixture
def page_of(hook: Hook) -> str:
    """Where the webhook is."""
    return f"{LIST}{hook.row.pk}/"


@pytest.fixture
def browser(log_in: LogIn, alice: User) -> Client:
    """Alice's."""
    return log_in(alice)


def test_first_one_is_added_and_its_secret_is_shown_once(
    browser: Client, fietsenzo: Seller
) -> None:
    assert "No webhooks yet" in text(browser.get(LIST))
    form = {"shop": fietsenzo.pk, "url": f" {URL} ", "kinds": ["query.closed", "query.created"]}

    page = browser.post(LIST, form)

    webhook = Webhook.objects.get()
    assert (webhook.seller, webhook.url) == (fietsenzo, URL)
    (secret,) = valid_secrets(webhook, now=LATER)
    assert f"<code>{secret}</code>" in text(page)
    assert "no-store" in page["Cache-Control"]
    for path in (LIST, f"{LIST}{webhook.pk}/"):
        assert "hooks.fietsenzo.example" in text(browser.get(path))
        assert secret not in text(browser.get(path))
    again = browser.post(LIST, form)
    assert again.status_code == 422
    assert "Your shop has a webhook with this URL already." in text(again)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"url": "http://shop.example/"}, "The URL must begin with https://."),
        ({"url": "https://127.1/"}, "Use the name of your server, not its IP address."),
        ({"url": "https://[::1]/"}, "Use the name of your server, not its IP address."),
        ({"url": "https://localhost/"}, "This name is not known on the internet."),
        ({"url": "https://shop.example:22/"}, "This port cannot be called."),
        ({"url": "https://me:pw@shop.example/"}, "Leave out the name and password"),
        ({"url": "nonsense"}, "This is not a URL such as"),
        ({"url": f"https://shop.example/{'é' * 400}"}, "This URL is too long."),
        ({"url": ""}, "This field is required."),
        ({"kinds": []}, "This field is required."),
        ({"kinds": ["webhook.test"]}, "Select a valid choice."),
        ({"shop": "0"}, "You look at another shop now"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    browser: Client, fietsenzo: Seller, given: dict[str, object], said: str
) -> None:
    right = {"shop": fietsenzo.pk, "url": URL, "kinds": ["query.closed"]}

    page = browser.post(LIST, right | given)

    assert page.status_code == 422
    assert said in text(page)
    assert not Webhook.objects.exists()


def test_too_many_is_said(
    browser: Client, fietsenzo: Seller, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sellers.actions.webhooks.MOST_WEBHOOKS", 0)

    page = browser.post(LIST, {"shop": fietsenzo.pk, "url": URL, "kinds": ["query.closed"]})

    assert "Your shop has as many webhooks as it can have." in text(page)


def test_where_it_goes_and_what_it_tells_is_changed(
    browser: Client, hook: Hook, page_of: str, alice: User
) -> None:
    hook_of(hook.row.seller, "https://other.example/", by=alice)

    taken = browser.post(page_of, {"url": "https://other.example/", "kinds": ["query.created"]})
    page = browser.post(page_of, {"url": URL, "kinds": ["followup.overdue"]}, follow=True)

    assert (taken.status_code, "already" in text(taken)) == (422, True)
    assert "The webhook is stored." in text(page)
    assert hook.fresh.kinds == ["followup.overdue"]


def test_new_secret_is_shown_once_and_the_old_one_ends(
    browser: Client, hook: Hook, page_of: str
) -> None:
    shown = text(browser.get(page_of))
    found = re.search(r'name="made_at" value="([^"]+)"', shown)
    assert found
    form = {"made_at": found[1]}

    page = text(browser.post(f"{page_of}rotate/", form))
    again = text(browser.post(f"{page_of}rotate/", form, follow=True))

    new, old = valid_secrets(hook.fresh, now=LATER)
    assert (f"<code>{new}</code>" in page, old) == (True, hook.secret)
    assert "that one stays" in again
    assert "Two secrets sign" in again
    ended = text(browser.post(f"{page_of}end/", follow=True))
    assert "The old secret does not sign any more." in ended
    assert valid_secrets(hook.fresh, now=LATER) == [new]


def test_test_event_stands_in_the_log(browser: Client, hook: Hook, page_of: str) -> None:
    assert "Nothing was sent yet" in text(browser.get(page_of))

    page = text(browser.post(f"{page_of}test/", follow=True))

    assert "A test event is on its way." in page
    assert "Test event" in page
    assert hook.row.deliveries.get().message_id in page


def test_it_is_switched_off_on_and_removed(browser: Client, hook: Hook, page_of: str) -> None:
    assert "Switch the webhook off before" in text(browser.post(f"{page_of}remove/", follow=True))
    page = text(browser.post(f"{page_of}off/", follow=True))
    assert "What happens meanwhile is not sent" in page
    assert f"{page_of}test/" not in page
    assert "Switch it on first" in text(browser.post(f"{page_of}test/", follow=True))

    assert "switched on" in text(browser.post(f"{page_of}on/", follow=True))
    assert hook.fresh.is_on

    browser.post(f"{page_of}off/")
    assert "The webhook is removed." in text(browser.post(f"{page_of}remove/", follow=True))
    assert browser.get(page_of).status_code == 404


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (OffReason.GONE, "gone for good (410). Mend your server"),
        (OffReason.FAILING, "nothing could be delivered for five days. Mend your server"),
        (OffReason.SECRET_LOST, "cannot be read any more. Make a new secret"),
    ],
)
def test_page_says_why_it_is_off_and_what_to_do(
    browser: Client, hook: Hook, page_of: str, reason: OffReason, said: str
) -> None:
    switch_off(hook.fresh, reason=reason, by=Actor.SYSTEM, now=LATER)

    assert said in " ".join(text(browser.get(page_of)).split())
    assert "switched off" in text(browser.get(LIST))


def test_page_says_since_when_nothing_arrives(browser: Client, hook: Hook, page_of: str) -> None:
    Webhook.objects.update(failing_since=NOON, held_until=LATER)
    page = text(browser.get(page_of))
    assert "Nothing has arrived since" in page
    assert "left in peace" not in page

    Webhook.objects.update(held_until=LATER + timedelta(minutes=1))
    assert "left in peace until" in text(browser.get(page_of))


def test_log_shows_each_try_and_one_is_sent_again(
    browser: Client, hook: Hook, page_of: str, market: Market
) -> None:
    market.query()
    tell()
    delivery = hook.row.deliveries.get()
    tries = [
        {"status": 500, "excerpt": "<b>Out of order</b>"},
        {"failure": CallFailure.TIMEOUT},
    ]
    for tried in tries:
        WebhookTry.objects.create(delivery=delivery, at=NOON, milliseconds=12, **tried)
    WebhookDelivery.objects.update(failures=2)
    page = browser.get(page_of)
    assert "&lt;b&gt;Out of order" in page.content.decode()
    assert "no answer in time" in text(page)
    assert "Next try:" in text(page)
    WebhookDelivery.objects.update(state=DeliveryState.FAILED, next_try_at=None)
    assert "Given up" in text(browser.get(page_of))

    page = text(browser.post(f"{LIST}deliveries/{delivery.pk}/", follow=True))

    assert "The event is on its way once more." in page
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.WAITING


def test_a_time_is_sent_again(browser: Client, hook: Hook, page_of: str, market: Market) -> None:
    """Typed by the marketplace's clock: noon in Amsterdam is eleven in UTC."""
    market.query()
    form = {"start": "2026-03-10T12:00", "end": "2026-03-10T12:01"}

    page = text(browser.post(f"{page_of}replay/", form, follow=True))

    assert "1 event is on its way." in page
    assert hook.row.deliveries.get().kind == "query.created"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"start": "2026-02-08T12:00"}, "Choose a moment in the last 30 days."),
        ({"end": "2026-03-10T11:00"}, "This is not after the beginning."),
        ({"start": "yesterday"}, "Enter a valid date/time."),
        ({"end": ""}, "This field is required."),
    ],
)
def test_wrong_time_is_said(
    browser: Client, page_of: str, given: dict[str, str], said: str
) -> None:
    right = {"start": "2026-03-10T11:00", "end": "2026-03-10T12:00"}

    page = browser.post(f"{page_of}replay/", right | given)

    assert page.status_code == 422
    assert said in text(page)


def test_too_much_in_a_time_is_said(
    browser: Client, page_of: str, market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sellers.actions.webhooks.MOST_REPLAYED", 0)
    market.query()

    form = {"start": "2026-03-10T11:00", "end": "2026-03-10T13:00"}
    assert "Choose a shorter time." in text(browser.post(f"{page_of}replay/", form, follow=True))


@pytest.mark.parametrize("count", [1, 3])
def test_pages_cost_the_same_however_long(
    browser: Client,
    hook: Hook,
    page_of: str,
    market: Market,
    alice: User,
    count: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(count):
        market.query()
        hook_of(hook.row.seller, f"https://hooks{number}.example/", by=alice)
    tell()
    for delivery in WebhookDelivery.objects.all():
        WebhookTry.objects.create(delivery=delivery, at=NOON, milliseconds=1, status=200)

    with django_assert_num_queries(QUERIES_OF_LIST):
        browser.get(LIST)
    with django_assert_num_queries(QUERIES_OF_PAGE):
        browser.get(page_of)


def test_log_has_pages(browser: Client, hook: Hook, page_of: str, alice: User) -> None:
    for _ in range(26):
        actions.send_test(hook.fresh, by=Actor.user(alice), now=LATER)

    assert text(browser.get(page_of)).count("msg_") == 25
    assert text(browser.get(f"{page_of}?page=2")).count("msg_") == 1
