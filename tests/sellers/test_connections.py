"""The page where an owner connects programs, and that of staff for the marketplace's own."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from sellers.actions import make_client
from sellers.enums import Scope, SellerEvent
from sellers.events import Actor
from sellers.models import ApiClient, Event, Seller, User
from tests.conftest import NOON, admin_url, text

URL = "/settings/connections/"


@pytest.fixture
def crm(fietsenzo: Seller, alice: User) -> ApiClient:
    """A program of the shop."""
    scopes = [Scope.QUERIES_READ]
    return make_client(fietsenzo, name="CRM", scopes=scopes, by=Actor.user(alice), now=NOON)[0]


def secret_on(page: str) -> str:
    """Return the secret that a page shows."""
    found = re.search(r"<code>([\w-]{43})</code>", page)
    assert found, page
    return found[1]


def gets_a_token(client: ApiClient, secret: str) -> bool:
    """Return whether a secret works."""
    asked = {"grant_type": "client_credentials", "client_id": client.client_id}
    return Client().post("/oauth/token", asked | {"client_secret": secret}).status_code == 200


def test_owner_connects_a_program_and_sees_its_secret_once(
    fietsenzo: Seller, alice: User, log_in: Callable[[User], Client]
) -> None:
    browser = log_in(alice)
    assert "Nothing is connected yet" in text(browser.get(URL))

    given = {"shop": fietsenzo.pk, "name": "CRM", "scopes": ["queries:read", "insights:read"]}
    page = browser.post(URL, given)

    client = ApiClient.objects.get()
    secret = secret_on(text(page))
    assert "no-store" in page["Cache-Control"]
    assert gets_a_token(client, secret)
    assert client.scopes == ["queries:read", "insights:read"]
    listed = text(browser.get(URL))
    assert "CRM" in listed
    assert secret not in listed
    assert not any(secret in str(value) for value in browser.session.values())
    assert Event.objects.get(kind=SellerEvent.CLIENT_CREATED).user == alice


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"name": "", "scopes": ["queries:read"]}, "This field is required."),
        ({"name": "CRM"}, "Tick what it may do: at least one thing."),
        ({"name": "CRM", "scopes": ["marketplace:write"]}, "Select a valid choice."),
        ({"name": "CRM", "scopes": ["queries:read"], "shop": "0"}, "You look at another shop now"),
    ],
)
def test_what_cannot_be_taken_is_said_and_stays(
    fietsenzo: Seller,
    alice: User,
    log_in: Callable[[User], Client],
    given: dict[str, object],
    said: str,
) -> None:
    page = log_in(alice).post(URL, {"shop": fietsenzo.pk} | given)

    assert page.status_code == 422
    assert said in text(page)
    assert not ApiClient.objects.exists()


def test_new_secret_works_beside_the_one_before(
    crm: ApiClient, alice: User, log_in: Callable[[User], Client]
) -> None:
    browser = log_in(alice)
    first = secret_on(text(browser.post(f"{URL}{crm.pk}/secret/")))
    second = secret_on(text(browser.post(f"{URL}{crm.pk}/secret/", {"sure": "yes"})))

    assert gets_a_token(crm, first)
    assert gets_a_token(crm, second)
    assert "the secret before works until" in text(browser.get(URL))


def test_third_secret_asks_first_since_it_ends_one_that_works(
    fietsenzo: Seller, alice: User, log_in: Callable[[User], Client]
) -> None:
    by = Actor.user(alice)
    crm, in_use = make_client(fietsenzo, name="CRM", scopes=[Scope.QUERIES_READ], by=by, now=NOON)
    browser = log_in(alice)
    browser.post(f"{URL}{crm.pk}/secret/")

    assert gets_a_token(crm, in_use)
    asks = text(browser.post(f"{URL}{crm.pk}/secret/"))

    assert "Another secret for CRM?" in asks
    assert "The program last got a token on" in asks
    assert gets_a_token(crm, in_use)
    assert secret_on(text(browser.post(f"{URL}{crm.pk}/secret/", {"sure": "yes"})))
    assert not gets_a_token(crm, in_use)


def test_staff_are_asked_before_they_end_a_secret(staff_s: Client) -> None:
    by = Actor.user(User.objects.get(is_staff=True))
    platform, in_use = make_client(
        None, name="Platform", scopes=[Scope.MARKETPLACE_WRITE], by=by, now=NOON
    )
    listed = admin_url(ApiClient, "changelist")
    chosen = {"action": "replace_secret", "_selected_action": platform.pk}
    staff_s.post(listed, chosen)
    assert gets_a_token(platform, in_use)

    asks = text(staff_s.post(listed, chosen))

    assert "Another secret for Platform?" in asks
    assert gets_a_token(platform, in_use)
    staff_s.post(listed, chosen | {"sure": "yes"})
    assert not gets_a_token(platform, in_use)


def test_revoking_asks_first(crm: ApiClient, alice: User, log_in: Callable[[User], Client]) -> None:
    browser = log_in(alice)
    asks = text(browser.get(f"{URL}{crm.pk}/revoke/"))
    assert "Revoke CRM?" in asks
    crm.refresh_from_db()
    assert crm.revoked_at is None

    page = browser.post(f"{URL}{crm.pk}/revoke/", follow=True)

    assert "CRM is let in no more." in text(page)
    assert "revoked meanwhile" in text(browser.post(f"{URL}{crm.pk}/revoke/", follow=True))


@pytest.mark.parametrize("path", ["", "{}/secret/", "{}/revoke/"])
def test_nobody_but_an_owner(
    crm: ApiClient,
    bob: User,
    cora: User,
    dirk: User,
    log_in: Callable[[User], Client],
    path: str,
) -> None:
    for user, status in ((bob, 403), (cora, 403)):
        assert log_in(user).post(URL + path.format(crm.pk)).status_code == status
    if path:
        assert log_in(dirk).post(URL + path.format(crm.pk)).status_code == 404


def test_staff_make_and_revoke_one_of_the_marketplace(staff_s: Client, crm: ApiClient) -> None:
    page = staff_s.post(admin_url(ApiClient, "add"), {"name": "Platform"})
    platform = ApiClient.objects.of_marketplace().get()
    assert platform.scopes == ["marketplace:write"]
    assert gets_a_token(platform, secret_on(text(page)))

    listed = admin_url(ApiClient, "changelist")
    chosen = {"_selected_action": [platform.pk]}
    again = staff_s.post(listed, chosen | {"action": "replace_secret"})
    assert gets_a_token(platform, secret_on(text(again)))

    one_of_a_shop = {"action": "replace_secret", "_selected_action": [crm.pk]}
    assert "of the marketplace" in text(staff_s.post(listed, one_of_a_shop, follow=True))
    staff_s.post(listed, {"action": "revoke", "_selected_action": [platform.pk, crm.pk]})
    assert not ApiClient.objects.usable().exists()
    assert "client_secret" not in text(staff_s.get(admin_url(ApiClient, "change", crm.pk)))
