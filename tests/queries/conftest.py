"""The moment at which the pages are looked at, and who looks."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.test import Client
from time_machine import travel

from sellers.models import User
from tests.conftest import NOON

HOUR = timedelta(hours=1)
NOW = NOON + HOUR


@pytest.fixture
def _one_o_clock() -> Iterator[None]:
    """Stop the clock an hour after noon."""
    with travel(NOW, tick=False):
        yield


@pytest.fixture
def bob_s(log_in: Callable[[User], Client], bob: User) -> Client:
    """Bob's browser."""
    return log_in(bob)
