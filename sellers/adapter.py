"""How log-in behaves here: staff make the accounts, nobody signs up."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from sellers.models import User


class ClosedAccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Accounts are made in the admin."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Refuse: the marketplace decides who sells."""
        return False


def display_name(user: User) -> str:
    """Return how a user is greeted."""
    return str(user)
