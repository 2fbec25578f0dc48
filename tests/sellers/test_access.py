"""The tenant guard: who gets to which shop."""

import re
from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from sellers.access import CHOSEN_SHOP, at_shop
from sellers.enums import Role
from sellers.models import Membership, Seller, User
from tests.conftest import Market, text

INBOX = "/queries/"


def test_inbox_asks_a_stranger_to_log_in(client: Client, db: None) -> None:
    page = client.get(INBOX)

    assert page.status_code == 302
    assert page["Location"] == f"{reverse('account_login')}?next={INBOX}"


def test_inbox_says_that_a_user_has_no_shop(log_in: Callable[[User], Client], db: None) -> None:
    user = User.objects.create_user("eva@nowhere.example", name="Eva", language="en")

    page = log_in(user).get(INBOX)

    assert page.status_code == 403
    assert "You do not belong to a shop yet" in page.content.decode()
    assert "eva@nowhere.example" in page.content.decode()


def test_inbox_sends_staff_without_shop_to_the_admin(
    log_in: Callable[[User], Client], db: None
) -> None:
    staff = User.objects.create_user("staff@markt.example", name="Staff", is_staff=True)

    page = log_in(staff).get(INBOX)

    assert page.status_code == 302
    assert page["Location"] == reverse("admin:index")


def test_inbox_of_a_user_who_may_no_longer_log_in_asks_to_log_in(
    log_in: Callable[[User], Client], alice: User, dirk: User, fietsenzo: Seller
) -> None:
    Membership.objects.create(user=dirk, seller=fietsenzo, role=Role.OWNER)
    browser = log_in(alice)
    assert browser.get(INBOX).status_code == 200

    User.objects.filter(pk=alice.pk).update(is_active=False)

    assert browser.get(INBOX).status_code == 302


def test_inbox_of_a_user_who_left_the_shop_is_closed(
    log_in: Callable[[User], Client], market: Market
) -> None:
    market.query(subject="Squeaking brakes")
    browser = log_in(market.agent)
    assert "Squeaking brakes" in browser.get(INBOX).content.decode()

    Membership.objects.filter(user=market.agent).delete()
    page = browser.get(INBOX)

    assert page.status_code == 403
    assert "Squeaking brakes" not in page.content.decode()


@pytest.fixture
def second_shop(alice: User, market: Market) -> Seller:
    """Another shop of Alice's, before Fietsenzo in the alphabet."""
    shop = Seller.objects.create(
        name="Bakfietsenzo",
        country="NL",
        contact_email="b@shop.example",
        joined_on=date(2025, 1, 1),
    )
    Membership.objects.create(user=alice, seller=shop, role=Role.ANALYST)
    return shop


def test_first_shop_by_name_is_shown_until_another_is_chosen(
    log_in: Callable[[User], Client], alice: User, second_shop: Seller, market: Market
) -> None:
    market.query(subject="Squeaking brakes")
    browser = log_in(alice)
    assert browser.get(INBOX).context["request"].seller == second_shop

    chosen = browser.post(
        reverse("sellers:shop", args=[alice.memberships.get(seller=market.shop).pk]), follow=True
    )

    assert chosen.context["request"].seller == market.shop
    assert "Squeaking brakes" in chosen.content.decode()


def test_role_is_that_of_the_chosen_shop(
    log_in: Callable[[User], Client], alice: User, second_shop: Seller, market: Market
) -> None:
    browser = log_in(alice)

    as_analyst = browser.get(reverse("queries:log_phone"))
    browser.post(reverse("sellers:shop", args=[alice.memberships.get(seller=market.shop).pk]))
    as_owner = browser.get(reverse("queries:log_phone"))

    assert (as_analyst.status_code, as_owner.status_code) == (403, 200)
    assert "You may not do this" in as_analyst.content.decode()


def test_choice_of_a_shop_that_is_left_falls_back_to_the_other(
    log_in: Callable[[User], Client], alice: User, dirk: User, second_shop: Seller, market: Market
) -> None:
    Membership.objects.create(user=dirk, seller=market.shop, role=Role.OWNER)
    browser = log_in(alice)
    membership = alice.memberships.get(seller=market.shop)
    browser.post(reverse("sellers:shop", args=[membership.pk]))

    membership.delete()

    assert browser.get(INBOX).context["request"].seller == second_shop


@pytest.mark.parametrize("name", ["queries:list", "queries:detail", "surveys_seller:query_survey"])
def test_pages_of_a_shop_are_kept_by_no_browser(
    log_in: Callable[[User], Client], market: Market, name: str
) -> None:
    query = market.query()

    page = log_in(market.agent).get(
        reverse(name, args=[] if name == "queries:list" else [query.pk])
    )

    assert page.status_code == 200
    assert {"no-store", "private"} <= set(page["Cache-Control"].split(", "))


@pytest.mark.parametrize("name", ["queries:list", "insights:nps", "surveys_seller:query_survey"])
def test_pages_and_their_fragments_are_cached_apart(
    log_in: Callable[[User], Client], market: Market, name: str
) -> None:
    browser = log_in(market.agent)
    url = reverse(name, args=[market.query().pk] if "survey" in name else [])

    page = browser.get(url)
    fragment = browser.get(url, headers={"HX-Request": "true"})

    assert "<html" in page.content.decode()
    assert "<html" not in fragment.content.decode()
    assert "HX-Request" in page["Vary"]
    assert "HX-Request" in fragment["Vary"]


def test_fragment_for_a_stranger_makes_the_browser_ask_for_the_page(
    client: Client, db: None
) -> None:
    answer = client.get(INBOX, headers={"HX-Request": "true"})

    assert answer["HX-Refresh"] == "true"
    assert answer.content == b""


# Links that say of which shop they are


def test_link_about_the_shop_that_is_looked_at_leads_there_at_once(
    log_in: Callable[[User], Client], market: Market
) -> None:
    query = market.query(subject="Squeaking brakes")
    link = at_shop(f"{query.get_absolute_url()}?note=1", market.shop.pk)

    page = log_in(market.agent).get(link)
    there = log_in(market.agent).get(link, follow=True)

    assert page["Location"] == f"{query.get_absolute_url()}?note=1"
    assert "Squeaking brakes" in text(there)


def test_link_about_another_shop_of_one_s_own_asks_and_leads_there(
    log_in: Callable[[User], Client], alice: User, second_shop: Seller, market: Market
) -> None:
    query = market.query(subject="Squeaking brakes")
    browser = log_in(alice)
    assert browser.get(query.get_absolute_url()).status_code == 404

    asked = browser.get(at_shop(query.get_absolute_url(), market.shop.pk))

    assert "This is about Fietsenzo" in text(asked)
    assert "You look at Bakfietsenzo now." in text(asked)
    assert "Squeaking brakes" not in text(asked)
    assert CHOSEN_SHOP not in browser.session
    (form,) = re.findall(
        r'<form method="post" action="([^"]+)">\s*<input[^>]+>\s*'
        r'<input type="hidden" name="next" value="([^"]+)">',
        text(asked),
    )
    there = browser.post(form[0], {"next": form[1]}, follow=True)
    assert there.redirect_chain == [(query.get_absolute_url(), 302)]
    assert "Squeaking brakes" in text(there)


def test_link_leads_also_where_the_role_in_the_shop_looked_at_may_not(
    log_in: Callable[[User], Client], alice: User, second_shop: Seller, market: Market
) -> None:
    page = log_in(alice).get(at_shop(reverse("queries:log_phone"), market.shop.pk))

    assert page.status_code == 200
    assert "This is about Fietsenzo" in text(page)


@pytest.mark.parametrize("junk", ["", "0", "a\0b", "9" * 30, "-1", "\u0661"])
def test_link_about_no_shop_leads_nowhere(
    log_in: Callable[[User], Client], market: Market, junk: str
) -> None:
    assert log_in(market.agent).get(INBOX, {"shop": junk}).status_code == 404


def test_link_about_a_shop_of_others_leads_nowhere_and_names_it_not(
    log_in: Callable[[User], Client], alice: User, dirk: User, second_shop: Seller, market: Market
) -> None:
    Membership.objects.create(user=dirk, seller=market.shop, role=Role.OWNER)
    browser = log_in(alice)
    others = dirk.memberships.exclude(seller=market.shop).get().seller
    alice.memberships.get(seller=market.shop).delete()

    for shop in (others, market.shop):
        page = browser.get(at_shop(INBOX, shop.pk))
        assert page.status_code == 404
        assert shop.name not in text(page).replace("Bakfietsenzo", "")


def test_link_leads_on_after_logging_in(client: Client, market: Market) -> None:
    page = client.get(at_shop(INBOX, market.shop.pk))

    assert page["Location"].endswith(f"?next={INBOX}%3Fshop%3D{market.shop.pk}")


@pytest.mark.parametrize("page", ["https://evil.example/", "//evil.example/", ""])
def test_choice_of_a_shop_never_leads_away_from_here(
    log_in: Callable[[User], Client], market: Market, page: str
) -> None:
    membership = market.agent.memberships.get()

    answer = log_in(market.agent).post(
        reverse("sellers:shop", args=[membership.pk]), {"next": page}
    )

    assert answer["Location"] == reverse("home")
