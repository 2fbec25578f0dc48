"""Several numbers about a shop at once."""

from typing import Any

from django.db.models import QuerySet

from queries.worklist import COUNTED_UP_TO, Number, Tally
from sellers.models import Seller


def tallies(seller: Seller, *counted: QuerySet[Any]) -> tuple[Tally, ...]:
    """Count the rows of some queries in one statement, each up to a limit."""
    numbers = (Number(rows.order_by().values("pk")[: COUNTED_UP_TO + 1]) for rows in counted)
    row = Seller.objects.filter(pk=seller.pk).values_list(*numbers).get()
    return tuple(Tally(min(number, COUNTED_UP_TO), number > COUNTED_UP_TO) for number in row)
