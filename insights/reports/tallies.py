"""Several numbers about a shop at once."""

from typing import Any

from django.db.models import QuerySet

from queries.worklist import COUNTED_UP_TO, Number, Tally
from sellers.models import Seller


def tallies(seller: Seller, *counted: QuerySet[Any]) -> tuple[Tally, ...]:
    """Count the rows of some queries in one statement, each up to a limit."""
    return tallies_of(numbers(seller.pk, *counted).get())


def numbers(seller: int, *counted: QuerySet[Any]) -> QuerySet[Seller, tuple[Any, ...]]:
    """Return that statement: one row, for the primary key of a shop."""
    found = (Number(rows.order_by().values("pk")[: COUNTED_UP_TO + 1]) for rows in counted)
    return Seller.objects.filter(pk=seller).values_list(*found)


def tallies_of(row: tuple[int, ...]) -> tuple[Tally, ...]:
    """Return what that row says."""
    return tuple(Tally(min(number, COUNTED_UP_TO), number > COUNTED_UP_TO) for number in row)
