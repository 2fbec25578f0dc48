"""What comes after a row in a long list, so that a page can begin there.

Unlike OFFSET: the last page costs what the first does, and a row that comes in meanwhile moves
nothing. Keys are what `order_by` takes, and the last one is unique: ("-submitted_at", "-pk").
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet

NOTHING = Q(pk__in=())

Rows = TypeVar("Rows", bound=QuerySet[Any])
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows of a long list, and whether there are any before and after them."""

    rows: tuple[Row, ...]
    has_previous: bool
    has_next: bool


def page_of(
    rows: Rows,
    keys: Sequence[str],
    *,
    size: int,
    fetch: Callable[[Rows], QuerySet[Any, Any]],
    after: Model | None = None,
    before: Model | None = None,
) -> Page[Any]:
    """Return so many rows after or before one of them, or the first; in one statement.

    `fetch` adds what is shown of a few; they are found first and then joined. Where nothing comes
    after a row, it is the first page.
    """
    order = reversed_order(keys) if before else keys
    start = before or after
    ordered = following(rows, order, row=start) if start else rows.order_by(*order)
    found = list(fetch(ordered[: size + 1]).order_by(*order))
    if start and not found:
        return page_of(rows, keys, size=size, fetch=fetch)
    few, more = found[:size], len(found) > size
    return Page(
        rows=tuple(few[::-1] if before else few),
        has_previous=more if before else bool(after),
        has_next=bool(before) or more,
    )


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
