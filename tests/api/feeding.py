"""What a platform tells of, as the tests invent it."""

import random
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from queries.models import Closing, CustomerQuery, FedRow, HandOver, Message
from sellers.models import RefusedAddress
from surveys.models import SurveyOptOut
from tests.conftest import NOON

HOUR = timedelta(hours=1)
PLACES = {
    "seller": "sellers",
    "member": "members",
    "customer": "customers",
    "order": "orders",
    "opt_out": "opt-outs",
    "bounce": "bounces",
    "query": "queries",
    "message": "messages",
    "handover": "handovers",
    "handback": "handbacks",
    "closing": "closings",
}
Told = dict[str, Any]

SELLER = {
    "name": "Lampenhuis",
    "country": "NL",
    "contact_email": "hallo@lampenhuis.example",
    "joined_on": "2024-01-01",
}
MEMBER = {
    "seller": "s1",
    "email": "eva@lampenhuis.example",
    "name": "Eva",
    "language": "nl",
    "role": "owner",
}
CUSTOMER = {"number": "K-1", "name": "Klaas", "email": "klaas@klant.example", "language": "nl"}
ORDER = {
    "seller": "s1",
    "customer": "c1",
    "reference": "100482917",
    "ordered_on": "2026-10-01",
    "delivered_on": "2026-10-03",
    "carrier": "PostNL",
    "tracking_code": "3SABC",
    "tracking_url": "https://track.example/3SABC",
    "items": [{"name": "Lamp", "price": "39.95", "serial_number": "L-1"}],
}
QUERY = {
    "seller": "s1",
    "customer": "c1",
    "subject": "Where is my lamp?",
    "body": "It should have come on Monday.",
    "channel": "web",
    "order_reference": "100482917",
}
OPT_OUT = {"opted_out": True}
BOUNCE = {"customer": "c1", "email": "klaas@klant.example"}
HANDOVER = {"query": "q1", "agent": "m1", "reason": "Only the marketplace can refund this."}
HANDBACK = {"query": "q1"}
MESSAGE = {"query": "q1", "author": "customer", "body": "Is anybody there?"}
CLOSING = {"query": "q1", "actor": "seller", "agent": "m1", "predicted_score": 8}
PARENTS = {
    "seller_id": "seller",
    "agent_id": "member",
    "by_id": "member",
    "handed_back_by_id": "member",
    "customer_id": "customer",
    "query_id": "query",
}
GIVEN: dict[str, Told] = {
    "seller": SELLER,
    "member": MEMBER,
    "customer": CUSTOMER,
    "order": ORDER,
    "opt_out": OPT_OUT,
    "bounce": BOUNCE,
    "query": QUERY,
    "message": MESSAGE,
    "handover": HANDOVER,
    "handback": HANDBACK,
    "closing": CLOSING,
}


def item(kind: str, external_id: str, at: datetime = NOON, **said: Any) -> Told:
    """Return one item of a batch."""
    known = {"kind": kind, "external_id": external_id, "occurred_at": at.isoformat()}
    return {**GIVEN[kind], **known, **said}


def shop() -> list[Told]:
    """Return a shop with its owner, and a customer."""
    return [item("seller", "s1"), item("member", "m1"), item("customer", "c1")]


def marketplace(queries: int, *, messages: int = 3, shops: int = 3) -> list[Told]:
    """Return shops, people, queries and so many messages in each, most of them closed; in order.

    Some were opened again, and closed once more; some went to the marketplace, and came back or
    not. Of the customers some want no surveys, or want them again, and mail to some bounced.
    """
    chance = random.Random(queries)
    told = [item("seller", f"s{n}", name=f"Shop {n}") for n in range(shops)]
    told += [
        item("member", f"m{n}", seller=f"s{n}", email=f"m{n}@shop.example") for n in range(shops)
    ]
    people = max(queries // 2, 1)
    told += [
        item("customer", f"c{n}", number=f"K-{n}", email=f"c{n}@klant.example")
        for n in range(people)
    ]
    happened = [each for n in range(people) for each in _wishes(n, chance)]
    for number in range(queries):
        at = NOON - timedelta(days=chance.randrange(10, 60), minutes=chance.randrange(1440))
        happened += _conversation(number, at, messages, chance, shops=shops, people=people)
    return told + sorted(happened, key=lambda each: each["occurred_at"])


def _wishes(number: int, chance: random.Random) -> list[Told]:
    """Return how a customer changed their mind about surveys, and mail to them that bounced."""
    customer, at = f"c{number}", NOON - timedelta(days=chance.randrange(10, 60))
    moments = [at + n * HOUR for n in range(chance.choice([0, 0, 1, 2, 3]))]
    told = [
        item("opt_out", customer, moment, opted_out=n % 2 == 0) for n, moment in enumerate(moments)
    ]
    for n in range(chance.choice([0, 0, 1, 2])):
        bounced = {"customer": customer, "email": f"c{number}@klant.example"}
        told.append(item("bounce", f"{customer}-{n}", at + n * HOUR, **bounced))
    return told


def _conversation(
    number: int, at: datetime, messages: int, chance: random.Random, *, shops: int, people: int
) -> list[Told]:
    shop, query = number % shops, f"q{number}"
    told = [
        item(
            "query",
            query,
            at,
            seller=f"s{shop}",
            customer=f"c{chance.randrange(people)}",
            subject=f"Question {number}",
            order_reference=f"{number:06}",
        )
    ]
    closed, is_open, is_there = 0, True, False
    for place in range(messages):
        at += chance.randrange(1, 40) * HOUR
        author = chance.choice(["customer", "seller", "seller", "marketplace"])
        agent = f"m{shop}" if author == "seller" else None
        words = {"query": query, "author": author, "agent": agent, "body": f"Words {place}"}
        told.append(item("message", f"{query}-{place}", at, **words))
        is_open = is_open or author == "customer"
        if is_open and chance.random() < 0.3:
            at += HOUR
            kind, by = ("handback", {}) if is_there else ("handover", {"agent": agent})
            told.append(item(kind, f"{query}-{kind}-{place}", at, query=query, **by))
            is_there = not is_there
        if is_open and chance.random() < 0.4:
            at += HOUR
            closed, is_open, is_there = closed + 1, False, False
            told.append(item("closing", f"{query}-x{closed}", at, query=query, agent=f"m{shop}"))
    return told


def shuffled(told: Iterable[Told], seed: int = 1, *, again: float = 1 / 3) -> list[Told]:
    """Return the same in another order, with a part of them twice."""
    chance = random.Random(seed)
    mixed = list(told)
    mixed += chance.sample(mixed, int(len(mixed) * again))
    chance.shuffle(mixed)
    return mixed


HOW_OFTEN_STORED = ("version", "changed_at")  # and when: it may differ


def by_external_id(source: str = "mp") -> dict[tuple[str, str], dict[str, Any]]:
    """Return what a platform fed in, by its ids: every column but our own ids.

    That is the conversations, who wants no surveys, and to which addresses no mail goes.
    """
    fed = FedRow.objects.from_source(source)
    ids = {(row.kind, row.object_pk): row.external_id for row in fed}
    pks = fed.filter(kind="query").values("object_pk")
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for kind, rows in (
        ("query", CustomerQuery.objects.filter(pk__in=pks)),
        ("message", Message.objects.filter(query__in=pks)),
        ("handover", HandOver.objects.filter(query__in=pks)),
        ("closing", Closing.objects.filter(query__in=pks)),
    ):
        for row in rows.values():
            known_as = ids.get((kind, row.pop("id")))
            for column in HOW_OFTEN_STORED:
                row.pop(column, None)
            for column, parent in PARENTS.items():
                if row.get(column):
                    row[column] = ids[parent, row[column]]
            found[kind, known_as or f"first of {row['query_id']}"] = row
    for opted_out in SurveyOptOut.objects.all():
        customer = ids["customer", opted_out.customer_id]
        found["opt_out", customer] = {"at": opted_out.opted_out_at}
    for address in RefusedAddress.objects.all():
        found["bounce", address.email] = {"at": address.refused_at}
    return found
