"""Members change role and leave, and an owner stays: also past the forms and at one moment."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from sellers import actions
from sellers.enums import Role
from sellers.events import Actor
from sellers.models import Event, Membership, Seller, User
from tests.conftest import NOON, at_once, refused_by


def member_of(shop: Seller, user: User) -> Membership:
    """Return the present membership."""
    return Membership.objects.for_seller(shop).get(user=user)


@pytest.fixture
def second_owner(fietsenzo: Seller) -> User:
    """Finn, who owns Fietsenzo too."""
    finn = User.objects.create_user("finn@fietsenzo.example", name="Finn", language="en")
    Membership.objects.create(user=finn, seller=fietsenzo, role=Role.OWNER)
    return finn


def check_now() -> None:
    """Let the database check at once what it checks when a transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


# What the database refuses


@pytest.mark.parametrize("changes", [{"role": "agent"}, {"ended_at": NOON}], ids=str)
def test_last_owner_stays_also_past_the_forms(
    fietsenzo: Seller, alice: User, bob: User, changes: dict[str, object]
) -> None:
    with refused_by("membership_owner_stays"):
        Membership.objects.filter(user=alice).update(**changes)
        check_now()


def test_last_owner_is_not_deleted(fietsenzo: Seller, alice: User) -> None:
    with refused_by("membership_last_owner_not_deleted"):
        Membership.objects.filter(user=alice).delete()
        check_now()


def test_last_owner_may_go_on_logging_in(fietsenzo: Seller, alice: User) -> None:
    with refused_by("user_owner_stays"):
        User.objects.filter(pk=alice.pk).update(is_active=False)
        check_now()


def test_owner_who_may_not_log_in_is_none(
    fietsenzo: Seller, alice: User, second_owner: User
) -> None:
    User.objects.filter(pk=second_owner.pk).update(is_active=False)
    check_now()

    with refused_by("membership_owner_stays"):
        Membership.objects.filter(user=alice).update(role="agent")
        check_now()


def test_owners_can_be_swapped_in_one_transaction(
    fietsenzo: Seller, alice: User, bob: User
) -> None:
    with transaction.atomic():
        Membership.objects.filter(user=alice).update(role="agent")
        Membership.objects.filter(user=bob).update(role="owner")

    check_now()
    assert member_of(fietsenzo, bob).role == Role.OWNER


def test_shop_that_goes_takes_its_owner_along(fietsenzo: Seller) -> None:
    fietsenzo.memberships.all().delete()
    fietsenzo.delete()

    check_now()
    assert not Membership.objects.exists()


def test_membership_that_ended_stays_so_and_a_new_one_may_begin(
    fietsenzo: Seller, bob: User
) -> None:
    old = member_of(fietsenzo, bob)
    Membership.objects.filter(pk=old.pk).update(ended_at=NOON)

    with refused_by("membership_stays_ended"):
        Membership.objects.filter(pk=old.pk).update(ended_at=None)
    new = Membership.objects.create(user=bob, seller=fietsenzo, role=Role.ANALYST)

    assert member_of(fietsenzo, bob) == new


@pytest.mark.parametrize("act", ["change_role", "end_membership", "deactivate", "past the actions"])
def test_two_owners_who_end_each_other_at_one_moment_leave_one(
    committed_db: None, fietsenzo: Seller, alice: User, second_owner: User, act: str
) -> None:
    def end(other: User, by: User) -> Callable[[], bool]:
        def attempt() -> bool:
            of_other = member_of(fietsenzo, other)
            actor = Actor.user(by)
            try:
                match act:
                    case "change_role":
                        actions.change_role(of_other, role=Role.AGENT, by=actor, now=NOON)
                    case "end_membership":
                        actions.end_membership(of_other, by=actor, now=NOON)
                    case "deactivate":
                        User.objects.filter(pk=other.pk).update(is_active=False)
                    case _:
                        Membership.objects.filter(pk=of_other.pk).update(role="agent")
            except (actions.LastOwner, actions.NotAnOwner, DatabaseError):
                return False
            return True

        return attempt

    for _ in range(5):
        done = at_once(end(alice, second_owner), end(second_owner, alice))

        assert sorted(done) in ([False, True], [False, False])
        assert Membership.objects.for_seller(fietsenzo).owning().exists()
        for user in (alice, second_owner):
            User.objects.filter(pk=user.pk).update(is_active=True)
            Membership.objects.for_seller(fietsenzo).update_or_create(
                user=user, seller=fietsenzo, defaults={"role": Role.OWNER}
            )


# The actions


def test_role_is_changed_and_written(fietsenzo: Seller, alice: User, bob: User) -> None:
    membership = member_of(fietsenzo, bob)

    actions.change_role(membership, role=Role.OWNER, by=Actor.user(alice), now=NOON)

    assert member_of(fietsenzo, bob).role == Role.OWNER
    event = Event.objects.get()
    assert (event.kind, event.user, event.seller) == ("membership.changed", alice, fietsenzo)
    changes = {"role": ["agent", "owner"]}
    assert event.details == {"user": bob.pk, "role": "owner", "changes": changes}


@pytest.mark.parametrize("role", [Role.AGENT, Role.ANALYST])
def test_last_owner_keeps_the_role(fietsenzo: Seller, alice: User, role: Role) -> None:
    with pytest.raises(actions.LastOwner):
        actions.change_role(member_of(fietsenzo, alice), role=role, by=Actor.user(alice), now=NOON)


def test_only_an_owner_of_this_shop_changes_its_team(
    fietsenzo: Seller, alice: User, bob: User, cora: User, dirk: User
) -> None:
    membership = member_of(fietsenzo, bob)

    for somebody in (bob, cora, dirk):
        by = Actor.user(somebody)
        with pytest.raises(actions.NotAnOwner):
            actions.change_role(membership, role=Role.OWNER, by=by, now=NOON)
        with pytest.raises(actions.NotAnOwner):
            actions.end_membership(membership, by=by, now=NOON)
        with pytest.raises(actions.NotAnOwner):
            actions.invite(fietsenzo, email="x@klus.example", role=Role.OWNER, by=by, now=NOON)
    assert not Event.objects.exists()


def test_who_is_removed_is_logged_out_at_once(fietsenzo: Seller, alice: User, bob: User) -> None:
    browser = Client()
    browser.force_login(bob)
    assert browser.get("/queries/").status_code == 200

    actions.end_membership(member_of(fietsenzo, bob), by=Actor.user(alice), now=NOON)

    assert browser.get("/queries/").status_code == 302
    assert "_auth_user_id" not in browser.session
    with pytest.raises(actions.MembershipIsOver):
        actions.end_membership(
            bob.memberships.get(), by=Actor.user(alice), now=NOON + timedelta(days=1)
        )


def test_who_is_removed_keeps_the_session_for_another_shop(
    fietsenzo: Seller, other_shop: Seller, alice: User, bob: User, dirk: User
) -> None:
    Membership.objects.create(user=bob, seller=other_shop, role=Role.AGENT)
    browser = Client()
    browser.force_login(bob)
    browser.post(f"/shop/{member_of(fietsenzo, bob).pk}/")
    assert browser.get("/queries/").context["request"].seller == fietsenzo

    actions.end_membership(member_of(fietsenzo, bob), by=Actor.user(alice), now=NOON)

    assert browser.get("/queries/").context["request"].seller == other_shop
    old = bob.memberships.get(seller=fietsenzo)
    assert browser.post(f"/shop/{old.pk}/").status_code == 404


# One's own settings


def test_own_settings_are_stored_for_each_shop(
    fietsenzo: Seller, other_shop: Seller, alice: User, dirk: User, client: Client
) -> None:
    here = member_of(fietsenzo, alice)
    there = Membership.objects.create(user=alice, seller=other_shop, role=Role.ANALYST)
    client.force_login(alice)
    given = {"name": "Alice A.", "language": "nl", f"signature_{here.pk}": "Groet,\nAlice "}

    answer = client.post("/settings/", given | {f"signature_{there.pk}": "no"}, follow=True)

    alice.refresh_from_db()
    here.refresh_from_db()
    there.refresh_from_db()
    assert (alice.name, alice.language) == ("Alice A.", "nl")
    assert [one.signature.splitlines() for one in (here, there)] == [["Groet,", "Alice"], []]
    assert "Je instellingen zijn opgeslagen." in answer.content.decode()
    event = Event.objects.get()
    assert event.details == {"changes": {"name": None, "language": ["en", "nl"]}}


@pytest.mark.parametrize("name", [" ", "\u202e"], ids=["blank", "unseen"])
def test_own_settings_that_are_wrong_come_back(
    fietsenzo: Seller, alice: User, client: Client, name: str
) -> None:
    client.force_login(alice)

    answer = client.post("/settings/", {"name": name, "language": "nl"})

    assert answer.status_code == 422
    assert not Event.objects.exists()
