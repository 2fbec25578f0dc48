"""A task to work on, and the hands that work on it."""

import pytest

from sellers.events import Actor
from sellers.models import User
from surveys.models import FollowUp
from tests.conftest import Market


@pytest.fixture
def followup(market: Market) -> FollowUp:
    """The task of a 4 at Fietsenzo, whose customer wants to be contacted; it is Bob's."""
    return market.response(4, reason="It took three weeks.", may_contact=True).followup


@pytest.fixture
def by_staff(db: None) -> Actor:
    """Somebody of the marketplace staff, as who does something."""
    return Actor.user(User.objects.create_superuser("staff@markt.example", name="Staff"))


@pytest.fixture
def by_bob(bob: User) -> Actor:
    """Bob, as who does something."""
    return Actor.user(bob)
