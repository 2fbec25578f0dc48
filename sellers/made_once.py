"""Statements whose SQL the ORM makes once: making it takes longer than the database needs for it.

The rule stays worded in the ORM, once. It is made with marks where the values of each call go.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any, Final, Generic, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.sql import UpdateQuery

Sql = tuple[str, Sequence[Any]]
Row = TypeVar("Row", bound=Model)

# Nobody means these by chance; each further mark is one more.
FIRST_NUMBER: Final = 2_000_000_000
FIRST_DAY: Final = date(1801, 1, 1)
FIRST_MOMENT: Final = datetime(1801, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class MadeOnce:
    """A statement; `make` returns its SQL and parameters for the values it is called with.

    A value may be given None later, but what kind it is must be seen from `kinds`: int, date,
    datetime or str, by name. What `make` does may depend on nothing else than these values, and
    may compute nothing of them: raises AssertionError when it does.
    """

    kinds: dict[str, type]
    make: Callable[..., Sql]
    _made: tuple[str, list[tuple[str | None, Any]]] | None = field(default=None, init=False)

    def with_values(self, **values: Any) -> tuple[str, list[Any]]:
        """Return the SQL and its parameters for these values."""
        if self._made is None:
            self._made = self._with_marks()
        sql, places = self._made
        return sql, [values[name] if name else fixed for name, fixed in places]

    def _with_marks(self) -> tuple[str, list[tuple[str | None, Any]]]:
        made, again = (self._marked(first=first) for first in (0, len(self.kinds)))
        # By how they are written: psycopg's wrapper of JSON equals none but itself.
        assert repr(made) == repr(again), (
            "The statement has something that was computed of its values."
        )
        lost = self.kinds.keys() - {name for name, _fixed in made[1]}
        assert not lost, f"The statement has no place for {sorted(lost)}."
        return made

    def _marked(self, *, first: int) -> tuple[str, list[tuple[str | None, Any]]]:
        """Return the statement and where each value goes, by marks from the `first` on."""
        marks = {name: _mark(kind, n) for n, (name, kind) in enumerate(self.kinds.items(), first)}
        sql, parameters = self.make(**marks)
        names = {mark: name for name, mark in marks.items()}
        places = [(_name_of(each, names), each) for each in parameters]
        return sql, [(name, None if name else fixed) for name, fixed in places]


class FoundOnce(Generic[Row]):
    """The rows that values lead to, with rows that these refer to; their SQL is made once.

    `rows` narrows as it would for the ORM; `along` names what is read along, outermost first, and
    `only` the columns that are wanted of each, by the same names, "" for the row itself: all of
    what is not in it.
    """

    def __init__(
        self,
        kinds: dict[str, type],
        rows: Callable[..., QuerySet[Row]],
        *,
        along: Sequence[str] = (),
        only: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self._rows, self._paths, self._only = rows, ("", *along), only or {}
        self._parts: list[tuple[str, type[Model], list[Any]]] = []
        self._statement = MadeOnce(kinds, self._sql)

    def first(self, **values: Any) -> Row | None:
        """Return the row; None when there is none."""
        return next(iter(self.all(**values)), None)

    def all(self, **values: Any) -> list[Row]:
        """Return the rows, in the order in which the ORM would have them."""
        sql, parameters = self._statement.with_values(**values)
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return [self._read(found) for found in cursor.fetchall()]

    def _sql(self, **values: Any) -> Sql:
        rows = self._rows(**values)
        self._parts = [(path, *self._columns(rows.model, path)) for path in self._paths]
        names = [
            f"{path}__{each.attname}" if path else each.attname
            for path, _model, columns in self._parts
            for each in columns
        ]
        sql, parameters = rows.values_list(*names).query.sql_with_params()
        return sql, parameters

    def _columns(self, model: type[Model], path: str) -> tuple[type[Model], list[Any]]:
        for name in filter(None, path.split("__")):
            model = model._meta.get_field(name).related_model  # type: ignore[assignment]
        wanted = self._only.get(path)
        columns = model._meta.concrete_fields
        return model, [each for each in columns if wanted is None or each.attname in wanted]

    def _read(self, found: Sequence[Any]) -> Any:
        values, read = iter(found), dict[str, Model | None]()
        for path, model, columns in self._parts:
            part = [
                _converted(each, value)
                for each, value in zip(columns, islice(values, len(columns)), strict=True)
            ]
            row = model.from_db(connection.alias, [each.attname for each in columns], part)
            read[path] = None if row.pk is None else row
            before, _, name = path.rpartition("__")
            if name and (outer := read[before]) is not None:
                setattr(outer, name, read[path])
        return read[""]


class ValuesOnce:
    """Rows of values, as `values_list` gives them; their SQL is made once."""

    def __init__(self, kinds: dict[str, type], rows: Callable[..., QuerySet[Any, Any]]) -> None:
        self._rows = rows
        self._compiler: Any = None
        self._statement = MadeOnce(kinds, self._sql)

    def all(self, **values: Any) -> list[tuple[Any, ...]]:
        """Return the rows."""
        sql, parameters = self._statement.with_values(**values)
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            found = cursor.fetchall()
        return list(self._compiler.results_iter([found], tuple_expected=True))

    def _sql(self, **values: Any) -> Sql:
        compiler: Any = self._rows(**values).query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        self._compiler = compiler  # whole: other threads may be reading rows with it
        return sql, parameters


def update_sql(rows: QuerySet[Any], **changes: Any) -> Sql:
    """Return the UPDATE that `rows.update(**changes)` would send."""
    query: Any = rows.query.chain(UpdateQuery)
    query.add_update_values(changes)
    sql, parameters = query.get_compiler(connection=connection).as_sql()
    return sql, parameters


def _converted(column: Any, value: Any) -> Any:
    """Return what Python has for what the database has in a column."""
    convert = getattr(column, "from_db_value", None)
    return convert(value, None, connection) if convert else value


def _mark(kind: type, number: int) -> Any:
    """Return the value that is to be found again, one more for each number."""
    if kind is datetime:
        return FIRST_MOMENT + timedelta(days=number)
    if kind is date:
        return FIRST_DAY + timedelta(days=number)
    return kind(FIRST_NUMBER + number)


def _name_of(parameter: Any, names: dict[Any, str]) -> str | None:
    """Return which value a parameter is; None when it is always the same."""
    is_hashable = isinstance(parameter, int | str | date) and not isinstance(parameter, bool)
    return names.get(parameter) if is_hashable else None
