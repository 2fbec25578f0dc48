"""What could not be stored is given back to who typed it."""

import pytest
from django.test import Client
from django.urls import reverse

from queries.models import CustomerQuery
from sellers.enums import Role
from sellers.models import Membership, Seller, User
from sellers.typed import typed_words
from tests.conftest import NOON, Market

WORDS = "Rang twice: <b>the chain</b> comes on Friday."


def test_only_what_is_typed_into_the_boxes_for_texts_is_given_back() -> None:
    posted = {"password": "secret", "body": "A", "note": " ", "signature_7": "B", "why": "C"}

    assert typed_words(posted) == ["A", "B", "C"]
    assert typed_words(posted, kept=("body",)) == ["B", "C"]


@pytest.fixture
def query(market: Market) -> CustomerQuery:
    """A query of Fietsenzo."""
    query: CustomerQuery = market.query()
    return query


@pytest.mark.parametrize(
    ("name", "box"),
    [
        ("queries:log_phone", "note"),
        ("queries:add_saved_reply", "body"),
        ("sellers:settings", "signature_1"),
        ("queries:hand_over", "reason"),
        ("queries:no_reply_needed", "why"),
    ],
)
def test_words_of_who_was_logged_out_are_shown_to_copy(
    client: Client, query: CustomerQuery, name: str, box: str
) -> None:
    of_query = name in ("queries:hand_over", "queries:no_reply_needed")
    path = reverse(name, args=[query.pk] if of_query else [])

    page = client.post(path, {box: WORDS, "password": "correct-horse"})

    assert page.status_code == 403
    assert "Rang twice: &lt;b&gt;the chain&lt;/b&gt; comes on Friday." in page.content.decode()
    assert f"{reverse('account_login')}?next={path}" in page.content.decode()
    assert "correct-horse" not in page.content.decode()
    assert "no-store" in page["Cache-Control"]


def test_words_of_a_page_that_became_too_old_are_shown_to_copy(
    query: CustomerQuery, bob: User
) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(bob)

    page = browser.post(reverse("queries:hand_over", args=[query.pk]), {"reason": WORDS})

    assert page.status_code == 403
    assert "Rang twice" in page.content.decode()


@pytest.mark.parametrize(("why", "status"), [("role", 403), ("left", 403), ("other shop", 404)])
def test_words_of_who_may_not_or_looks_at_another_shop_are_shown_to_copy(
    market: Market, query: CustomerQuery, bob: User, other_shop: Seller, why: str, status: int
) -> None:
    browser, membership = Client(), market.shop.memberships.get(user=bob)
    browser.force_login(bob)
    if why == "other shop":  # chosen in another window
        other = Membership.objects.create(user=bob, seller=other_shop, role=Role.AGENT)
        browser.post(reverse("sellers:shop", args=[other.pk]))
    elif why == "role":
        Membership.objects.filter(pk=membership.pk).update(role=Role.ANALYST)
    else:
        Membership.objects.filter(pk=membership.pk).update(ended_at=NOON)

    page = browser.post(reverse("queries:hand_over", args=[query.pk]), {"reason": WORDS})

    assert page.status_code == status
    assert "Rang twice: &lt;b&gt;the chain&lt;/b&gt; comes on Friday." in page.content.decode()
