"""The fast way into the tables, for the demo, the benchmark and the fault tests.

Which columns there are, and what is in those that nobody mentions, is asked of the models: a new
column needs no change here.
"""

from collections import namedtuple
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar, cast

import psycopg
from django.db.backends.utils import CursorWrapper
from django.db.models import Field, Model
from psycopg.sql import SQL, Composable, Composed, Identifier, Placeholder

Cursor = CursorWrapper | psycopg.Cursor[Any]
AnyModel = TypeVar("AnyModel", bound=Model)


def row_class(model: type[AnyModel]) -> type[AnyModel]:
    """Return a class for rows of `model` that are many: tuples with the names of its columns.

    What is not given is what it is in a new instance. To the eye and to mypy they are instances,
    and they have the columns of one but nothing else; an instance takes twenty times as long.
    """
    columns = _columns(model).values()
    names = [field.attname for field in columns]
    defaults = [field.get_default() for field in columns]
    row = namedtuple(model.__name__, names, defaults=defaults)  # type: ignore[misc]
    return cast(type[AnyModel], row)


def copy_rows(cursor: Cursor, model: type[Model], rows: Sequence[Any]) -> int:
    """Copy `rows`, of the row class of `model`, into its table; return how many there were."""
    into = Identifier(model._meta.db_table)
    statement = SQL("COPY {} ({}) FROM STDIN").format(into, _listed(_columns(model)))
    if rows:
        with cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    return len(rows)


def insert_selected(
    cursor: Cursor, model: type[Model], select: str, parameters: Mapping[str, Any]
) -> None:
    """Store what `select` finds in the table of `model`: for more rows than Python should touch.

    Its columns are named as those of the table. What it leaves out is in each row what it is in a
    new instance; without a primary key the database numbers the rows.
    """
    found = SQL("({}) AS found").format(SQL(select))
    cursor.execute(SQL("SELECT * FROM {} LIMIT 0").format(found), parameters)
    named = [column.name for column in cursor.description or ()]
    left_out = {
        name: field.get_default()
        for name, field in _columns(model).items()
        if name not in named and not field.primary_key
    }
    values: list[Composable] = [SQL("found.*"), *map(Placeholder, left_out)]
    statement = SQL("INSERT INTO {} ({}) SELECT {} FROM {}").format(
        Identifier(model._meta.db_table),
        _listed([*named, *left_out]),
        SQL(", ").join(values),
        found,
    )
    cursor.execute(statement, {**left_out, **parameters})


def _columns(model: type[Model]) -> dict[str, "Field[Any, Any]"]:
    """Return the columns of the table, in its order, and what the model says of each.

    Without those that the database itself fills, for each row anew.
    """
    fields = model._meta.concrete_fields
    return {
        str(field.column): field
        for field in fields
        if field.has_default() or not field.has_db_default()
    }


def _listed(names: Iterable[str]) -> Composed:
    return SQL(", ").join(map(Identifier, names))
