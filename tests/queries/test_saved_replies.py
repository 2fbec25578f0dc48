"""Replies that are written once and used again."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from queries.models import (
    CustomerQuery,
    SavedReply,
)
from tests.conftest import NOON, Market, text
from tests.queries.conftest import opened, url

pytestmark = pytest.mark.usefixtures("_one_o_clock")


@pytest.fixture
def saved(market: Market) -> SavedReply:
    """A saved reply with every mark."""
    body = "Dear {customer} ({first_name}), order {order}. {agent}, {shop}"
    return SavedReply.objects.create(
        seller=market.shop, title="Hello", body=body, language="", changed_at=NOON
    )


def test_saved_reply_is_put_behind_what_was_typed(
    bob_s: Client, query: CustomerQuery, saved: SavedReply
) -> None:
    typed = opened(bob_s, query) | {"body": "One moment.", "saved_reply": saved.pk}

    page = bob_s.post(url("insert", query), typed, follow=True)

    filled = "Dear Klaas (Klaas), order {order}. Bob, Fietsenzo"
    assert page.context["form"]["body"].value() == f"One moment.\n\n{filled}"
    alone = bob_s.post(
        url("insert", query), {"saved_reply": saved.pk}, headers={"HX-Request": "true"}
    )
    assert text(alone) == filled


def test_saved_replies_of_the_language_come_first(
    bob_s: Client, query: CustomerQuery, market: Market
) -> None:
    for title, language in [("A", "nl"), ("B", ""), ("C", "en")]:
        SavedReply.objects.create(
            seller=market.shop, title=title, body="So.", language=language, changed_at=NOON
        )

    page = bob_s.get(query.get_absolute_url())

    assert [each.title for each in page.context["saved_replies"]] == ["C", "B", "A"]


def test_saved_reply_is_kept_once_for_two_clicks(bob_s: Client, saved: SavedReply) -> None:
    fields = {"title": saved.title, "body": saved.body, "language": saved.language}

    again = bob_s.post(reverse("queries:add_saved_reply"), fields)
    other = bob_s.post(reverse("queries:add_saved_reply"), fields | {"body": "Other words."})

    assert (again.status_code, other.status_code) == (302, 422)
    assert SavedReply.objects.get() == saved


def test_saved_reply_is_written_changed_and_deleted(bob_s: Client, market: Market) -> None:
    add = reverse("queries:add_saved_reply")
    written = {"title": "Hello", "language": "en", "body": "Dear {customer},\r\nhm."}

    refused = bob_s.post(add, written | {"body": "Dear {custommer} {order}{"})
    assert refused.status_code == 422
    assert "Nothing can be put in the place of {custommer}, {." in text(refused)

    bob_s.post(add, written)
    saved = SavedReply.objects.get()
    assert (saved.seller, saved.body, saved.language) == (
        market.shop,
        "Dear {customer},\nhm.",
        "en",
    )
    taken = bob_s.post(add, written | {"body": "Other words."})
    assert "There is already a saved reply with this name." in text(taken)

    page = reverse("queries:saved_reply", args=[saved.pk])
    bob_s.post(page, written | {"title": "Goodbye"})
    assert "Goodbye" in text(bob_s.get(reverse("queries:saved_replies")))
    bob_s.post(page, {"delete": "yes"})
    assert not SavedReply.objects.exists()


@pytest.mark.parametrize("count", [1, 3])
def test_saved_replies_ask_the_database_as_often_for_many_as_for_one(
    bob_s: Client, market: Market, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    for number in range(count):
        SavedReply.objects.create(
            seller=market.shop, title=f"Hello {number}", body="So.", changed_at=NOON
        )

    with django_assert_num_queries(5):
        page = bob_s.get(reverse("queries:saved_replies"))

    assert text(page).count("Hello ") == count
