"""Statements whose SQL the ORM makes once: making it takes longer than the database needs for it.

The rule stays worded in the ORM, once. It is made with marks where the values of each call go.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from django.db import connection
from django.db.models import QuerySet
from django.db.models.sql import UpdateQuery

Sql = tuple[str, Sequence[Any]]

# Nobody means these by chance; each further mark is one more.
FIRST_NUMBER: Final = 2_000_000_000
FIRST_DAY: Final = date(1801, 1, 1)
FIRST_MOMENT: Final = datetime(1801, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class MadeOnce:
    """A statement; `make` returns its SQL and parameters for the values it is called with.

    A value may be given None later, but what kind it is must be seen from `kinds`: int, date,
    datetime or str, by name. What `make` does may depend on nothing else than these values.
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
        marks = {name: _mark(kind, n) for n, (name, kind) in enumerate(self.kinds.items())}
        sql, parameters = self.make(**marks)
        names = {mark: name for name, mark in marks.items()}
        places = [(_name_of(each, names), each) for each in parameters]
        lost = marks.keys() - {name for name, _fixed in places}
        assert not lost, f"The statement has no place for {sorted(lost)}."
        return sql, places


def update_sql(rows: QuerySet[Any], **changes: Any) -> Sql:
    """Return the UPDATE that `rows.update(**changes)` would send."""
    query: Any = rows.query.chain(UpdateQuery)
    query.add_update_values(changes)
    sql, parameters = query.get_compiler(connection=connection).as_sql()
    return sql, parameters


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
