"""Changes: who is told of what, and while many write nothing is missed and nothing comes twice.

The latter with some hundred events, in transactions that stay open for a moment; `make test-api`
takes 100,000, and up to five seconds.
"""

import os
from dataclasses import dataclass, field
from random import Random
from threading import Event as Signal
from time import sleep

import pytest
from django.conf import LazySettings
from django.db import transaction
from rest_framework.test import APIClient as Program

from queries.enums import ActorType, QueryEvent
from queries.models import CustomerQuery
from sellers.api import telling
from sellers.enums import EventKind, Scope
from sellers.events import Actor, record
from sellers.models import Event, Seller
from tests.api.conftest import Register, with_token
from tests.conftest import NOON, Market, at_once

CHANGES = "/api/v1/changes/"
EVENTS = int(os.environ.get("CHANGES_EVENTS", "600"))
SECONDS = float(os.environ.get("CHANGES_SECONDS", "0.3"))  # a transaction stays open at most
WRITERS = 20
TRANSACTIONS = int(os.environ.get("CHANGES_TRANSACTIONS", "10"))  # of each writer


@dataclass
class Followed:
    """What a reader saw, in its order."""

    versions: list[int] = field(default_factory=list)
    of_object: dict[str, list[int]] = field(default_factory=dict)
    answers: int = 0

    def add(self, change: dict[str, str]) -> None:
        """Note one more change."""
        version = int(change["version"])
        self.versions.append(version)
        self.of_object.setdefault(change["id"], []).append(version)


def write(shop: Seller, writer: int) -> None:
    """Write events in transactions of which each stays open for a while; some are undone."""
    chance, query = Random(writer), CustomerQuery(pk=writer + 1)
    each, kept = EVENTS // WRITERS // TRANSACTIONS, 0
    while kept < TRANSACTIONS:
        is_undone, before = chance.random() < 0.1, chance.randint(0, each)
        with transaction.atomic():
            note(shop, query, before)
            sleep(chance.uniform(0, SECONDS))
            note(shop, query, each - before)
            transaction.set_rollback(is_undone)
        kept += not is_undone


def note(shop: Seller, query: CustomerQuery, count: int) -> None:
    """Write so many events about a query."""
    for _ in range(count):
        record(QueryEvent.NOTE_WRITTEN, query, seller_id=shop.pk, by=Actor.SYSTEM, now=NOON)


def follow(program: Program, after: str, *, done: Signal) -> Followed:
    """Read changes until there are none any more."""
    followed = Followed()
    while True:
        was_done = done.is_set()
        answer = program.get(CHANGES, {"after": after})
        assert answer.status_code == 200, answer.content
        said = answer.json()
        for change in said["results"]:
            followed.add(change)
        after, followed.answers = said["after"], followed.answers + 1
        if was_done and not said["more"]:
            return followed
        sleep(0 if said["more"] else 0.02)


def test_who_follows_changes_misses_none_while_20_write(
    committed_db: None, register: Register, fietsenzo: Seller, settings: LazySettings
) -> None:
    settings.API_PER_MINUTE = 1_000_000
    program, done = with_token(register()), Signal()
    after = program.get(CHANGES).json()["after"]

    def write_all() -> None:
        try:
            writers = [lambda writer=writer: write(fietsenzo, writer) for writer in range(WRITERS)]
            at_once(*writers, timeout=3_600)
        finally:
            done.set()

    _nothing, followed = at_once(
        write_all, lambda: follow(program, after, done=done), timeout=3_600
    )

    written = Event.objects.filter(kind=QueryEvent.NOTE_WRITTEN).order_by("transaction", "pk")
    assert len(followed.versions) == EVENTS
    assert followed.versions == list(written.values_list("pk", flat=True))
    assert followed.versions != sorted(followed.versions)  # who began later was often done sooner
    assert [each for each in followed.of_object.values() if each != sorted(each)] == []
    assert followed.answers > TRANSACTIONS


# Who is told of what


def kinds_told(program: Program, *, answers: int = 1_000) -> list[str]:
    """Follow the changes from the beginning; return of which kinds they are."""
    after, kinds = "", list[str]()
    for _ in range(answers):
        said = program.get(CHANGES, {"after": after} if after else {}).json()
        after, kinds = said["after"], kinds + [each["kind"] for each in said["results"]]
        if not said["more"]:
            return kinds
    raise AssertionError("It never ends.")


def test_every_kind_has_a_scope() -> None:
    assert set(telling._tellings) == set(EventKind.__subclasses__())


@pytest.mark.usefixtures("committed_db")
@pytest.mark.parametrize("size", [1, 2, 500])
def test_of_scores_only_who_may_read_them_is_told(
    register: Register, market: Market, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr("sellers.api.resources.CHANGES", size)
    market.response(3)
    market.query()
    registered = register()
    both = kinds_told(with_token(registered))
    queries = kinds_told(with_token(registered, scope=Scope.QUERIES_READ))

    assert "measurement.created" in both
    assert queries == [kind for kind in both if kind.partition(".")[0] != "measurement"]
    assert queries.count("query.asked") == 2


@pytest.mark.usefixtures("committed_db")
def test_who_is_not_told_goes_on_behind_it(register: Register, market: Market) -> None:
    program = with_token(register(scopes=[Scope.QUERIES_READ]))
    after = program.get(CHANGES).json()["after"]
    invitation = market.invitation()
    asked = program.get(CHANGES, {"after": after}).json()
    market.answer(invitation, 3)
    nothing = program.get(CHANGES, {"after": asked["after"]}).json()
    market.query()
    later = program.get(CHANGES, {"after": nothing["after"]}).json()

    assert [each["kind"] for each in asked["results"]] == ["query.asked", "query.closed"]
    assert (nothing["results"], nothing["more"]) == ([], False)
    assert [each["kind"] for each in later["results"]] == ["query.asked"]


@pytest.mark.usefixtures("committed_db")
def test_of_a_score_that_does_not_count_nobody_is_told(crm: Program, market: Market) -> None:
    market.response(9)
    market.response(3, closed_by=ActorType.MARKETPLACE)

    kinds, listed = kinds_told(crm), crm.get("/api/v1/measurements/").json()["results"]

    assert kinds.count("query.closed") == 2
    assert kinds.count("measurement.created") == len(listed) == 1
