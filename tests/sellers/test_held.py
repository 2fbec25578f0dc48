"""A database that was restored is held, and goes on without giving a number out twice."""

import io
from collections.abc import Callable

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from config.roles import as_owner
from sellers import held
from sellers.enums import SellerEvent
from sellers.events import Actor, record
from sellers.models import Event, Installation, Seller
from sellers.models.installation import ROWS_SKIPPED, TRANSACTIONS_SKIPPED
from tests.conftest import NOON, Market, refused_by

AS_IN_ANOTHER_CLUSTER = "UPDATE sellers_installation SET database = '1 2 3'"


def restored() -> None:
    """Make of the tests' database what a dump is in another one."""
    with connection.cursor() as cursor:
        cursor.execute(AS_IN_ANOTHER_CLUSTER)


def test_database_in_which_the_portal_was_made_is_not_held(db: None) -> None:
    assert not held.look_whether_held(now=NOON)
    assert Installation.objects.get().held_since is None


def test_restored_database_is_held_until_it_is_released(db: None) -> None:
    restored()

    assert held.look_whether_held(now=NOON)
    assert Installation.objects.get().held_since == NOON

    held.release(by=Actor.SYSTEM, now=NOON)

    assert not held.look_whether_held(now=NOON)
    assert Installation.objects.get().held_since is None
    assert Event.objects.filter(kind=SellerEvent.DATABASE_RELEASED).count() == 1
    with pytest.raises(held.NotHeld):
        held.release(by=Actor.SYSTEM, now=NOON)


def test_where_nobody_can_say_yes_it_stays_held(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    held.hold(by=Actor.SYSTEM, now=NOON)
    monkeypatch.setattr("sys.stdin", io.StringIO())

    with pytest.raises(CommandError, match=r"still held.*--no-input"):
        call_command("release")

    assert Installation.objects.get().held_since == NOON


def test_numbers_of_rows_that_were_given_out_after_the_dump_are_skipped_once(
    market: Market,
) -> None:
    before = market.query().pk
    restored()

    for _ in range(3):
        assert held.look_whether_held(now=NOON)
    first = market.query().pk
    held.release(by=Actor.SYSTEM, now=NOON)

    assert before + ROWS_SKIPPED < first < before + ROWS_SKIPPED + 10
    assert market.query().pk < first + 10


def test_events_of_a_restored_database_follow_those_of_the_dump(fietsenzo: Seller) -> None:
    def happens() -> Event:
        record(SellerEvent.SELLER_CHANGED, fietsenzo, seller_id=None, by=Actor.SYSTEM, now=NOON)
        return Event.objects.order_by("pk").last() or Event()

    before = happens()
    restored()  # here in the same transaction, as if its cluster had counted no further
    while_held = happens()
    held.release(by=Actor.SYSTEM, now=NOON)
    after = happens()

    assert while_held.transaction == before.transaction + TRANSACTIONS_SKIPPED
    assert after.transaction == while_held.transaction
    assert after.pk > while_held.pk


def test_staff_can_hold_what_cannot_be_told_from_its_original(market: Market) -> None:
    before = market.query().pk

    held.hold(by=Actor.SYSTEM, now=NOON)

    assert held.look_whether_held(now=NOON)
    assert market.query().pk > before + ROWS_SKIPPED


@pytest.mark.usefixtures("committed_db")
def test_application_may_skip_numbers_of_a_copy_and_set_no_sequence(fietsenzo: Seller) -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT has_sequence_privilege(%s, 'sellers_event_id_seq', 'UPDATE')", ["nazorg"]
        )
        assert cursor.fetchone() == (False,)
    assert not Installation.skip_numbers(now=NOON)
    restored()
    assert Installation.skip_numbers(now=NOON)


@pytest.mark.usefixtures("owner_db")
@pytest.mark.parametrize(
    ("guard", "change"),
    [
        ("installation_is_one", lambda: Installation.objects.create(pk=2, database="x")),
        ("installation_stays", lambda: Installation.objects.all().delete()),
    ],
)
def test_installation_is_one_and_stays(db: None, guard: str, change: Callable[[], object]) -> None:
    with refused_by(guard):
        change()
