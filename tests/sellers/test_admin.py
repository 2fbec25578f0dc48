"""Staff look after users, as far as they may, and log in where everybody does."""

from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from sellers.models import GuessCount, Membership, Seller, User
from tests.conftest import admin_url, text


@pytest.fixture
def clerk(db: None) -> User:
    """One of the staff, who may look after users and nothing else."""
    clerk = User.objects.create_user("clerk@markt.example", name="Clerk", is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(codename__endswith="_user"))
    return clerk


@pytest.fixture
def clerk_s(clerk: User) -> Client:
    """The browser of the clerk."""
    browser = Client()
    browser.force_login(clerk)
    return browser


def as_filled_in(user: User, **changes: object) -> dict[str, object]:
    """Return what the form of a user posts."""
    shown = {"email": user.email, "name": user.name, "language": user.language, "is_active": "on"}
    return shown | {"memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0} | changes


def test_clerk_looks_after_a_user_of_a_shop_and_cannot_enter_it(
    clerk_s: Client, fietsenzo: Seller, alice: User
) -> None:
    new, before = "another-horse-battery", (alice.email, alice.password)
    page = admin_url(User, "change", alice.pk)
    password = reverse("admin:auth_user_password_change", args=[alice.pk])

    clerk_s.post(page, as_filled_in(alice, name="Alicia", email="clerk@evil.example"))
    opened = clerk_s.get(password)
    answer = clerk_s.post(
        password,
        {"password1": new, "password2": new, "usable_password": "true", "set-password": "1"},
    )

    alice.refresh_from_db()
    assert (opened.status_code, answer.status_code) == (403, 403)
    assert alice.name == "Alicia"
    assert (alice.email, alice.password) == before
    assert password not in clerk_s.get(page).content.decode()


def test_clerk_corrects_the_address_of_who_is_in_no_shop_yet(clerk_s: Client, alice: User) -> None:
    clerk_s.post(
        admin_url(User, "change", alice.pk), as_filled_in(alice, email="alice@right.example")
    )

    alice.refresh_from_db()
    assert alice.email == "alice@right.example"


def test_user_gets_no_authority_from_a_clerk(clerk_s: Client, alice: User) -> None:
    permission = Permission.objects.get(codename="change_servicestandard")
    authority = {"is_staff": "on", "is_superuser": "on", "user_permissions": [permission.pk]}

    answer = clerk_s.post(
        admin_url(User, "change", alice.pk), as_filled_in(alice, name="Alicia", **authority)
    )

    alice.refresh_from_db()
    assert (answer.status_code, alice.name) == (302, "Alicia")
    assert (alice.is_staff, alice.is_superuser) == (False, False)
    assert not alice.user_permissions.exists()


def test_user_gets_authority_from_a_superuser(staff_s: Client, alice: User) -> None:
    permission = Permission.objects.get(codename="change_servicestandard")
    authority = {"is_staff": "on", "user_permissions": [permission.pk]}

    staff_s.post(admin_url(User, "change", alice.pk), as_filled_in(alice, **authority))

    alice.refresh_from_db()
    assert (alice.is_staff, alice.is_superuser) == (True, False)
    assert list(alice.user_permissions.all()) == [permission]


@pytest.mark.parametrize(
    "authority",
    [
        pytest.param({"is_staff": True, "is_superuser": True}, id="superuser"),
        pytest.param({"is_superuser": True}, id="superuser outside the admin"),
        pytest.param({"is_staff": True}, id="colleague"),
    ],
)
def test_account_of_staff_is_only_read_by_a_clerk(
    clerk_s: Client, authority: dict[str, bool]
) -> None:
    user = User.objects.create_user("chief@markt.example", "old-horse", name="Chief", **authority)
    page, new = admin_url(User, "change", user.pk), "another-horse-battery"
    password = reverse("admin:auth_user_password_change", args=[user.pk])

    statuses = [
        clerk_s.post(page, as_filled_in(user, email="clerk@evil.example")).status_code,
        clerk_s.get(password).status_code,
        clerk_s.post(password, {"password1": new, "password2": new}).status_code,
        clerk_s.post(admin_url(User, "delete", user.pk), {"post": "yes"}).status_code,
    ]

    assert statuses == [403, 403, 403, 403]
    assert clerk_s.get(page).status_code == 200
    user.refresh_from_db()
    assert user.email == "chief@markt.example"
    assert user.check_password("old-horse")


def test_clerk_cannot_promote_themselves(clerk_s: Client, clerk: User) -> None:
    answer = clerk_s.post(
        admin_url(User, "change", clerk.pk), as_filled_in(clerk, is_staff="on", is_superuser="on")
    )

    clerk.refresh_from_db()
    assert answer.status_code == 403
    assert not clerk.is_superuser


@pytest.mark.parametrize("role", ["owner", "agent", "analyst"])
def test_staff_with_every_right_but_a_superuser_s_make_nobody_a_member(
    clerk_s: Client, clerk: User, fietsenzo: Seller, alice: User, bob: User, role: str
) -> None:
    clerk.user_permissions.set(Permission.objects.all())
    before = list(Membership.objects.order_by("pk").values())
    bob_s = bob.memberships.get()
    added = {
        "memberships-TOTAL_FORMS": 2,
        "memberships-INITIAL_FORMS": 1,
        "memberships-0-id": bob_s.pk,
        "memberships-0-user": clerk.pk,
        "memberships-0-seller": fietsenzo.pk,
        "memberships-0-role": role,
        "memberships-1-user": clerk.pk,
        "memberships-1-seller": fietsenzo.pk,
        "memberships-1-role": role,
    }
    shop = {"name": "Fietsenzo", "country": "NL", "contact_email": "i@f.example"}
    opened = shop | {"name": "Own", "joined_on": "2024-01-01"}

    answers = [
        clerk_s.post(
            admin_url(Seller, "change", fietsenzo.pk), shop | {"joined_on": "2024-01-01"} | added
        ),
        clerk_s.post(admin_url(User, "change", bob.pk), as_filled_in(bob) | added),
        clerk_s.post(admin_url(Seller, "add"), opened | added),
    ]

    assert [answer.status_code for answer in answers] == [302, 302, 302]
    assert Seller.objects.filter(name="Own").exists()
    assert list(Membership.objects.order_by("pk").values()) == before
    assert "Bob" in text(clerk_s.get(admin_url(Seller, "change", fietsenzo.pk)))


def test_nobody_deletes_their_own_account(staff_s: Client) -> None:
    user = User.objects.get(name="Staff")
    chosen = {"action": "delete_selected", "_selected_action": [user.pk], "post": "yes"}

    pages = [
        staff_s.post(admin_url(User, "delete", user.pk), {"post": "yes"}),
        staff_s.post(admin_url(User, "changelist"), chosen),
    ]

    assert [page.status_code for page in pages] == [200, 200]
    assert User.objects.filter(pk=user.pk).exists()


def test_new_user_gets_no_password_and_a_lower_case_email(staff_s: Client) -> None:
    staff_s.post(
        admin_url(User, "add"), {"email": "Eva@Shop.example", "name": "Eva", "language": "nl"}
    )

    user = User.objects.get(email="eva@shop.example")
    assert not user.has_usable_password()


def test_user_with_an_email_that_exists_is_explained(staff_s: Client, alice: User) -> None:
    page = staff_s.post(
        admin_url(User, "add"), {"email": "ALICE@fietsenzo.example", "name": "A", "language": "nl"}
    )

    assert page.status_code == 200
    assert "There is already a user with this e-mail address." in page.content.decode()


def test_staff_log_in_where_wrong_passwords_are_counted(client: Client, clerk: User) -> None:
    clerk.set_password("correct-horse-battery")
    clerk.save()
    wanted = admin_url(User, "changelist")

    page = client.get(wanted, follow=True)
    (_, _), (place, _) = page.redirect_chain
    for password in ("wrong", "wrong", "wrong", "wrong", "wrong", "correct-horse-battery"):
        client.post(place, {"login": clerk.email, "password": password})
    refused = client.get(wanted).status_code
    GuessCount.objects.all().delete()  # some minutes later
    client.post(place, {"login": clerk.email, "password": "correct-horse-battery"})

    assert place == f"{reverse(settings.LOGIN_URL)}?{urlencode({'next': wanted})}"
    assert (refused, client.get(wanted).status_code) == (302, 200)


def test_admin_has_no_log_in_of_its_own(client: Client, clerk_s: Client) -> None:
    filled_in = {"username": "staff@markt.example", "password": "wrong"}

    strangers = client.post(reverse("admin:login"), filled_in)
    staff_s_own = clerk_s.post(reverse("admin:login"), filled_in)

    assert (strangers.status_code, staff_s_own.status_code) == (405, 405)


# The last owner of a shop


def test_staff_cannot_take_the_last_owner_from_a_shop(
    staff_s: Client, fietsenzo: Seller, alice: User, bob: User
) -> None:
    owner = alice.memberships.get()
    members = {
        "memberships-TOTAL_FORMS": 1,
        "memberships-INITIAL_FORMS": 1,
        "memberships-0-id": owner.pk,
        "memberships-0-user": alice.pk,
        "memberships-0-seller": fietsenzo.pk,
        "memberships-0-role": "agent",
    }
    shop = {"name": "Fietsenzo", "country": "NL", "contact_email": "i@f.example"}
    person = {"email": alice.email, "name": "Alice", "language": "en"}
    changing = admin_url(User, "change", alice.pk)

    answers = [
        staff_s.post(
            admin_url(Seller, "change", fietsenzo.pk), shop | {"joined_on": "2024-01-01"} | members
        ),
        staff_s.post(changing, person | {"is_active": "on"} | members),
        staff_s.post(changing, person | members | {"memberships-0-role": "owner"}),
    ]
    asked = staff_s.get(admin_url(User, "delete", alice.pk))
    staff_s.post(admin_url(User, "delete", alice.pk), {"post": "yes"})

    assert all("First make another owner of: Fietsenzo" in text(answer) for answer in answers)
    assert "would require deleting the following protected related objects" in text(asked)
    alice.refresh_from_db()
    assert alice.is_active
    assert alice.memberships.get().role == "owner"
