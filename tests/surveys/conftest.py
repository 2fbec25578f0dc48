"""Ways to get at the link that a customer gets."""

from django.urls import reverse

from sellers.tokens import token_for
from surveys.models import Invitation


def link(invitation: Invitation, page: str = "answer") -> str:
    """Return the path of the customer's link."""
    return reverse(f"surveys:{page}", args=[token_for(invitation.token_salt)])
