"""What an owner sets for the whole shop."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from sellers.actions import NotAnOwner, NotInTeam, change_shop_settings
from sellers.enums import SellerEvent
from sellers.events import Actor
from sellers.models import Event, Membership, Seller, User
from tests.conftest import NOON, text

URL = "/settings/shop/"
Settings = dict[str, User | bool | None]


@pytest.fixture
def given() -> Settings:
    """What a shop begins with."""
    return {
        "worst_scores_to": None,
        "account_contact": None,
        "requires_prediction": False,
        "compares_agents": True,
        "alerts_quote_customers": False,
    }


def test_owner_sets_them_and_the_event_says_what_changed(
    fietsenzo: Seller, alice: User, bob: User, cora: User, given: Settings
) -> None:
    given |= {"worst_scores_to": bob, "account_contact": cora, "requires_prediction": True}

    change_shop_settings(fietsenzo, **given, by=Actor.user(alice), now=NOON)

    fietsenzo.refresh_from_db()
    assert (fietsenzo.worst_scores_to, fietsenzo.account_contact) == (bob, cora)
    assert fietsenzo.requires_prediction
    told = Event.objects.get(kind=SellerEvent.SELLER_CHANGED)
    assert told.details == {
        "changes": {
            "worst_scores_to": [None, bob.pk],
            "account_contact": [None, cora.pk],
            "requires_prediction": [False, True],
        }
    }


def test_nothing_changed_is_no_event(fietsenzo: Seller, alice: User, given: Settings) -> None:
    change_shop_settings(fietsenzo, **given, by=Actor.user(alice), now=NOON)

    assert not Event.objects.filter(kind=SellerEvent.SELLER_CHANGED).exists()


def test_only_an_owner_sets_them(fietsenzo: Seller, bob: User, given: Settings) -> None:
    with pytest.raises(NotAnOwner):
        change_shop_settings(fietsenzo, **given, by=Actor.user(bob), now=NOON)


def test_only_the_team_can_be_chosen(
    fietsenzo: Seller, alice: User, cora: User, dirk: User, given: Settings
) -> None:
    for wrong in ({"worst_scores_to": cora}, {"worst_scores_to": dirk}, {"account_contact": dirk}):
        with pytest.raises(NotInTeam):
            change_shop_settings(fietsenzo, **given | wrong, by=Actor.user(alice), now=NOON)


def test_page_stores_what_was_chosen(
    fietsenzo: Seller, alice: User, bob: User, log_in: Callable[[User], Client]
) -> None:
    browser = log_in(alice)
    page = text(browser.get(URL))
    assert "Who follows up on scores of 0 to 2" in page

    response = browser.post(
        URL,
        {"shop": fietsenzo.pk, "worst_scores_to": bob.pk, "requires_prediction": "on"},
        follow=True,
    )

    assert "The settings of the shop are stored." in text(response)
    fietsenzo.refresh_from_db()
    assert fietsenzo.worst_scores_to == bob
    assert (fietsenzo.requires_prediction, fietsenzo.compares_agents) == (True, False)


def test_page_of_another_shop_stores_nothing(
    fietsenzo: Seller, other_shop: Seller, alice: User, log_in: Callable[[User], Client]
) -> None:
    response = log_in(alice).post(URL, {"shop": other_shop.pk, "requires_prediction": "on"})

    assert response.status_code == 422
    assert "You look at another shop now" in text(response)
    fietsenzo.refresh_from_db()
    assert not fietsenzo.requires_prediction


def test_stranger_as_choice_is_a_clear_sentence(
    fietsenzo: Seller, alice: User, dirk: User, log_in: Callable[[User], Client]
) -> None:
    response = log_in(alice).post(URL, {"shop": fietsenzo.pk, "worst_scores_to": dirk.pk})

    assert response.status_code == 422
    assert "Select a valid choice" in text(response)


def test_who_left_the_team_is_no_choice(
    fietsenzo: Seller, alice: User, bob: User, log_in: Callable[[User], Client]
) -> None:
    Membership.objects.filter(user=bob).update(ended_at=NOON + timedelta(days=1))

    assert "Bob" not in text(log_in(alice).get(URL))
