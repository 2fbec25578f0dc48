"""Tasks of Fietsenzo to look at, and the hands that work on them."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from django.test import Client
from time_machine import travel

from sellers.models import User
from surveys.models import FollowUp
from tests.conftest import NOON, Market

ANSWERED = NOON + timedelta(days=2)  # a Thursday
NOW = ANSWERED + timedelta(hours=3)

NewTask = Callable[..., FollowUp]


@pytest.fixture(autouse=True)
def _three_hours_later() -> Iterator[None]:
    """Stop the clock."""
    with travel(NOW, tick=False):
        yield


@pytest.fixture
def new_task(market: Market) -> NewTask:
    """Let a customer give a low score, who may be contacted; return its task."""

    def make(
        score: int = 4,
        *,
        reason: str = "It took three weeks.",
        may_contact: bool | None = True,
        submitted_at: datetime = ANSWERED,
    ) -> FollowUp:
        response = market.response(
            score, reason=reason, may_contact=may_contact, submitted_at=submitted_at
        )
        return FollowUp.objects.get(response=response)

    return make


@pytest.fixture
def task(new_task: NewTask) -> FollowUp:
    """The task of a 4; it is Bob's."""
    return new_task()


@pytest.fixture
def bob_s(client: Client, bob: User) -> Client:
    """The browser of Bob, who answers."""
    client.force_login(bob)
    return client


@pytest.fixture
def cora_s(cora: User) -> Client:
    """The browser of Cora, who only reads."""
    browser = Client()
    browser.force_login(cora)
    return browser
