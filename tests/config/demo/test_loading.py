"""The fast way into the tables leaves no column out."""

from collections.abc import Iterator
from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction

from config.demo.loading import copy_rows, insert_selected, row_class
from config.demo.rows import Rows, made_ahead
from sellers.enums import Language
from sellers.models import Seller, User

JOINED: dict[str, object] = {"country": "NL", "joined_on": date(2026, 1, 1)}


def test_row_has_every_column_and_the_defaults_of_an_instance() -> None:
    row, instance = row_class(User)(id=7, name="Anna"), User(id=7, name="Anna")

    columns = [field.attname for field in User._meta.concrete_fields]
    assert {name: getattr(row, name) for name in columns} == {
        name: getattr(instance, name) for name in columns
    }
    assert len(row) == len(columns)


def test_copied_rows_are_stored_as_saved_ones(db: None) -> None:
    row = row_class(Seller)
    rows = [row(id=number, name=f"Shop {number}", **JOINED) for number in (7, 8)]

    with connection.cursor() as cursor:
        copied = copy_rows(cursor, Seller, rows)
        copied_of_none = copy_rows(cursor, Seller, [])

    Seller(id=9, name="Shop 7", **JOINED).save()
    stored = {shop.pop("id"): shop for shop in Seller.objects.values()}
    assert (copied, copied_of_none, set(stored)) == (2, 0, {7, 8, 9})
    assert stored[7] == stored[9]


def test_selected_rows_get_the_defaults_and_a_pk(db: None) -> None:
    select = "SELECT 'shop' || n || '@shop.example' AS email FROM generate_series(1, %(n)s) n"

    with connection.cursor() as cursor:
        insert_selected(cursor, User, select, {"n": 3})

    users = User.objects.order_by("pk")
    assert [user.email for user in users] == [f"shop{n}@shop.example" for n in (1, 2, 3)]
    assert {(user.language, user.is_active, user.password) for user in users} == {
        (Language.DUTCH, True, "")
    }


def test_selected_column_that_the_table_lacks_is_refused(db: None) -> None:
    with (
        pytest.raises(DatabaseError, match="colour"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        insert_selected(cursor, User, "SELECT 'red' AS colour", {})


def test_loads_made_ahead_come_in_their_order_and_an_error_after_them() -> None:
    first, second = Rows(), Rows()

    def loads() -> Iterator[Rows]:
        yield first
        yield second
        raise ArithmeticError

    ahead = made_ahead(loads())

    assert next(ahead) is first
    assert next(ahead) is second
    with pytest.raises(ArithmeticError):
        next(ahead)


def test_loads_made_ahead_end() -> None:
    assert list(made_ahead(iter([]))) == []
