"""What happened is written once, never changed, and read without skipping anything."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from threading import Event as Signal
from threading import Thread
from time import sleep

import pytest
from django.db import connection, connections, transaction
from django.utils import translation

from sellers.enums import ActorKind, EventKind, SellerEvent
from sellers.events import Actor, kind_in_words, record, record_all
from sellers.events import event as unstored
from sellers.models import START, Event, Position, Seller, User
from tests.conftest import NOON, at_once, refused_by

ALL_KINDS = [kind for kinds in EventKind.__subclasses__() for kind in kinds]
WRITERS, EACH = 6, 25


def note(shop: Seller, *, number: int = 0) -> None:
    """Write an event about a shop."""
    record(
        SellerEvent.SELLER_CHANGED,
        shop,
        seller_id=shop.pk,
        by=Actor.SYSTEM,
        now=NOON,
        number=number,
    )


@pytest.fixture
def event(fietsenzo: Seller, alice: User) -> Event:
    """What Alice did to her shop."""
    record(
        SellerEvent.SELLER_CHANGED,
        fietsenzo,
        seller_id=fietsenzo.pk,
        by=Actor.user(alice),
        now=NOON,
        changes={"country": ["NL", "BE"]},
    )
    return Event.objects.get()


def test_event_says_what_when_to_which_row_and_by_whom(
    event: Event, fietsenzo: Seller, alice: User
) -> None:
    assert (event.kind, event.at, event.seller) == ("seller.changed", NOON, fietsenzo)
    assert (event.object_label, event.object_pk) == ("sellers.Seller", fietsenzo.pk)
    assert (event.actor, event.user) == (ActorKind.USER, alice)
    assert event.details == {"changes": {"country": ["NL", "BE"]}}


def test_event_outlives_its_shop(event: Event, fietsenzo: Seller) -> None:
    fietsenzo.memberships.all().delete()

    fietsenzo.delete()

    assert Event.objects.select_related("seller").get().seller is None
    assert Event.objects.values_list("seller_id").get() == (event.seller_id,)


def test_events_of_many_rows_are_stored_as_those_of_one(event: Event, alice: User) -> None:
    changes = {"country": ["NL", "BE"]}
    shops = [Seller(pk=event.object_pk), Seller(pk=event.object_pk + 1)]

    record_all(
        unstored(
            SellerEvent.SELLER_CHANGED,
            shop,
            seller_id=shop.pk,
            by=Actor.user(alice),
            now=NOON,
            changes=changes,
        )
        for shop in shops
    )

    first, second = Event.objects.exclude(pk=event.pk).order_by("pk").values()
    own = {"id", "transaction"}
    before = Event.objects.filter(pk=event.pk).values().get()
    assert {k: v for k, v in first.items() if k not in own} == {
        k: v for k, v in before.items() if k not in own
    }
    assert second["object_pk"] == shops[1].pk


# Guards


@pytest.mark.usefixtures("owner_db")
def test_event_never_changes(event: Event) -> None:
    with refused_by("event_stays"):
        Event.objects.update(details={})


@pytest.mark.usefixtures("owner_db")
def test_event_is_never_deleted(event: Event) -> None:
    with refused_by("event_stays"):
        Event.objects.all().delete()


@pytest.mark.usefixtures("owner_db")
def test_events_are_never_emptied(db: None) -> None:
    with refused_by("events_stay"), connection.cursor() as cursor:
        cursor.execute("TRUNCATE sellers_event CASCADE")


@pytest.mark.parametrize(
    ("guard", "wrong"),
    [
        ("event_kind_dotted", {"kind": "closed"}),
        ("event_kind_dotted", {"kind": "Query.closed"}),
        ("event_actor_known", {"actor": "robot", "user": None}),
        ("event_by_user_names_user", {"actor": "user", "user": None}),
        ("event_by_user_names_user", {"actor": "customer"}),
        ("event_by_user_names_user", {"actor": "system"}),
    ],
)
def test_event_refuses(alice: User, guard: str, wrong: dict[str, object]) -> None:
    right = {
        "kind": "seller.changed",
        "at": NOON,
        "object_label": "sellers.Seller",
        "object_pk": 1,
        "actor": "user",
        "user": alice,
    }

    with refused_by(guard):
        Event.objects.create(**right | wrong)


# Kinds


def test_kinds_are_dotted_and_mean_one_thing() -> None:
    values = [kind.value for kind in ALL_KINDS]

    assert {kind.__class__.__module__.split(".")[0] for kind in ALL_KINDS} >= {
        "sellers",
        "queries",
        "surveys",
    }
    assert [value for value in values if not re.fullmatch(r"[a-z_]+\.[a-z_]+", value)] == []
    assert len(values) == len(set(values))


@pytest.mark.parametrize(
    ("language", "expected"), [("en", "Role changed"), ("nl", "Rol gewijzigd")]
)
def test_kinds_have_words_in_both_languages(language: str, expected: str) -> None:
    with translation.override(language):
        assert kind_in_words("membership.changed") == expected
        assert kind_in_words("comet.seen") == "comet.seen"  # of a version that is gone


# Reading


def test_events_about_a_row_are_its_own(event: Event, other_shop: Seller, alice: User) -> None:
    note(other_shop)

    assert Event.objects.about([other_shop]).get() != event
    assert Event.objects.about([Seller(pk=event.object_pk), alice]).get() == event
    assert not Event.objects.about([alice]).exists()
    assert not Event.objects.about([]).exists()


@contextmanager
def held_open(shop: Seller, *, number: int) -> Iterator[None]:
    """Write an event in a transaction that stays open meanwhile."""
    written, over = Signal(), Signal()

    def write() -> None:
        try:
            with transaction.atomic():
                note(shop, number=number)
                written.set()
                assert over.wait(timeout=20)
        finally:
            connections.close_all()

    thread = Thread(target=write)
    thread.start()
    try:
        assert written.wait(timeout=20)
        yield
    finally:
        over.set()
        thread.join()


def test_reader_waits_for_who_was_first_and_commits_last(
    committed_db: None, fietsenzo: Seller
) -> None:
    def seen(position: Position) -> list[int]:
        return [event.details["number"] for event in Event.objects.settled_after(position)]

    with held_open(fietsenzo, number=1):
        note(fietsenzo, number=2)
        # Who reads by primary key takes the second one now, and never sees the first.
        assert [event.details["number"] for event in Event.objects.order_by("pk")] == [2]
        assert seen(START) == []

    assert seen(START) == [1, 2]
    first, second = Event.objects.settled_after(START)
    assert seen(first.position) == [2]
    assert seen(second.position) == []


def test_nothing_is_settled_in_the_transaction_that_writes_it(event: Event) -> None:
    assert not Event.objects.settled_after(START).exists()


def test_reader_skips_nothing_and_sees_nothing_twice(committed_db: None, fietsenzo: Seller) -> None:
    """Writers take all kinds of time before, between and after; some think better of it."""
    done = Signal()

    def write(writer: int) -> int:
        rng, kept = Random(writer), 0
        for _ in range(EACH):
            count, is_undone = rng.randint(1, 3), rng.random() < 0.2
            with transaction.atomic():
                for _ in range(count):
                    note(fietsenzo, number=writer)
                    sleep(rng.random() / 300)
                transaction.set_rollback(is_undone)
            kept += 0 if is_undone else count
        return kept

    def read(limit: int) -> list[Event]:
        position, seen = START, list[Event]()
        while True:
            was_done = done.is_set()
            batch = list(Event.objects.settled_after(position)[:limit])
            if not batch and was_done:
                return seen
            seen += batch
            position = seen[-1].position if seen else START

    def write_all() -> int:
        try:
            return sum(at_once(*[lambda writer=writer: write(writer) for writer in range(WRITERS)]))
        finally:
            done.set()

    written, *readers = at_once(write_all, lambda: read(1_000), lambda: read(7))

    stored = set(Event.objects.values_list("pk", flat=True))
    assert written == len(stored) > WRITERS * EACH
    for seen in readers:
        pks = [event.pk for event in seen]
        assert len(pks) == len(set(pks))
        assert set(pks) == stored


@pytest.mark.parametrize("index", ["event_in_order", "event_object"])
def test_events_are_found_by_an_index(fietsenzo: Seller, index: str) -> None:
    found = {
        "event_in_order": Event.objects.settled_after(Position(10**9, 5)),
        "event_object": Event.objects.about([fietsenzo]),
    }
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")

    assert index in found[index].explain()
