"""Without Redis everything answers; a real connection to a port at which nothing listens."""

import time
from datetime import timedelta

from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from time_machine import travel

from queries import actions
from queries.models import ThreadLink
from sellers.models import Seller, User
from surveys.models import SurveyResponse
from tests.conftest import NOON, Market
from tests.surveys.conftest import link


def test_nothing_is_remembered(redis_down: None) -> None:
    cache.set("name", 1)

    assert cache.get("name", 2) == 2
    assert cache.add("name", 1)
    assert cache.incr("name") == 1
    assert not cache.delete("name")


def test_it_is_not_waited_for_long(redis_down: None) -> None:
    began = time.perf_counter()
    for number in range(50):
        cache.get(f"name-{number}")

    assert time.perf_counter() - began < 2


def test_customer_answers_and_writes(redis_down: None, client: Client, market: Market) -> None:
    query, invitation = market.query(), market.invitation()
    actions.reply(query, body="It left on Monday.", by=market.actor, now=NOON)
    thread = reverse("thread:page", args=[ThreadLink.objects.get().token])

    with travel(NOON + timedelta(days=1)):
        looks = [client.get(link(invitation)), client.get(thread), client.get("/survey/guess/")]
        answered = client.post(link(invitation), {"score": "3", "reason": "It took a week."})
        written = client.post(thread, {"body": "Nothing came!"})

    assert [page.status_code for page in looks] == [200, 200, 404]
    assert (answered.status_code, written.status_code) == (302, 302)
    assert SurveyResponse.objects.get().reason == "It took a week."
    assert query.messages.latest("pk").body == "Nothing came!"


def test_seller_logs_in(redis_down: None, client: Client, alice: User, fietsenzo: Seller) -> None:
    alice.set_password("correct-horse-battery")
    alice.save()
    wrong, right = (
        client.post(reverse("account_login"), {"login": alice.email, "password": password})
        for password in ("wrong", "correct-horse-battery")
    )

    assert (wrong.status_code, right.status_code) == (200, 302)
    assert client.get(right["Location"], follow=True).status_code == 200
