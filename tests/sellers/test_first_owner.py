"""Staff make a shop and ask its first owner, who comes in by the link in the mail."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.test import Client
from time_machine import travel

from sellers import actions
from sellers.actions.invitations import AGAIN_AFTER, MOST_A_DAY
from sellers.enums import Language, Role
from sellers.events import Actor
from sellers.models import Event, Membership, Seller, TeamInvitation, User
from sellers.tasks import send_mail
from tests.conftest import NOON, admin_url, text

ADDRESS = "eva@klus.example"
SHOP = {"name": "Klusmaat", "country": "NL", "contact_email": "info@klus.example"}
NOBODY = {"memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0}
FIELD = 'name="first_owner"'


@pytest.fixture(autouse=True)
def _stopped_clock() -> Iterator[None]:
    with travel(NOON, tick=False):
        yield


@pytest.fixture
def clerk(db: None) -> User:
    """One of the staff, who may make shops and ask their first owners."""
    clerk = User.objects.create_user(
        "clerk@markt.example", name="Clerk", is_staff=True, language=Language.ENGLISH
    )
    rights = ("add_seller", "change_seller", "view_seller", "add_teaminvitation")
    clerk.user_permissions.set(Permission.objects.filter(codename__in=rights))
    return clerk


@pytest.fixture
def clerk_s(clerk: User) -> Client:
    """The browser of the clerk."""
    browser = Client()
    browser.force_login(clerk)
    return browser


def filled_in(**more: object) -> dict[str, object]:
    """Return what the form of a shop posts."""
    return {**SHOP, "joined_on": "2026-03-01", **NOBODY, **more}


def links() -> list[str]:
    """Send the mail that waits, and return where the links in it lead."""
    send_mail()
    found = [word for one in mail.outbox for word in str(one.body).split() if "/join/" in word]
    return [urlsplit(url).path for url in found]


def open_invitations() -> list[tuple[str, str]]:
    return list(TeamInvitation.objects.open().order_by("pk").values_list("email", "role"))


def test_owner_of_a_new_shop_chooses_a_password_and_is_in(clerk_s: Client, clerk: User) -> None:
    asked = clerk_s.post(
        admin_url(Seller, "add"), filled_in(first_owner=" Eva@klus.example"), follow=True
    )
    [link] = links()
    owner = Client()
    shown = owner.get(link)
    owner.post(link, {"name": "Eva", "password": "orange-bicycle-lamp", "language": "en"})

    membership = Membership.objects.get()
    assert f"{ADDRESS} gets a mail with a link, to become owner" in text(asked).casefold()
    assert mail.outbox[0].to == [ADDRESS]
    assert "filled in your address for Klusmaat. Is this not your shop?" in mail.outbox[0].body
    assert "Clerk invites you." in text(shown)
    assert (membership.user.email, membership.role) == (ADDRESS, Role.OWNER)
    assert membership.seller.name == "Klusmaat"
    assert membership.user.check_password("orange-bicycle-lamp")
    assert owner.get("/").status_code == 302
    assert "Klusmaat" in text(owner.get("/", follow=True))
    by_clerk = Event.objects.filter(user=clerk).order_by("pk").values_list("kind", flat=True)
    assert list(by_clerk) == ["seller.created", "team_invitation.made"]
    assert FIELD not in clerk_s.get(admin_url(Seller, "change", membership.seller_id)).text


def test_who_has_an_account_joins_with_it(clerk_s: Client, alice: User) -> None:
    clerk_s.post(admin_url(Seller, "add"), filled_in(first_owner=alice.email))
    [link] = links()
    browser = Client()
    browser.force_login(alice)

    browser.post(link)

    assert Membership.objects.get(seller__name="Klusmaat").user == alice


def test_another_address_takes_the_place_of_the_first(clerk_s: Client) -> None:
    clerk_s.post(admin_url(Seller, "add"), filled_in(first_owner="typo@klus.example"))
    page = admin_url(Seller, "change", Seller.objects.get().pk)
    [old] = links()

    at_once = clerk_s.post(page, filled_in(first_owner=ADDRESS), follow=True)
    assert "A mail to the first owner left a moment ago. Try again later." in text(at_once)
    with travel(NOON + AGAIN_AFTER + timedelta(seconds=1), tick=False):
        shown = clerk_s.get(page)
        clerk_s.post(page, filled_in(first_owner=ADDRESS))
        links()

        assert Client().get(old).status_code == 410
    assert "typo@klus.example was asked on" in text(shown)
    assert open_invitations() == [(ADDRESS, Role.OWNER)]
    kinds = Event.objects.order_by("pk").values_list("kind", flat=True)
    made, withdrawn = "team_invitation.made", "team_invitation.withdrawn"
    assert list(kinds) == ["seller.created", made, withdrawn, made]


@pytest.mark.parametrize("wrong", ["no address", "a\0b@klus.example"])
def test_wrong_address_loses_nothing(clerk_s: Client, wrong: str) -> None:
    answer = clerk_s.post(admin_url(Seller, "add"), filled_in(first_owner=wrong))

    assert 'value="Klusmaat"' in answer.content.decode()
    assert not Seller.objects.exists()
    assert not TeamInvitation.objects.exists()


def test_staff_do_not_ask_themselves(clerk_s: Client, clerk: User) -> None:
    answer = clerk_s.post(
        admin_url(Seller, "add"), filled_in(first_owner=clerk.email.upper()), follow=True
    )

    assert "Nobody was asked to own the shop: this is an address of staff." in text(answer)
    assert Seller.objects.get().name == "Klusmaat"
    assert open_invitations() == []


def test_who_became_staff_since_then_does_not_get_in(clerk_s: Client, alice: User) -> None:
    clerk_s.post(admin_url(Seller, "add"), filled_in(first_owner=alice.email))
    [link] = links()
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    browser = Client()
    browser.force_login(alice)

    answer = browser.post(link, follow=True)

    assert "This invitation does not work any more" in text(answer)
    assert not Membership.objects.filter(user=alice).exists()


def test_who_works_there_is_not_asked(clerk_s: Client, alice: User) -> None:
    clerk_s.post(admin_url(Seller, "add"), filled_in())
    shop = Seller.objects.get()
    Membership.objects.create(user=alice, seller=shop, role=Role.AGENT)

    answer = clerk_s.post(
        admin_url(Seller, "change", shop.pk), filled_in(first_owner=alice.email), follow=True
    )

    assert "this is the address of somebody who works there" in text(answer)
    assert open_invitations() == []


def test_shop_with_an_owner_is_out_of_reach(
    clerk_s: Client, clerk: User, fietsenzo: Seller
) -> None:
    page = admin_url(Seller, "change", fietsenzo.pk)

    shown = clerk_s.get(page)
    clerk_s.post(page, filled_in(first_owner=ADDRESS))

    assert shown.status_code == 200
    assert FIELD not in shown.content.decode()
    assert open_invitations() == []
    with pytest.raises(actions.HasOwner):
        actions.invite_first_owner(fietsenzo, email=ADDRESS, by=Actor.user(clerk), now=NOON)


def test_right_to_ask_is_one_of_its_own(clerk_s: Client, clerk: User) -> None:
    clerk.user_permissions.remove(Permission.objects.get(codename="add_teaminvitation"))

    shown = clerk_s.get(admin_url(Seller, "add"))
    clerk_s.post(admin_url(Seller, "add"), filled_in(first_owner=ADDRESS))

    assert FIELD not in shown.content.decode()
    assert Seller.objects.get().name == "Klusmaat"
    assert open_invitations() == []


def test_not_even_staff_mail_strangers_all_day(clerk: User, db: None) -> None:
    shop = Seller.objects.create(**SHOP, joined_on=NOON.date())

    for number in range(MOST_A_DAY):
        now = NOON + number * 2 * AGAIN_AFTER
        actions.invite_first_owner(
            shop, email=f"x{number}@klus.example", by=Actor.user(clerk), now=now
        )
    with pytest.raises(actions.TooManyInvitations):
        actions.invite_first_owner(
            shop, email=ADDRESS, by=Actor.user(clerk), now=now + 2 * AGAIN_AFTER
        )
