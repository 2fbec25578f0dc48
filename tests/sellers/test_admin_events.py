"""What staff change of shops and their people is written: what, by whom, and nothing personal."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from time_machine import travel

from sellers.enums import Role
from sellers.models import Event, Membership, Seller, User
from tests.conftest import NOON

SHOP = {
    "name": "Fietsenzo",
    "country": "NL",
    "contact_email": "info@fietsenzo.example",
    "joined_on": "2024-01-01",
}


@pytest.fixture
def chief(db: None) -> User:
    """A superuser."""
    return User.objects.create_superuser("chief@markt.example", name="Chief", language="en")


@pytest.fixture
def chief_s(chief: User) -> Client:
    """The browser of a superuser."""
    browser = Client()
    browser.force_login(chief)
    return browser


def form_of(shop: dict[str, str], *members: dict[str, Any]) -> dict[str, Any]:
    """Return what the page of a shop sends: the shop and its people, the stored ones first."""
    form: dict[str, Any] = {
        **shop,
        "memberships-TOTAL_FORMS": len(members),
        "memberships-INITIAL_FORMS": sum("id" in member for member in members),
    }
    for number, member in enumerate(members):
        form |= {f"memberships-{number}-{name}": value for name, value in member.items()}
    return form


def happened() -> list[tuple[str, int, dict[str, Any]]]:
    """Return what was written: what, about which row, and the details."""
    return list(Event.objects.order_by("pk").values_list("kind", "object_pk", "details"))


def test_new_shop_and_its_owner_are_written(chief_s: Client, chief: User) -> None:
    owner = User.objects.create_user("sam@fietsenzo.example", name="Sam")

    with travel(NOON, tick=False):
        chief_s.post(
            reverse("admin:sellers_seller_add"), form_of(SHOP, {"user": owner.pk, "role": "owner"})
        )

    shop, membership = Seller.objects.get(), Membership.objects.get()
    values = {"name": "Fietsenzo", "country": "NL", "joined_on": "2024-01-01"}
    assert happened() == [
        (
            "seller.created",
            shop.pk,
            {
                "changes": {name: [None, value] for name, value in values.items()}
                | {"contact_email": None}
            },
        ),
        ("membership.created", membership.pk, {"user": owner.pk, "role": "owner"}),
    ]
    assert set(Event.objects.values_list("at", "seller", "user")) == {(NOON, shop.pk, chief.pk)}


def test_roles_that_change_and_end_are_written(
    chief_s: Client, fietsenzo: Seller, alice: User, bob: User
) -> None:
    owner, agent = (fietsenzo.memberships.get(user=user) for user in (alice, bob))

    chief_s.post(
        reverse("admin:sellers_seller_change", args=[fietsenzo.pk]),
        form_of(
            SHOP,
            {"id": owner.pk, "user": alice.pk, "role": "owner", "DELETE": "on"},
            {"id": agent.pk, "user": bob.pk, "role": "owner"},
        ),
    )

    assert Membership.objects.get().role == Role.OWNER
    assert happened() == [
        ("membership.deleted", owner.pk, {"user": alice.pk, "role": "owner"}),
        (
            "membership.changed",
            agent.pk,
            {"user": bob.pk, "role": "owner", "changes": {"role": ["agent", "owner"]}},
        ),
    ]
    assert set(Event.objects.values_list("seller", "object_label")) == {
        (fietsenzo.pk, "sellers.Membership")
    }


def test_what_changes_of_a_shop_is_written(chief_s: Client, fietsenzo: Seller) -> None:
    chief_s.post(
        reverse("admin:sellers_seller_change", args=[fietsenzo.pk]),
        form_of(SHOP | {"country": "BE", "contact_email": "sam@fietsenzo.example"}),
    )

    assert happened() == [
        (
            "seller.changed",
            fietsenzo.pk,
            {"changes": {"country": ["NL", "BE"], "contact_email": None}},
        )
    ]


def test_nothing_is_written_when_nothing_changes(chief_s: Client, fietsenzo: Seller) -> None:
    chief_s.post(reverse("admin:sellers_seller_change", args=[fietsenzo.pk]), form_of(SHOP))

    assert happened() == []


def test_authority_that_is_given_is_written_and_who_it_is_about_is_not(
    chief_s: Client, chief: User, alice: User
) -> None:
    permission = Permission.objects.get(codename="view_customer")

    chief_s.post(
        reverse("admin:sellers_user_change", args=[alice.pk]),
        form_of({})
        | {
            "email": "al@fietsenzo.example",
            "name": "Al",
            "language": "en",
            "is_active": "on",
            "is_staff": "on",
            "user_permissions": [permission.pk],
        },
    )

    assert happened() == [
        (
            "user.changed",
            alice.pk,
            {
                "changes": {
                    "email": None,
                    "name": None,
                    "is_staff": [False, True],
                    "user_permissions": [[], [permission.pk]],
                }
            },
        )
    ]
    assert Event.objects.values_list("actor", "user", "seller").get() == ("user", chief.pk, None)


def test_password_that_staff_set_is_written_once_it_is_set(chief_s: Client, alice: User) -> None:
    page = reverse("admin:auth_user_password_change", args=[alice.pk])

    chief_s.post(page, {"password1": "one", "password2": "other", "usable_password": "true"})
    assert happened() == []
    chief_s.post(
        page,
        {
            "password1": "a long one, really",
            "password2": "a long one, really",
            "usable_password": "true",
            "set-password": "Set",
        },
    )

    alice.refresh_from_db()
    assert alice.check_password("a long one, really")
    assert happened() == [("user.password_changed", alice.pk, {})]


@pytest.mark.parametrize("one_by_one", [True, False])
def test_user_who_is_deleted_leaves_what_they_were(
    chief_s: Client, fietsenzo: Seller, bob: User, one_by_one: bool
) -> None:
    membership, pk = bob.memberships.get(), bob.pk

    if one_by_one:
        chief_s.post(reverse("admin:sellers_user_delete", args=[pk]), {"post": "yes"})
    else:
        chosen = {"action": "delete_selected", "_selected_action": [pk], "post": "yes"}
        chief_s.post(reverse("admin:sellers_user_changelist"), chosen)

    assert not User.objects.filter(pk=pk).exists()
    assert happened() == [
        ("membership.deleted", membership.pk, {"user": pk, "role": "agent"}),
        ("user.deleted", pk, {}),
    ]


def test_shop_added_by_mistake_can_be_deleted(chief_s: Client, db: None) -> None:
    chief_s.post(reverse("admin:sellers_seller_add"), form_of(SHOP))
    shop = Seller.objects.get()

    chief_s.post(reverse("admin:sellers_seller_delete", args=[shop.pk]), {"post": "yes"})

    assert not Seller.objects.exists()
    assert [(kind, pk) for kind, pk, _details in happened()] == [
        ("seller.created", shop.pk),
        ("seller.deleted", shop.pk),
    ]


def test_who_did_something_is_not_deleted(chief_s: Client, fietsenzo: Seller) -> None:
    other = User.objects.create_superuser("other@markt.example", name="Other")
    other_s = Client()
    other_s.force_login(other)
    other_s.post(
        reverse("admin:sellers_seller_change", args=[fietsenzo.pk]), form_of(SHOP | {"name": "F"})
    )

    chief_s.post(reverse("admin:sellers_user_delete", args=[other.pk]), {"post": "yes"})

    assert User.objects.filter(pk=other.pk).exists()
