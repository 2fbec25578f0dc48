"""Users, shops and memberships: what the database refuses, and how a user is found."""

import pytest

from sellers.enums import Right, Role
from sellers.models import Membership, Seller, User
from tests.conftest import refused_by


def test_user_is_stored_and_found_whatever_the_capitals(db: None) -> None:
    user = User.objects.create_user(" Eva@Shop.Example ", name="Eva Jansen")

    assert user.email == "eva@shop.example"
    assert User.objects.get_by_natural_key("EVA@shop.example") == user
    assert not user.has_usable_password()
    assert (user.get_full_name(), user.get_short_name()) == ("Eva Jansen", "Eva")


def test_superuser_is_staff(db: None) -> None:
    user = User.objects.create_superuser("staff@markt.example", "secret", name="Staff")

    assert user.is_staff
    assert user.is_superuser


def test_user_email_is_unique(alice: User) -> None:
    with refused_by("user_email_unique"):
        User.objects.create_user("ALICE@fietsenzo.example", name="Twin")


def test_user_email_is_in_lower_case(alice: User) -> None:
    with refused_by("user_email_lower_case"):
        User.objects.filter(pk=alice.pk).update(email="Alice@fietsenzo.example")


def test_user_language_is_known(alice: User) -> None:
    with refused_by("user_language_known"):
        User.objects.filter(pk=alice.pk).update(language="fr")


@pytest.mark.parametrize("country", ["nl", "N", "", "N1"])
def test_seller_country_is_two_capitals(fietsenzo: Seller, country: str) -> None:
    with refused_by("seller_country_code"):
        Seller.objects.filter(pk=fietsenzo.pk).update(country=country)


def test_seller_has_a_name(fietsenzo: Seller) -> None:
    with refused_by("seller_name_given"):
        Seller.objects.filter(pk=fietsenzo.pk).update(name="")


def test_membership_is_once_per_shop(alice: User, fietsenzo: Seller) -> None:
    with refused_by("membership_once_per_shop"):
        Membership.objects.create(user=alice, seller=fietsenzo, role=Role.ANALYST)


def test_membership_role_is_known(alice: User, fietsenzo: Seller) -> None:
    with refused_by("membership_role_known"):
        Membership.objects.filter(user=alice).update(role="boss")


@pytest.mark.parametrize(
    ("role", "answers"),
    [
        pytest.param(Role.OWNER, True, id="owner"),
        pytest.param(Role.AGENT, True, id="agent"),
        pytest.param(Role.ANALYST, False, id="analyst"),
    ],
)
def test_membership_gives_the_rights_of_its_role(role: Role, answers: bool) -> None:
    membership = Membership(role=role)

    assert membership.may(Right.READ)
    assert membership.may(Right.ANSWER) is answers
    assert membership.may_answer is answers
