"""API clients are made, get another secret, and are revoked."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from oauth2_provider.models import AccessToken

from sellers.actions.team import hold_team, lock_team
from sellers.enums import SELLER_SCOPES, Scope, SellerEvent
from sellers.events import Actor, record
from sellers.models import BOTH_SECRETS_FOR, ERASED, ApiAnswer, ApiClient, Seller, new_secret
from sellers.tokens import digest

MOST: Final = 20  # of one shop that are not revoked
KEY_HOLDS_FOR: Final = timedelta(hours=24)  # of a request that is answered once


class ScopesNotAllowed(Exception):
    """A shop feeds nothing in; and a client that may do nothing is of no use."""


class TooManyClients(Exception):
    """The shop has very many already."""


class ClientIsRevoked(Exception):
    """The client was revoked meanwhile."""


@transaction.atomic
def make_client(
    seller: Seller | None, *, name: str, scopes: Collection[Scope], by: Actor, now: datetime
) -> tuple[ApiClient, str]:
    """Store a client of a shop, or of the marketplace, and return it with its secret.

    The secret is nowhere else: only its digest is stored. Raises NotAnOwner, TooManyClients or
    ScopesNotAllowed.
    """
    _lock(seller, by=by)
    if not scopes or (seller and not set(scopes) <= set(SELLER_SCOPES)):
        raise ScopesNotAllowed
    if seller and ApiClient.objects.for_seller(seller).usable().count() >= MOST:
        raise TooManyClients
    secret = new_secret()
    client = ApiClient.objects.create(
        seller=seller,
        name=name,
        scopes=[scope for scope in Scope if scope in scopes],
        client_secret=digest(secret),
        hash_client_secret=False,
        client_type=ApiClient.CLIENT_CONFIDENTIAL,
        authorization_grant_type=ApiClient.GRANT_CLIENT_CREDENTIALS,
    )
    _record(SellerEvent.CLIENT_CREATED, client, by=by, now=now, scopes=client.scopes)
    return client, secret


@transaction.atomic
def replace_secret(client: ApiClient, *, by: Actor, now: datetime) -> str:
    """Give a client another secret and return it; the one before works for a week more.

    Of three the first works no more. Raises NotAnOwner or ClientIsRevoked.
    """
    _lock_client(client, by=by)
    secret = new_secret()
    client.previous_secret, client.previous_until = client.client_secret, now + BOTH_SECRETS_FOR
    client.client_secret = digest(secret)
    client.save(update_fields=["previous_secret", "previous_until", "client_secret", "updated"])
    _record(SellerEvent.CLIENT_ROTATED, client, by=by, now=now)
    return secret


@transaction.atomic
def revoke_client(client: ApiClient, *, by: Actor, now: datetime) -> None:
    """Let a client do nothing any more, from the next request on.

    Raises NotAnOwner or ClientIsRevoked.
    """
    _lock_client(client, by=by)
    client.revoked_at = now
    client.save(update_fields=["revoked_at", "updated"])
    AccessToken.objects.filter(application=client).delete()
    _record(SellerEvent.CLIENT_REVOKED, client, by=by, now=now)


def drop_tokens(*, now: datetime) -> int:
    """Forget the tokens that are over; return how many."""
    count, _of_each = AccessToken.objects.filter(expires__lt=now).delete()
    return int(count)


def drop_answers(*, now: datetime) -> int:
    """Forget the answers to requests whose keys hold no more; return how many."""
    count, _of_each = ApiAnswer.objects.filter(at__lt=now - KEY_HOLDS_FOR).delete()
    return count


def empty_answers(
    *, sellers: Collection[int], rows: Collection[int], queries: Collection[int]
) -> None:
    """Forget what clients of these shops were told of rows that are erased; their keys hold."""
    told = ApiAnswer.objects.filter(client__seller__in=sellers)
    told.telling_of(rows, queries=queries).update(status=ERASED, body=None, headers={})


def _lock(seller: Seller | None, *, by: Actor) -> None:
    """Wait for who changes the team; raises NotAnOwner, but for staff, who may do it for any."""
    is_staff = by.account is not None and by.account.is_staff
    if seller and is_staff:
        hold_team(seller)
    elif seller:
        lock_team(seller, by=by)


def _lock_client(client: ApiClient, *, by: Actor) -> None:
    _lock(client.seller, by=by)
    locked = ApiClient.objects.select_for_update().get(pk=client.pk)
    client.client_secret, client.revoked_at = locked.client_secret, locked.revoked_at
    if client.revoked_at:
        raise ClientIsRevoked


def _record(
    kind: SellerEvent, client: ApiClient, *, by: Actor, now: datetime, **details: object
) -> None:
    record(kind, client, seller_id=client.seller_id, by=by, now=now, **details)
