"""Who only looks at a page stores nothing."""

from time_machine import travel

from queries import actions
from queries.models import ThreadLink
from sellers.models import Membership, TeamInvitation
from sellers.tokens import token_for
from tests.conftest import NOON, Market
from tests.test_routes import ALL, TWO_DAYS_LATER, browser_of, make_world, url_of


def test_no_page_stores_anything_when_it_is_looked_at(committed_db: None) -> None:
    """The database refuses writes of a GET, and none of the pages needs one."""
    with travel(TWO_DAYS_LATER, tick=False):
        world = make_world()
        bob = Membership.objects.get(user=world.people["bob"])
        market = Market(bob.seller, bob.user)
        actions.reply(market.query(), body="So.", by=market.actor, now=NOON)
        tokens = {
            "surveys": token_for(market.invitation().token_salt),
            "sellers": TeamInvitation.objects.order_by("pk").first().token,  # type: ignore[union-attr]
            "thread": ThreadLink.objects.order_by("pk").last().token,  # type: ignore[union-attr]
        }
        alice = browser_of(world, "alice")

        pages = {}
        for route in ALL:
            token = tokens.get(route.name.partition(":")[0])
            path = url_of(route, world.values | {"token": token})
            pages[route.name] = alice.get(path).status_code

    assert pages["surveys:answer"] == pages["thread:page"] == 200
    assert [name for name, status in pages.items() if status >= 500] == []
    assert len(pages) > 20
