"""One program of the large shop and one of the marketplace, to try the API with."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from config.demo.marketplace import Marketplace
from sellers.actions import make_client
from sellers.enums import SELLER_SCOPES, Scope
from sellers.events import Actor
from sellers.models import Seller, User
from sellers.tokens import digest

SECRET: Final = "demo-secret"  # noqa: S105  it is printed on the screen


def connect_programs(marketplace: Marketplace, *, now: datetime) -> int:
    """Store both, with ids and a secret that everybody knows; return how many."""
    by = Actor.user(User.objects.get(pk=marketplace.staff_id))
    large = Seller.objects.get(pk=marketplace.stored_shops[0].seller_id)
    _connect(large, "Demo: CRM", "demo-shop", SELLER_SCOPES, by=by, now=now)
    _connect(None, "Demo: platform", "demo-platform", [Scope.MARKETPLACE_WRITE], by=by, now=now)
    return 2


def _connect(
    seller: Seller | None,
    name: str,
    client_id: str,
    scopes: Collection[Scope],
    *,
    by: Actor,
    now: datetime,
) -> None:
    client, _secret = make_client(seller, name=name, scopes=scopes, by=by, now=now)
    client.client_id, client.client_secret = client_id, digest(SECRET)
    client.save(update_fields=["client_id", "client_secret"])
