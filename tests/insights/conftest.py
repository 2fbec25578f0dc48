"""The day on which the pages are looked at, and who looks."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from time_machine import travel

from sellers.models import User

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def _twentieth_of_march() -> Iterator[None]:
    """Stop the clock."""
    with travel(NOW, tick=False):
        yield


@pytest.fixture
def cora_s(log_in: Callable[[User], Client], cora: User) -> Client:
    """The browser of Cora, who only reads, in English."""
    return log_in(cora)
