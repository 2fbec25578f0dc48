"""A shop may want a prediction of the score with each closing of its people."""

import pytest
from django.test import Client
from django.urls import reverse

from queries import actions, timeouts
from queries.enums import ActorType, Author
from queries.models import Closing, CustomerQuery, Draft, Message
from sellers.models import Seller
from tests.conftest import NOON, Market, text
from tests.queries.conftest import HOUR, opened, url

pytestmark = pytest.mark.usefixtures("_one_o_clock", "_wants_predictions")

SENTENCE = "Your shop wants a prediction with each closing. Choose the score that you expect"
CALL = {"name": "Klaas", "subject": "Brakes", "note": "He will come by."}


@pytest.fixture
def _wants_predictions(fietsenzo: Seller) -> None:
    """Fietsenzo wants predictions."""
    Seller.objects.filter(pk=fietsenzo.pk).update(requires_prediction=True)
    fietsenzo.refresh_from_db()


def test_closing_without_a_prediction_is_refused(market: Market) -> None:
    query = market.query()

    with pytest.raises(actions.PredictionMissing):
        actions.close(query, by=market.actor, now=NOON)

    query.refresh_from_db()
    assert not query.is_closed
    assert actions.close(query, predicted_score=0, by=market.actor, now=NOON).predicted_score == 0


def test_reply_that_closes_without_a_prediction_is_not_sent(market: Market) -> None:
    query = market.query()

    with pytest.raises(actions.PredictionMissing):
        actions.reply(query, body="Oil them.", closes=True, by=market.actor, now=NOON)

    assert not query.is_closed
    assert not Message.objects.filter(author=Author.SELLER).exists()
    actions.reply(query, body="Oil them.", by=market.actor, now=NOON)


def test_shop_that_wants_none_closes_without(market: Market) -> None:
    Seller.objects.update(requires_prediction=False)

    assert actions.close(market.query(), by=market.actor, now=NOON).predicted_score is None


@pytest.mark.parametrize("side", [ActorType.MARKETPLACE, ActorType.SYSTEM])
def test_only_the_shops_own_people_predict(market: Market, side: ActorType) -> None:
    closing = actions.close(market.query(), by=market.closer(side), now=NOON)

    assert (closing.closed_by, closing.predicted_score) == (side, None)


def test_query_that_waits_long_closes_by_itself_without(market: Market) -> None:
    query = market.query()
    actions.reply(query, body="Which bike?", by=market.actor, now=NOON)

    timeouts.close_unanswered(now=NOON + timeouts.CLOSE_AFTER + HOUR)

    query.refresh_from_db()
    assert query.is_closed


def test_duplicate_needs_no_prediction(market: Market) -> None:
    kept = market.query()
    twice = market.query(kept.customer)

    closing = actions.close_as_duplicate(twice, of=kept, by=market.actor, now=NOON)

    assert closing.predicted_score is None


def test_of_many_none_is_closed_without_a_prediction(market: Market) -> None:
    queries = [market.query(), market.query()]

    with pytest.raises(actions.PredictionMissing):
        actions.close_all(queries, by=market.actor, now=NOON)

    assert not Closing.objects.exists()
    assert actions.close_all(queries, predicted_score=9, by=market.actor, now=NOON) == 2
    assert set(Closing.objects.values_list("predicted_score", flat=True)) == {9}


def test_phone_contact_without_a_prediction_is_not_stored(
    market: Market, fietsenzo: Seller
) -> None:
    with pytest.raises(actions.PredictionMissing):
        actions.log_phone_contact(fietsenzo, **CALL, by=market.actor, now=NOON)

    assert not CustomerQuery.objects.exists()


# The pages


def test_page_asks_for_a_prediction_and_offers_no_way_around(
    bob_s: Client, query: CustomerQuery
) -> None:
    page = text(bob_s.get(query.get_absolute_url()))

    assert "Your shop wants one with each closing." in page
    assert "No prediction" not in page
    Seller.objects.update(requires_prediction=False)
    page = text(bob_s.get(query.get_absolute_url()))
    assert "It may stay empty." in page
    assert "No prediction" in page


def test_reply_comes_back_with_the_reason_and_is_a_draft(
    bob_s: Client, query: CustomerQuery
) -> None:
    typed = opened(bob_s, query) | {"body": "Oil them."}

    page = bob_s.post(url("close", query), typed)

    assert page.status_code == 422
    shown = text(page)
    assert SENTENCE in shown
    assert '<details class="closer" open' in shown
    assert "Oil them." in shown
    assert Draft.objects.get().body == "Oil them."
    assert not Closing.objects.exists()
    sent = bob_s.post(url("close", query), typed | {"predicted_score": "7"})
    assert sent.status_code == 302
    assert Closing.objects.get().predicted_score == 7
    assert Message.objects.filter(author=Author.SELLER).count() == 1


def test_closing_without_a_word_comes_back_with_the_reason(
    bob_s: Client, query: CustomerQuery
) -> None:
    page = bob_s.post(url("close", query), opened(bob_s, query) | {"body": ""})

    assert page.status_code == 422
    assert SENTENCE in text(page)
    assert not Closing.objects.exists()


def test_reply_that_waits_needs_none(bob_s: Client, query: CustomerQuery) -> None:
    bob_s.post(url("reply", query), opened(bob_s, query) | {"body": "Which bike?"})

    assert Message.objects.filter(author=Author.SELLER).count() == 1


def test_phone_contact_comes_back_with_the_reason(bob_s: Client) -> None:
    path = reverse("queries:log_phone")

    page = bob_s.post(path, CALL)

    assert page.status_code == 422
    assert SENTENCE in text(page)
    assert "He will come by." in text(page)
    assert not CustomerQuery.objects.exists()
    assert bob_s.post(path, CALL | {"predicted_score": "10"}).status_code == 302
    assert Closing.objects.get().predicted_score == 10


def test_many_are_closed_with_one_prediction(bob_s: Client, market: Market) -> None:
    queries = [market.query(), market.query()]
    chosen = {"query": [query.pk for query in queries]}
    path = reverse("queries:bulk")

    asked = text(bob_s.post(path, chosen | {"then": "close"}))
    refused = bob_s.post(path, chosen | {"then": "close_now"})

    assert "This one is for all of them" in asked
    assert refused.status_code == 422
    assert SENTENCE in text(refused)
    assert not Closing.objects.exists()
    closed = bob_s.post(path, chosen | {"then": "close_now", "predicted_score": "8"}, follow=True)
    assert "2 queries are closed." in text(closed)
    assert set(Closing.objects.values_list("predicted_score", flat=True)) == {8}


def test_nonsense_as_a_prediction_for_many_closes_none(bob_s: Client, market: Market) -> None:
    Seller.objects.update(requires_prediction=False)
    chosen = {"query": [market.query().pk], "then": "close_now", "predicted_score": "11"}

    page = bob_s.post(reverse("queries:bulk"), chosen)

    assert page.status_code == 422
    assert "A prediction is a whole number from 0 to 10." in text(page)
    assert not Closing.objects.exists()
