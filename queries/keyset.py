"""What comes after a row in a long list, so that a page can begin there.

Unlike OFFSET: the last page costs what the first does, and a row that comes in meanwhile moves
nothing. Keys are what `order_by` takes, and the last one is unique: ("-submitted_at", "-pk").
"""

from collections.abc import Sequence
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

NOTHING = Q(pk__in=())

Rows = TypeVar("Rows", bound=QuerySet[Any])


def following(rows: Rows, keys: Sequence[str], *, row: Model) -> Rows:
    """Return the rows that come after one of them, in order."""
    further = NOTHING
    for key in reversed(keys):
        name, beyond = _condition(key)
        value = getattr(row, name)
        further = Q((f"{name}__{beyond}", value)) | Q((name, value)) & further
    # Says nothing new, but lets an index that begins with the first key begin there.
    name, beyond = _condition(keys[0])
    start = Q((f"{name}__{beyond}e", getattr(row, name)))
    return rows.filter(start & further).order_by(*keys)


def reversed_order(keys: Sequence[str]) -> tuple[str, ...]:
    """Return the keys of the opposite order."""
    return tuple(key[1:] if key.startswith("-") else f"-{key}" for key in keys)


def _condition(key: str) -> tuple[str, str]:
    """Return the name of a key, and the lookup for what comes after a value."""
    return (key[1:], "lt") if key.startswith("-") else (key, "gt")
