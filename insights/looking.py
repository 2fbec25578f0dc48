"""Which of the marketplace's staff may look at the tab of a shop."""

from typing import Final

from django.contrib.auth.models import AnonymousUser

from sellers.models import Membership, User

# The scores of all shops, and what customers wrote: the tab has both.
LOOKS_AT_SHOPS: Final = ("insights.view_shopscore", "surveys.view_surveyresponse")


def looks_at_shops(user: User | AnonymousUser) -> bool:
    """Return whether somebody may look at every shop; who is in a team sees that shop's pages."""
    if isinstance(user, AnonymousUser) or not user.has_perms(LOOKS_AT_SHOPS):
        return False
    return not Membership.objects.of_user(user).exists()
