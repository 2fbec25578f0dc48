"""Who did what: actions write it here, in their own transaction."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.db.models import Model
from django.utils.translation import gettext as _

from sellers.enums import ActorKind, EventKind
from sellers.models import ApiClient, Event, User

# Every action waits for this one: made by Django it takes three times as long.
INSERT: Final = """
    INSERT INTO sellers_event
        (kind, at, object_label, actor, user_id, client_id, details, seller_id, object_pk)
    SELECT %s, %s, %s, %s, %s, %s, %s, {}
"""
RECORD: Final = INSERT.format("%s, %s")
# Of a shop's row that the same statement stores, in its part `new`.
RECORD_NEW: Final = INSERT.format("seller_id, id FROM new")
# The same of many, in their order.
INSERT_ALL: Final = """
    INSERT INTO sellers_event
        (kind, at, seller_id, object_label, object_pk, actor, user_id, client_id, details)
    SELECT * FROM unnest(
        %s::text[], %s::timestamptz[], %s::bigint[], %s::text[], %s::bigint[], %s::text[],
        %s::bigint[], %s::bigint[], %s::jsonb[]
    )
"""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something: `by=` of every action.

    An API client acts for the side it belongs to; `account` is the colleague whom it names, if any.
    That of the marketplace may tell of what another side did.
    """

    kind: ActorKind
    account: User | None = None  # of a person who logs in
    client: ApiClient | None = None
    side: str = ""  # whose it was, when the marketplace's client says so

    CUSTOMER: ClassVar["Actor"]
    SYSTEM: ClassVar["Actor"]

    @classmethod
    def user(cls, user: User) -> "Actor":
        """Return somebody who is logged in, of a shop or of the marketplace."""
        return cls(ActorKind.USER, user)

    @classmethod
    def program(cls, client: ApiClient, *, agent: User | None = None, side: str = "") -> "Actor":
        """Return an API client, which may say for which colleague it acts.

        That of the marketplace may say for which side, too.
        """
        assert not (side and client.seller_id), "A shop acts for itself."
        return cls(ActorKind.CLIENT, agent, client, side)

    @property
    def is_platform(self) -> bool:
        """Return whether it is an API client of the marketplace."""
        return self.client is not None and self.client.seller_id is None


Actor.CUSTOMER = Actor(ActorKind.CUSTOMER)
Actor.SYSTEM = Actor(ActorKind.SYSTEM)


def record(
    kind: EventKind,
    about: Model,
    *,
    seller_id: int | None,
    by: Actor,
    now: datetime,
    **details: object,
) -> None:
    """Write what happened to a row. `seller_id` is None for what is the marketplace's alone.

    Details are primary keys, states and settings: nothing of a person, no words of a customer.
    """
    values = recorded(kind, about._meta.label, by=by, now=now, **details)
    with connection.cursor() as cursor:
        cursor.execute(RECORD, [*values, seller_id, about.pk])


def recorded(
    kind: EventKind, label: str, *, by: Actor, now: datetime, **details: object
) -> list[Any]:
    """Return the values of RECORD_NEW, for a statement that stores a row of that model as well."""
    user_id = by.account.pk if by.account else None
    client_id = by.client.pk if by.client else None
    written = json.dumps(details, cls=DjangoJSONEncoder)
    return [kind.value, now, label, by.kind, user_id, client_id, written]


def record_all(events: Iterable[Event]) -> None:
    """Write what happened to many rows at once."""
    rows = [
        (
            each.kind,
            each.at,
            each.seller_id,
            each.object_label,
            each.object_pk,
            str(each.actor),
            each.user_id,
            each.client_id,
            json.dumps(each.details, cls=DjangoJSONEncoder),
        )
        for each in events
    ]
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(INSERT_ALL, list(map(list, zip(*rows, strict=True))))


def event(
    kind: EventKind,
    about: Model,
    *,
    seller_id: int | None,
    by: Actor,
    now: datetime,
    **details: object,
) -> Event:
    """Return an event that is not stored yet, for `record_all`."""
    return Event(
        kind=kind,
        at=now,
        seller_id=seller_id,
        object_label=about._meta.label,
        object_pk=about.pk,
        actor=by.kind,
        user=by.account,
        client=by.client,
        details=details,
    )


def by_whom(user: User | None, client: ApiClient | None) -> str:
    """Return who did something: somebody, a program, or a program for somebody; "" for neither."""
    if user and client:
        return _("%(name)s via %(client)s") % {"name": user, "client": client}
    return str(user or client or "")


def kind_in_words(kind: str) -> str:
    """Return what a kind is called in the reader's language; a kind of the past as it is."""
    for kinds in EventKind.__subclasses__():
        if kind in kinds.values:
            return str(kinds(kind).label)
    return kind
