"""What the platform tells of is stored: each thing by its id, what waits for it along with it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction

from queries.enums import FedKind
from queries.feeding import conversations, single
from queries.feeding.items import Item, Key
from queries.feeding.known import Known
from queries.feeding.refusals import REFUSALS, TooMuchWaits
from queries.feeding.results import Effect, Outcome, Result
from queries.feeding.waiting import (
    give_up,
    let_wait,
    newest_waiting,
    room_for_more,
    wait_for_other,
    waiting_for,
    waits_no_more,
)
from queries.models import CustomerQuery
from sellers.api.problems import conflict, problem_data
from sellers.events import Actor
from sellers.models import ApiClient

ONE_BY_ONE: Final = (
    FedKind.SELLER,
    FedKind.MEMBER,
    FedKind.CUSTOMER,
    FedKind.ORDER,
    FedKind.OPT_OUT,
    FedKind.BOUNCE,
)
# What is told of a query that is there.
OF_A_QUERY: Final = (FedKind.MESSAGE, FedKind.HANDOVER, FedKind.HANDBACK, FedKind.CLOSING)


@transaction.atomic
def feed(source: str, items: Sequence[Item], *, client: ApiClient, now: datetime) -> list[Result]:
    """Store what a platform tells of; return what became of each item, in their order.

    One request of a platform is stored at a time. The same items in any other order, or more than
    once, settle the same; parents are stored before what belongs to them.
    """
    _wait_for_others(source)
    results: dict[Item, Result] = {}
    for each_once in _rounds(items):
        results |= _Round(source, client=client, now=now).store(each_once)
    return [results[item] for item in items]


def _wait_for_others(source: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"feed {source}"])


def _rounds(items: Iterable[Item]) -> list[list[Item]]:
    """Return the items so divided that each id comes once in each part."""
    rounds: list[list[Item]] = []
    times: dict[Key, int] = {}
    for item in items:
        number = times[item.key] = times.get(item.key, -1) + 1
        if number == len(rounds):
            rounds.append([])
        rounds[number].append(item)
    return rounds


class _Round:
    """Items with each id once, and what waits for them."""

    def __init__(self, source: str, *, client: ApiClient, now: datetime) -> None:
        self._source, self._client, self._now = source, client, now
        self._by = Actor.program(client)
        self._known = Known(source)
        self._todo: dict[FedKind, list[Item]] = {kind: [] for kind in FedKind}
        self._results: dict[Item, Result] = {}
        self._asked_for: set[Key] = set()
        self._waited: set[Item] = set()

    def store(self, items: Sequence[Item]) -> dict[Item, Result]:
        """Store all that can be, and let the rest wait."""
        self._known.load(key for item in items for key in (item.key, *item.parents))
        there = newest_waiting(self._source, items, now=self._now)
        newer = {
            item: there[item.key]
            for item in items
            if item.key in there and there[item.key].at > item.at
        }
        asked_for = [item for item in items if item not in newer]
        for item in asked_for:
            self._todo[item.kind].append(item)
        self._asked_for = {item.key for item in asked_for}
        for kind in (*ONE_BY_ONE, FedKind.QUERY):
            self._take_up({item.key for item in self._todo[kind] if self._known.has(item.key)})
            self._store_kind(kind)
        self._store_told()
        self._settle()
        self._say_of_older(newer)
        return self._results

    def _store_kind(self, kind: FedKind) -> None:
        ready = self._ready(kind)
        if kind == FedKind.QUERY:
            stored = conversations.store_queries(ready, self._known, by=self._by)
        else:
            stored = single.store_each(kind, ready, self._known, by=self._by, now=self._now)
        self._results |= stored
        self._take_up({item.key for item in ready if self._known.has(item.key)})

    def _store_told(self) -> None:
        told = [item for kind in OF_A_QUERY for item in self._todo[kind]]
        self._take_up({(FedKind.QUERY.value, item.told["query"]) for item in told})
        ready = [item for kind in OF_A_QUERY for item in self._ready(kind)]
        stored = conversations.store_told(ready, self._known, client=self._client)
        self._results |= stored

    def _say_of_older(self, newer: Mapping[Item, Item]) -> None:
        """Say of items whether what is newer still waits, or was taken up with their parents."""
        taken_up = {item.key: self._results[item] for item in self._waited}
        for item, waiting in newer.items():
            result = taken_up.get(item.key)
            parent = result.waits_for if result else self._missing(waiting)
            outcome = Outcome.UNCHANGED if result and not parent else Outcome.WAITING
            said = self._result(item, outcome, waits_for=parent)
            said.effects.append(Effect.OLDER_THAN_KNOWN)

    def _ready(self, kind: FedKind) -> list[Item]:
        """Return the items of a kind whose parents are there; the others wait."""
        ready = []
        for item in self._todo[kind]:
            if missing := self._missing(item):
                self._result(item, Outcome.WAITING, waits_for=missing)
            else:
                ready.append(item)
        return ready

    def _missing(self, item: Item) -> Key | None:
        return next((key for key in item.parents if not self._known.has(key)), None)

    def _take_up(self, parents: set[Key]) -> None:
        """Add what waits for parents that are there now, but for what is told of again."""
        found = waiting_for(self._source, parents - self._known.taken_up, now=self._now)
        self._known.taken_up |= parents
        fresh = [item for item in found if item.key not in self._asked_for]
        self._known.load(key for item in fresh for key in (item.key, *item.parents))
        for item in fresh:
            self._asked_for.add(item.key)
            self._waited.add(item)
            self._todo[item.kind].append(item)

    def _result(self, item: Item, outcome: Outcome, **more: Any) -> Result:
        result = Result(item.kind, item.external_id, outcome, **more)
        self._results[item] = result
        return result

    def _settle(self) -> None:
        """Write down what is known now, what waits, and what waits no more."""
        self._known.store()
        self._let_wait()
        done = (Outcome.CREATED, Outcome.UPDATED, Outcome.UNCHANGED)
        stored = [item for item, result in self._results.items() if result.outcome in done]
        waits_no_more(self._source, stored)
        for item in self._waited:
            if problem := self._results[item].problem:
                give_up(self._source, item, problem_data(problem), now=self._now)
        self._add_deadlines()

    def _let_wait(self) -> None:
        """Let wait what has to; what waited already may wait for something else now."""
        new = []
        for item, result in self._results.items():
            if not result.waits_for or result.effects:
                continue
            if item in self._waited:
                wait_for_other(self._source, item, result.waits_for)
            else:
                new.append((item, result.waits_for))
        room = max(room_for_more(self._source), 0) if new else 0
        let_wait(self._source, new[:room], client=self._client, now=self._now)
        for item, _parent in new[room:]:
            problem = conflict(TooMuchWaits(), REFUSALS)
            self._result(item, Outcome.REJECTED, problem=problem)

    def _add_deadlines(self) -> None:
        """Say where an answer of the shop is overdue from the start."""
        stored = {
            result.row.pk if result.kind == FedKind.QUERY else result.row.query_id: result
            for result in self._results.values()
            if result.outcome == Outcome.CREATED and result.kind in (FedKind.QUERY, FedKind.MESSAGE)
        }
        for query in CustomerQuery.objects.in_bulk(list(stored)).values():
            if query.is_overdue(now=self._now):
                stored[query.pk].effects.append(Effect.DEADLINE_PASSED)
