"""A heavy load: many more queries for one shop, lived through like those of the demo."""

import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Final

from django.conf import settings

from config.demo.followups import steps_by_score
from config.demo.history import ANSWERED_PER_CLOSING, History
from config.demo.inbox import FRESH, LONG_OPEN, OVERDUE, REACTED, REPLIED, REPLIED_AGAIN, Inbox
from config.demo.marketplace import Marketplace, StoredShop
from config.demo.rows import FreePks, Rows
from config.demo.shops import FIETSENZO, SHOPS, Person, Shop
from queries.models import Customer
from sellers.enums import Role
from sellers.models import Seller, User
from surveys.models import Topic

STILL_OPEN: Final = 0.01  # of all, and some more of few
SORTS: Final = (FRESH, LONG_OPEN, OVERDUE, REACTED, REACTED, REPLIED, REPLIED, REPLIED_AGAIN)


class NobodyAnswers(Exception):
    """The shop has nobody who may answer."""


def loads(
    seller: Seller, *, queries: int, pks: FreePks, staff: User, now: datetime
) -> Iterator[Rows]:
    """Yield `queries` more of a shop: two years of closed ones, then those that are open.

    Their customers are new, at a domain that nobody has. Raises NobodyAnswers.
    """
    marketplace = Marketplace([_stored(seller, closed=queries)], staff.pk)
    day = now.astimezone(settings.MARKETPLACE_ZONE).date()
    domain = f"load{Customer.objects.count()}.example"
    history = History(
        marketplace,
        topics=dict(Topic.objects.values_list("slug", "pk")),
        playbooks=steps_by_score(),
        pks=pks,
        day=day,
        now=now,
        scale=_closed_share(queries),
        load=domain,
    )
    stored = 0
    for rows in history.loads():
        stored += len(rows.queries)
        yield rows
    sorts = [SORTS[number % len(SORTS)] for number in range(queries - stored)]
    inbox = Inbox(marketplace, pks=pks, day=day, now=now, domains=(f"open.{domain}",))
    yield inbox.rows({seller.name: sorts})


def _closed_share(queries: int) -> float:
    """Return how much of it the history makes: never too many, which varies with the root."""
    still_open = STILL_OPEN * queries + 3 * math.sqrt(queries)
    return max(0.0, 1 - still_open / queries)


def _stored(seller: Seller, *, closed: int) -> StoredShop:
    """Return a shop as the history knows it: like the demo's of its name, or else the first."""
    shop = next((each for each in SHOPS if each.name == seller.name), FIETSENZO)
    agents = _agents(seller, shop)
    if not agents:
        raise NobodyAnswers
    shop = replace(
        shop,
        name=seller.name,
        country=seller.country,
        measurements=closed * ANSWERED_PER_CLOSING,
        scalable=True,
    )
    return StoredShop(shop, seller.pk, agents)


def _agents(seller: Seller, shop: Shop) -> list[tuple[int, Person]]:
    """Return who answers at the shop; who is not of the demo answers as much as the others."""
    people = {person.email: person for person in shop.people}
    members = seller.memberships.answering().select_related("user").order_by("user")
    return [
        (
            member.user_id,
            people.get(member.user.email)
            or Person(member.user.email, member.user.name, Role(member.role), share=0.1),
        )
        for member in members
    ]
